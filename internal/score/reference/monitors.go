package reference

import (
	"math"
	"slices"
)

// learning is how many seconds each monitor takes to see what is normal.
const learning = 60

// normal is what was seen while learning.
type normal struct {
	first  []float64
	median float64
	sigma  float64 // ns, by the median deviation: 1 ns at least
}

// learn takes a delay and says whether enough was seen before.
func (n *normal) learn(delay float64) (learned bool) {
	if len(n.first) == learning {
		return true
	}
	if n.first = append(n.first, delay); len(n.first) == learning {
		n.median = median(n.first)
		off := make([]float64, learning)
		for i, d := range n.first {
			off[i] = math.Abs(d - n.median)
		}
		n.sigma = max(1, 1.4826*median(off))
	}
	return false
}

func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// static holds the delay against what it was in the first minute.
type static struct{ normal }

// limit is in ns.
const limit = 1000

func (s *static) name() string { return StaticLimit }

func (s *static) wrong(_ int64, delay float64) bool {
	return s.learn(delay) && math.Abs(delay-s.median) > limit
}

// slope is the line through the last minute: it must not be steeper than noise
// makes it.
type slope struct {
	normal
	at     []int64
	delays []float64
}

// steep is how many standard deviations of the slope are too many.
const steep = 5.3

func (s *slope) name() string { return Slope }

func (s *slope) wrong(second int64, delay float64) bool {
	learned := s.learn(delay)
	s.at, s.delays = append(s.at, second), append(s.delays, delay)
	gone := 0
	for s.at[gone] <= second-60 {
		gone++
	}
	s.at, s.delays = slices.Delete(s.at, 0, gone), slices.Delete(s.delays, 0, gone)
	if !learned || len(s.at) < 10 {
		return false
	}
	var meanAt, mean float64
	for i := range s.at {
		meanAt += float64(s.at[i]-second) / float64(len(s.at))
		mean += s.delays[i] / float64(len(s.at))
	}
	var product, square float64
	for i := range s.at {
		t := float64(s.at[i]-second) - meanAt
		product += t * (s.delays[i] - mean)
		square += t * t
	}
	return math.Abs(product/square) > steep*s.sigma/math.Sqrt(square)
}

// ewma holds the delay against its own recent past: mean and variance,
// forgotten with a time constant of five minutes.
type ewma struct {
	normal
	last     int64
	mean     float64
	variance float64
}

const (
	forgets = 300 // seconds
	beyond  = 6   // standard deviations
)

func (e *ewma) name() string { return EWMA }

func (e *ewma) wrong(second int64, delay float64) bool {
	if !e.learn(delay) {
		e.last, e.mean, e.variance = second, e.median, e.sigma*e.sigma
		return false
	}
	off := delay - e.mean
	wrong := math.Abs(off) > beyond*math.Sqrt(e.variance)
	weight := 1 - math.Exp(-float64(second-e.last)/forgets)
	e.last = second
	e.mean += weight * off
	e.variance = max(1, (1-weight)*(e.variance+weight*off*off))
	return wrong
}
