package network

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/random"
)

// Node is what has ports.
type Node interface {
	// Wants says whether a frame that comes to the port would make any
	// difference; what nobody wants need not be carried.
	Wants(p *Port, f *Frame) bool
	// Receive is called when a frame has come to the port.
	Receive(p *Port, f *Frame)
}

// Port is a node's end of a link.
type Port struct {
	Node Node
	MAC  packet.MAC
	// Queues says that frames wait here for others before they are stamped, as
	// they do in a switch; else what waits on the link waits after the stamp.
	Queues bool

	link *Link
	side int
	peer *Port
	way  *way // that it sends on
	// learned is the latest source that a switch has learned to be here, and
	// that has been nowhere else since.
	learned packet.MAC
}

// Link is the port's link; nil when it has none.
func (p *Port) Link() *Link { return p.link }

// Peer is the port at the other end of the link; nil when there is none.
func (p *Port) Peer() *Port { return p.peer }

// Link joins two ports.
type Link struct {
	Name    string
	network *Network
	ends    [2]*Port
	ways    [2]way // by the side that sends
	rng     *rand.Rand
}

// way is one direction of a link.
type way struct {
	down     bool
	stages   []stage // in the order in which a frame meets them
	delay    event.Time
	queue    *Queue
	loss     float64
	departed event.Time // when the last frame had left
	arrived  event.Time
}

// stage is what a frame meets on its way, position being the part of the way
// that lies behind it.
type stage struct {
	position float64
	tap      *Tap
	device   Device
}

// Device is in the way of frames and may meddle with them.
type Device interface {
	// Pass is called for each frame that comes by at a time. It returns the
	// frame that goes on, nil for none, and how much later it does. A frame of
	// its own is released by the link.
	Pass(f *Frame, at event.Time) (*Frame, event.Time)
}

// frameTime is how long a frame and the gap after it take on a gigabit
// Ethernet: what follows it must wait.
const frameTime = 900 * event.Nanosecond

// Join links two ports.
func (n *Network) Join(name string, a, b *Port) *Link {
	l := &Link{Name: name, network: n, ends: [2]*Port{a, b}, rng: random.Source(n.Seed, "link "+name)}
	for side := range l.ways {
		l.ways[side].departed, l.ways[side].arrived = -frameTime, -frameTime
	}
	a.link, a.side, a.peer, a.way = l, 0, b, &l.ways[0]
	b.link, b.side, b.peer, b.way = l, 1, a, &l.ways[1]
	n.links = append(n.links, l)
	return l
}

// Ends are the ports that the link joins.
func (l *Link) Ends() (a, b *Port) { return l.ends[0], l.ends[1] }

// SetDelay sets the delay from the first port to the second, and back.
func (l *Link) SetDelay(there, back event.Time) { l.ways[0].delay, l.ways[1].delay = there, back }

// Delay is what SetDelay has set.
func (l *Link) Delay() (there, back event.Time) { return l.ways[0].delay, l.ways[1].delay }

// SetLoss sets the share of frames that are lost, in both directions.
func (l *Link) SetLoss(share float64) { l.ways[0].loss, l.ways[1].loss = share, share }

// SetLoad sets the other traffic on the way that starts at a side.
func (l *Link) SetLoad(side int, load Load) {
	w := &l.ways[side]
	if w.queue == nil {
		w.queue = newQueue(random.Source(l.network.Seed, "queue "+l.Name+[]string{" there", " back"}[side]))
	}
	w.queue.set(load)
}

// SetDown cuts the link, or mends it.
func (l *Link) SetDown(down bool) { l.ways[0].down, l.ways[1].down = down, down }

// AddTap has a tap look at the frames that pass a position, 0 being at the
// first port and 1 at the second, on the ways that begin at the given sides.
func (l *Link) AddTap(t *Tap, position float64, sides ...int) {
	for _, side := range sides {
		l.add(side, stage{position: position, tap: t})
	}
}

