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
	at      event.Time // when it fires; Never if it is not set
	// waking is when the queue wakes it next. A time that is put off, as that of
	// a timeout is, costs nothing until then.
	waking event.Time
	waits  int // counts what is in the queue: older entries are void
}

// NewTimer returns a timer that is not set.
func (n *Network) NewTimer(fire func()) *Timer {
	return &Timer{network: n, fire: fire, at: event.Never, waking: event.Never}
}

// Set has the timer fire at a time, and not when it was set to before.
func (t *Timer) Set(at event.Time) {
	t.at = at
	if t.waking > at || t.waking == event.Never {
		t.wait()
	}
}

func (t *Timer) wait() {
	t.waits++
	t.waking = t.at
	t.network.push(t.at, t, nil, t.waits)
}

// Stop keeps the timer from firing.
func (t *Timer) Stop() { t.at = event.Never }

// Running says whether the timer is set.
func (t *Timer) Running() bool { return t.at != event.Never }

func (t *Timer) handle(_ *Frame, wait int) {
	if wait != t.waits {
		return
	}
	t.waking = event.Never
	switch now := t.network.now; {
	case t.at <= now:
		t.at = event.Never
		t.fire()
	case t.at != event.Never:
		t.wait()
	}
}

// At has a function called at a time.
func (n *Network) At(at event.Time, do func()) { n.NewTimer(do).Set(at) }
