package analysis

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/bmca"
	"github.com/ptpwatch/ptpwatch/internal/analysis/profile"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// domain is one scope: the clocks that compete in it and who leads.
type domain struct {
	tracker    *Tracker
	scope      Scope
	cfg        DomainConfig
	profile    *profile.Profile
	why        string // it is that profile
	evidence   profile.Evidence
	counters   counters
	tlvs       map[ptp.TLVType]*uint64
	otherTLVs  uint64
	created    instant            // when its first message was seen
	last       instant            // when a message of this scope was seen last
	ports      int                // tracked in this scope
	heard      [heardLately]*port // each where nearOf says
	clocks     int
	askers     map[address]*port // SPTP clients
	timer      *timer
	learned    learned
	epoch      uint64 // how often an operator had it learned anew
	newcomers  newcomers
	appeared   bool // it was judged whether the scope should be there ...
	order      order
	recognised bool // the profile, for good
	relearning bool // the profile was just recognised as another

	candidates []*port // whose Announces are qualified
	best       *port   // the best of them; nil when there is none
	bestBy     bmca.Result
	// leader is the grandmaster that best announces or, while there is none,
	// announced last; leaderPort is the port that did.
	leader     ptp.ClockIdentity
	leaderPort ptp.PortIdentity
	led        bool    // leader is set
	ledAt      instant // when the first leader was found; never for one from a saved state
	changes    uint64
	changedAt  []instant // the latest changes, oldest first

	lost   lost
	comply comply
}

func newDomain(t *Tracker, s Scope) *domain {
	s.Network = strings.Clone(s.Network)
	d := &domain{
		tracker: t, scope: s, tlvs: make(map[ptp.TLVType]*uint64), created: t.now, ledAt: never,
		newcomers: newcomers{since: t.now, from: longAgo, until: longAgo},
		lost:      lost{since: never},
	}
	d.configure(t.cfg.domain(s))
	d.startLearning(t.now)
	d.timer = t.timers.create(d.due)
	t.timers.arm(d.timer, min(t.now.add(t.cfg.ForgetAfter), d.learned.until))
	d.startComplying()
	return d
}

// configure puts what the operator says of the scope in force.
func (d *domain) configure(cfg DomainConfig) {
	d.cfg = cfg
	if p, ok := profile.Lookup(cfg.Profile); ok {
		d.profile, d.why = p, configured
	} else if !d.recognised || d.why == configured {
		d.profile, d.why = profile.Recognise(d.evidence)
	}
}

// note takes in what a message shows of the profile in use. What was recognised
// while learning stays: a stranger who looks like another profile must not
// change how clocks are compared.
func (d *domain) note(o *packet.Observation) {
	if d.why == configured || d.recognised || !d.evidence.Note(o) {
		return
	}
	if d.led && d.tracker.now >= d.created.add(d.cfg.LearnFor) {
		d.recognised = true
		return
	}
	p, why := profile.Recognise(d.evidence)
	d.why = why
	if p != d.profile {
		d.profile = p
		d.relearning = true // we know better: the network has not changed
		d.elect(d.tracker.now, o.Frame)
		d.relearning = false
	}
}

const configured = "configured"

// empty says that nobody is left in a scope and nobody spoke for long enough.
func (d *domain) empty(at instant) bool {
	return d.ports == 0 && d.clocks == 0 && at >= d.last.add(d.tracker.cfg.ForgetAfter)
}

func (d *domain) forget() {
	t := d.tracker
	t.alerts.endAll(t.now, func(a *activeAlert) bool { return a.Scope == d.scope })
	if b, ok := d.baseline(); ok {
		t.keepBaseline(b)
	}
	d.stopComplying()
	delete(t.scopes, d.scope)
	maps.DeleteFunc(t.distributions, func(k clockKey, _ *distribution) bool { return k.domain == d })
	if t.lastDomain == d {
		t.lastDomain = nil
	}
	if d.order == unordered {
		t.reconsider(d.scope.Network)
	}
}

// compare orders what two ports announce.
func (d *domain) compare(a, b *port) bmca.Result {
	return d.profile.Algorithm.Compare(a.announcing.dataset(a), b.announcing.dataset(b))
}

// elect finds the best of all candidates anew.
func (d *domain) elect(at instant, frame packet.Frame) {
	var best *port
	by := bmca.Result{By: onlyCandidate}
	for _, p := range d.candidates {
		if best == nil {
			best = p
			continue
		}
		by = d.compare(p, best)
		if by.Order < 0 {
			best = p
		}
	}
	d.lead(best, by, at, frame)
}

