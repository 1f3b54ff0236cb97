package oscillator

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
)

// A stamp is cut down to the unit's steps, which begin anew each second,
// before 1970 too.
func TestResolution(t *testing.T) {
	for _, c := range []struct {
		name       string
		epoch      int64 // ns
		at         event.Time
		resolution event.Time
		want       Reading
	}{
		{"none", 0, 1_234_567, 0, Reading{1234, 567}},
		{"8 ns", 0, 1_239_999, 8000, Reading{1232, 0}},
		{"8 ns, on the step", 0, 1_240_000, 8000, Reading{1240, 0}},
		{"8 ns, before 1970", -1_000_000_005, 0, 8000, Reading{-1_000_000_008, 0}},
		{"2.5 ns", 0, 8_000, 2500, Reading{7, 500}},
		{"500 ps", 3, 999, 500, Reading{3, 500}},
		{"7 ns, beginning anew", 5_000_000_000, 6_999, 7000, Reading{5_000_000_000, 0}},
		{"7 ns, before 1970", -5_000_000_000, 8_000, 7000, Reading{-4_999_999_993, 0}},
		{"7 ns, a step on", 5_000_000_000, 7_000, 7000, Reading{5_000_000_007, 0}},
	} {
		clock := NewClock(New(classes["perfect"], 1, "clock"), c.epoch)
		got := NewStamper(clock, c.resolution, 0, 1, "unit").Stamp(c.at)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.name, diff)
		}
	}
}

// A sine of the frequency, amplitude A and period P, makes one of the phase
// that is A P / pi from top to bottom.
func TestTemperatureSwing(t *testing.T) {
	swing := Swing{Amplitude: 2e-8, Period: 1800}
	o := New(Class{Temperature: swing}, 1, "clock")
	low, high := math.Inf(1), math.Inf(-1)
	for s := range 2 * 1800 {
		phase := o.Phase(event.Time(s)*event.Second) / 1e12
		low, high = min(low, phase), max(high, phase)
	}
	if got, want := high-low, swing.Amplitude*swing.Period/math.Pi; math.Abs(got/want-1) > 0.01 {
		t.Errorf("%.3g s from top to bottom, want %.3g", got, want)
	}
}

// Frequency offsets are spread over all that the class allows, and no further.
func TestOffset(t *testing.T) {
	const bound = 2e-6
	low, high := math.Inf(1), math.Inf(-1)
	for seed := range uint64(200) {
		y := New(Class{Offset: bound}, seed, "clock").Phase(event.Second) / 1e12
		low, high = min(low, y), max(high, y)
	}
	if low < -bound || high > bound || low > -0.95*bound || high < 0.95*bound {
		t.Errorf("from %.3g to %.3g of %.3g", low, high, bound)
	}
}

// A disciplined clock stays near its reference, drifts off when it has lost
// it, and comes back without a step.
func TestHold(t *testing.T) {
	const day = 86400
	o := New(classes["gnss"], 1, "clock")
	worst := func(from, to int) (w, jump float64) {
		last := o.Phase(event.Time(from) * event.Second)
		for s := from; s < to; s++ {
			p := o.Phase(event.Time(s) * event.Second)
			w, jump, last = max(w, math.Abs(p)), max(jump, math.Abs(p-last)), p
		}
		return w / 1000, jump / 1000
	}
	locked, _ := worst(0, day)
	o.Hold(true)
	held, _ := worst(day, 2*day)
	o.Hold(false)
	_, jump := worst(2*day, 2*day+100)
	back, _ := worst(2*day+10_000, 3*day)
	if locked > 40 || back > 40 || held < 10*locked || jump > held/10 {
		t.Errorf("off by %.0f ns locked, %.0f ns held, %.0f ns back, by steps of %.0f ns", locked, held, back, jump)
	}
}
