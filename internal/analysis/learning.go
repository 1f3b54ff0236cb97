package analysis

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/profile"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// learned is what a scope was found to be like so far: once pinned, its
// baseline.
type learned struct {
	state        BaselineState
	until        instant // when learning ends; never once it has, or nothing is to be learned
	pinned       instant // when it ended
	grandmasters map[ptp.ClockIdentity]BaselineGrandmaster
	senders      map[ptp.PortIdentity]BaselineSender
}

// Limits of a baseline: beyond them what is heard is not learned.
const (
	maxLearnedGrandmasters = 64
	maxLearnedSenders      = 1024
)

// startLearning begins to learn a scope, or takes up what was learned of it
// before.
func (d *domain) startLearning(at instant) {
	d.learned = learned{
		until: never, pinned: never,
		grandmasters: make(map[ptp.ClockIdentity]BaselineGrandmaster), senders: make(map[ptp.PortIdentity]BaselineSender),
	}
	l := &d.learned
	switch d.cfg.Baseline {
	case BaselineOff:
		l.state = StateOff
	case BaselineListed:
		l.state = StateListed
	default:
		l.state, l.until = StateLearning, at.add(d.cfg.LearnFor)
		if b, ok := d.tracker.cfg.baseline(d.scope); ok {
			l.restore(b)
			if p, ok := profile.Lookup(b.Profile); ok && d.why != configured {
				d.profile, d.why, d.recognised = p, "as learned", true
			}
		} else if d.tracker.cfg.Distrust {
			l.until = never // only an operator ends it
		}
	}
}

// changeMode follows a configuration that says otherwise what makes a
// grandmaster acceptable. What was learned is kept as long as it counts.
func (d *domain) changeMode(at instant) {
	l := &d.learned
	switch mode := d.cfg.Baseline; {
	case mode == BaselineOff && l.state != StateOff, mode == BaselineListed && l.state != StateListed:
		d.startLearning(at)
	case (mode == "" || mode == BaselinePin) && (l.state == StateOff || l.state == StateListed):
		d.startLearning(at)
		d.tracker.timers.arm(d.timer, d.learned.until)
	}
}

// restore takes up a baseline that was pinned before.
func (l *learned) restore(b Baseline) {
	l.state, l.until, l.pinned = StatePinned, never, toInstant(b.Pinned)
	clear(l.grandmasters)
	clear(l.senders)
	for _, g := range b.Grandmasters {
		l.grandmasters[g.Identity] = g
	}
	for _, s := range b.Senders {
		l.senders[s.Port] = s
	}
}

// snapshot is what a Tracker that goes on from here needs.
func (l *learned) snapshot(t *Tracker) LearnedState {
	s := LearnedState{State: l.state, Until: t.timeOf(l.until), Pinned: t.timeOf(l.pinned), Senders: l.sortedSenders()}
	for _, id := range l.identities() {
		s.Grandmasters = append(s.Grandmasters, l.grandmasters[id])
	}
	return s
}

func (l *learned) resume(s LearnedState) {
	l.restore(Baseline{Grandmasters: s.Grandmasters, Senders: s.Senders})
	l.state, l.until, l.pinned = s.State, instantOr(s.Until, never), instantOr(s.Pinned, never)
}

func (l *learned) sortedSenders() []BaselineSender {
	return slices.SortedFunc(maps.Values(l.senders), func(a, b BaselineSender) int { return a.Port.Compare(b.Port) })
}

func (l *learned) identities() []ptp.ClockIdentity {
	return slices.SortedFunc(maps.Keys(l.grandmasters), compareIdentities)
}

// learnLeader takes a new leader for an undisputed best master while learning.
// One that led only because we had just begun to listen was none.
func (d *domain) learnLeader(p *port, previous ptp.ClockIdentity, joining bool, at instant) {
	l := &d.learned
	if l.state != StateLearning {
		return
	}
	if joining {
		delete(l.grandmasters, previous)
	}
	if v, _ := d.judgeIdentity(d.leader); v == Undecided {
		d.learnGrandmaster(p)
	}
	if at >= l.until {
		d.tracker.timers.arm(d.timer, at.add(1)) // learning only waited for a leader
	}
}

