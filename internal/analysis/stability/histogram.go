package stability

import (
	"math"
	"slices"
)

// Bounds are the upper bounds of a Histogram's buckets, in seconds: from a few
// metres of fibre to a network that is broken.
var Bounds = [...]float64{1e-7, 5e-7, 1e-6, 5e-6, 1e-5, 5e-5, 1e-4, 5e-4, 1e-3, 1e-2, 1e-1, 1}

// The fine buckets of a Histogram are those of a Prometheus native histogram:
// FineSchema says that each is 2^(2^-FineSchema) times as wide as the one below,
// 19 %, and FineZero is below which all are one.
const (
	FineSchema = 2
	FineZero   = 1.0 / (1 << 30) // 0.93 ns
	perOctave  = 1 << FineSchema
	fineFirst  = -30*perOctave + 1 // the index of the bucket above FineZero
	fineLast   = 17 * perOctave    // of the one up to 36 hours, which is all that an interval holds
)

// Histogram counts values in seconds, for good: nothing that happens to a series
// takes back what was counted. It takes 1.7 KiB. The zero value is ready.
type Histogram struct {
	Count   uint64
	Sum     float64
	Buckets [len(Bounds) + 1]uint64 // each apart; the last is of what is beyond the last bound
	Zero    uint64                  // fine: below FineZero, or negative
	fine    [fineLast - fineFirst + 1]uint64
}

// Add counts a value, if it is a finite number.
func (h *Histogram) Add(v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	h.Count++
	h.Sum += v
	i := 0
	for i < len(Bounds) && v > Bounds[i] {
		i++
	}
	h.Buckets[i]++
	if v <= FineZero {
		h.Zero++
		return
	}
	h.fine[min(fineIndex(v), fineLast)-fineFirst]++
}

// steps are the bounds of the fine buckets between one half and one.
var steps = func() (s [perOctave]float64) {
	for i := range s {
		s[i] = math.Exp2(float64(i)/perOctave - 1)
	}
	return s
}()

// fineIndex is the index of the fine bucket of a positive value: the least i for
// which 2^(i/4) is not less.
func fineIndex(v float64) int {
	fraction, exponent := math.Frexp(v)
	i, _ := slices.BinarySearch(steps[:], fraction)
	return i + (exponent-1)*perOctave
}

// Fine calls f with the index and the count of each fine bucket that has any, the
// lowest first.
func (h *Histogram) Fine(f func(index int, count uint64)) {
	for i, n := range h.fine {
		if n > 0 {
			f(i+fineFirst, n)
		}
	}
}
