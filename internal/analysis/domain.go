package analysis

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/bmca"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// domain is one scope: the clocks that compete in it and who leads.
type domain struct {
	tracker   *Tracker
	scope     Scope
	cfg       DomainConfig
	counters  counters
	tlvs      map[ptp.TLVType]*uint64
	otherTLVs uint64
	last      instant // when a message of this scope was seen last
	ports     int     // tracked in this scope
	clocks    int
	timer     *timer

	candidates []*port // whose Announces are qualified
	best       *port   // the best of them; nil when there is none
	bestReason bmca.Field
	// leader is the grandmaster that best announces or, while there is none,
	// announced last.
	leader  ptp.ClockIdentity
	led     bool    // leader is set
	ledAt   instant // when the first leader was found; never for one from a saved state
	changes uint64

	lostSince instant // when best fell silent; never while there is one
	lostAfter time.Duration
	lostPort  ptp.PortIdentity
	lostSure  Certainty
	lost      bool // PTPGrandmasterLost holds
}

func newDomain(t *Tracker, s Scope) *domain {
	s.Network = strings.Clone(s.Network)
	d := &domain{
		tracker: t, scope: s, cfg: t.cfg.domain(s), tlvs: make(map[ptp.TLVType]*uint64),
		ledAt: never, lostSince: never,
	}
	d.timer = t.timers.create(d.due)
	t.timers.arm(d.timer, t.now.add(t.cfg.ForgetAfter))
	return d
}

// empty says that nobody is left in a scope and nobody spoke for long enough.
func (d *domain) empty(at instant) bool {
	return d.ports == 0 && d.clocks == 0 && at >= d.last.add(d.tracker.cfg.ForgetAfter)
}

func (d *domain) forget() {
	t := d.tracker
	d.clearLost(t.now)
	t.alerts.endAll(t.now, func(a *activeAlert) bool { return a.Scope == d.scope })
	delete(t.scopes, d.scope)
	if t.lastDomain == d {
		t.lastDomain = nil
	}
}

// elect finds the best of all candidates anew.
func (d *domain) elect(at instant, frame packet.Frame) {
	var best *port
	reason := bmca.Field("only candidate")
	for _, p := range d.candidates {
		if best == nil {
			best = p
			continue
		}
		c, by := bmca.Compare(p.announcing.dataset(p), best.announcing.dataset(best))
		if c < 0 {
			best = p
		}
		reason = by
	}
	d.lead(best, reason, at, frame)
}

// challenge compares one candidate with the best.
func (d *domain) challenge(p *port, at instant, frame packet.Frame) {
	if d.best == nil {
		d.lead(p, "only candidate", at, frame)
		return
	}
	if c, by := bmca.Compare(p.announcing.dataset(p), d.best.announcing.dataset(d.best)); c < 0 {
		d.lead(p, by, at, frame)
	}
}

// lead makes p's grandmaster the best one; nil means that there is none.
func (d *domain) lead(p *port, reason bmca.Field, at instant, frame packet.Frame) {
	old := d.best
	d.best, d.bestReason = p, reason
	if p == nil {
		if old != nil {
			d.closeReign(at)
			d.startLost(old, at)
		}
		return
	}
	d.lostSince = never
	d.clearLost(at)
	now := p.announcing.announce.GrandmasterIdentity
	if d.led && now == d.leader {
		d.openReign(at)
		return
	}
	previous, had := d.leader, d.led
	switch {
	case !had:
		d.ledAt = at
	case d.joining(old, at):
		d.voidReign()
		had = false
	default:
		d.closeReign(at)
	}
	d.leader, d.led = now, true
	d.report(old, p, previous, had, at, frame)
	d.openReign(at)
}

// joining says that the leader changes only because we have just begun to
// listen: the better clock was there before any could be best, saying then
// what it says now, but was the later one to be heard twice.
func (d *domain) joining(old *port, at instant) bool {
	if old == nil || old.announcing == nil || d.changes > 0 || d.ledAt == never {
		return false
	}
	a := d.best.announcing
	return a.changedAt < d.ledAt && old.announcing.changedAt < d.ledAt &&
		at.sub(d.ledAt) <= foreignMasterWindow*a.interval
}

