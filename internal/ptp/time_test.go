package ptp

import (
	"math"
	"testing"
	"time"
)

func TestLogInterval(t *testing.T) {
	for _, c := range []struct {
		log  LogInterval
		want time.Duration
		ok   bool
	}{
		{0, time.Second, true}, {1, 2 * time.Second, true}, {-3, 125 * time.Millisecond, true},
		{-4, 62500 * time.Microsecond, true}, {-9, 1953125, true}, {-10, 976563, true},
		{22, 4194304 * time.Second, true}, {33, 8589934592 * time.Second, true},
		{34, 0, false}, {126, 0, false}, {NoInterval, 0, false},
		{-29, 2, true}, {-30, 0, false}, {-128, 0, false},
	} {
		if got, ok := c.log.Duration(); got != c.want || ok != c.ok {
			t.Errorf("%d: %v, %v; want %v, %v", c.log, got, ok, c.want, c.ok)
		}
	}
}

func TestTimeInterval(t *testing.T) {
	for _, c := range []struct {
		interval TimeInterval
		whole    int64
		parts    uint16
		seconds  float64
		text     string
	}{
		{0, 0, 0, 0, "0ns"},
		{0x28000, 2, 0x8000, 2.5e-9, "2.5ns"}, // the standard's example, 5.3.2
		{-0x18000, -2, 0x8000, -1.5e-9, "-1.5ns"},
		{1, 0, 1, 1e-9 / 65536, "0.0000152587890625ns"},
		{-1, -1, 0xffff, -1e-9 / 65536, "-0.0000152587890625ns"},
		{-1 << 16, -1, 0, -1e-9, "-1ns"},
		{100 << 16, 100, 0, 100e-9, "100ns"},
		{MaxTimeInterval - 1, 140737488355327, 0xfffe, 140737.488355328, "140737488355327.999969482421875ns"},
		{math.MinInt64, -140737488355328, 0, -140737.488355328, "-140737488355328ns"},
	} {
		whole, parts, ok := c.interval.Nanoseconds()
		if whole != c.whole || parts != c.parts || !ok {
			t.Errorf("%#x: %d + %#x, %v; want %d + %#x", int64(c.interval), whole, parts, ok, c.whole, c.parts)
		}
		if seconds, ok := c.interval.Seconds(); math.Abs(seconds-c.seconds) > 1e-15*math.Abs(c.seconds) || !ok {
			t.Errorf("%#x: %g s, %v; want %g s", int64(c.interval), seconds, ok, c.seconds)
		}
		if got := c.interval.String(); got != c.text {
			t.Errorf("%#x: %q, want %q", int64(c.interval), got, c.text)
		}
		w, p, ok1 := CorrectionNanoseconds(Correction(c.interval))
		s, ok2 := CorrectionSeconds(Correction(c.interval))
		if w != whole || p != parts || !ok1 || !ok2 || math.Abs(s-c.seconds) > 1e-15*math.Abs(c.seconds) {
			t.Errorf("%#x as a correction: %d + %#x, %g s", int64(c.interval), w, p, s)
		}
	}
}

func TestTooBig(t *testing.T) {
	if _, _, ok := CorrectionNanoseconds(0x7fffffffffffffff); ok {
		t.Error("a correction too big to be represented has nanoseconds")
	}
	if _, ok := CorrectionSeconds(0x7fffffffffffffff); ok {
		t.Error("a correction too big to be represented has seconds")
	}
	if got := MaxTimeInterval.String(); got != "too big" {
		t.Errorf("prints as %q", got)
	}
}

func TestScaledNs(t *testing.T) {
	for _, c := range []struct {
		scaled ScaledNs
		want   float64
		text   string
	}{
		{ScaledNs{0, 0x8000}, 0.5e-9, "0.5ns"}, {ScaledNs{0, 0x10000}, 1e-9, "1ns"}, {ScaledNs{0, 100 << 16}, 100e-9, "100ns"},
		{ScaledNs{-1, 0xffff0000}, -1e-9, "-1ns"}, {ScaledNs{1, 0}, 65536e-9, "65536ns"},
		{ScaledNs{math.MinInt64, 0}, -math.Ldexp(1, 79) / 1e9, "-604462909807314587353088ns"},
	} {
		if got := c.scaled.Seconds(); math.Abs(got-c.want) > 1e-15*math.Abs(c.want) {
			t.Errorf("%v: %g s, want %g s", c.scaled, got, c.want)
		}
		if got := c.scaled.String(); got != c.text {
			t.Errorf("%g s: %q, want %q", c.want, got, c.text)
		}
	}
}

func TestNanoseconds(t *testing.T) {
	seconds := func(s uint64) Timestamp {
		return Timestamp{Seconds: [6]byte{byte(s >> 40), byte(s >> 32), byte(s >> 24), byte(s >> 16), byte(s >> 8), byte(s)}}
	}
	with := func(t Timestamp, ns uint32) Timestamp { t.Nanoseconds = ns; return t }
	for _, c := range []struct {
		name string
		time Timestamp
		want int64
		ok   bool
		text string
	}{
		{"zero", Timestamp{}, 0, true, "0.000000000"},
		{"some time", someTime, 1700000000123456789, true, "1700000000.123456789"},
		{"the standard's example, 5.3.3", with(seconds(2), 1), 2000000001, true, "2.000000001"},
		{"2^32 s", seconds(1 << 32), 1 << 32 * nsPerSecond, true, "4294967296.000000000"},
		{"the last of 64 bits", with(seconds(9223372036), 854775807), math.MaxInt64, true, "9223372036.854775807"},
		{"one more", with(seconds(9223372036), 854775808), 0, false, "9223372036.854775808"},
		{"a second more", seconds(9223372037), 0, false, "9223372037.000000000"},
		{"the last of 48 bits", with(seconds(1<<48-1), 999999999), 0, false, "281474976710655.999999999"},
		{"nanoseconds out of range", with(seconds(1), 1e9), 0, false, "1.1000000000"},
	} {
		got, ok := Nanoseconds(c.time)
		if got != c.want || ok != c.ok {
			t.Errorf("%s: %d, %v; want %d, %v", c.name, got, ok, c.want, c.ok)
		}
		if ok && NewTimestamp(got) != c.time {
			t.Errorf("%s: comes back as %v", c.name, NewTimestamp(got))
		}
		if text := TimestampString(c.time); text != c.text {
			t.Errorf("%s: %q, want %q", c.name, text, c.text)
		}
	}
	if got := NewTimestamp(-1); got != (Timestamp{}) {
		t.Errorf("-1 ns: %v", got)
	}
}

func TestCompareTimestamps(t *testing.T) {
	ordered := []Timestamp{{}, {Nanoseconds: 1}, {Seconds: [6]byte{5: 1}}, {Seconds: [6]byte{5: 255}}, {Seconds: [6]byte{4: 1}},
		{Seconds: [6]byte{4: 1}, Nanoseconds: 5}, {Seconds: [6]byte{0: 0x80}}}
	for i, a := range ordered {
		for j, b := range ordered {
			if got, want := CompareTimestamps(a, b), map[bool]int{i < j: -1, i > j: 1}[true]; got != want {
				t.Errorf("%v and %v: %d, want %d", a, b, got, want)
			}
		}
	}
}
