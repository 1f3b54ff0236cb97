package node

import (
	"math"
	"net/netip"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// Transparent is a transparent clock (IEEE 1588-2019 10): it makes a switch
// tell how long messages have stayed in it, and if it is peer-to-peer how long
// the links they came by are.
type Transparent struct {
	instance *Instance // has the ports that measure links
	ports    map[*network.Port]*Port
	stays    [256]stay // of two-step clocks: the latest, around
	next     int
	lie      lie
}

// lie is what a clock adds to the residence times that it tells.
type lie struct {
	mark
	by, spread float64 // ns; spread at random, evenly
}

// Lie makes the clock add to the residence times of Sync that it tells, as
// part of an episode, whose touched is called with each; 0 is the truth.
func (t *Transparent) Lie(episode int, touched func(at event.Time), by, spread float64) {
	t.lie = lie{mark{episode: episode, touched: touched}, by, spread}
}

// stay is how long a message has stayed, which a later one will tell.
type stay struct {
	message   ptp.MessageType
	source    ptp.PortIdentity // its sender
	sequence  uint16
	domain    uint8
	out       *network.Port // that it left by
	residence float64       // ns
}

// NewTransparent makes a switch a transparent clock that reads a clock.
func NewTransparent(n *network.Network, s *network.Switch, clock *oscillator.Clock, settings Settings) *Transparent {
	settings.MasterOnly = true
	t := &Transparent{instance: New(n, clock, settings), ports: map[*network.Port]*Port{}}
	t.instance.transparent = true
	s.Clock = t
	return t
}

// AddPort tells the clock of a port of its switch, which stamps with a stamper.
func (t *Transparent) AddPort(wire *network.Port, ip netip.Addr, s *oscillator.Stamper) {
	p := t.instance.newPort(wire, s)
	p.ip = ip
	t.ports[wire] = p
}

// Start has the clock measure its links.
func (t *Transparent) Start() {
	i := t.instance
	i.on = true
	for _, p := range i.Ports {
		p.prepare()
		if i.Profile.Mechanism == PeerToPeer {
			p.startPdelay(i.network.Now())
		}
	}
}

// Keep implements network.Transparent.
func (t *Transparent) Keep(wire *network.Port, f *network.Frame) bool {
	if t.instance.Profile.Mechanism != PeerToPeer || f.Raw != nil {
		return false
	}
	switch m := f.Message.Type; {
	case isPeer(m):
		if p := t.ports[wire]; p.Wants(wire, f) {
			p.Receive(wire, f)
		}
		return true
	case m == ptp.DelayReq || m == ptp.DelayResp:
		return true // IEEE 1588-2019 10.3.1
	}
	return false
}

// Correct implements network.Transparent.
func (t *Transparent) Correct(in, out *network.Port, f *network.Frame, departs event.Time) *network.Frame {
	if f.Raw != nil {
		return f
	}
	switch m := &f.Message; m.Type {
	case ptp.Sync:
		c := t.residence(in, out, departs) + t.lie.by + math.Floor(t.lie.spread*t.instance.rng.Float64())
		if t.instance.Profile.Mechanism == PeerToPeer {
			c += t.ports[in].peer.delay
		}
		if !t.instance.Profile.TwoStep {
			return t.corrected(f, c)
		}
		t.remember(stay{m.Type, m.SourcePortIdentity, m.SequenceID, m.DomainNumber, out, c})
		if !m.Flags.Has(ptp.FlagTwoStep) {
			return t.split(f, out, departs)
		}
	case ptp.DelayReq:
		c := t.residence(in, out, departs)
		if !t.instance.Profile.TwoStep {
			return t.corrected(f, c)
		}
		t.remember(stay{m.Type, m.SourcePortIdentity, m.SequenceID, m.DomainNumber, out, c})
	case ptp.PdelayReq, ptp.PdelayResp:
		return t.corrected(f, t.residence(in, out, departs))
	case ptp.FollowUp:
		if c, ok := t.recall(stay{ptp.Sync, m.SourcePortIdentity, m.SequenceID, m.DomainNumber, out, 0}); ok {
			return t.corrected(f, c)
		}
	case ptp.DelayResp:
		if c, ok := t.recall(stay{ptp.DelayReq, m.PortIdentity, m.SequenceID, m.DomainNumber, in, 0}); ok {
			return t.corrected(f, c)
		}
	}
	return f
}

// residence is how long a message that comes now will have stayed, in ns, as
// the clock measures it.
func (t *Transparent) residence(in, out *network.Port, departs event.Time) float64 {
	return t.ports[out].stamper.Stamp(departs).Sub(t.ports[in].stamper.Stamp(t.instance.network.Now()))
}

func (t *Transparent) corrected(f *network.Frame, ns float64) *network.Frame {
	g := f.Copy()
	g.Message.CorrectionField += correction(ns)
	if t.lie.episode != 0 && f.Message.Type != ptp.DelayReq && f.Message.Type != ptp.DelayResp {
		g.Episode = t.lie.episode
		t.lie.touched(t.instance.network.Now())
	}
	return g
}

// split makes a Sync of one step one of two: its Follow_Up tells the rest
// (IEEE 1588-2019 10.2.2.2).
func (t *Transparent) split(f *network.Frame, out *network.Port, departs event.Time) *network.Frame {
	g := f.Copy()
	g.Message.Flags |= ptp.FlagTwoStep
	u := f.Copy()
	defer u.Release()
	u.Message.Type = ptp.FollowUp
	if c, ok := t.recall(stay{ptp.Sync, f.Message.SourcePortIdentity, f.Message.SequenceID, f.Message.DomainNumber, out, 0}); ok {
		u.Message.CorrectionField = correction(c)
	}
	out.Send(u, out.Departure(departs+t.instance.Latency))
	return g
}

func (t *Transparent) remember(s stay) {
	t.stays[t.next%len(t.stays)] = s
	t.next++
}

func (t *Transparent) recall(s stay) (residence float64, ok bool) {
	for i := range t.stays {
		have := &t.stays[(t.next-1-i+2*len(t.stays))%len(t.stays)]
		if have.message == s.message && have.source == s.source && have.sequence == s.sequence && have.domain == s.domain && have.out == s.out {
			return have.residence, true
		}
	}
	return 0, false
}

// Profile is by what the clock works.
func (t *Transparent) Profile() Profile { return t.instance.Profile }
