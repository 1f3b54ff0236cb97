package oscillator

import (
	"math"
	"math/rand/v2"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/random"
)

// Clock counts an oscillator and can be stepped and steered.
type Clock struct {
	oscillator *Oscillator
	epoch      int64 // ns on its own timescale at time zero
	// The correction: what steps and steering have added at a time, in ps, and
	// the rate that is being added.
	since event.Time
	phase float64
	rate  float64
}

// NewClock returns a clock that shows epoch nanoseconds at time zero.
func NewClock(o *Oscillator, epoch int64) *Clock { return &Clock{oscillator: o, epoch: epoch} }

// Oscillator is what the clock counts.
func (c *Clock) Oscillator() *Oscillator { return c.oscillator }

// Error is how far the clock is ahead of epoch and true time at t, in ps.
func (c *Clock) Error(t event.Time) float64 {
	return c.oscillator.Phase(t) + c.phase + c.rate*float64(t-c.since)
}

// Step adds ps picoseconds.
func (c *Clock) Step(t event.Time, ps float64) {
	c.Steer(t, c.rate)
	c.phase += ps
}

// Steer sets the fractional frequency that is added to the oscillator's.
func (c *Clock) Steer(t event.Time, rate float64) {
	c.phase += c.rate * float64(t-c.since)
	c.since, c.rate = t, rate
}

// Rate is the fractional frequency that is added to the oscillator's.
func (c *Clock) Rate() float64 { return c.rate }

// Epoch is what an errorless clock of its timescale shows at time zero, in ns.
func (c *Clock) Epoch() int64 { return c.epoch }

// Move shows another epoch from now on: another timescale, a leap second.
func (c *Clock) Move(ns int64) { c.epoch += ns }

// Reading is what a clock showed: nanoseconds, and the picoseconds beyond,
// from 0 to below 1000.
type Reading struct {
	Nanoseconds int64
	Picoseconds float64
}

// Sub is r minus s in nanoseconds.
func (r Reading) Sub(s Reading) float64 {
	return float64(r.Nanoseconds-s.Nanoseconds) + (r.Picoseconds-s.Picoseconds)/1000
}

// Stamper reads a clock as a timestamping unit does: with noise, in steps.
type Stamper struct {
	Clock      *Clock
	resolution int64   // ps; 0 is none
	whole      int64   // the same in ns if a second is so many of them; else 0
	noise      float64 // ps rms
	rng        *rand.Rand
}

// NewStamper returns a unit that stamps in steps of resolution with a noise,
// rms, beside that of the clock's readings.
func NewStamper(c *Clock, resolution, noise event.Time, seed uint64, name string) *Stamper {
	s := &Stamper{Clock: c, resolution: int64(resolution), rng: random.Source(seed, "stamper "+name)}
	s.noise = math.Hypot(float64(noise), c.oscillator.class.WhitePM)
	if resolution > 0 && resolution%event.Nanosecond == 0 && event.Second%resolution == 0 {
		s.whole = int64(resolution / event.Nanosecond)
	}
	return s
}

// Stamp reads the clock at t.
func (s *Stamper) Stamp(t event.Time) Reading { return s.Shifted(t, 0) }

// Shifted reads the clock at t as if it were ahead by so much more.
func (s *Stamper) Shifted(t, by event.Time) Reading {
	e := s.Clock.Error(t) + float64(by)
	if s.noise > 0 {
		e += s.noise * s.rng.NormFloat64()
	}
	// The part that float64 could not hold to the picosecond stays an integer.
	whole := math.Floor(e / 1000)
	ns := s.Clock.epoch + int64(t/event.Nanosecond) + int64(whole)
	ps := e - 1000*whole + float64(t%event.Nanosecond)
	if ps >= 1000 {
		ns, ps = ns+1, ps-1000
	}
	if s.resolution > 0 {
		ns, ps = s.quantise(ns, ps)
	}
	return Reading{ns, ps}
}

// quantise cuts down to the unit's steps, which begin anew each second.
func (s *Stamper) quantise(ns int64, ps float64) (int64, float64) {
	const second = 1_000_000_000
	if s.whole > 0 {
		return ns - modulo(ns, s.whole), 0
	}
	within := modulo(ns, second)
	cut := within*1000 + int64(ps)
	cut -= cut % s.resolution
	return ns - within + cut/1000, float64(cut % 1000)
}

// modulo is what is left of a when it is cut down to a multiple of b.
func modulo(a, b int64) int64 {
	if a %= b; a < 0 {
		a += b
	}
	return a
}
