package delay

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// phc is a hardware clock: it began some time, runs fast, and wanders.
type phc struct {
	start         int64
	ppm           float64
	amount, every float64 // of the wander: of its rate, and seconds
	stepAt, step  float64 // s, ns
	rateAt, rate  float64 // s, ppm: it is steered then
	*rand.Rand
}

// at is what it tells after seconds of the host's oscillator.
func (p *phc) at(s float64) int64 {
	ns := p.ppm * 1e3 * s
	if p.every != 0 {
		ns += p.amount * 1e9 * p.every / (2 * math.Pi) * (1 - math.Cos(2*math.Pi*s/p.every))
	}
	if p.step != 0 && s >= p.stepAt {
		ns += p.step
	}
	if p.rate != 0 && s >= p.rateAt {
		ns += p.rate * 1e3 * (s - p.rateAt)
	}
	return p.start + int64(s*1e9) + int64(ns)
}

// read compares it: it was read anywhere in the window.
func (p *phc) read(c *Clock, s float64) {
	window := 500 + p.ExpFloat64()*1500
	c.Compare(Comparison{Hardware: p.at(s + (p.Float64()-0.5)*window/1e9), Steady: 7e12 + int64(s*1e9), Window: int64(window) + 1, At: int64(s * 1e9)})
}

// What one clock told is read on another within what is said, while neither
// wanders more than is allowed for: both run 20 ppm off, one way or the other,
// and their rate swings by 20 ppb within minutes.
func TestCarry(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 3))
		clocks := [2]*Clock{NewClock(packet.StampHardware, "ptp0"), NewClock(packet.StampHardware, "ptp1")}
		phcs := [2]phc{}
		for i := range phcs {
			phcs[i] = phc{start: r.Int64N(2e18), ppm: 20 * (2*r.Float64() - 1), amount: 20e-9, every: 60 + 600*r.Float64(), Rand: r}
		}
		told, later, worst := 0, 0, int64(0)
		for s := 0.0; s < 200; s += 1 + r.Float64()*0.1 {
			for i := range phcs {
				phcs[i].read(clocks[i], s+float64(i)*50e-6)
			}
			if s < 4 {
				continue
			}
			when := s - 2 + r.Float64()*2.1
			got, within, how := clocks[0].Carry(phcs[0].at(when), clocks[1])
			switch how {
			case CarriedLater:
				later++
				if when < s {
					t.Errorf("seed %d: told later and not %g s after", seed, s-when)
				}
				continue
			case CarriedNever:
				t.Errorf("seed %d: at %g s, %g s before the last comparison: not told", seed, when, s-when)
				continue
			}
			told++
			if miss := got - phcs[1].at(when); miss > within+2 || miss < -within-2 {
				t.Errorf("seed %d: off by %d ns, within %d", seed, miss, within)
			}
			worst = max(worst, within)
		}
		if told < 150 || worst > 20e3 || clocks[0].Steps+clocks[1].Steps+clocks[0].Adjustments+clocks[1].Adjustments > 0 {
			t.Errorf("seed %d: %d told, %d later, within %d ns, clocks %+v %+v", seed, told, later, worst, clocks[0], clocks[1])
		}
	}
}

// Times are not carried across what was done to a clock, and that is told.
func TestCompareOfDisturbedClock(t *testing.T) {
	for _, c := range []struct {
		name              string
		phc               phc
		steps, adjustment uint64
		step              float64 // ns
	}{
		{"left alone", phc{}, 0, 0, 0},
		{"20 ppm fast", phc{ppm: 20}, 0, 0, 0},
		{"stepped by 20 us", phc{stepAt: 20.3, step: 20e3}, 1, 0, 20e3},
		{"stepped back by 20 us", phc{stepAt: 20.3, step: -20e3, ppm: -15}, 1, 0, -20e3},
		{"set to another century", phc{stepAt: 20.3, step: 3e18}, 1, 0, 3e18},
		{"steered by 30 ppm", phc{rateAt: 20.3, rate: 30}, 0, 1, 0},
		{"steered by 30 ppm at a comparison", phc{rateAt: 20, rate: 30}, 0, 1, 0},
		{"steered by 30 ppb", phc{rateAt: 20.3, rate: 0.03}, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			one, other := NewClock(packet.StampHardware, "ptp0"), NewClock(packet.StampHardware, "ptp1")
			c.phc.start, c.phc.Rand = 1e18, rand.New(rand.NewPCG(1, 2))
			still := phc{start: 5e15, Rand: c.phc.Rand}
			crossed := false
			for s := range 40 {
				c.phc.read(one, float64(s))
				still.read(other, float64(s))
				if _, _, how := one.Carry(c.phc.at(float64(s)-0.7), other); how == CarriedNow && s == 21 {
					crossed = true
				}
			}
			if one.Steps != c.steps || one.Adjustments != c.adjustment || math.Abs(float64(one.Step)-c.step) > 4e3 {
				t.Errorf("%d steps, the last of %d ns, %d adjustments; want %d, %.0f, %d", one.Steps, one.Step, one.Adjustments, c.steps, c.step, c.adjustment)
			}
			if done := c.steps+c.adjustment > 0; crossed == done {
				t.Errorf("carried across it: %v", crossed)
			}
			if got, within, how := one.Carry(c.phc.at(38.2), other); how != CarriedNow || max(got-still.at(38.2), still.at(38.2)-got) > within+2 {
				t.Errorf("afterwards: %d, %d within %d", how, got-still.at(38.2), within)
			}
		})
	}
}