const onlyCandidate bmca.Field = "only candidate"

// challenge compares one candidate with the best.
func (d *domain) challenge(p *port, at instant, frame packet.Frame) {
	if d.best == nil {
		d.lead(p, bmca.Result{By: onlyCandidate}, at, frame)
		return
	}
	if by := d.compare(p, d.best); by.Order < 0 {
		d.lead(p, by, at, frame)
	}
}

// lead makes p's grandmaster the best one; nil means that there is none.
func (d *domain) lead(p *port, by bmca.Result, at instant, frame packet.Frame) {
	old := d.best
	d.best, d.bestBy = p, by
	if p == nil {
		if old != nil {
			d.closeReign(at)
			d.startLost(old, at)
		}
		return
	}
	now := p.announcing.announce.GrandmasterIdentity
	if !d.led {
		d.ledAt = at
	}
	joining := d.joining(old, at)
	before := d.leader
	first := !d.led
	port := d.leaderPort
	d.leader, d.leaderPort, d.led = now, p.id, true
	d.learnLeader(p, before, joining && now != before, at)
	if d.verdict(p) != Unacceptable {
		d.clearLost(at)
	}
	switch {
	case first:
		d.announceChange(p, before, at, frame)
	case now == before:
		if p.id != port && !joining {
			d.reportRelay(p, port, at, frame)
		}
	case joining:
		d.closeReignOf(before, at, true)
		d.announceChange(p, before, at, frame)
	default:
		d.closeReignOf(before, at, false)
		d.announceChange(p, before, at, frame)
		d.reportChange(old, p, before, at, frame)
	}
	d.openReign(at)
}

// joining says that the leader changes only because we have just begun to
// listen: the better clock was there before any could be best, saying then
// what it says now, but was the later one to be heard often enough.
func (d *domain) joining(old *port, at instant) bool {
	if d.relearning {
		return true
	}
	if d.best == nil || old == nil || old.announcing == nil || d.changes > 0 || d.ledAt == never {
		return false
	}
	return d.foundThere(d.best) && d.foundThere(old) && at.sub(d.ledAt) <= foreignMasterWindow*d.best.announcing.interval
}

// foundThere says that a clock may have been there before we began to listen,
// saying what it says now: it was heard before any could be best, or within
// its own interval and what that may vary (IEEE 1588-2019 7.7.2.1).
func (d *domain) foundThere(p *port) bool {
	a := p.announcing
	return a.changedAt < d.ledAt || a.changedAt == a.first && a.first <= d.created.add(a.interval+a.interval*3/10)
}

// announceChange tells that there is another leader.
func (d *domain) announceChange(p *port, previous ptp.ClockIdentity, at instant, frame packet.Frame) {
	d.tracker.emit(Finding{
		At: d.tracker.timeOf(at), Event: GrandmasterChanged, Scope: d.scope,
		Grandmaster: d.leader, Previous: previous, Port: p.id, Frame: frame,
	})
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
	return min(next, d.lostDue(at), d.learnDue(at))
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

// withdrawSilent takes all who have been silent for too long out of the running
// together: after an interface was blind their time is up at once, and none of
// them leads in between.
func (d *domain) withdrawSilent(at instant) {
	best := d.best
	d.candidates = slices.DeleteFunc(d.candidates, func(p *port) bool {
		deadline, blind := p.silentBy()
		if blind || at < deadline {
			return false
		}
		p.announcing.qualified = false
		if best == p {
			best = nil
		}
		return true
	})
	if best != d.best {
		d.elect(at, packet.Frame{})
	}
}

// portOf finds a port of the domain; nil if it is not tracked. Those that were
// found lately are found at once.
func (d *domain) portOf(id ptp.PortIdentity) *port {
	h := &d.heard[nearOf(id)]
	if p := *h; p != nil && p.id == id {
		return p
	}
	e := d.tracker.ports.get(portKey{d, id})
	if e == nil {
		return nil
	}
	*h = e.value
	return e.value
}

// heardLately is how many ports are found at once, at most.
const heardLately = 64

// nearOf is the place among them of an identity.
func nearOf(id ptp.PortIdentity) uint64 {
	return (uint64(id.ClockIdentity) + uint64(id.PortNumber)) * 0x9E3779B97F4A7C15 >> (64 - 6)
}

// unheard takes a port that is forgotten out of those found lately.
func (d *domain) unheard(p *port) {
	if h := &d.heard[nearOf(p.id)]; *h == p {
		*h = nil
	}
}
