package delay

import "slices"

// rate is by how much the tap's clock is faster than a responder's, from the
// times that both have of the same messages: the median over the last few
// exchanges, each against the one before. A step of either spoils one of them.
type rate struct {
	tap, theirs int64 // ns, of the exchange before
	known       bool  // tap and theirs are
	last        [5]float64
	n           int
}

// apartRate is how far exchanges are apart at least, in ns: over less the
// resolution of stamps is more than the difference in rate.
const apartRate = 100e6

// fastest is the most that two clocks may differ in rate: beyond, one of them
// was stepped.
const fastest = 1e-3

func (r *rate) add(tap, theirs int64) {
	ours, ok := subtract(tap, r.tap)
	others, ok2 := subtract(theirs, r.theirs)
	if r.known && ok && ours >= 0 && ours < apartRate {
		return
	}
	first := !r.known
	r.tap, r.theirs, r.known = tap, theirs, true
	if first || !ok || !ok2 || others <= 0 || ours <= 0 {
		return
	}
	// The difference first: a ratio of large numbers has no digits left.
	faster := float64(ours-others) / float64(others)
	if faster > fastest || faster < -fastest {
		return
	}
	copy(r.last[1:], r.last[:])
	r.last[0] = faster
	r.n = min(r.n+1, len(r.last))
}

// faster is the rate of the tap's clock against the responder's, less 1.
func (r *rate) faster() (float64, bool) {
	if r.n == 0 {
		return 0, false
	}
	sorted := r.last
	slices.Sort(sorted[:r.n])
	return sorted[r.n/2], true
}
