package transit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// nic is a tap whose hardware clock runs on its own.
type nic struct {
	tap   string
	clock *delay.Clock
	start int64
	ppm   float64
	late  float64 // where in the window it is read, of its half
	slow  int64   // by how much the window is longer than usual, ns
}

func (n *nic) at(ns float64) int64 { return n.start + quantize(ns*(1+n.ppm*1e-6)) }

// compare reads the clock beside the host's, within a window of 2 us.
func (n *nic) compare(ns float64) {
	n.clock.Compare(delay.Comparison{Hardware: n.at(ns + n.late*1000), Steady: 3e12 + int64(ns), Window: 2000 + n.slow, At: int64(ns)})
}

// link sends messages between two taps for two minutes, 16 Syncs a second from
// the first to the second, and half as many requests back.
type link struct {
	up, down    nic
	there, back float64 // ns
	requests    bool
	step        float64 // of the second clock after a minute, ns
}

func (l *link) run(w *Ways) {
	key := Key{Port: ptp.PortIdentity{ClockIdentity: 1, PortNumber: 1}}
	for i := range 120 * 16 {
		now := float64(i)*62.5e6 + 1e6
		if i%16 == 0 {
			l.up.compare(now - 1e6)
			l.down.compare(now - 0.9e6)
			w.Settle(int64(now))
		}
		if i == 60*16+8 {
			l.down.start += int64(l.step)
		}
		key.Sequence, key.Time, key.Client.ClockIdentity = uint16(i), int64(now), 0
		w.sight(&l.up, key, l.up.at(now+300), false, int64(now))
		w.sight(&l.down, key, l.down.at(now+300+l.there), false, int64(now))
		if asked := now + 20e6; i%2 == 0 && l.requests {
			key.Client.ClockIdentity, key.Time = 2, int64(asked+l.back+300)
			w.sight(&l.down, key, l.down.at(asked), true, int64(asked))
			w.sight(&l.up, key, l.up.at(asked+l.back), true, int64(asked))
		}
	}
}

func (w *Ways) sight(n *nic, key Key, stamp int64, request bool, now int64) {
	if !n.clock.Note(stamp, now) {
		return // as the Tracker does
	}
	a := delay.Apart{Whole: stamp - key.Time}
	if request {
		a.Whole = -a.Whole
	}
	w.Add(Sighting{key, n.tap, n.clock, stamp, a, request}, now)
}

// By two clocks that run 20 ppm apart the way between their taps is measured as
// well as they were compared, even where that is less than they were off: then a
// message seems to arrive before it leaves, and its way is told all the same.
func TestWaysByTwoClocks(t *testing.T) {
	for _, c := range []struct {
		name        string
		link        link
		off         float64 // by how much a transit is, ns
		there, back bool    // told
	}{
		{"read well", link{there: 2500, back: 2700, requests: true}, 0, true, true},
		{"read late and early, in half of the window", link{up: nic{late: 1}, down: nic{late: -1}, there: 2500, back: 2700, requests: true}, 2000, true, true},
		{"seen to arrive before it leaves", link{up: nic{late: -1}, down: nic{late: 1}, there: 500, back: 600, requests: true}, -2000, true, true},
		{"and to have left later", link{up: nic{late: 1}, down: nic{late: -1}, there: 500, back: 600, requests: true}, 2000, true, true},
		{"one way only", link{there: 5000}, 0, true, false},
		{"one way only, less than can be told", link{there: 500}, 0, false, false},
		{"a step", link{there: 2500, back: 2500, requests: true, step: 1e6}, 0, true, true},
		{"a step back by half a second", link{there: 2500, back: 2500, requests: true, step: -500e6}, 0, true, true},
		{"read too slowly", link{up: nic{slow: 200e3}, there: 2500, back: 2500, requests: true}, 0, false, false},
		{"a step that comparisons alone can show", link{there: 2500, back: 2500, requests: true, step: 30e3}, 0, true, true},
	} {
		for _, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
			t.Run(c.name+", "+names[0]+" to "+names[1], func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 4))
				l := c.link
				for i, n := range []*nic{&l.up, &l.down} {
					n.tap, n.clock = names[i], delay.NewClock(packet.StampHardware, fmt.Sprintf("ptp%d", i))
					n.start, n.ppm = r.Int64N(2e18), 20*float64(2*i-1)
				}
				var w Ways
				l.run(&w)
				want := map[[2]string]float64{}
				if c.there {
					want[names] = l.there + c.off
				}
				if c.back {
					want[[2]string{names[1], names[0]}] = l.back - c.off
				}
				for _, f := range w.Figures() {
					way := [2]string{f.From, f.To}
					ns, wanted := want[way]
					delete(want, way)
					if !wanted {
						t.Errorf("%s to %s: %d messages", f.From, f.To, f.Count)
						continue
					}
					if math.Abs(f.Transit.Centre*1e9-ns) > 25 || math.Abs(f.Unexplained.Centre*1e9-ns) > 25 || math.Abs(f.Floor.Centre*1e9-ns) > 25 {
						t.Errorf("%s to %s: transit %.0f, unexplained %.0f, floor %.0f ns, want %.0f", f.From, f.To, f.Transit.Centre*1e9, f.Unexplained.Centre*1e9, f.Floor.Centre*1e9, ns)
					}
					if f.Transit.Spread > 20e-9 {
						t.Errorf("%s to %s: spread %g: a step is in it", f.From, f.To, f.Transit.Spread)
					}
					if w := f.Within.Centre * 1e9; f.Within.Count == 0 || w < math.Abs(c.off) || w > 2200 {
						t.Errorf("%s to %s: within %.0f ns, and off by %.0f", f.From, f.To, w, c.off)
					}
				}
				if len(want) > 0 {
					t.Errorf("nothing of %v", want)
				}
			})
		}
	}
}

