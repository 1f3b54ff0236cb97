package delay

import (
	"math"
	"slices"
)

// Summary is a distribution in seconds; with Count 0 there is none.
type Summary struct {
	Count                 uint64
	Min, Median, P99, Max float64
	Last                  float64
	Age                   float64 // since Last, seconds
}

// sample keeps count and extremes of all values and a fixed number of them,
// each value with the same chance of being kept (Vitter's algorithm R). The
// choice is pseudo-random but the same in every run.
type sample struct {
	count    uint64
	min, max float64
	last     float64
	at       int64 // capture time of it, ns
	chance   chance
	kept     []float64
}

const sampleSize = 512

func (s *sample) add(v float64, now int64) {
	if s.count == 0 {
		s.min, s.max = v, v
	}
	s.count++
	s.min, s.max, s.last, s.at = min(s.min, v), max(s.max, v), v, now
	if len(s.kept) < sampleSize {
		s.kept = append(s.kept, v)
		return
	}
	if i := s.chance.below(s.count); i < sampleSize {
		s.kept[i] = v
	}
}

// chance is pseudo-random numbers, the same in every run (SplitMix64).
type chance uint64

// below is a number below n.
func (c *chance) below(n uint64) uint64 {
	*c += 0x9E3779B97F4A7C15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return (z ^ z>>31) % n
}

// restart forgets all values, and keeps the room they had.
func (s *sample) restart() { *s = sample{kept: s.kept[:0], chance: s.chance} }

// summary adds base to every value.
func (s *sample) summary(base float64, now int64) Summary {
	if s.count == 0 {
		return Summary{}
	}
	sorted := slices.Sorted(slices.Values(s.kept))
	rank := func(q float64) float64 { return sorted[int(math.Ceil(q*float64(len(sorted))))-1] }
	// To the femtosecond: what float arithmetic leaves below that is not data.
	round := func(v float64) float64 { return math.Round((v+base)*1e15) / 1e15 }
	return Summary{
		Count: s.count, Min: round(s.min), Median: round(rank(0.5)), P99: round(rank(0.99)),
		Max: round(s.max), Last: round(s.last), Age: float64(max(now-s.at, 0)) / 1e9,
	}
}

func (s *sample) median() float64 {
	return slices.Sorted(slices.Values(s.kept))[(len(s.kept)+1)/2-1]
}
