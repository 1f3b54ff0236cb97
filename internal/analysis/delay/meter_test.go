package delay

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// wire is a path between a port and a tap, and what is sent along it. Times are
// true ones in ns; the port tells them, but for a step of its own.
type wire struct {
	m                Meter
	tap              *Clock
	shows            func(at int64) int64 // what the tap's clock shows
	forward, reverse int64
	own              bool
	portStep         int64
}

func newWire(shows func(int64) int64) *wire {
	if shows == nil {
		shows = func(at int64) int64 { return at }
	}
	return &wire{tap: NewClock(packet.StampCapture, ""), shows: shows, forward: 1500, reverse: 1100}
}

func (w *wire) sync(at int64) {
	s := w.shows(at + w.forward)
	if a, ok := Forward(s, ptp.NewTimestamp(at+w.portStep)); ok && w.tap.Note(s, s) {
		w.m.Forward(Exchange{Clock: w.tap, Stamp: s, Seen: at, Now: at, Value: a, Grandmaster: 1})
	}
}

func (w *wire) ask(at int64, c *Client) {
	r := w.shows(at)
	if b, ok := Reverse(r, ptp.NewTimestamp(at+w.reverse+w.portStep), 0, 0); ok && w.tap.Note(r, r) {
		w.m.Reverse(Exchange{Clock: w.tap, Stamp: r, Seen: at, Now: at, Value: b, Client: c, Own: w.own})
	}
}

// run sends a Sync every 125 ms and asks 30 ms later.
func (w *wire) run(from, to int64) {
	for at := from; at < to; at += second / 8 {
		w.sync(at)
		w.ask(at+30e6, nil)
	}
}

const second = int64(1e9)

func (w *wire) figures() Figures {
	return w.m.Figures(0, func(apart time.Duration) (time.Duration, bool) {
		return Auto.Shift(apart, true, 37)
	})
}

func between(t *testing.T, what string, s Summary, from, to float64) {
	t.Helper()
	if s.Count == 0 || s.Min < (from-0.01)*1e-9 || s.Max > (to+0.01)*1e-9 {
		t.Errorf("%s: %+v, want %g to %g ns", what, s, from, to)
	}
}

func absent(t *testing.T, what string, s Summary) {
	t.Helper()
	if s != (Summary{}) {
		t.Errorf("%s: %+v, want none", what, s)
	}
}

// Whatever the tap's clock does, or the port's, no mean path delay is other
// than 1300 ns.
func TestMeanPathDelayWhateverClocksDo(t *testing.T) {
	after := func(at, by int64) func(int64) int64 {
		return func(now int64) int64 {
			if now > at {
				return now + by
			}
			return now
		}
	}
	for _, tt := range []struct {
		name     string
		tap      func(int64) int64
		portStep int64
	}{
		{"true", nil, 0},
		{"20 ppm fast", func(at int64) int64 { return at + at/50_000 }, 0},
		{"200 ppm slow", func(at int64) int64 { return at - at/5_000 }, 0},
		{"of another epoch", func(at int64) int64 { return at + 1e18 }, 0},
		{"before the epoch", func(at int64) int64 { return at - 1e18 }, 0},
		{"bent", func(at int64) int64 { t := float64(at) / 1e9; return at + int64(20e3*t+1e3*math.Sin(t/30)) }, 0},
		{"steps a second", after(30*second+60e6, second), 0},
		{"steps back a second", after(30*second+60e6, -second), 0},
		{"steps back 300 ms", after(30*second+60e6, -300e6), 0},
		{"steps back 40 ms", after(30*second+60e6, -40e6), 0},
		{"steps back 20 ms after a Sync", after(30*second+10e6, -20e6), 0},
		{"steps back an hour", after(30*second+60e6, -3600*second), 0},
		{"steps 100 us", after(30*second+10e6, 100e3), 0},
		{"steps back 100 us", after(30*second+10e6, -100e3), 0},
		{"steps a year", after(30*second+10e6, 365*86400*second), 0},
		{"the port steps", nil, 5e6},
		{"the port steps back", nil, -5e6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWire(tt.tap)
			w.run(0, 30*second)
			w.sync(30 * second)
			w.portStep = tt.portStep
			w.ask(30*second+30e6, nil)
			w.run(30*second+125e6, 60*second)
			f := w.figures()
			between(t, "mean path delay", f.MeanPathDelay, 1298, 1302)
			if f.MeanPathDelay.Count < 470 {
				t.Errorf("%d mean path delays of 480", f.MeanPathDelay.Count)
			}
		})
	}
}

