package oscillator

import (
	"math"
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
