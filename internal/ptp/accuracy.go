package ptp

import "github.com/facebook/time/ptp/protocol"

// ClockAccuracy is a clockAccuracy (IEEE 1588-2019 table 5). Its limit and
// name are ClockAccuracyLimit's and ClockAccuracyName's: its own methods know
// the values of IEEE 1588-2008 only.
type ClockAccuracy = protocol.ClockAccuracy

// clockAccuracies are the values with a limit, from firstClockAccuracy on.
// Those below 0x20 came with IEEE 1588-2019.
var clockAccuracies = [...]struct {
	name  string
	limit float64 // seconds
}{
	{"1 ps", 1e-12}, {"2.5 ps", 2.5e-12}, {"10 ps", 10e-12}, {"25 ps", 25e-12}, {"100 ps", 100e-12},
	{"250 ps", 250e-12}, {"1 ns", 1e-9}, {"2.5 ns", 2.5e-9}, {"10 ns", 10e-9}, {"25 ns", 25e-9},
	{"100 ns", 100e-9}, {"250 ns", 250e-9}, {"1 us", 1e-6}, {"2.5 us", 2.5e-6}, {"10 us", 10e-6},
	{"25 us", 25e-6}, {"100 us", 100e-6}, {"250 us", 250e-6}, {"1 ms", 1e-3}, {"2.5 ms", 2.5e-3},
	{"10 ms", 10e-3}, {"25 ms", 25e-3}, {"100 ms", 100e-3}, {"250 ms", 250e-3}, {"1 s", 1}, {"10 s", 10},
}

const (
	firstClockAccuracy = 0x17
	// ClockAccuracyWorse is the accuracy of a clock off by more than 10 s.
	ClockAccuracyWorse ClockAccuracy = 0x31
	// ClockAccuracyUnknown is the accuracy of a clock that does not know it.
	ClockAccuracyUnknown ClockAccuracy = 0xFE
)

// ClockAccuracyLimit returns what a clock of accuracy a claims to be within,
// in seconds; false where that claims no limit: worse than 10 s, unknown,
// a profile's own value, reserved.
func ClockAccuracyLimit(a ClockAccuracy) (seconds float64, ok bool) {
	if i := int(a) - firstClockAccuracy; i >= 0 && i < len(clockAccuracies) {
		return clockAccuracies[i].limit, true
	}
	return 0, false
}

// ClockAccuracyName returns "100 ns", "> 10 s", "unknown", or for a reserved
// value and for a profile's own "ClockAccuracy(0x80)".
func ClockAccuracyName(a ClockAccuracy) string {
	if i := int(a) - firstClockAccuracy; i >= 0 && i < len(clockAccuracies) {
		return clockAccuracies[i].name
	}
	return nameOf(a, map[ClockAccuracy]string{ClockAccuracyWorse: "> 10 s", ClockAccuracyUnknown: "unknown"}, "ClockAccuracy")
}
