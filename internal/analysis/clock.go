package analysis

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

type clockKey struct {
	domain *domain
	id     ptp.ClockIdentity
}

// grandmaster is a clock that Announces name as the source of time.
type grandmaster struct {
	entry       *entry[clockKey, *grandmaster]
	domain      *domain
	id          ptp.ClockIdentity
	first, last instant
	announces   uint64
	dataset     ptp.Announce // as the nearest port announces it
	flags       ptp.Flags
	datasetAt   instant
	nearest     ptp.PortIdentity
	told        said             // what the nearest port announced last ...
	toldAt      instant          // ... and since when
	traceable   uint8            // the last clockClass that said so; 0 when none did
	reigned     time.Duration    // how long it has been best, up to reignFrom
	reignFrom   instant          // since when it is best; never when it is not
	accused     ptp.PortIdentity // the port that an alert about its acceptance names
	timer       *timer
}

// noteGrandmaster keeps the state of the grandmaster an Announce names.
func (t *Tracker) noteGrandmaster(p *port, o *packet.Observation) {
	m := &o.Message
	key := clockKey{p.domain, m.Announce.GrandmasterIdentity}
	e := t.clocks.get(key)
	if e == nil {
		if e = t.newGrandmaster(key, o); e == nil {
			return
		}
		t.emit(Finding{
			At: t.timeOf(t.now), Event: GrandmasterAppeared, Scope: p.domain.scope,
			Grandmaster: key.id, Port: p.id, Frame: o.Frame,
		})
	}
	g := e.value
	g.last = t.now
	if l := &p.domain.lost; l.since != never && p.domain.verdict(p) != Unacceptable {
		l.since = t.now // one is heard, if not qualified yet
	}
	g.announces++
	if !e.established && g.announces >= provenMessages && t.now.sub(g.first) >= provenTime {
		t.clocks.establish(e)
	}
	// Relays may lag behind, so the port nearest to the grandmaster is believed.
	stale := g.datasetAt.add(foreignMasterWindow*p.announcing.interval) < t.now
	if p.id == g.nearest || m.Announce.StepsRemoved < g.dataset.StepsRemoved || stale || g.nearest == (ptp.PortIdentity{}) {
		g.dataset, g.flags, g.datasetAt, g.nearest = m.Announce, m.Flags, t.now, p.id
	}
}

// newGrandmaster returns nil when there is no room.
func (t *Tracker) newGrandmaster(key clockKey, o *packet.Observation) *entry[clockKey, *grandmaster] {
	_, listed := key.domain.cfg.grandmaster(key.id)
	contender := key.domain.wouldWin(o)
	if !t.clocks.room(t.clockEvicted) {
		if !listed && !contender {
			return nil
		}
		t.clocks.force(func(e *entry[clockKey, *grandmaster]) bool { return e.value.reignFrom != never }, t.clockEvicted)
	}
	g := t.addGrandmaster(key, t.now)
	g.dataset, g.flags = o.Message.Announce, o.Message.Flags
	switch {
	case listed:
		t.clocks.establish(g.entry)
	case contender:
		t.clocks.contend(g.entry)
	}
	return g.entry
}

// addGrandmaster adds one to the table, which must have room.
func (t *Tracker) addGrandmaster(key clockKey, first instant) *grandmaster {
	g := &grandmaster{domain: key.domain, id: key.id, first: first, last: first, reignFrom: never, datasetAt: first, toldAt: longAgo}
	g.entry = t.clocks.add(key, g)
	g.timer = t.timers.create(func(at instant) instant { return t.clockDue(g, at) })
	t.timers.arm(g.timer, t.now.add(t.cfg.ForgetAfter))
	key.domain.clocks++
	return g
}

func (t *Tracker) clockEvicted(e *entry[clockKey, *grandmaster]) {
	t.timers.disarm(e.value.timer)
	e.value.domain.clocks--
}

func (t *Tracker) clockDue(g *grandmaster, at instant) instant {
	if deadline := g.last.add(t.cfg.ForgetAfter); at < deadline {
		return deadline
	}
	t.clocks.remove(g.entry)
	t.clockEvicted(g.entry)
	t.emit(Finding{At: t.timeOf(at), Event: GrandmasterForgotten, Scope: g.domain.scope, Grandmaster: g.id})
	return never
}

// openReign starts the count of the leader's time as best.
func (d *domain) openReign(at instant) {
	if e := d.tracker.clocks.get(clockKey{d, d.leader}); e != nil && e.value.reignFrom == never {
		e.value.reignFrom = at
		d.tracker.clocks.establish(e)
	}
	if d.best != nil {
		d.tracker.ports.establish(d.best.entry)
	}
}

func (d *domain) closeReign(at instant) { d.closeReignOf(d.leader, at, false) }

// closeReignOf ends the time as best of a grandmaster; a void one counts as if
// it had not been.
func (d *domain) closeReignOf(id ptp.ClockIdentity, at instant, void bool) {
	e := d.tracker.clocks.get(clockKey{d, id})
	if e == nil || e.value.reignFrom == never {
		return
	}
	if !void {
		e.value.reigned += at.sub(e.value.reignFrom)
	}
	e.value.reignFrom = never
}
