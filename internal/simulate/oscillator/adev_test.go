package oscillator

import (
	"math"
	"slices"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
)

// allan is the overlapping Allan deviation of phases, in ps a second apart, at
// an averaging time of m seconds (IEEE 1139-2008 B.1).
func allan(phase []float64, m int) float64 {
	sum := 0.0
	n := len(phase) - 2*m
	for i := range n {
		d := (phase[i+2*m] - 2*phase[i+m] + phase[i]) / 1e12
		sum += d * d
	}
	return math.Sqrt(sum / (2 * float64(m) * float64(m) * float64(n)))
}

// The ruler itself: the nine frequencies of NBS Monograph 140, annex 8.E, and
// what NIST SP 1065 table 31 gives for them.
func TestAllan(t *testing.T) {
	phase := []float64{0}
	for _, y := range []float64{892, 809, 823, 798, 671, 644, 883, 903, 677} {
		phase = append(phase, phase[len(phase)-1]+y*1e12)
	}
	for m, want := range map[int]float64{1: 91.22945, 2: 85.95287} {
		if got := allan(phase, m); math.Abs(got-want) > 1e-4 {
			t.Errorf("at %d: %.5f, want %.5f", m, got, want)
		}
	}
}

// Each class keeps its specification within 20 %, read as a node reads it.
func TestAllanDeviation(t *testing.T) {
	const samples, seeds = 100_000, 4
	for name, class := range classes {
		t.Run(name, func(t *testing.T) {
			class.Temperature = Swing{}
			variance := make([]float64, len(class.Specification))
			for seed := range uint64(seeds) {
				c := NewClock(New(class, seed, name), 0)
				s := NewStamper(c, 0, 0, seed, name)
				phase := make([]float64, samples)
				for i := range phase {
					at := event.Time(i) * event.Second
					phase[i] = s.Stamp(at).Sub(Reading{Nanoseconds: int64(at / event.Nanosecond)}) * 1000
				}
				for i, p := range class.Specification {
					d := allan(phase, int(p.Tau))
					variance[i] += d * d / seeds
				}
			}
			for i, p := range class.Specification {
				got := math.Sqrt(variance[i])
				if math.Abs(got/p.Deviation-1) > 0.2 {
					t.Errorf("at %g s: %.3g, want %.3g within 20 %%", p.Tau, got, p.Deviation)
				}
				t.Logf("at %g s: %.3g of %.3g", p.Tau, got, p.Deviation)
			}
		})
	}
}

// The specification is what the noises add up to (IEEE 1139-2008 table B.2),
// and goes from 1 to 1000 s. What a loop makes of them has no formula.
func TestSpecification(t *testing.T) {
	for name, c := range classes {
		var taus []float64
		for _, p := range c.Specification {
			taus = append(taus, p.Tau)
			white := c.WhitePM * 1e-12
			want := math.Sqrt(3*white*white/(p.Tau*p.Tau) + c.WhiteFM*c.WhiteFM/p.Tau + c.FlickerFM*c.FlickerFM + c.RandomWalkFM*c.RandomWalkFM*p.Tau)
			if c.Loop.TimeConstant == 0 && math.Abs(p.Deviation/want-1) > 0.05 {
				t.Errorf("%s at %g s: %.3g, the noises add up to %.3g", name, p.Tau, p.Deviation, want)
			}
		}
		if want := []float64{1, 3, 10, 30, 100, 300, 1000}; name != "perfect" && !slices.Equal(want, taus) {
			t.Errorf("%s is specified at %g s", name, taus)
		}
	}
}