// A jump of the path is there at once, in the direction in which it is.
func TestPathChanges(t *testing.T) {
	w := newWire(nil)
	w.run(0, 30*second)
	w.forward += 200e3
	w.run(30*second, 60*second)
	f := w.figures()
	if got := f.MeanPathDelay; got.Last != 101300e-9 || got.Min != 1300e-9 {
		t.Errorf("mean path delay %+v, want 1300 ns and then 101300 ns", got)
	}
	if got := f.MeanPathDelay.Count; got != 478 { // of 480: one across the jump, one that the last Sync came before
		t.Errorf("%d mean path delays, want 478", got)
	}
	if f.Forward.Max != 201500e-9 || f.Reverse.Max != 1100e-9 || f.Offset.Last != 100200e-9 {
		t.Errorf("forward %+v, reverse %+v, offset %+v", f.Forward, f.Reverse, f.Offset)
	}
}

// A Sync that was held up does not move the line for those that were not.
func TestOneLateSync(t *testing.T) {
	w := newWire(nil)
	w.run(0, 30*second)
	w.forward = 50e3
	w.sync(30 * second)
	w.forward = 1500
	w.run(30*second+125e6, 60*second)
	if jumps := w.m.stream.jumped; jumps != 0 {
		t.Errorf("a jump of %d", jumps)
	}
}

// With one direction there is no mean path delay and no offset, and the delay is
// less its median.
func TestOneDirection(t *testing.T) {
	w := newWire(nil)
	for i := range int64(11) {
		w.forward = 1000 + 10*i
		w.sync(i * second)
	}
	f := w.figures()
	absent(t, "mean path delay", f.MeanPathDelay)
	absent(t, "offset", f.Offset)
	absent(t, "reverse", f.Reverse)
	between(t, "forward", f.Forward, -50, 50)
	if !f.Relative || f.Forward.Median != 0 {
		t.Errorf("relative %v, median %g", f.Relative, f.Forward.Median)
	}
	w = newWire(nil)
	for i := range int64(11) {
		w.ask(i*second, nil)
	}
	f = w.figures()
	absent(t, "mean path delay", f.MeanPathDelay)
	absent(t, "forward", f.Forward)
	if !f.Relative || f.Reverse.Count != 11 {
		t.Errorf("relative %v, reverse %+v", f.Relative, f.Reverse)
	}
	if f := newWire(nil).figures(); f.Forward.Count+f.Reverse.Count > 0 || f.Relative {
		t.Errorf("of nothing: %+v", f)
	}
}

// What the tap's clock has stepped over is void; mean path delays are not.
func TestStepOfTheTapClock(t *testing.T) {
	w := newWire(nil)
	w.run(0, 10*second)
	w.tap.step(5e6, 10*second, byStamps)
	w.shows = func(at int64) int64 { return at + 5e6 }
	w.run(10*second, 20*second)
	f := w.figures()
	between(t, "offset", f.Offset, 5_000_200, 5_000_200)
	between(t, "forward", f.Forward, 5_001_500, 5_001_500)
	between(t, "mean path delay", f.MeanPathDelay, 1300, 1300)
	if f.MeanPathDelay.Count < 155 || f.Clock.Steps != 1 {
		t.Errorf("%d mean path delays, %d steps", f.MeanPathDelay.Count, f.Clock.Steps)
	}
}

