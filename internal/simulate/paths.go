package simulate

import (
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// paths are the queue-free delays between each port that something is measured
// of, those of masters and those that answer Pdelay_Req, and each tap.
func (m *model) paths(at event.Time) (all []truth.Path) {
	for _, t := range m.order {
		identity, profile, measured := t.measured()
		if !measured {
			continue
		}
		silent := t.transparent != nil || t.role == client // but for answers
		for n, p := range t.ports {
			m.walk(p, func(arrives *network.Port, through []*network.Port, _ *network.Port) bool {
				w := m.approach(through, &profile)
				if silent && !w.peers {
					return false
				}
				for _, tap := range m.taps {
					there, back, on := m.upTo(tap, arrives, through, w)
					if !on {
						continue
					}
					path := truth.Path{
						Interface: tap.Name, Clock: t.name, Identity: identity, Port: uint16(n + 1), From: m.when(at),
						Forward: nanoseconds(there),
					}
					if profile.Mechanism != node.PeerToPeer && !w.peerToPeer {
						path.Reverse = new(nanoseconds(back))
					}
					if w.peers {
						path.Peer = new(nanoseconds(there+back) / 2)
					}
					all = append(all, path)
				}
				return m.owner(arrives).forwards()
			})
		}
	}
	return all
}

// measured says whether anything is measured of the ports of a thing, by what
// profile, and by what identity it goes.
func (t *thing) measured() (identity string, by node.Profile, ok bool) {
	switch {
	case t.instance != nil:
		by = t.instance.Profile
		return t.instance.Identity.String(), by, t.role != client || by.Mechanism == node.PeerToPeer
	case t.transparent != nil:
		by = t.transparent.Profile()
		return eui64(t.mac).String(), by, by.Mechanism == node.PeerToPeer
	}
	return "", by, false
}

// approach is what lies between a port and the last link of those that a frame
// has come through from it.
type approach struct {
	untold      event.Time // by the peer-to-peer transparent clocks on it
	there, back event.Time // since the last of them
	peerToPeer  bool       // there is one
	peers       bool       // Pdelay messages go all the way
}

func (m *model) approach(through []*network.Port, by *node.Profile) approach {
	w := approach{peers: by.Mechanism == node.PeerToPeer}
	for i, out := range through[1:] {
		forward, reverse := through[i].Delays()
		w.there, w.back = w.there+forward, w.back+reverse
		switch owner := m.owner(out); {
		case owner.transparent == nil:
			w.there, w.back = w.there+residence(owner), w.back+residence(owner)
		case owner.transparent.Profile().Mechanism == node.PeerToPeer:
			// It tells of its link, as half of the way there and back.
			w.untold += (w.there - w.back) / 2
			w.there, w.back = 0, 0
			w.peerToPeer, w.peers = true, false
		}
		if m.owner(out).router != nil || by.Transport == packet.IEEE8023 {
			w.peers = false // nor do bridges forward their address
		}
	}
	return w
}

// upTo is the delay to a tap of a frame that has come through ports to
// another, and of one that goes the other way, if the tap is on the last link
// or mirrors the switch that the frame has come to.
func (m *model) upTo(t *tap, at *network.Port, through []*network.Port, w approach) (there, back event.Time, ok bool) {
	last := through[len(through)-1]
	forward, reverse := last.Delays()
	switch {
	case t.mirror != nil && m.owner(at) == t.mirror:
		reverse -= t.delay
		// A clock of two steps has yet to tell when the mirror sees the answer.
		if c := t.mirror.transparent; c == nil || c.Profile().TwoStep {
			reverse += residence(t.mirror)
		}
		return w.untold + w.there + forward + t.delay, w.back + reverse, true
	case last.Link() == t.link:
		part := t.position
		if first, _ := t.link.Ends(); first != last {
			part = 1 - part
		}
		return w.untold + w.there + event.Time(float64(forward)*part), w.back + event.Time(float64(reverse)*part), true
	}
	return 0, 0, false
}

func nanoseconds(t event.Time) truth.Nanoseconds {
	return truth.Nanoseconds(float64(t) / float64(event.Nanosecond))
}

func residence(t *thing) event.Time {
	if t.bridge != nil {
		return t.bridge.Residence
	}
	return t.router.Residence
}
