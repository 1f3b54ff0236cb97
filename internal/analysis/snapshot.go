package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// View pictures all that is known now.
func (t *Tracker) View() *View {
	v := &View{
		Alerts:           t.alerts.list(),
		AlertsRaised:     t.alerts.counts(),
		AlertsSuppressed: t.alerts.suppressions(),
		Untracked:        t.overflow.messageCounts(),
		Tables: []TableView{
			t.clocks.view("clocks"),
			{Name: "domains", Entries: len(t.scopes), Limit: t.cfg.Limits.Domains, Evictions: t.scopesFull},
			{Name: "pending", Entries: t.pending, Limit: t.cfg.Limits.Pending, Evictions: t.pendingFull},
			t.ports.view("ports"),
			{Name: "timing_ports", Entries: t.timingPorts, Limit: t.cfg.Limits.TimingPorts, Evictions: t.timingFull},
			t.alerts.view(),
		},
	}
	for _, c := range t.stampClocks {
		v.StampClocks = append(v.StampClocks, c.view(t))
	}
	slices.SortFunc(v.StampClocks, func(a, b StampClockView) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Name, b.Name))
	})
	if t.now != longAgo {
		v.At = t.timeOf(t.now)
	}
	domains := slices.SortedFunc(maps.Values(t.scopes), func(a, b *domain) int { return a.scope.compare(b.scope) })
	ports, clocks := t.byDomain()
	distributions := t.distributionViews()
	for _, d := range domains {
		dv := d.view(ports[d], clocks[d])
		dv.Distributions = distributions[d]
		v.Domains = append(v.Domains, dv)
	}
	t.addJury(v)
	v.Pairs, v.Ways = t.pairs(), t.wayViews()
	return v
}

// byDomain sorts ports and grandmasters out by scope, in order of identity.
func (t *Tracker) byDomain() (map[*domain][]*port, map[*domain][]*grandmaster) {
	ports := make(map[*domain][]*port)
	for _, e := range t.ports.entries {
		ports[e.key.domain] = append(ports[e.key.domain], e.value)
	}
	clocks := make(map[*domain][]*grandmaster)
	for _, e := range t.clocks.entries {
		clocks[e.key.domain] = append(clocks[e.key.domain], e.value)
	}
	for _, p := range ports {
		slices.SortFunc(p, func(a, b *port) int { return a.id.Compare(b.id) })
	}
	for _, c := range clocks {
		slices.SortFunc(c, func(a, b *grandmaster) int { return cmp.Compare(a.id, b.id) })
	}
	return ports, clocks
}

func (d *domain) view(ports []*port, clocks []*grandmaster) DomainView {
	v := DomainView{
		Scope:              d.scope,
		Profile:            d.profile.Name,
		ProfileWhy:         d.why,
		Baseline:           d.learned.state,
		GrandmasterChanges: d.changes,
		Messages:           d.counters.messageCounts(),
		Exchanges:          d.counters.exchangeCounts(),
		TLVs:               d.tlvCounts(),
		OtherTLVs:          d.otherTLVs,
		Compliance:         d.complianceView(),
	}
	if d.best != nil {
		v.Best, v.BestPort, v.BestReason, v.BestHinges = d.leader, d.best.id, string(d.bestBy.By), d.bestBy.Hinges
	}
	v.Next, v.NextReason = d.next()
	portRoles, clockRoles := make(map[Role]int), make(map[ptp.ClockIdentity]Role)
	relays := make(map[ptp.ClockIdentity][]RelayView)
	for _, p := range ports {
		pv := p.view()
		v.Ports = append(v.Ports, pv)
		portRoles[pv.Role]++
		clockRoles[p.id.ClockIdentity] = clockRole(clockRoles[p.id.ClockIdentity], p)
		if a := p.announcing; a != nil && a.last != longAgo {
			if c, ok := d.contender(p); ok {
				v.Contenders = append(v.Contenders, c)
			}
			relays[pv.Grandmaster] = append(relays[pv.Grandmaster], RelayView{p.id, a.announce.StepsRemoved, a.qualified})
		}
	}
	for _, g := range clocks {
		v.Grandmasters = append(v.Grandmasters, g.view(relays[g.id]))
	}
	clockCounts := make(map[Role]int)
	for _, r := range clockRoles {
		clockCounts[r]++
	}
	v.PortRoles, v.Clocks = roleCounts(portRoles), roleCounts(clockCounts)
	return v
}

