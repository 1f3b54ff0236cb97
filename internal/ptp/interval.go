package ptp

import (
	"math"
	"math/big"
	"strings"
	"time"
)

// LogInterval is a logMessageInterval: the logarithm to base 2 of seconds.
// 0x7F means that none is given (IEEE 1588-2019 table 42).
type LogInterval int8

// NoInterval is the logMessageInterval that gives none.
const NoInterval LogInterval = 0x7F

// Duration returns the interval to the nearest nanosecond; false for
// NoInterval and for what a time.Duration cannot say: 2^34 s and more, or
// less than a nanosecond.
func (l LogInterval) Duration() (time.Duration, bool) {
	if l < -29 || l > 33 {
		return 0, false
	}
	return time.Duration(math.Round(math.Ldexp(float64(time.Second), int(l)))), true
}

// TimeInterval is nanoseconds times 2^16 (IEEE 1588-2019 5.3.2).
type TimeInterval int64

// MaxTimeInterval stands for every interval too big to be represented, in a
// correctionField too (IEEE 1588-2019 13.3.2.9).
const MaxTimeInterval TimeInterval = math.MaxInt64

// Nanoseconds returns the whole nanoseconds, rounded down, and the 2^-16
// parts of one to add; false for MaxTimeInterval.
func (t TimeInterval) Nanoseconds() (whole int64, parts uint16, ok bool) {
	if t == MaxTimeInterval {
		return 0, 0, false
	}
	return int64(t >> 16), uint16(t), true
}

// Seconds returns the interval in seconds; false for MaxTimeInterval.
func (t TimeInterval) Seconds() (float64, bool) {
	return math.Ldexp(float64(t), -16) / nsPerSecond, t != MaxTimeInterval
}

// String returns every digit, "-1.5ns"; "too big" for MaxTimeInterval.
func (t TimeInterval) String() string {
	if t == MaxTimeInterval {
		return "too big"
	}
	return scaledString(big.NewInt(int64(t)))
}

// scaledString prints nanoseconds times 2^16, whose binary fraction of 16
// digits ends within 16 decimal ones.
func scaledString(scaled *big.Int) string {
	ns := new(big.Rat).SetFrac(scaled, big.NewInt(1<<16)).FloatString(16)
	return strings.TrimSuffix(strings.TrimRight(ns, "0"), ".") + "ns"
}

// CorrectionSeconds returns a correctionField in seconds; false when it is
// too big to be represented.
func CorrectionSeconds(c Correction) (float64, bool) { return TimeInterval(c).Seconds() }

// CorrectionNanoseconds returns a correctionField as TimeInterval.Nanoseconds
// does.
func CorrectionNanoseconds(c Correction) (whole int64, parts uint16, ok bool) {
	return TimeInterval(c).Nanoseconds()
}

// ScaledNs is the 96-bit interval of gPTP, nanoseconds times 2^16
// (IEEE 802.1AS-2020 6.4.3.1): Most is the upper half of them.
type ScaledNs struct {
	Most  int64  // nanoseconds, without their lowest 16 bits
	Least uint32 // the lowest 16 bits of nanoseconds and the fraction's 16
}

// Seconds returns the interval in seconds.
func (s ScaledNs) Seconds() float64 {
	return (math.Ldexp(float64(s.Most), 16) + math.Ldexp(float64(s.Least), -16)) / nsPerSecond
}

// String returns every digit, "-1.5ns".
func (s ScaledNs) String() string {
	most := new(big.Int).Lsh(big.NewInt(s.Most), 32)
	return scaledString(most.Add(most, big.NewInt(int64(s.Least))))
}

func (c *codec) scaledNs(name string, p *ScaledNs) {
	if c.op == showing {
		c.emit(name, *p)
		return
	}
	u64(c, "", &p.Most)
	u32(c, "", &p.Least)
}