// A step that stamps and comparisons show is one step, whoever is first, and
// the stamps after it count.
func TestStepIsCountedOnce(t *testing.T) {
	for _, c := range []struct {
		name      string
		perSecond int // stamps: with few of them comparisons are first
		step      float64
		sure      float64 // s: from then on stamps count
	}{
		{"many stamps", 16, 500e3, 22}, {"few stamps", 1, 5e6, 22}, {"a second", 4, 1e9, 22}, {"less than stamps can show", 16, 50e3, 22},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := phc{start: 1e18, stepAt: 20.3, step: c.step, Rand: rand.New(rand.NewPCG(1, 2))}
			clock := NewClock(packet.StampHardware, "ptp0")
			used := 0
			for i := range 40 * c.perSecond {
				s := float64(i) / float64(c.perSecond)
				if i%c.perSecond == 0 {
					p.read(clock, s)
				}
				late := p.ExpFloat64() * 10e3
				if clock.Note(p.at(s), int64(s*1e9+late)) && s >= c.sure {
					used++
				}
			}
			if clock.Steps != 1 || math.Abs(float64(clock.Step)-c.step) > 100e3 {
				t.Errorf("%d steps, the last of %d ns", clock.Steps, clock.Step)
			}
			if want := int(40-c.sure) * c.perSecond; used != want {
				t.Errorf("%d stamps used afterwards, want %d", used, want)
			}
		})
	}
}

// A clock that was set back tells the same times again: the comparisons from
// before are not for them.
func TestCarryAfterStepBack(t *testing.T) {
	c, other := NewClock(packet.StampHardware, "ptp0"), NewClock(packet.StampHardware, "ptp1")
	for s := range int64(10) {
		c.Compare(Comparison{Hardware: s * 1e9, Steady: s * 1e9})
		other.Compare(Comparison{Hardware: s * 1e9, Steady: s * 1e9})
	}
	if _, _, how := c.Carry(7.5e9, other); how != CarriedNow {
		t.Errorf("before: %d", how)
	}
	c.step(-3e9, 10e9, byStamps)
	if told, _, how := c.Carry(7.5e9, other); how == CarriedNow {
		t.Errorf("at 10.5 s it tells 7.5 s again, and that is taken for %d on the other", told)
	}
}

// What makes no sense disturbs nothing.
func TestCompareNonsense(t *testing.T) {
	c := NewClock(packet.StampHardware, "ptp0")
	for _, x := range []Comparison{
		{}, {Hardware: math.MaxInt64}, {Hardware: math.MinInt64, Steady: 1}, {Hardware: math.MaxInt64, Steady: 2}, {Steady: 3}, {Steady: 4}, {Steady: 5},
		{Steady: 4, Hardware: 7}, {Hardware: 1, Steady: math.MaxInt64},
	} {
		c.Compare(x)
		for _, at := range []int64{0, 1, math.MaxInt64, math.MinInt64} {
			c.Carry(at, c)
		}
	}
	if _, _, how := NewClock(packet.StampHardware, "ptp1").Carry(0, c); how != CarriedNever {
		t.Errorf("without a comparison: %d", how)
	}
}

// A crystal that warms and cools between comparisons as much as is allowed for.
func TestCarryOfWarmedClock(t *testing.T) {
	warm, steady := NewClock(packet.StampHardware, "ptp0"), NewClock(packet.StampHardware, "ptp1")
	tell := func(s float64) int64 { // the rate is 0.09 ppm up in the first half of ten seconds and as much down in the other
		in := math.Mod(s, 10)
		return int64(s*1e9 + 90*min(in, 10-in))
	}
	for s := range 5 {
		at := int64(s) * 10e9
		warm.Compare(Comparison{Hardware: tell(float64(at) / 1e9), Steady: at})
		steady.Compare(Comparison{Hardware: at, Steady: at})
	}
	got, within, how := warm.Carry(tell(35), steady)
	if miss := max(got-35e9, 35e9-got); how != CarriedNow || miss > within || miss < 400 || within > 1100 {
		t.Errorf("%d: off by %d, within %d", how, miss, within)
	}
}
