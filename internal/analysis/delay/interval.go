package delay

import "github.com/ptpwatch/ptpwatch/internal/ptp"

// Interval is a difference of times in units of 2^-16 ns, as TimeInterval
// (IEEE 1588-2019 5.3.2). It reaches to 39 hours either way.
type Interval int64

// Nanosecond is a nanosecond.
const Nanosecond Interval = 1 << 16

// Seconds is the interval in seconds.
func (i Interval) Seconds() float64 { return float64(i) / (float64(Nanosecond) * 1e9) }

// Apart is how far two readings are from each other. The clocks need not have
// an epoch in common, so it may be decades.
type Apart struct {
	Whole int64 // nanoseconds
	Part  Interval
}

// farthest is how far from its base a value may be, in ns: an Interval holds
// it, and the sum and difference of two.
const farthest = 1 << 45

// from is a less whole nanoseconds; false where an Interval cannot hold that.
func (a Apart) from(base int64) (Interval, bool) {
	whole, ok := subtract(a.Whole, base)
	if !ok || whole >= farthest || whole <= -farthest {
		return 0, false
	}
	return Interval(whole)*Nanosecond + a.Part, true
}

// Minus is a less b; false where an Interval cannot hold that.
func (a Apart) Minus(b Apart) (Interval, bool) {
	whole, ok := a.from(b.Whole)
	return whole - b.Part, ok
}

// Forward is A: s is the tap's time of a Sync, origin what it or its Follow_Up
// says, and cf their corrections. It is false where a field holds no time or a
// correction is too big to be told.
func Forward(s int64, origin ptp.Timestamp, cf ...ptp.Correction) (Apart, bool) {
	t1, ok := ptp.Nanoseconds(origin)
	if !ok {
		return Apart{}, false
	}
	return apart(s, t1, negative, cf...)
}

// Reverse is B: r is the tap's time of a Delay_Req, receive when the port had
// it, and the corrections are of the response and of the request.
func Reverse(r int64, receive ptp.Timestamp, response, request ptp.Correction) (Apart, bool) {
	t4, ok := ptp.Nanoseconds(receive)
	if !ok {
		return Apart{}, false
	}
	if request.TooBig() {
		return Apart{}, false
	}
	return apart(t4, r, negative, response, -request)
}

// The signs of corrections.
const (
	positive = 1
	negative = -1
)

// apart is a - b and corrections with a sign.
func apart(a, b int64, sign Interval, cf ...ptp.Correction) (Apart, bool) {
	whole, ok := subtract(a, b)
	if !ok {
		return Apart{}, false
	}
	var sum Interval
	for _, c := range cf {
		// A correction of more than nine hours is none, and a sum of four of
		// them overflows nothing.
		if c.TooBig() || Interval(c) >= farthest*Nanosecond || Interval(c) <= -farthest*Nanosecond {
			return Apart{}, false
		}
		sum += Interval(c)
	}
	return Apart{whole, sign * sum}, sum < farthest*Nanosecond && sum > -farthest*Nanosecond
}

func subtract(a, b int64) (int64, bool) {
	d := a - b
	return d, a == b || (a > b) == (d > 0)
}