// disputed says whether a clock takes over from a best master that still
// announces while we are learning. One in holdover may be relieved by a better
// one, and where several grandmasters are normal a tie is no dispute.
func (d *domain) disputed(p *port, s standing) bool {
	if !d.led || d.best == nil || d.best == p || s != ahead || d.foundThere(p) {
		return false
	}
	return !d.degraded(d.best.announcing.announce) || d.degraded(p.announcing.announce)
}

// learnDue ends learning when its time is over and there is a leader.
func (d *domain) learnDue(at instant) instant {
	l := &d.learned
	if l.state != StateLearning || l.until == never {
		return never
	}
	if at < l.until {
		return l.until
	}
	if !d.led {
		return never // lead looks again
	}
	d.pin(at)
	return never
}

// pin ends learning: what was undisputed so far is the baseline from now on.
func (d *domain) pin(at instant) {
	l := &d.learned
	if d.profile.SeveralGrandmasters {
		for _, p := range d.candidates {
			d.learnGrandmaster(p)
		}
	}
	d.dropDegraded()
	for _, p := range d.candidates {
		id := p.announcing.announce.GrandmasterIdentity
		_, undisputed := l.grandmasters[id]
		if _, listed := d.cfg.grandmaster(id); (listed || undisputed) && !d.impostor(p, id) {
			d.learnGrandmaster(p) // as it is now, whatever accepts it
		}
		d.learnSender(p)
	}
	l.state, l.until, l.pinned = StatePinned, never, at
	d.tracker.emit(Finding{At: d.tracker.timeOf(at), Event: BaselinePinned, Scope: d.scope, Grandmaster: d.leader})
}

func (d *domain) learnGrandmaster(p *port) {
	l, a := &d.learned, p.announcing
	id := a.announce.GrandmasterIdentity
	if _, known := l.grandmasters[id]; known || len(l.grandmasters) < maxLearnedGrandmasters {
		l.grandmasters[id] = BaselineGrandmaster{Identity: id, Dataset: a.announce, Flags: a.flags}
	}
}

// dropDegraded leaves out of a baseline who was in holdover or free run while
// another was not.
func (d *domain) dropDegraded() {
	sound := false
	for _, g := range d.learned.grandmasters {
		sound = sound || !d.degraded(g.Dataset)
	}
	if sound {
		maps.DeleteFunc(d.learned.grandmasters, func(_ ptp.ClockIdentity, g BaselineGrandmaster) bool { return d.degraded(g.Dataset) })
	}
}

// degraded says whether a clockClass tells of holdover, or of free run where
// that is not usual.
func (d *domain) degraded(a ptp.Announce) bool {
	switch d.profile.Grade(uint8(a.GrandmasterClockQuality.ClockClass)) {
	case profile.Holdover:
		return true
	case profile.FreeRun:
		return !d.profile.FreeRunUsual
	}
	return false
}

// learnSender notes by whom, and from where, an acceptable grandmaster is
// announced.
func (d *domain) learnSender(p *port) {
	l, a := &d.learned, p.announcing
	if d.verdict(p) == Unacceptable {
		return
	}
	s, known := l.senders[p.id]
	if !known && len(l.senders) >= maxLearnedSenders {
		return
	}
	if !known || a.announce.StepsRemoved < s.StepsRemoved {
		s.StepsRemoved = a.announce.StepsRemoved
	}
	s.Port, s.Grandmaster = p.id, a.announce.GrandmasterIdentity
	s.Interface, s.MAC, s.Address, s.VLANs, s.TTL = p.iface, p.mac, p.source, p.vlans, p.ttl
	l.senders[p.id] = s
}

// baseline is what was learned of a scope; false until it is pinned.
func (d *domain) baseline() (Baseline, bool) {
	l := &d.learned
	if l.state != StatePinned {
		return Baseline{}, false
	}
	b := Baseline{Scope: d.scope, Profile: d.profile.Name, Pinned: d.tracker.timeOf(l.pinned)}
	for _, id := range l.identities() {
		b.Grandmasters = append(b.Grandmasters, l.grandmasters[id])
	}
	b.Senders = l.sortedSenders()
	return b, true
}

