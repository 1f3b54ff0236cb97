package capture

import (
	"fmt"
	"math"
	"math/bits"
)

// resolution turns the 64-bit counts of a pcapng interface into nanoseconds
// since 1970, exactly but for what is below a nanosecond, which is cut off.
// It is mul, then div or shift, in 128 bits; then the offset is added.
type resolution struct {
	mul, div uint64
	shift    uint
	// offset is if_tsoffset in nanoseconds, 128-bit two's complement.
	offsetHigh, offsetLow uint64
}

// The finest units: with finer ones 64 bits do not hold two seconds.
const (
	maxDecimal = 19
	maxBinary  = 63
)

const nsPerSecond = 1_000_000_000

// newResolution takes if_tsresol (a power of ten, or of two with the high bit
// set; draft-ietf-opsawg-pcapng 4.2) and if_tsoffset in seconds.
func newResolution(tsresol uint8, offset int64) (resolution, error) {
	r := resolution{mul: 1, div: 1}
	switch n := uint(tsresol & 0x7F); {
	case tsresol&0x80 != 0:
		if n > maxBinary {
			return r, fmt.Errorf("if_tsresol 2^-%d: accepted are 2^0 to 2^-%d and 10^0 to 10^-%d", n, maxBinary, maxDecimal)
		}
		r.mul, r.shift = nsPerSecond, n
	case n > maxDecimal:
		return r, fmt.Errorf("if_tsresol 10^-%d: accepted are 10^0 to 10^-%d and 2^0 to 2^-%d", n, maxDecimal, maxBinary)
	case n <= 9:
		r.mul = pow10(9 - n)
	default:
		r.div = pow10(n - 9)
	}
	r.offsetHigh, r.offsetLow = bits.Mul64(uint64(offset), nsPerSecond)
	if offset < 0 {
		r.offsetHigh -= nsPerSecond // uint64(offset) is 2^64 too much
	}
	return r, nil
}

func pow10(n uint) uint64 {
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}

// nanoseconds is the time of a count; ok is false outside the years 1677 to
// 2262, which 64 bits of nanoseconds do not reach.
func (r *resolution) nanoseconds(count uint64) (ns int64, ok bool) {
	high, low := bits.Mul64(count, r.mul)
	switch {
	case r.div > 1:
		low /= r.div // mul is 1 then, so high is 0
	case r.shift > 0:
		high, low = high>>r.shift, high<<(64-r.shift)|low>>r.shift
	}
	low, carry := bits.Add64(low, r.offsetLow, 0)
	high, _ = bits.Add64(high, r.offsetHigh, carry)
	if high != 0 && high != math.MaxUint64 || high>>63 != low>>63 {
		return 0, false
	}
	return int64(low), true
}
