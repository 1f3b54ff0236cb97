package analysis

import (
	"cmp"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/detect"
	"github.com/ptpwatch/ptpwatch/internal/analysis/transit"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Tracker turns observations into state and findings. One goroutine owns it.
type Tracker struct {
	cfg    Config
	now    instant       // never goes back
	skew   time.Duration // now minus the time that sources tell
	emit   func(Finding) // the caller's, while it is in Handle or HandleTick
	timers timers
	alerts alertBook

	scopes      map[Scope]*domain
	scopesFull  uint64  // observations of scopes there was no room for
	lastScope   Scope   // of the previous observation ...
	lastDomain  *domain // ... as most have the scope of the one before
	ports       *table[portKey, *port]
	clocks      *table[clockKey, *grandmaster]
	pending     int
	pendingFull uint64
	timingPorts int // ports that are timed, each tap apart
	stampClocks []*stampClock
	ways        transit.Ways
	spans       []*span      // of ways, one by one
	frame       packet.Frame // the message that is handled
	juries      []*court     // of what each stamping clock hears
	juryTimer   *timer
	neighbours  map[string][]neighbour // that answer Pdelay_Reqs, by tap
	timingFull  uint64
	// Of mean path delays, by grandmaster; as many as timing ports at most.
	distributions map[clockKey]*distribution
	paths         map[pathKey]detect.State // commissioned, of ports that are silent
	kept          map[pathKey]*timing      // of a State, until its port is heard again
	keptSpans     []*span                  // likewise
	overflow      counters                 // what belongs to no tracked scope
	health        map[string]*health       // of interfaces
	season        seasonNow
}

// New returns a Tracker that has seen nothing.
func New(cfg Config) *Tracker {
	cfg = cfg.withDefaults()
	t := &Tracker{
		cfg:           cfg,
		now:           longAgo,
		scopes:        make(map[Scope]*domain),
		health:        make(map[string]*health),
		distributions: make(map[clockKey]*distribution),
		paths:         make(map[pathKey]detect.State),
		kept:          make(map[pathKey]*timing),
		ports:         newTable[portKey, *port](cfg.Limits.Ports),
		clocks:        newTable[clockKey, *grandmaster](cfg.Limits.Clocks),
		neighbours:    make(map[string][]neighbour),
	}
	t.alerts = newAlertBook(t)
	t.juryTimer = t.timers.create(t.juryDue)
	return t
}

// Reconfigure puts another configuration in force from the given time on. What
// was learned, counted and raised stays; alerts that it disables end.
func (t *Tracker) Reconfigure(cfg Config, at time.Time, emit func(Finding)) {
	t.advance(at, emit)
	t.cfg = cfg.withDefaults()
	t.ports.limit, t.clocks.limit = t.cfg.Limits.Ports, t.cfg.Limits.Clocks
	t.season = seasonNow{}
	for _, d := range t.scopes {
		d.configure(t.cfg.domain(d.scope))
		d.changeMode(t.now)
		d.welcome(t.now)
		d.startComplying()
	}
	t.alerts.disable(t.now)
}

// Handle takes the next observation. Every deadline at or before its time
// fires first, so findings come in time order. Observations should too: one
// that is a little older than the last counts as of the same time.
func (t *Tracker) Handle(o *packet.Observation, emit func(Finding)) {
	t.advance(o.At, emit)
	t.frame = o.Frame
	if o.Malformed != "" || o.V1 != nil {
		return // counted by capture; it changes no state
	}
	m := &o.Message
	d := t.domain(Scope{Network: o.Network, DomainNumber: m.DomainNumber, SdoID: m.SdoID})
	if d == nil {
		t.overflow.of(o.Interface).count(o)
		return
	}
	d.last = t.now
	d.note(o)
	if !d.appeared {
		d.appear(o)
	}
	d.counters.of(o.Interface).count(o)
	if len(m.TLVs) > 0 {
		d.countTLVs(m.TLVs)
	}
	p := t.port(d, o)
	if p == nil {
		return
	}
	p.observe(o, t.now)
	switch m.Type {
	case ptp.Sync:
		t.handleSync(p, o)
	case ptp.FollowUp:
		t.handleFollowUp(p, o)
	case ptp.DelayReq:
		t.handleDelayReq(p, o)
	case ptp.DelayResp:
		t.handleDelayResp(p, o)
	case ptp.PdelayReq:
		t.handlePdelayReq(p, o)
	case ptp.PdelayResp, ptp.PdelayRespFollowUp:
		t.handlePdelayResp(p, o)
	case ptp.AnnounceMessage:
		t.handleAnnounce(p, o)
	case ptp.Signaling:
		t.handleSignaling(p, o)
	}
	if len(m.TLVs) > 0 {
		t.heed(p, m)
	}
}

// HandleTick tells the Tracker that time has passed in silence.
func (t *Tracker) HandleTick(at time.Time, emit func(Finding)) { t.advance(at, emit) }

// backStep is how far time may go back and still be messages out of order.
// Beyond it the source's clock was set back: we go on from where we are, and
// tell times as the source does.
const backStep = time.Second

func (t *Tracker) advance(at time.Time, emit func(Finding)) {
	t.emit = emit
	told := toInstant(at)
	now := told.add(t.skew)
	switch {
	case now > t.now:
		t.timers.run(&t.now, now)
		t.now = now
	case t.now.sub(now) > backStep:
		t.skew = t.now.sub(told)
	}
}

// timeOf is an instant as the source's clock tells it now; zero for none.
func (t *Tracker) timeOf(i instant) time.Time {
	if i == longAgo || i == never {
		return time.Time{}
	}
	return i.add(-t.skew).time()
}

// domain finds or makes the state of a scope; nil when there is no room.
func (t *Tracker) domain(s Scope) *domain {
	if t.lastDomain != nil && s == t.lastScope {
		return t.lastDomain
	}
	d := t.scopes[s]
	if d == nil {
		if len(t.scopes) >= t.cfg.Limits.Domains {
			t.scopesFull++
			return nil
		}
		d = newDomain(t, s)
		t.scopes[d.scope] = d
	}
	t.lastScope, t.lastDomain = d.scope, d
	return d
}

// port finds or makes the state of the sender; nil when there is no room. A
// newcomer whose Announce beats the best is let in whatever the cost: no flood of
// invented ports may hide a takeover.
func (t *Tracker) port(d *domain, o *packet.Observation) *port {
	if p := d.portOf(o.Message.SourcePortIdentity); p != nil {
		return p
	}
	d.newcomer(o)
	contender := d.wouldWin(o)
	if !t.ports.room(t.portEvicted) {
		if !contender {
			return nil
		}
		t.ports.force(func(e *entry[portKey, *port]) bool { return e.value.domain.best == e.value }, t.portEvicted)
	}
	p := t.newPort(portKey{d, o.Message.SourcePortIdentity})
	if contender {
		t.ports.contend(p.entry)
	}
	return p
}

func (t *Tracker) portEvicted(e *entry[portKey, *port]) { t.dropPort(e.value) }

// dropPort takes a port that has left the table out of everything else.
func (t *Tracker) dropPort(p *port) {
	t.timers.disarm(p.timer)
	t.pending -= p.release()
	t.dropTimings(p)
	p.domain.unheard(p)
	p.domain.forgetAsker(p)
	p.domain.ports--
	p.resolveAlerts()
	p.domain.withdraw(p)
}

func (s Scope) compare(o Scope) int {
	return cmp.Or(
		strings.Compare(s.Network, o.Network),
		cmp.Compare(s.DomainNumber, o.DomainNumber),
		cmp.Compare(s.SdoID, o.SdoID),
	)
}

func compareIdentities(a, b ptp.ClockIdentity) int { return cmp.Compare(a, b) }