// report tells that the leader changed; the first one is no change.
func (d *domain) report(old, p *port, previous ptp.ClockIdentity, had bool, at instant, frame packet.Frame) {
	t := d.tracker
	t.emit(Finding{
		At: t.timeOf(at), Event: GrandmasterChanged, Scope: d.scope,
		Grandmaster: d.leader, Previous: previous, Port: p.id, Frame: frame,
	})
	if !had {
		return
	}
	d.changes++
	reason := d.changeReason(old, previous)
	t.alerts.endAll(at, func(a *activeAlert) bool { return a.Name == AlertGrandmasterChanged && a.Scope == d.scope })
	a := Alert{
		Name: AlertGrandmasterChanged, Raised: t.timeOf(at), Scope: d.scope, Grandmaster: d.leader, Port: p.id,
		Interface: p.iface, Reason: reason, Frame: frame,
		Summary:  "The best grandmaster changed.",
		Expected: fmt.Sprintf("grandmaster %s", previous),
		Observed: fmt.Sprintf("grandmaster %s, better by %s, announced by %s", d.leader, d.bestReason, p.id),
	}
	if reason == "failover" {
		a.Observed = fmt.Sprintf("grandmaster %s, after %s fell silent", d.leader, previous)
	}
	t.alerts.instance(a, at)
}

// changeReason says how the lead was lost: old is the port that had it, nil
// when it had fallen silent.
func (d *domain) changeReason(old *port, previous ptp.ClockIdentity) string {
	g := d.tracker.clocks.get(clockKey{d, d.leader})
	led := g != nil && g.value.reigned > 0
	still := old != nil && old.announcing != nil && old.announcing.qualified &&
		old.announcing.announce.GrandmasterIdentity == previous
	switch {
	case old == d.best:
		return "takeover" // the same port now announces another clock
	case !still && led:
		return "return"
	case !still:
		return "failover"
	case old.announcing.changedAt == d.tracker.now:
		return "degradation"
	case led:
		return "return"
	}
	return "takeover"
}

// startLost starts the wait after which the silence of the leader is an alert.
func (d *domain) startLost(old *port, at instant) {
	a := old.announcing
	d.lostPort = old.id
	d.lostAfter = max(3*a.interval, d.tracker.alerts.after(AlertGrandmasterLost))
	d.lostSure = a.silenceMeans(at)
	if d.lostSure == "" {
		return // its clients let it go
	}
	d.lostSince = a.last
	d.tracker.timers.arm(d.timer, max(at, d.lostSince.add(d.lostAfter)))
}

// due looks at everything about a scope that silence decides.
func (d *domain) due(at instant) instant {
	if d.empty(at) {
		d.forget()
		return never
	}
	next := d.last.add(d.tracker.cfg.ForgetAfter)
	if next <= at {
		next = at.add(time.Second) // the last ports are about to be forgotten
	}
	if d.lostSince != never && !d.lost {
		if deadline := d.lostSince.add(d.lostAfter); at >= deadline {
			d.raiseLost(at)
		} else {
			next = min(next, deadline)
		}
	}
	return next
}

func (d *domain) lostKey() alertKey {
	return alertKey{AlertGrandmasterLost, d.scope, d.leader, d.lostPort}
}

func (d *domain) raiseLost(at instant) {
	d.lost = true
	d.tracker.alerts.raise(Alert{
		Name: AlertGrandmasterLost, Raised: d.tracker.timeOf(at), Scope: d.scope, Grandmaster: d.leader, Port: d.lostPort,
		Certainty: d.lostSure,
		Summary:   "The best grandmaster fell silent and no other took over. A dead mirror or tap looks the same.",
		Expected:  fmt.Sprintf("an Announce at least every %s", d.lostAfter),
		Observed:  fmt.Sprintf("none since %s", d.tracker.timeOf(d.lostSince).Format(time.RFC3339Nano)),
	})
}

func (d *domain) clearLost(at instant) {
	if d.lost {
		d.tracker.alerts.resolve(d.lostKey(), at)
		d.lost = false
	}
}

// withdraw takes a port out of the running, silent or dropped.
func (d *domain) withdraw(p *port) {
	i := slices.Index(d.candidates, p)
	if i < 0 {
		return
	}
	d.candidates = slices.Delete(d.candidates, i, i+1)
	p.announcing.qualified = false
	if d.best == p {
		d.elect(d.tracker.now, packet.Frame{})
	}
}

// wouldWin says whether a message is an Announce that beats the best.
func (d *domain) wouldWin(o *packet.Observation) bool {
	m := &o.Message
	if m.Type != ptp.AnnounceMessage || !eligible(m) {
		return false
	}
	if d.best == nil {
		return true
	}
	c, _ := bmca.Compare(bmca.FromAnnounce(m.SourcePortIdentity, m.Announce), d.best.announcing.dataset(d.best))
	return c < 0
}
