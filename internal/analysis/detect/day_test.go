package detect

import (
	"math"
	"testing"
)

// Some hours of a day that are far off do not make a day, most of a day does.
func TestHoursAreNoDay(t *testing.T) {
	for _, tt := range []struct {
		hours int
		found bool
	}{{0, false}, {8, false}, {16, true}} {
		set := &Settings{ShiftLeast: 1e-9}
		p := &Path{stage: Normal, block: 1}
		s := &p.slow
		s.frozen = Frozen{Since: 1, Mean: 5e-6, Wander: 10e-9, Days: 1}
		found := false
		for quarter := range 2 * quarters {
			v := 5e-6 + 10e-9*math.Sin(2*math.Pi*float64(quarter)/quarters)
			if quarter >= quarters && quarter < quarters+4*tt.hours {
				v += 1e-6
			}
			s.addDay(v, set)
			if _, ok := s.judgeDay(p, set); ok {
				found = true
			}
		}
		if found != tt.found {
			t.Errorf("%d hours: found %v, want %v", tt.hours, found, tt.found)
		}
	}
}
