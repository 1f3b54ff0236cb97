package ptp

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
)

// Nanoseconds returns t in nanoseconds since the epoch of its timescale;
// false when its nanosecondsField is not below 1e9, or when 64 bits cannot
// hold it (292 years).
func Nanoseconds(t Timestamp) (int64, bool) {
	s := t.Seconds.Seconds()
	const last, rest = math.MaxInt64 / nsPerSecond, math.MaxInt64 % nsPerSecond
	if t.Nanoseconds >= nsPerSecond || s > last || s == last && t.Nanoseconds > rest {
		return 0, false
	}
	return int64(s)*nsPerSecond + int64(t.Nanoseconds), true
}

// NewTimestamp returns the timestamp ns nanoseconds after the epoch; the zero
// Timestamp when ns is negative.
func NewTimestamp(ns int64) Timestamp {
	if ns < 0 {
		return Timestamp{}
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(ns/nsPerSecond))
	return Timestamp{Seconds: [6]byte(b[2:]), Nanoseconds: uint32(ns % nsPerSecond)}
}

// CompareTimestamps orders timestamps of one timescale as cmp.Compare does.
func CompareTimestamps(a, b Timestamp) int {
	return cmp.Or(bytes.Compare(a.Seconds[:], b.Seconds[:]), cmp.Compare(a.Nanoseconds, b.Nanoseconds))
}

// TimestampString returns "1700000000.123456789", seconds since the epoch of
// the timescale. A nanosecondsField of 1e9 or more shows as more digits.
func TimestampString(t Timestamp) string {
	return fmt.Sprintf("%d.%09d", t.Seconds.Seconds(), t.Nanoseconds)
}
