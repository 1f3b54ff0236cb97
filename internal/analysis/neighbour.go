package analysis

import (
	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// Behind peer-to-peer transparent clocks (IEEE 1588-2019 10.3) the Syncs of a
// port come by a tap from a neighbour that is not their sender: the port at the
// near end of the link that the tap is in. Their corrections hold all but the
// way from it, which its answers to Pdelay_Reqs tell. But the port at the far end
// answers, too, and what is measured then is the way that the Syncs have still to
// go.

// direction is where a frame came from, as far as capture tells: legs of an
// optical breakout see one direction each, and a host knows what it sends.
type direction struct {
	iface  string
	egress bool
}

func directionOf(o *packet.Observation) direction { return direction{o.Interface, o.Egress} }

// neighbour is a port that answers Pdelay_Reqs at a tap.
type neighbour struct {
	port *port
	mac  packet.MAC // zero on links without one
	from direction
	// apart: the requests it answers came from another direction, so that
	// directions tell the ends of the link apart.
	apart bool
	last  instant
}

const (
	// maxNeighbours is how many are told apart at a tap. A link has two ends, a
	// mirror port more.
	maxNeighbours = 8
	// maxLinks is how many taps have neighbours.
	maxLinks = 256
	// neighbourFresh is for how long one counts that answers no more, in ns.
	neighbourFresh = 60e9
)

// noteNeighbour takes a complete peer delay exchange.
func (t *Tracker) noteNeighbour(p *port, d *pdelay) {
	list := t.neighbours[d.tap]
	n := neighbour{port: p, mac: d.mac, from: d.answered, apart: d.answered != d.asked, last: t.now}
	oldest := 0
	for i := range list {
		if list[i].port == p {
			list[i] = n
			return
		}
		if list[i].last < list[oldest].last {
			oldest = i
		}
	}
	switch {
	case len(list) == maxNeighbours:
		list[oldest] = n
	case list != nil || len(t.neighbours) < maxLinks:
		t.neighbours[d.tap] = append(list, n)
	}
}

// dropNeighbour forgets a port at every tap.
func (t *Tracker) dropNeighbour(p *port) {
	for _, tm := range p.timings {
		list := t.neighbours[tm.tap]
		for i := range list {
			if list[i].port == p {
				list[i].last = longAgo
				list[i].port = nil
			}
		}
	}
}

// upstream is what was measured of the neighbour that a port's Sync came from;
// nil where it cannot be told which one that is. It is the port itself, answering
// in another domain; or that which sent the frame, as its address says: many
// transparent clocks put theirs into what they forward; or the only one in that
// direction.
func (t *Tracker) upstream(p *port, s *syncHalf) *delay.Meter {
	list := t.neighbours[s.tap]
	n := t.onlyNeighbour(list, func(n *neighbour) bool { return n.port.id == p.id })
	if n == nil && s.mac != (packet.MAC{}) {
		n = t.onlyNeighbour(list, func(n *neighbour) bool { return n.mac == s.mac })
	}
	if n == nil {
		if n = t.onlyNeighbour(list, func(n *neighbour) bool { return n.from == s.from }); n == nil || !n.apart {
			return nil
		}
	}
	return n.meterAt(s.tap)
}

// onlyNeighbour is the one of which something holds; nil if there are none or
// several. One port may answer in several domains.
func (t *Tracker) onlyNeighbour(list []neighbour, holds func(*neighbour) bool) (only *neighbour) {
	for i := range list {
		n := &list[i]
		if n.port == nil || t.now.sub(n.last) > neighbourFresh || !holds(n) {
			continue
		}
		if only != nil && only.port.id != n.port.id {
			return nil
		}
		if only == nil || n.last > only.last {
			only = n
		}
	}
	return only
}

func (n *neighbour) meterAt(tap string) *delay.Meter {
	if tm := n.port.timingAt(tap); tm != nil {
		return &tm.Meter
	}
	return nil
}
