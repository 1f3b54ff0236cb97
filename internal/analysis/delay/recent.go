package delay

import "slices"

// recent are the last few values of a series.
type recent struct {
	values [16]Interval // around
	count  uint64       // of all that ever were
}

func (r *recent) add(v Interval) {
	r.values[r.count%uint64(len(r.values))] = v
	r.count++
}

// median of them; there must be one.
func (r *recent) median() Interval {
	sorted := r.values
	n := min(r.count, uint64(len(sorted)))
	slices.Sort(sorted[:n])
	return sorted[(n-1)/2]
}
