package analysis

import (
	"cmp"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/analysis/transit"
	"github.com/ptpwatch/ptpwatch/internal/leap"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// timing is what exchanges with a port measured at one tap.
type timing struct {
	delay.Meter
	path         pathWatch
	tap          string
	iface        string        // where its Syncs, or requests to it, are seen
	distribution *distribution // of the grandmaster whose time the port gives
	// What the answers of an SPTP server say of it.
	announce  ptp.Announce
	flags     ptp.Flags
	tampering *tampering // of ports that give the time
}

// stamp is when a message was at the tap, by which clock.
type stamp struct {
	at    instant // longAgo: not to be measured with
	clock *delay.Clock
	own   bool // the host's own message, stamped before its NIC sent it
}

// maxStampClocks is how many stamping clocks are told apart: one for each NIC
// and the system's, so that this is never reached by honest means.
const maxStampClocks = 256

// stampOf reads an observation's stamp.
func (t *Tracker) stampOf(o *packet.Observation) stamp {
	s := stamp{at: toInstant(o.Stamp), own: o.Egress && o.StampSource != packet.StampHardware}
	if c := t.stampClock(o.StampSource, o.StampClock); c != nil {
		s.clock = c.Clock
		if c.Steps != c.Told {
			t.noteSteps(c.Clock, o.Interface)
		}
	}
	if s.clock == nil || !s.clock.Note(int64(s.at), int64(toInstant(o.At))) {
		s.at = longAgo
	}
	if t.juryTimer.slot == 0 {
		t.timers.arm(t.juryTimer, t.now.add(juryEvery))
	}
	return s
}

// stampClock finds or makes a clock that stamps; nil when there is no room.
func (t *Tracker) stampClock(source packet.StampSource, name string) *stampClock {
	for _, c := range t.stampClocks {
		if c.Source == source && c.Name == name {
			return c
		}
	}
	if len(t.stampClocks) == maxStampClocks {
		return nil
	}
	c := &stampClock{Clock: delay.NewClock(source, name)}
	t.stampClocks = append(t.stampClocks, c)
	return c
}

// timingAt finds what was measured at a tap.
func (p *port) timingAt(tap string) *timing {
	for _, tm := range p.timings {
		if tm.tap == tap {
			return tm
		}
	}
	return nil
}

// timingOf finds or makes it; nil when the limit is reached.
func (t *Tracker) timingOf(p *port, tap string) *timing {
	if tm := p.timingAt(tap); tm != nil {
		return tm
	}
	if t.timingPorts >= t.cfg.Limits.TimingPorts {
		t.timingFull++
		return nil
	}
	t.timingPorts++
	tm := t.recall(p, tap)
	p.timings = append(p.timings, tm)
	return tm
}

// dropTimings forgets what was measured of a port.
func (t *Tracker) dropTimings(p *port) {
	t.dropNeighbour(p)
	for _, tm := range p.timings {
		t.keepPath(p, tm)
		tm.Close()
	}
	t.timingPorts -= len(p.timings)
	p.timings = nil
}

// forward takes a complete Sync: its origin, and the Follow_Up's correction.
func (t *Tracker) forward(p *port, s *syncHalf, origin ptp.Timestamp, followUp ptp.Correction) {
	a, ok := delay.Forward(int64(s.stamp.at), origin, s.correction, followUp)
	if !ok || s.stamp.at == longAgo {
		return
	}
	t.cross(p, ptp.PortIdentity{}, s.seq, origin, s.stamp, transit.Sighting{Tap: s.tap, Delay: a})
	tm := t.timingOf(p, s.tap)
	if tm == nil {
		return
	}
	tm.iface = s.iface
	var upstream *delay.Meter
	if len(t.neighbours) > 0 && !tm.HasLink(int64(t.now)) {
		upstream = t.upstream(p, s)
	}
	t.distribute(p, tm)
	tm.Forward(delay.Exchange{
		Upstream: upstream, Clock: s.stamp.clock, Stamp: int64(s.stamp.at), Seen: int64(s.at), Now: int64(t.now), Value: a, Own: s.stamp.own,
		Grandmaster: p.grandmaster(),
	})
	t.watchPath(p, tm)
	t.tamperedSync(p, tm, s, a, followUp)
}

// announces says whether a port announces a grandmaster.
func (p *port) announces() bool { return p.announcing != nil && p.announcing.last != longAgo }

// grandmaster is whose time a port gives, as far as it says.
func (p *port) grandmaster() ptp.ClockIdentity {
	if p.announces() {
		return p.announcing.announce.GrandmasterIdentity
	}
	return p.id.ClockIdentity
}

// reverse takes a complete delay exchange: a client's request, when the port
// received it, and the correction of its response.
func (t *Tracker) reverse(p, client *port, r *request, received ptp.Timestamp, correction ptp.Correction) {
	b, ok := delay.Reverse(int64(r.stamp.at), received, correction, r.correction)
	if !ok || r.stamp.at == longAgo {
		return
	}
	t.cross(p, client.id, r.seq, received, r.stamp, transit.Sighting{Tap: r.tap, Delay: b, Request: true})
	tm := t.timingOf(p, r.tap)
	if tm == nil {
		return
	}
	if tm.iface == "" {
		tm.iface = r.iface
	}
	c := client.clientOf(p.id, r.tap)
	t.tamperedRequest(p, tm, r, b, correction, c, client.id)
	tm.Reverse(delay.Exchange{
		Clock: r.stamp.clock, Stamp: int64(r.stamp.at), Seen: int64(r.at), Now: int64(t.now), Value: b, Own: r.stamp.own,
		Client: c,
	})
	t.watchPath(p, tm)
}

// maxClientPaths is how many ways of one client are kept: to the masters that
// it asks, at the taps that see it.
const maxClientPaths = 8

// clientOf finds or makes what a client's requests to a port gave. When there
// are too many, that goes which was used longest ago.
func (p *port) clientOf(master ptp.PortIdentity, tap string) *delay.Client {
	for _, c := range p.clients {
		if c.Master == master && c.Tap == tap {
			return c
		}
	}
	c := &delay.Client{Master: master, Tap: tap}
	if len(p.clients) < maxClientPaths {
		p.clients = append(p.clients, c)
		return c
	}
	oldest := 0
	for i, o := range p.clients {
		if o.Last < p.clients[oldest].Last {
			oldest = i
		}
	}
	p.clients[oldest] = c
	return c
}

// answerPdelay takes what an answer to a Pdelay_Req says into the exchange: of
// the first responder.
func (t *Tracker) answerPdelay(p *port, d *pdelay, o *packet.Observation) {
	m, e := &o.Message, &d.exchange
	followUp := m.Type == ptp.PdelayRespFollowUp
	switch {
	case !d.waits(), d.stage == stageEarly && followUp, d.stage == stageResponse && !followUp:
		return // it says nothing new
	case d.stage == stageFirst:
		d.responder = p.id
	}
	d.answered, d.mac = directionOf(o), o.SourceMAC
	if followUp {
		e.Sent, e.Corrections[1] = m.Timestamp, m.CorrectionField
		return
	}
	s := t.stampOf(o)
	if s.clock != e.Clock || s.at == longAgo || e.Request == int64(longAgo) {
		e.Clock = nil // legs on two clocks, or a stamp that is not believed
		return
	}
	e.Response, e.Received, e.Corrections[0] = int64(s.at), m.Timestamp, m.CorrectionField
	e.TwoStep = m.Flags.Has(ptp.FlagTwoStep)
	e.Own = e.Own || s.own
}

// peer takes a complete peer delay exchange.
func (t *Tracker) peer(p *port, d *pdelay) {
	if d.exchange.Clock == nil || d.responder != p.id {
		return
	}
	if tm := t.timingOf(p, d.tap); tm != nil {
		t.noteNeighbour(p, d)
		if tm.iface == "" {
			tm.iface = d.iface
		}
		d.exchange.Now = int64(t.now)
		tm.Peer(d.exchange)
		t.watchPath(p, tm)
	}
}

// timescale is the Announce that says what time a port tells: its own or, as it
// tells what it was told, the best one of its domain.
func (p *port) timescale() (ptp.Announce, ptp.Flags) {
	switch best := p.domain.best; {
	case p.announces():
		return p.announcing.announce, p.announcing.flags
	case best != nil && best.announces():
		return best.announcing.announce, best.announcing.flags
	}
	return ptp.Announce{}, 0
}

// timingViews pictures what was measured of a port.
func (p *port) timingViews() []TimingView {
	announce, flags := p.timescale()
	var list []TimingView
	for _, tm := range p.timings {
		a, f := announce, flags
		if tm.flags != 0 {
			a, f = tm.announce, tm.flags
		}
		if v, ok := tm.view(p.domain.tracker, a, f); ok {
			v.Bounds = p.bounds(&v)
			if tm.path.Blocks() > 0 {
				s := p.domain.pathSettings(tm)
				state := tm.path.State(&s)
				v.Path = &state
			}
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b TimingView) int { return cmp.Compare(a.Tap, b.Tap) })
	return list
}

// view is false where nothing was measured yet.
func (tm *timing) view(t *Tracker, a ptp.Announce, flags ptp.Flags) (TimingView, bool) {
	offsets := t.utcOffsets(a, flags)
	scale := t.cfg.Timescales[tm.iface]
	f := tm.Figures(int64(t.now), func(apart time.Duration) (time.Duration, bool) {
		return scale.Shift(apart, flags.Has(ptp.FlagPTPTimescale), offsets...)
	})
	v := TimingView{
		Tap: tm.tap, Forward: f.Forward, Reverse: f.Reverse, Relative: f.Relative, MeanPathDelay: f.MeanPathDelay,
		MeanLinkDelay: f.MeanLinkDelay, Offset: f.Offset, Statistics: f.Statistics, EgressReverse: f.Own, EgressForward: f.OwnForward,
		EgressLink: f.OwnLink,
	}
	if c := f.Clock; c != nil {
		v.StampSource, v.StampClock, v.ClockSteps, v.Resolution = c.Source, c.Name, c.Steps, float64(c.Resolution())/1e9
	}
	return v, v.Forward.Count+v.Reverse.Count+v.MeanPathDelay.Count+v.MeanLinkDelay.Count > 0
}

// utcOffsets are the candidates for TAI - UTC: what the table of leap seconds
// says, and what the grandmaster says, if it vouches for that.
func (t *Tracker) utcOffsets(a ptp.Announce, flags ptp.Flags) []int16 {
	table := t.cfg.LeapTable
	if table == nil {
		table = leap.Embedded()
	}
	var list []int16
	if o, ok := table.Offset(t.timeOf(t.now)); ok {
		list = append(list, o)
	}
	if flags.Has(ptp.FlagCurrentUTCOffsetValid) {
		list = append(list, a.CurrentUTCOffset)
	}
	return list
}

// clientPaths pictures what a port's own requests gave.
func (p *port) clientPaths() []ClientPathView {
	var list []ClientPathView
	for _, c := range p.clients {
		if m, ok := c.MeanPathDelay(); ok {
			list = append(list, ClientPathView{To: c.Master, Tap: c.Tap, Count: c.Count(), Median: m})
		}
	}
	return list
}
