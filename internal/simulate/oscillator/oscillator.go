// Package oscillator models what makes clocks err: the frequency of an
// oscillator with its noises, and a clock that counts it and can be stepped
// and steered.
package oscillator

import (
	"math"
	"math/rand/v2"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/random"
)

// cellLength is how long the frequency stays before the noises move it on, and
// slowLength how long what changes slowly does. A fixed grid makes an
// oscillator's path the same whoever reads it, and when.
const (
	cellLength = event.Second / 8
	slowLength = event.Second
)

// cell is a stretch of constant frequency.
type cell struct {
	start     event.Time
	phase     float64 // ps that it is ahead at the start
	frequency float64 // fractional deviation
}

// Oscillator is an oscillator of some class. It is brought forward only when
// it is read, which takes constant time for each cell that has passed.
type Oscillator struct {
	class   Class
	rng     *rand.Rand
	offset  float64 // fractional frequency deviation at start, and drift since
	walk    float64
	fast    []pole
	slow    []pole
	held    float64 // what slow poles, walk and temperature add for a slowLength
	phase   float64 // of the temperature's swing, in radians
	loop    loop
	current cell
	before  cell // what was read a moment ago may be read again
}

// pole is a first-order low-pass of white noise, an Ornstein-Uhlenbeck
// process. Several in geometric order add up to flicker noise.
type pole struct{ decay, kick, value float64 }

const (
	fastestPole = 0.2 // seconds
	slowestPole = 3e4
	poleRatio   = 5.0
	slowFrom    = 20 * float64(slowLength/event.Second) // a pole as slow as this hardly moves in between
)

// New returns an oscillator of a class, named so that its noise is its own.
func New(class Class, seed uint64, name string) *Oscillator {
	o := &Oscillator{class: class, rng: random.Source(seed, "oscillator "+name)}
	o.offset = class.Offset * (2*o.rng.Float64() - 1)
	o.phase = 2 * math.Pi * o.rng.Float64()
	// Poles of equal variance s^2, a ratio r apart: h(-1) = s^2 / ln r, and the
	// Allan variance of flicker noise is 2 ln 2 h(-1).
	s := class.FlickerFM * math.Sqrt(math.Log(poleRatio)/(2*math.Ln2))
	for T := fastestPole; s > 0 && T < slowestPole; T *= poleRatio {
		kind, step := &o.fast, cellLength
		if T >= slowFrom {
			kind, step = &o.slow, slowLength
		}
		decay := math.Exp(-step.Seconds() / T)
		*kind = append(*kind, pole{decay, s * math.Sqrt(1-decay*decay), s * o.rng.NormFloat64()})
	}
	// A loop runs for long before anybody reads the oscillator.
	o.loop.integral = o.offset
	settling := event.OfSeconds(20 * class.Loop.TimeConstant)
	o.current.start = -(settling / slowLength * slowLength)
	o.current.frequency = o.frequency(o.current.start)
	o.before = o.current
	return o
}

// Phase is how far the oscillator is ahead of true time at t, in picoseconds.
// t may be at most a cell, 125 ms, before the latest t that was asked for.
func (o *Oscillator) Phase(t event.Time) float64 {
	for t >= o.current.start+cellLength {
		o.before = o.current
		o.advance()
	}
	c := &o.current
	if t < c.start {
		c = &o.before
	}
	return c.phase + c.frequency*float64(t-c.start)
}

func (o *Oscillator) advance() {
	c := &o.current
	c.phase += c.frequency * float64(cellLength)
	c.start += cellLength
	c.frequency = o.frequency(c.start)
}

// frequency is the fractional deviation in the cell that starts at t.
func (o *Oscillator) frequency(t event.Time) float64 {
	if t%slowLength == 0 {
		o.held = o.slowly(t)
	}
	y := o.held + step(o.fast, o.rng)
	if o.class.WhiteFM > 0 {
		y += o.class.WhiteFM / math.Sqrt(cellLength.Seconds()) * o.rng.NormFloat64()
	}
	if o.class.Loop.TimeConstant > 0 {
		y += o.loop.steer(o, t)
	}
	return y
}

// slowly is the part of the deviation that stays for a slowLength from t.
func (o *Oscillator) slowly(t event.Time) float64 {
	if o.class.RandomWalkFM > 0 {
		// Random walk of variance q a second has the Allan variance q tau / 3.
		o.walk += o.class.RandomWalkFM * math.Sqrt(3*slowLength.Seconds()) * o.rng.NormFloat64()
	}
	y := o.offset + o.walk + step(o.slow, o.rng)
	if s := o.class.Temperature; s.Amplitude > 0 {
		y += s.Amplitude * math.Sin(2*math.Pi*t.Seconds()/s.Period+o.phase)
	}
	return y
}

// step moves poles on, each by its own length of time, and adds them up.
func step(poles []pole, rng *rand.Rand) (sum float64) {
	for i := range poles {
		p := &poles[i]
		p.value = p.value*p.decay + p.kick*rng.NormFloat64()
		sum += p.value
	}
	return sum
}

// Hold cuts a disciplined oscillator off its reference, so that it runs on
// with the steering it has, or lets it back. The reference comes back slowly:
// no step.
func (o *Oscillator) Hold(held bool) { o.loop.held = held }

// loop is how a reference disciplines an oscillator: once a second its phase
// is compared and its frequency steered by a proportional-integral law.
type loop struct {
	held     bool
	wander   float64 // ps, of the reference
	integral float64 // fractional frequency
	steering float64
}

func (l *loop) steer(o *Oscillator, t event.Time) float64 {
	if l.held || t%event.Second != 0 {
		return l.steering
	}
	k := o.class.Loop
	decay := math.Exp(-1 / k.WanderTime)
	l.wander = l.wander*decay + k.Wander*math.Sqrt(1-decay*decay)*o.rng.NormFloat64()
	// Seconds of error that are seen.
	e := (o.current.phase + l.wander + k.White*o.rng.NormFloat64()) / 1e12
	omega := 1 / k.TimeConstant
	l.integral += omega * omega * e
	l.steering = -2*omega*e - l.integral
	return l.steering
}

// Class is the oscillator's.
func (o *Oscillator) Class() Class { return o.class }
