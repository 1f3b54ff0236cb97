package words

import (
	"math"
	"testing"
)

func TestSeconds(t *testing.T) {
	for _, tt := range []struct {
		seconds      float64
		short, fixed string
	}{
		{0, "0 ns", "0 ns"},
		{4e-10, "0.4 ns", "0.4 ns"},
		{-1.642e-9, "-1.64 ns", "-1.6 ns"},
		{999.4e-9, "999 ns", "999.4 ns"},
		{999.96e-9, "1 µs", "1.000 µs"},
		{14.84e-6, "14.8 µs", "14.840 µs"},
		{999.97e-6, "1 ms", "999.970 µs"},
		{0.0123456, "12.3 ms", "12.346 ms"},
		{-37, "-37 s", "-37.000 s"},
		{86400, "8.64e+04 s", "86400.000 s"},
		{math.Inf(1), "+Inf s", "+Inf s"},
	} {
		if got := Short(tt.seconds, 3); got != tt.short {
			t.Errorf("Short(%g, 3) = %q, want %q", tt.seconds, got, tt.short)
		}
		if got := Fixed(tt.seconds); got != tt.fixed {
			t.Errorf("Fixed(%g) = %q, want %q", tt.seconds, got, tt.fixed)
		}
	}
}
