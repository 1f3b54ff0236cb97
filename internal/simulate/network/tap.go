package network

import (
	"math/rand/v2"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
	"github.com/ptpwatch/ptpwatch/internal/simulate/random"
)

// Tap looks at frames and hands on what it sees.
type Tap struct {
	Name    string
	stamper *oscillator.Stamper
	record  func(nanoseconds int64, f *Frame)
	network *Network
	loss    float64
	rng     *rand.Rand
	// mirror is the queue in front of a switch's mirror port; nil for a tap on a
	// link, which has none.
	mirror     *Queue
	mirrored   event.Time
	mirrorTime event.Time
}

// NewTap returns a tap that stamps frames with a stamper and hands them to
// record.
func (n *Network) NewTap(name string, s *oscillator.Stamper, record func(nanoseconds int64, f *Frame)) *Tap {
	return &Tap{Name: name, stamper: s, record: record, network: n, rng: random.Source(n.Seed, "tap "+name)}
}

// Clock is what the tap stamps with.
func (t *Tap) Clock() *oscillator.Clock { return t.stamper.Clock }

// SetLoss sets the share of frames that the capture loses.
func (t *Tap) SetLoss(share float64) { t.loss = share }

func (t *Tap) handle(f *Frame, _ int) {
	if t.loss > 0 && t.rng.Float64() < t.loss {
		return
	}
	t.record(t.stamper.Stamp(t.network.now).Nanoseconds, f)
}

// Mirror has a switch copy every frame that comes in to the tap, which sees it
// after delay and after what waits at the mirror port.
func (t *Tap) Mirror(s *Switch, delay event.Time, load Load) {
	t.mirrorTime = delay
	t.mirror = newQueue(random.Source(t.network.Seed, "mirror "+t.Name))
	t.mirror.set(load)
	s.mirrors = append(s.mirrors, t)
}

// copy takes a frame from the switch.
func (t *Tap) copy(f *Frame) {
	at := t.network.now + t.mirrorTime + t.mirror.wait(t.network.now)
	t.mirrored = max(at, t.mirrored+frameTime)
	t.network.push(t.mirrored, t, f, 0)
}
