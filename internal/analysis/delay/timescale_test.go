package delay

import (
	"testing"
	"time"
)

func TestShift(t *testing.T) {
	const ms, s, year = time.Millisecond, time.Second, 365 * 24 * time.Hour
	for _, tt := range []struct {
		name    string
		scale   Timescale
		apart   time.Duration
		ptp     bool
		offsets []int16
		want    time.Duration
		ok      bool
	}{
		{"UTC beside TAI", Auto, -37*s + 3*ms, true, []int16{37}, 37 * s, true},
		{"TAI beside TAI", Auto, 3 * ms, true, []int16{37}, 0, true},
		{"UTC beside UTC", "", -400 * ms, false, []int16{37}, 0, true},
		{"UTC beside a clock of its own", Auto, -37 * s, false, []int16{37}, 0, false},
		{"a NIC since power-on", Auto, 20 * year, true, []int16{37}, 37 * s, false},
		{"a second off", Auto, s, true, []int16{37}, 0, false},
		{"the grandmaster's is another", Auto, -36 * s, true, []int16{37, 36}, 36 * s, true},
		{"told UTC, a minute off", UTC, -97 * s, true, []int16{37}, 37 * s, true},
		{"told UTC, and as TAI", UTC, 0, true, []int16{37}, 37 * s, true},
		{"told TAI, 37 s off", TAI, -37 * s, true, []int16{37}, 0, true},
		{"told TAI, of a clock of its own", TAI, -37 * s, false, []int16{37}, 0, false},
		{"told UTC, nothing known of TAI", UTC, 0, true, nil, 0, false},
		{"arbitrary", Arbitrary, 0, true, []int16{37}, 0, false},
	} {
		got, ok := tt.scale.Shift(tt.apart, tt.ptp, tt.offsets...)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s: %v, %v; want %v, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}