// The host's own requests hold its way to the wire. They are marked and, where
// others ask too, left out.
func TestOwnRequests(t *testing.T) {
	w := newWire(nil)
	w.own, w.reverse = true, 17_000+1100
	w.run(0, 10*second)
	if f := w.figures(); !f.Own || f.Reverse.Min != 18_100e-9 {
		t.Errorf("own %v, reverse %+v", f.Own, f.Reverse)
	}
	w.own, w.reverse = false, 1100
	w.run(10*second, 20*second)
	w.own, w.reverse = true, 17_000+1100
	w.run(20*second, 30*second)
	f := w.figures()
	between(t, "reverse", f.Reverse, 1100, 1100)
	between(t, "mean path delay", f.MeanPathDelay, 1300, 1300)
	if f.Own {
		t.Error("the host's own, still")
	}
	w.run(30*second, 100*second) // nobody else does any more
	if f := w.figures(); !f.Own || f.Reverse.Min != 18_100e-9 {
		t.Errorf("own %v, reverse %+v", f.Own, f.Reverse)
	}
}

// A time of another day is a mistake, or a forgery, and changes nothing. Several
// in a row say that the port's clock was set.
func TestAnotherDay(t *testing.T) {
	const days = 100 * 86400 * second
	w := newWire(nil)
	w.run(0, 10*second)
	for i := range int64(5) {
		w.portStep = days
		w.run(10*second+i*second/4, 10*second+i*second/4+1)
		w.portStep = 0
		w.run(10*second+i*second/4+125e6, 10*second+i*second/4+125e6+1)
	}
	f := w.figures()
	between(t, "forward", f.Forward, 1500, 1500)
	between(t, "reverse", f.Reverse, 1100, 1100)
	if f.Forward.Count != 85 || f.Relative {
		t.Errorf("%d forward delays, relative %v", f.Forward.Count, f.Relative)
	}
	w.portStep = days
	w.run(20*second, 30*second)
	f = w.figures()
	between(t, "mean path delay", f.MeanPathDelay, 1300, 1300)
	between(t, "forward", f.Forward, 0, 0)
	if f.Forward.Count != 78 || !f.Relative || f.Offset.Count > 0 {
		t.Errorf("%d forward delays since, relative %v, offset %+v", f.Forward.Count, f.Relative, f.Offset)
	}
}

// Requests of all clients count, and the one with something in its way shows.
func TestOddClient(t *testing.T) {
	w := newWire(nil)
	clients := make([]Client, 20)
	for at := int64(0); at < 20*second; at += second / 8 {
		w.sync(at)
		for i := range clients {
			if i == 7 {
				w.reverse = 9100
			}
			w.ask(at+int64(i+1)*5e6, &clients[i])
			w.reverse = 1100
		}
	}
	var odd []int
	for i := range clients {
		m, ok := clients[i].MeanPathDelay()
		if !ok || clients[i].Count() < 150 {
			t.Fatalf("client %d: %d mean path delays", i, clients[i].Count())
		}
		if math.Abs(m-1300e-9) > 1e-12 {
			odd = append(odd, i)
		}
	}
	if !slices.Equal(odd, []int{7}) {
		t.Errorf("the odd ones are %v", odd)
	}
	if f := w.figures(); f.MeanPathDelay.Count < 20*150 {
		t.Errorf("%d mean path delays of all", f.MeanPathDelay.Count)
	}
	if _, ok := new(Client).MeanPathDelay(); ok {
		t.Error("a mean path delay of nothing")
	}
}

// A message a million times over, or of the day before, changes nothing.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	w := newWire(nil)
	c := new(Client)
	w.run(0, 600*second)
	at := 600 * second
	if n := testing.AllocsPerRun(1000, func() {
		w.sync(at)
		w.ask(at+30e6, c)
		w.ask(at+40e6, c)
		at += second / 8
	}); n > 0 {
		t.Errorf("%v allocations an exchange", n)
	}
}

// Between Syncs that are too far apart nobody knows what the tap's clock did.
func TestSyncsTooFarApart(t *testing.T) {
	for _, tt := range []struct{ every, count int64 }{{9, 19}, {11, 0}} {
		w := newWire(func(at int64) int64 { return at + at/50_000 })
		for i := range int64(20) {
			w.sync(i * tt.every * second)
			w.ask((i*tt.every+3)*second, nil)
		}
		if got := w.figures().MeanPathDelay.Count; got != uint64(tt.count) {
			t.Errorf("a Sync every %d s: %d mean path delays, want %d", tt.every, got, tt.count)
		}
	}
}
