package tamper

import (
	"math"
	"slices"
)

// Level is what a figure is usually, and how far from it. The zero value is
// ready to learn.
type Level struct {
	newest [LearnBlocks]float64 // around
	n      int
	// Centre and Spread: the median of what was learned last, and the farthest from
	// it but for one.
	Centre, Spread float64
	known          bool
}

// Learn takes a value.
func (l *Level) Learn(v float64) {
	l.newest[l.n%LearnBlocks] = v
	l.n++
}

// Settle ends learning.
func (l *Level) Settle() {
	values := l.newest[:min(l.n, LearnBlocks)]
	if len(values) == 0 {
		return
	}
	slices.Sort(values)
	l.Centre = values[len(values)/2]
	for i, v := range values {
		values[i] = math.Abs(v - l.Centre)
	}
	slices.Sort(values)
	l.Spread = values[max(0, len(values)-2)]
	l.known = true
}

// spreads is how many spreads away a value is that is elsewhere: 6 sigma and
// more, as of 12 normally distributed values the farthest but one is about 1.5.
const spreads = 4

// Limit is how far from its centre a value may be, given the least that counts.
func (l *Level) Limit(least float64) float64 { return max(spreads*l.Spread, least) }

// Off is by how much a value is elsewhere; 0 where it is not.
func (l *Level) Off(v, least float64) float64 {
	if d := v - l.Centre; l.known && math.Abs(d) > l.Limit(least) {
		return d
	}
	return 0
}
