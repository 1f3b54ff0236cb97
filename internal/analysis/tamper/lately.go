package tamper

import "math"

// latelyLeast is how many messages tell what they are corrected by lately.
const latelyLeast = 4

// Lately is by how much the newest messages, of so many ns, are corrected
// differently than usual, by their floor and by their median: of no more messages
// than a block has. Either is 0 where it is no more than what varies, or not known.
// It is there sooner than a Shift, and alone is no evidence.
func (w *Way) Lately(span int64) (floor, median float64) {
	n, newest := 0, (w.n-1+Size)%Size
	for ; n < w.kept; n++ {
		s := &w.samples[(newest-n+Size)%Size]
		if s.At < w.samples[newest].At-span {
			break
		}
		w.ranked[n] = s.Correction
	}
	if !w.known || n < latelyLeast {
		return 0, 0
	}
	c := &w.Corrections
	middle := rank(w.ranked[:n], n/2)
	if n == Size { // of less, most may have waited
		median = c.median.Off(middle, correctionLeast)
	}
	least := rank(w.ranked[:n], min(n/8, 3))
	limit := c.floor.Limit(correctionLeast) * math.Sqrt(Size/float64(n))
	// The least of few lies higher: it counts when it is beyond what half of all had.
	if least > c.median.Centre+limit || middle < c.floor.Centre-limit {
		floor = least - c.floor.Centre
	}
	return floor, median
}
