package delay

import "math"

// Comparison is a hardware clock read beside an oscillator of its host that
// nobody sets or steers, all in ns.
type Comparison struct {
	Hardware, Steady int64
	Window           int64 // the two readings are no more than half of it apart
	At               int64 // capture time
}

const (
	// unsteady is by how much the rate of two oscillators may change from one
	// comparison to the next, if nothing is known of them: a crystal that is warmed
	// up.
	unsteady = 1e-7
	// comparedFor is how far comparisons may be apart, in ns, for a time between
	// them to be read.
	comparedFor = 10e9
	// compareStep is how far beyond every error of reading a clock must be for it
	// to have been stepped, in ns.
	compareStep = 1000
)

// compared follows a hardware clock by its comparisons.
type compared struct {
	kept  [4]Comparison // newest first
	good  [4]bool       // since the one before it the clock went as it used to
	n     int
	rate  gain // of the last stretch that was good
	known bool // rate is
}

// gain is by how much a clock gained on the oscillator from one comparison to
// another, in ns, and how wrong that is at most.
type gain struct{ by, wrong, span float64 }

// stretch is the gain up to a kept comparison from the one before it.
func (c *compared) stretch(i int) (gain, bool) {
	from, to := &c.kept[i+1], &c.kept[i]
	hardware, ok := subtract(to.Hardware, from.Hardware)
	by, ok2 := subtract(hardware, to.Steady-from.Steady)
	return gain{float64(by), float64(from.Window+to.Window) / 2, float64(to.Steady - from.Steady)}, ok && ok2
}

// beyond is by how much a clock gained other than at the rate of another
// stretch, and how much of that may be nothing.
func (g gain) beyond(o gain) (by, wrong float64) {
	part := g.span / o.span
	return g.by - o.by*part, g.wrong + o.wrong*part + unsteady*g.span
}

func (g gain) like(o gain) bool {
	by, wrong := g.beyond(o)
	return math.Abs(by) <= wrong
}

// Compare takes a comparison; they come in order of time. After one that does
// not go on as those before, the next shows whether the clock was stepped or is
// steered.
func (c *Clock) Compare(x Comparison) {
	p := &c.compared
	if p.n > 0 && x.Steady <= p.kept[0].Steady {
		return
	}
	copy(p.kept[1:], p.kept[:])
	copy(p.good[1:], p.good[:])
	p.kept[0], p.good[0] = x, false
	p.n = min(p.n+1, len(p.kept))
	if p.n < 2 {
		return
	}
	newest, ok := p.stretch(0)
	if !ok {
		return
	}
	alone := p.n > 2 && !p.good[1] // the stretch before went otherwise than that before it
	before, _ := p.stretch(1)
	switch {
	case p.known && newest.like(p.rate):
		p.good[0] = true
		if by, wrong := before.beyond(p.rate); alone && math.Abs(by) > wrong+compareStep {
			c.stepped(int64(by), x.At)
		}
	case alone && newest.like(before):
		p.good[0] = true
		if p.known {
			c.Adjustments++
		}
	}
	if p.good[0] {
		p.rate, p.known = newest, true
	}
}

// stepped drops the comparisons from before a step: the clock tells the times
// between them again, if it was set back.
func (c *compared) stepped(shown witness) {
	if shown == byComparison {
		c.n = 2 // it shows with the second one after
	} else {
		*c = compared{}
	}
}

// stepped counts a step that comparisons show, and takes stamps for right that
// were doubted for it.
func (c *Clock) stepped(by, at int64) {
	c.step(by, at, byComparison)
	if c.doubted.count > 0 {
		c.believe(c.doubted.ahead, c.doubted.at)
	}
}

// Compared says whether there is anything to compare the clock by.
func (c *Clock) Compared() bool { return c.compared.n > 0 }

// Carried says how a time could be read on another clock.
type Carried uint8

// The outcomes.
const (
	CarriedNever Carried = iota
	CarriedLater         // it can, perhaps, with the next comparison
	CarriedNow
)

// Carry reads on another clock what this one told as stamp, and says how wrong
// that is at most, in ns. It is for hardware clocks of one host.
func (c *Clock) Carry(stamp int64, to *Clock) (told, within int64, how Carried) {
	here, w, how := c.compared.between(stamp, func(x *Comparison) int64 { return x.Hardware })
	if how != CarriedNow {
		return 0, 0, how
	}
	there, v, how := to.compared.between(here.Steady, func(x *Comparison) int64 { return x.Steady })
	return there.Hardware, w + v, how
}

// between reads both times when of told one of them, between the comparisons
// before and after.
func (c *compared) between(one int64, of func(*Comparison) int64) (both Comparison, within int64, how Carried) {
	if c.n == 0 {
		return Comparison{}, 0, CarriedNever
	}
	if since, ok := subtract(one, of(&c.kept[0])); !ok || since > 0 {
		if ok && since < comparedFor {
			return Comparison{}, 0, CarriedLater
		}
		return Comparison{}, 0, CarriedNever
	}
	for i := range c.n - 1 {
		from, to := &c.kept[i+1], &c.kept[i]
		if one < of(from) {
			continue
		}
		span := to.Steady - from.Steady
		if !c.good[i] || span > comparedFor || of(to) <= of(from) {
			return Comparison{}, 0, CarriedNever
		}
		part := float64(one-of(from)) / float64(of(to)-of(from))
		wander := unsteady * float64(span) / 2
		return Comparison{
			Hardware: from.Hardware + int64(math.Round(part*float64(to.Hardware-from.Hardware))),
			Steady:   from.Steady + int64(math.Round(part*float64(span))),
		}, max(from.Window, to.Window)/2 + int64(math.Ceil(wander)), CarriedNow
	}
	return Comparison{}, 0, CarriedNever
}
