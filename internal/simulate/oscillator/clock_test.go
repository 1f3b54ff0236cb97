package oscillator

import (
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
