package network

import (
	"math/rand/v2"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/random"
)

// Switch forwards frames by what it has learned of their addresses
// (IEEE 802.1Q 8.6 to 8.8), and floods those for many.
type Switch struct {
	// Residence is what a frame spends in it at least, and Jitter what it may
	// spend beyond, evenly distributed.
	Residence, Jitter event.Time
	// Clock sees what passes, for a switch that is a transparent clock; nil for
	// one that knows nothing of PTP.
	Clock Transparent

	network *Network
	ports   []*Port
	where   map[packet.MAC]*Port
	mirrors []*Tap
	rng     *rand.Rand
}

// Transparent is the part of a switch that knows of PTP.
type Transparent interface {
	// Keep says whether a frame that has come to a port is for the switch
	// itself, and not to be forwarded.
	Keep(p *Port, f *Frame) bool
	// Correct returns what leaves at a time through a port for the frame that
	// has come now; its own frames are released by the switch.
	Correct(in, out *Port, f *Frame, departs event.Time) *Frame
}

// maxLearned is how many addresses a switch remembers.
const maxLearned = 8192

// NewSwitch returns a switch without ports.
func (n *Network) NewSwitch(name string) *Switch {
	return &Switch{network: n, where: map[packet.MAC]*Port{}, rng: random.Source(n.Seed, "switch "+name)}
}

// AddPort gives the switch another port.
func (s *Switch) AddPort() *Port {
	p := &Port{Node: s, Queues: true}
	s.ports = append(s.ports, p)
	return p
}

// Ports are the switch's ports.
func (s *Switch) Ports() []*Port { return s.ports }

// Wants implements Node: a switch takes all it may forward.
func (s *Switch) Wants(p *Port, f *Frame) bool {
	return !f.linkLocal() || s.Clock != nil || len(s.mirrors) > 0
}

// Receive implements Node.
func (s *Switch) Receive(p *Port, f *Frame) {
	for _, t := range s.mirrors {
		t.copy(f)
	}
	s.learn(p, f.Source)
	if s.Clock != nil && s.Clock.Keep(p, f) || f.linkLocal() {
		return
	}
	if !f.Multicast() {
		if out := s.where[f.Destination]; out != nil {
			if out != p {
				s.forward(p, out, f)
			}
			return
		}
	}
	for _, out := range s.ports {
		if out != p {
			s.forward(p, out, f)
		}
	}
}

func (s *Switch) learn(p *Port, source packet.MAC) {
	if p.learned == source {
		return
	}
	known := s.where[source]
	if known == nil && len(s.where) >= maxLearned {
		return
	}
	if known != nil {
		known.learned = packet.MAC{}
	}
	s.where[source], p.learned = p, source
}

func (s *Switch) forward(in, out *Port, f *Frame) {
	if !out.Carries(f) {
		return
	}
	ready := s.network.now + s.Residence
	if s.Jitter > 0 {
		ready += event.Time(s.rng.Int64N(int64(s.Jitter)))
	}
	at := out.Departure(ready)
	g := f
	if s.Clock != nil {
		g = s.Clock.Correct(in, out, f, at)
	}
	out.Send(g, at)
	if g != f {
		g.Release()
	}
}