// next is the best of the candidates that announce another grandmaster than
// the leader, and what decides against it.
func (d *domain) next() (ptp.ClockIdentity, string) {
	var next *port
	for _, p := range d.candidates {
		if p.announcing.announce.GrandmasterIdentity != d.leader && (next == nil || d.compare(p, next).Order < 0) {
			next = p
		}
	}
	if next == nil || d.best == nil {
		return 0, ""
	}
	return next.announcing.announce.GrandmasterIdentity, string(d.compare(d.best, next).By)
}

// contender pictures a port that announces, lately, without being qualified.
func (d *domain) contender(p *port) (ContenderView, bool) {
	a, t := p.announcing, d.tracker
	if a.qualified || t.now.sub(a.last) > foreignMasterWindow*a.interval {
		return ContenderView{}, false
	}
	s, _ := d.standing(p)
	v := ContenderView{
		Port: p.id, Grandmaster: a.announce.GrandmasterIdentity, WouldWin: s == ahead,
		Bar: string(d.profile.Algorithm.Bar(a.announce, a.flags)),
	}
	if v.Bar == "" {
		v.QualifiesAt = t.timeOf(a.last.add(a.interval))
	}
	return v, true
}

// clockRole is the role of a clock given what one more of its ports does: the
// role nearest to the source of time counts.
func clockRole(so Role, p *port) Role {
	r := p.role()
	if a := p.announcing; r == RoleTimeTransmitter && a != nil && a.last != longAgo {
		r = RoleBoundary
		if a.announce.GrandmasterIdentity == p.id.ClockIdentity {
			r = RoleGrandmaster
		}
	}
	order := []Role{"", RoleManager, RolePeer, RoleTimeReceiver, RoleTimeTransmitter, RoleBoundary, RoleGrandmaster}
	if slices.Index(order, r) > slices.Index(order, so) {
		return r
	}
	return so
}

func roleCounts(m map[Role]int) []RoleCount {
	var out []RoleCount
	for _, r := range slices.Sorted(maps.Keys(m)) {
		out = append(out, RoleCount{r, m[r]})
	}
	return out
}

func (g *grandmaster) view(relays []RelayView) GrandmasterView {
	t := g.domain.tracker
	cfg, _ := g.domain.cfg.grandmaster(g.id)
	verdict, _ := g.domain.judgeIdentity(g.id)
	best := g.domain.best != nil && g.domain.leader == g.id
	seconds := g.reigned
	if g.reignFrom != never {
		seconds += t.now.sub(g.reignFrom)
	}
	return GrandmasterView{
		Identity: g.id, Name: cfg.Name, Verdict: verdict,
		Best: best, BestSeconds: seconds.Seconds(),
		FirstSeen: t.timeOf(g.first), LastSeen: t.timeOf(g.last),
		Dataset: g.dataset, Flags: g.flags, Relays: relays,
	}
}

func (p *port) view() PortView {
	t := p.domain.tracker
	v := PortView{
		Port: p.id, Role: p.role(), Interface: p.iface, MAC: p.mac, Address: p.source, VLANs: p.vlans,
		Transport: p.transport, Version: fmt.Sprintf("%d.%d", p.version, p.minor),
		TwoStep: p.twoStep, SeenSync: p.seenTwoStep, P2P: p.p2p, Unicast: p.unicast, AnsweredBy: p.answeredBy,
		FirstSeen: t.timeOf(p.first), LastSeen: t.timeOf(p.last), Messages: p.messages, Intervals: p.intervals(),
	}
	if p.announces() {
		v.Grandmaster = p.announcing.announce.GrandmasterIdentity
	}
	v.Timings = p.timingViews()
	v.Paths = p.clientPaths()
	v.Claims = p.claimViews()
	return v
}
