package jury

import "math"

// kept is how many values a ring has: of blocks of 16 s, those of 34 minutes.
const kept = 128

// ring has a value of each of the last blocks, NaN where there is none.
type ring struct {
	values [kept]float64
	newest int64 // number of the block
	begun  bool
}

func slot(n int64) int { return int((n%kept + kept) % kept) }

// put takes the value of a block. An earlier block than the newest says that
// blocks are counted anew.
func (r *ring) put(n int64, v float64) {
	if !r.begun || n <= r.newest || n-r.newest >= kept {
		for i := range r.values {
			r.values[i] = math.NaN()
		}
	} else {
		for i := r.newest + 1; i < n; i++ {
			r.values[slot(i)] = math.NaN()
		}
	}
	r.begun, r.newest = true, n
	r.values[slot(n)] = v
}

// at is the value of a block.
func (r *ring) at(n int64) float64 {
	if !r.begun || n > r.newest || r.newest-n >= kept {
		return math.NaN()
	}
	return r.values[slot(n)]
}
