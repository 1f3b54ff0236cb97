package capture

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestResolution(t *testing.T) {
	const second = 1_000_000_000
	for _, c := range []struct {
		name    string
		tsresol uint8
		offset  int64
		count   uint64
		want    int64
		outside bool
	}{
		{name: "10^0", tsresol: 0, count: 1_700_000_000, want: 1_700_000_000 * second},
		{name: "10^-6, the default", tsresol: 6, count: 1_700_000_000_123_456, want: 1_700_000_000_123_456_000},
		{name: "10^-9", tsresol: 9, count: 1_700_000_000_123_456_789, want: 1_700_000_000_123_456_789},
		{name: "10^-10 cuts off", tsresol: 10, count: 105_999_999_999, want: 10*second + 599_999_999},
		{name: "10^-12", tsresol: 12, count: 10_500_000_000_999, want: 10*second + 500_000_000},
		{name: "10^-19", tsresol: 19, count: math.MaxUint64, want: second + 844_674_407},
		{name: "2^0", tsresol: 0x80, count: 10, want: 10 * second},
		{name: "2^-1", tsresol: 0x81, count: 21, want: 10*second + second/2},
		{name: "2^-20, 10.5 s", tsresol: 0x80 | 20, count: 21 << 19, want: 10*second + second/2},
		{name: "2^-30, 10.5 s", tsresol: 0x80 | 30, count: 21 << 29, want: 10*second + second/2},
		{name: "2^-32, 10.5 s", tsresol: 0x80 | 32, count: 21 << 31, want: 10*second + second/2},
		{name: "2^-32, one unit is 0.23 ns", tsresol: 0x80 | 32, count: 1<<32 + 1, want: second},
		{name: "2^-32, NTP's largest", tsresol: 0x80 | 32, count: math.MaxUint64, want: 4_294_967_295*second + 999_999_999},
		{name: "2^-63", tsresol: 0x80 | 63, count: math.MaxUint64, want: 2*second - 1},
		{name: "offset", tsresol: 9, offset: 1_700_000_000, count: 5, want: 1_700_000_000*second + 5},
		{name: "negative offset", tsresol: 6, offset: -3600, count: 7_200_000_000, want: 3600 * second},
		{name: "before 1970", tsresol: 6, offset: -10, count: 1, want: -10*second + 1000},
		{name: "binary with offset", tsresol: 0x80 | 32, offset: -2_208_988_800, count: 3_908_988_800<<32 | 1<<31, want: 1_700_000_000*second + second/2},
		{name: "a large count and offset cancel out", tsresol: 0, offset: -9_000_000_000_000_000_000, count: 9_000_000_000_000_000_001, want: second},
		{name: "the last", tsresol: 9, count: math.MaxInt64, want: math.MaxInt64},
		{name: "too late", tsresol: 9, count: math.MaxInt64 + 1, outside: true},
		{name: "far too late", tsresol: 0, count: math.MaxUint64, outside: true},
		{name: "far too early", tsresol: 6, offset: math.MinInt64, count: 0, outside: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := newResolution(c.tsresol, c.offset)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := r.nanoseconds(c.count)
			if ok == c.outside || got != c.want {
				t.Errorf("got %d, %t, want %d, %t", got, ok, c.want, !c.outside)
			}
		})
	}
}

func TestResolutionRefused(t *testing.T) {
	for tsresol, want := range map[uint8]string{
		20:         "if_tsresol 10^-20: ",
		64:         "if_tsresol 10^-64: ",
		127:        "if_tsresol 10^-127: ",
		0x80 | 64:  "if_tsresol 2^-64: ",
		0x80 | 127: "if_tsresol 2^-127: ",
	} {
		if _, err := newResolution(tsresol, 0); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("tsresol %#x: got error %v, want %q...", tsresol, err, want)
		}
	}
}

// TestResolutionExact holds the 128-bit arithmetic against math/big's.
func TestResolutionExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1588, 2019))
	for tsresol := range 256 {
		for range 200 {
			count := random.Uint64() >> random.UintN(64)
			offset := int64(random.Uint64()) >> random.UintN(64)
			r, err := newResolution(uint8(tsresol), offset)
			if err != nil {
				break
			}
			exact := exactNanoseconds(uint8(tsresol), offset, count)
			got, ok := r.nanoseconds(count)
			if ok != exact.IsInt64() || ok && got != exact.Int64() {
				t.Fatalf("tsresol %#x offset %d count %d: got %d, %t, want %v", tsresol, offset, count, got, ok, exact)
			}
		}
	}
}

func exactNanoseconds(tsresol uint8, offset int64, count uint64) *big.Int {
	base := big.NewInt(10)
	if tsresol&0x80 != 0 {
		base = big.NewInt(2)
	}
	unit := base.Exp(base, big.NewInt(int64(tsresol&0x7F)), nil)
	ns := new(big.Int).Mul(new(big.Int).SetUint64(count), big.NewInt(nsPerSecond))
	ns.Div(ns, unit)
	return ns.Add(ns, new(big.Int).Mul(big.NewInt(offset), big.NewInt(nsPerSecond)))
}
