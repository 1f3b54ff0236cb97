package network

import (
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
)

// Network holds the time and everything that is going to happen. It is not
// safe for use by several goroutines.
type Network struct {
	Seed  uint64
	now   event.Time
	queue event.Queue[occurrence]
	spare []*Frame
	links []*Link
}

// occurrence is something that is going to happen to somebody.
type occurrence struct {
	to    handler
	frame *Frame // held until then
	arg   int
}

type handler interface{ handle(f *Frame, arg int) }

// New returns a network without anything in it.
func New(seed uint64) *Network { return &Network{Seed: seed} }

// Now is the time.
func (n *Network) Now() event.Time { return n.now }

// Run lets everything happen that is due before a time, which then is the time.
func (n *Network) Run(until event.Time) {
	for n.queue.Next() < until {
		at, o := n.queue.Pop()
		n.now = at
		o.to.handle(o.frame, o.arg)
		if o.frame != nil {
			o.frame.Release()
		}
	}
	n.now = until
}

func (n *Network) push(at event.Time, to handler, f *Frame, arg int) {
	if f != nil {
		f.retain()
	}
	n.queue.Push(max(at, n.now), occurrence{to, f, arg})
}

// Timer calls a function at a time that can be set again and again.
type Timer struct {
	network *Network
	fire    func()
	setting int // counts: an older setting is void
	at      event.Time
}

// NewTimer returns a timer that is not set.
func (n *Network) NewTimer(fire func()) *Timer {
	return &Timer{network: n, fire: fire, at: event.Never}
}

// Set has the timer fire at a time, and not when it was set to before.
func (t *Timer) Set(at event.Time) {
	t.setting++
	t.at = at
	t.network.push(at, t, nil, t.setting)
}

// SetIfSooner sets the timer unless it fires earlier already.
func (t *Timer) SetIfSooner(at event.Time) {
	if at < t.at {
		t.Set(at)
	}
}

// Stop keeps the timer from firing.
func (t *Timer) Stop() { t.setting++; t.at = event.Never }

// Running says whether the timer is set.
func (t *Timer) Running() bool { return t.at != event.Never }

func (t *Timer) handle(_ *Frame, setting int) {
	if setting == t.setting {
		t.at = event.Never
		t.fire()
	}
}

// At has a function called at a time.
func (n *Network) At(at event.Time, do func()) { n.NewTimer(do).Set(at) }
