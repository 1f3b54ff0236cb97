package delay

import (
	"math"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// A correction tells 2^-16 ns and none of it is lost, however far the clocks
// are apart.
func TestCorrectionsAreKeptWhole(t *testing.T) {
	for _, apartBy := range []int64{0, 37e9, 1.7e18} {
		a, ok := Forward(apartBy+1000, ptp.NewTimestamp(500), 3, 1<<16)
		if !ok || a != (Apart{apartBy + 500, -(1<<16 + 3)}) {
			t.Errorf("A = %+v, %v", a, ok)
		}
		b, ok := Reverse(apartBy+1000, ptp.NewTimestamp(500), 5, 1<<16)
		if !ok || b != (Apart{-apartBy - 500, 1<<16 - 5}) {
			t.Errorf("B = %+v, %v", b, ok)
		}
		v, ok := a.from(apartBy)
		if !ok || v != 500*Nanosecond-(1<<16+3) {
			t.Errorf("less the base: %d, %v", v, ok)
		}
	}
}

func TestWhatCannotBeTold(t *testing.T) {
	never := ptp.Timestamp{Seconds: [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}
	beyond := ptp.Timestamp{Nanoseconds: 1e9}
	for name, got := range map[string]func() bool{
		"no time":               func() bool { _, ok := Forward(0, never); return ok },
		"a second of 10^9 ns":   func() bool { _, ok := Forward(0, beyond); return ok },
		"too big":               func() bool { _, ok := Forward(0, ptp.NewTimestamp(0), math.MaxInt64); return ok },
		"a day":                 func() bool { _, ok := Forward(0, ptp.NewTimestamp(0), 86400e9<<16/1e4*1e4); return ok },
		"minus that":            func() bool { _, ok := Forward(0, ptp.NewTimestamp(0), math.MinInt64); return ok },
		"sum of two":            func() bool { _, ok := Forward(0, ptp.NewTimestamp(0), 20000e9<<16, 20000e9<<16); return ok },
		"request's too big":     func() bool { _, ok := Reverse(0, ptp.NewTimestamp(0), 0, math.MaxInt64); return ok },
		"response's too big":    func() bool { _, ok := Reverse(0, ptp.NewTimestamp(0), math.MaxInt64, 0); return ok },
		"response without time": func() bool { _, ok := Reverse(0, never, 0, 0); return ok },
		"clocks apart":          func() bool { _, ok := Forward(math.MinInt64, ptp.NewTimestamp(1)); return ok },
	} {
		if got() {
			t.Errorf("%s: is told", name)
		}
	}
	if v, ok := (Apart{Whole: farthest}).from(0); ok {
		t.Errorf("%d is within an Interval", v)
	}
}