// Without comparisons two clocks have nothing in common, and nothing waits.
func TestWaysOfClocksNotCompared(t *testing.T) {
	var w Ways
	for i := range 2000 {
		now := int64(i) * 1e9
		key := Key{Time: now, Sequence: uint16(i)}
		for _, n := range []nic{{tap: "a", clock: delay.NewClock(packet.StampHardware, "ptp0")}, {tap: "b", clock: delay.NewClock(packet.StampHardware, "ptp1")}} {
			w.sight(&n, key, now, false, now)
		}
		w.Settle(now)
	}
	if len(w.Figures()) != 0 || len(w.waiting) != 0 {
		t.Errorf("%d ways, %d waiting", len(w.Figures()), len(w.waiting))
	}
}

// Comparisons that stop coming leave no more waiting than there is room for, and
// not for ever.
func TestWaysWhenComparisonsStop(t *testing.T) {
	l := link{up: nic{tap: "a", clock: delay.NewClock(packet.StampHardware, "ptp0")}, down: nic{tap: "b", clock: delay.NewClock(packet.StampHardware, "ptp1")}}
	var w Ways
	for i := range 100 * 64 {
		now := float64(i) * 1e9 / 64
		if i%64 == 0 && i < 640 {
			l.up.compare(now)
			l.down.compare(now)
		}
		key := Key{Time: int64(now), Sequence: uint16(i)}
		w.sight(&l.up, key, l.up.at(now), false, int64(now))
		w.sight(&l.down, key, l.down.at(now+9000), false, int64(now))
		if len(w.waiting) > maxWaiting {
			t.Fatalf("%d wait", len(w.waiting))
		}
	}
	w.Settle(100e9)
	if len(w.waiting) > 0 {
		t.Errorf("%d still wait", len(w.waiting))
	}
	if f := w.Figures(); len(f) != 1 || f[0].From != "a" {
		t.Errorf("%+v", f)
	}
}

// A way that other clocks stamp from now on begins anew, once the former have
// been silent for a while: a frame that a NIC did not stamp changes nothing.
func TestWaysByOtherClocks(t *testing.T) {
	kernel, ptp0 := delay.NewClock(packet.StampSoftware, ""), delay.NewClock(packet.StampHardware, "ptp0")
	var w Ways
	now := int64(0)
	send := func(seconds int64, clock *delay.Clock, took int64) {
		for range 16 * seconds {
			now += 62.5e6
			key := Key{Time: now}
			w.Add(Sighting{key, "a", clock, now, delay.Apart{}, false}, now)
			w.Add(Sighting{key, "b", clock, now + took, delay.Apart{Whole: took}, false}, now)
		}
	}
	send(20, ptp0, 1000)
	send(1, kernel, 9000)
	if f := w.Figures(); len(f) != 1 || f[0].Count != 319 || f[0].Floor.Centre != 1000e-9 {
		t.Errorf("by the kernel for a second: %+v", f)
	}
	now += 11e9
	send(5, kernel, 9000)
	if f := w.Figures(); len(f) != 1 || f[0].Floor.Centre != 9000e-9 {
		t.Errorf("by the kernel for good: %+v", f)
	}
}