// Baselines lists every baseline there is, by scope: what was learned, and
// what was learned before of scopes that have not been heard since.
func (t *Tracker) Baselines() []Baseline {
	var out []Baseline
	for _, d := range t.scopes {
		if b, ok := d.baseline(); ok {
			out = append(out, b)
		}
	}
	for _, b := range t.cfg.Baselines {
		if t.scopes[b.Scope] == nil {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b Baseline) int { return a.Scope.compare(b.Scope) })
	return out
}

// keepBaseline remembers what was learned of a scope that is forgotten: it is
// not learned anew from whoever speaks there first. Of invented scopes no more
// are remembered than there may be at a time.
func (t *Tracker) keepBaseline(b Baseline) {
	others := t.baselinesBut(b.Scope)
	if len(others) < t.cfg.Limits.Domains {
		t.cfg.Baselines = append(others, b)
	}
}

// baselinesBut are the remembered ones of all other scopes.
func (t *Tracker) baselinesBut(s Scope) []Baseline {
	return slices.DeleteFunc(slices.Clone(t.cfg.Baselines), func(b Baseline) bool { return b.Scope == s })
}

// ErrUnknownScope means that a scope was never heard.
var ErrUnknownScope = errors.New("nothing was heard there")

// AcceptBaseline makes what is heard now in a scope its baseline, beside what
// already was.
func (t *Tracker) AcceptBaseline(s Scope, at time.Time, emit func(Finding)) error {
	d, err := t.pinnable(s, at, emit)
	if err != nil {
		return err
	}
	if !d.led {
		return fmt.Errorf("accept the baseline of domain %d on %s: %w", s.DomainNumber, s.Network, errors.New("no grandmaster is heard"))
	}
	for _, p := range d.candidates {
		if d.profile.SeveralGrandmasters || p.announcing.announce.GrandmasterIdentity == d.leader {
			d.learnGrandmaster(p)
		}
	}
	d.learned.state = StateLearning
	d.pin(t.now)
	d.accept(t.now)
	d.relearnPaths()
	t.alerts.endAll(t.now, func(a *activeAlert) bool {
		_, unacceptable := d.judgeIdentity(a.Grandmaster)
		return a.Scope == s && !unacceptable && (a.Name == AlertRogueGrandmaster || a.Name == AlertUnknownGrandmaster)
	})
	return nil
}

// ResetBaseline forgets what was learned of a scope and learns anew: at once, or
// when it is heard again.
func (t *Tracker) ResetBaseline(s Scope, at time.Time, emit func(Finding)) error {
	d, err := t.pinnable(s, at, emit)
	if d := t.scopes[s]; d != nil {
		d.relearnPaths() // whatever makes a grandmaster acceptable
	}
	others := t.baselinesBut(s)
	if errors.Is(err, ErrUnknownScope) && len(others) < len(t.cfg.Baselines) {
		t.cfg.Baselines = others
		t.emit(Finding{At: t.timeOf(t.now), Event: BaselineReset, Scope: s})
		return nil
	}
	if err != nil {
		return err
	}
	t.cfg.Baselines = others
	t.forgetJurors(s)
	d.startLearning(t.now)
	d.epoch++
	t.spans = nil
	d.learned.until = t.now.add(d.cfg.LearnFor)
	t.timers.arm(d.timer, d.learned.until)
	t.emit(Finding{At: t.timeOf(t.now), Event: BaselineReset, Scope: s})
	return nil
}

// pinnable finds a scope whose baseline an operator may act on.
func (t *Tracker) pinnable(s Scope, at time.Time, emit func(Finding)) (*domain, error) {
	t.advance(at, emit)
	d := t.scopes[s]
	if d == nil {
		return nil, fmt.Errorf("domain %d, sdoId %s on %s: %w", s.DomainNumber, s.SdoID, s.Network, ErrUnknownScope)
	}
	if mode := cmp.Or(d.cfg.Baseline, BaselinePin); mode != BaselinePin {
		return nil, fmt.Errorf("domain %d on %s: its configuration says baseline: %s, so nothing is learned", s.DomainNumber, s.Network, mode)
	}
	return d, nil
}
