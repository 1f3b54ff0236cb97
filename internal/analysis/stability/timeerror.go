package stability

import "math"

const (
	// errorPeriod is the period of the extremes of a time error, in seconds:
	// they are of the last one or two of it.
	errorPeriod = 1000
	// constantUnits, of 100 s, are what a constant time error is the mean of: 1000
	// seconds (ITU-T G.8273.2 appendix I, G.8260 3.1).
	constantUnits, constantLevel = 10, 2
	// filterBandwidth is that of the low-pass of dTE_L, of first order, in Hz
	// (ITU-T G.8273.2 7.1.2).
	filterBandwidth = 0.1
	// filterSettle is how many seconds the low-pass takes to forget where it
	// began: six time constants. Holes longer than that begin it anew.
	filterSettle = 10
)

// TimeError is of a series of offsets; what is not known is not set.
type TimeError struct {
	// Min and Max are the extremes over the last 1000 to 2000 s of the values of
	// seconds: the larger of them, without its sign, is max|TE|.
	Count    uint64
	Min, Max float64
	// Constant is cTE, the mean over 1000 s, if HasConstant.
	Constant    float64
	HasConstant bool
	// Dynamic is from peak to peak dTE_L, which is what is left below 0.1 Hz, in
	// the last 1000 to 2000 s, if HasDynamic.
	Dynamic    float64
	HasDynamic bool
}

// errors follows the extremes of a time error.
type errors struct {
	all, low recent
	second   int64
	settled  int // seconds that the low-pass has run
	value    float64
}

func (e *errors) add(second int64, v float64) {
	period := floorDiv(second, errorPeriod)
	e.all.add(period, v)
	since := second - e.second
	e.second = second
	if e.settled == 0 || since > filterSettle {
		e.settled, e.value = 1, v
		return
	}
	e.value += (v - e.value) * -math.Expm1(-2*math.Pi*filterBandwidth*float64(since))
	if e.settled < filterSettle {
		e.settled++
		return
	}
	e.low.add(period, e.value)
}

// TimeError sums up.
func (s *Series) TimeError() TimeError {
	all, low := s.errors.all.total(), s.errors.low.total()
	t := TimeError{Count: all.count, Min: all.low, Max: all.high, Dynamic: low.high - low.low, HasDynamic: low.count > 0}
	t.Constant, t.HasConstant = s.levels[constantLevel].newest(constantUnits)
	return t
}

// newest is the mean of the newest n units.
func (l *level) newest(n int) (float64, bool) {
	if l.units.length() < n || !l.units.back(0).counts || !l.units.back(n-1).counts {
		return 0, false
	}
	rate := (l.units.back(0).mean - l.units.back(n-1).mean) / float64(n-1)
	return l.average(n-1, n, rate)
}