// AddDevice puts a device in the ways that begin at the given sides. The
// function returned takes it out.
func (l *Link) AddDevice(d Device, position float64, sides ...int) (remove func()) {
	for _, side := range sides {
		l.add(side, stage{position: position, device: d})
	}
	return func() {
		for side := range l.ways {
			l.ways[side].stages = slices.DeleteFunc(l.ways[side].stages, func(s stage) bool { return s.device == d })
		}
	}
}

func (l *Link) add(side int, s stage) {
	if side == 1 {
		s.position = 1 - s.position
	}
	w := &l.ways[side]
	// A copy: frames may be on their way through the old one.
	w.stages = append(slices.Clone(w.stages), s)
	slices.SortStableFunc(w.stages, func(a, b stage) int { return cmp.Compare(a.position, b.position) })
}

// Departure is when a frame that is ready at a time leaves the port: after
// what goes before it, and what else is queued where the port queues.
func (p *Port) Departure(ready event.Time) event.Time {
	if p.link == nil {
		return ready
	}
	w := p.way
	at := ready
	if p.Queues && w.queue != nil {
		at += w.queue.wait(ready)
	}
	at = max(at, w.departed+frameTime)
	w.departed = at
	return at
}

// Carries says whether it matters that the frame is sent.
func (p *Port) Carries(f *Frame) bool {
	w := p.way
	if w == nil || w.down {
		return false
	}
	return len(w.stages) > 0 || p.peer.Node.Wants(p.peer, f)
}

// Send puts a frame on the link at a time, which Departure has given.
func (p *Port) Send(f *Frame, at event.Time) {
	l, w := p.link, p.way
	if w == nil || w.down {
		return
	}
	lostAt := 2.0 // beyond the end
	if w.loss > 0 && l.rng.Float64() < w.loss {
		lostAt = l.rng.Float64()
	}
	if !p.Queues && w.queue != nil {
		// The network that the link stands for is where the frame waits; it
		// cannot overtake there.
		at = max(at+w.queue.wait(at), w.arrived+frameTime)
		w.arrived = at
	}
	if len(w.stages) > 0 {
		l.pass(w, f, at, lostAt, p.peer)
		return
	}
	if lostAt > 1 && p.peer.Node.Wants(p.peer, f) {
		l.network.push(at+w.delay, p.peer, f, 0)
	}
}

// pass takes a frame past everything on its way.
func (l *Link) pass(w *way, f *Frame, at event.Time, lostAt float64, peer *Port) {
	original := f
	for _, s := range w.stages {
		if s.position > lostAt {
			break
		}
		here := at + event.Time(s.position*float64(w.delay))
		if s.tap != nil {
			l.network.push(here, s.tap, f, 0)
			continue
		}
		on, later := s.device.Pass(f, here)
		if on != f && f != original {
			f.Release()
		}
		if f = on; f == nil {
			return
		}
		at += later
	}
	if lostAt > 1 && peer.Node.Wants(peer, f) {
		l.network.push(at+w.delay, peer, f, 0)
	}
	if f != original {
		f.Release()
	}
}

func (p *Port) handle(f *Frame, _ int) { p.Node.Receive(p, f) }

// Delays are the delays of the port's link: of what it sends, and of what it
// receives.
func (p *Port) Delays() (out, in event.Time) {
	return p.link.ways[p.side].delay, p.link.ways[1-p.side].delay
}

// Restore returns a function that gives the link the delays, losses and loads
// back that it has now.
func (l *Link) Restore() func() {
	before := l.ways
	var loads [2]Load
	for side := range before {
		if q := before[side].queue; q != nil {
			loads[side] = q.load
		}
	}
	return func() {
		for side := range before {
			l.ways[side].down, l.ways[side].delay, l.ways[side].loss = before[side].down, before[side].delay, before[side].loss
			if l.ways[side].queue != nil {
				l.ways[side].queue.set(loads[side])
			}
		}
	}
}
