package jury

import (
	"math"
	"slices"
)

const (
	// trailFactor is how many blocks make one of the next level, of which there
	// are trailLevels: 16 s for 34 minutes, 256 s for nine hours, 68 minutes for
	// six days.
	trailFactor = 16
	trailLevels = 3
	// steadyPart is by what part of the way it has gone a clock may miss a straight
	// line and drift: a step misses the best line by 0.11 of it at least.
	steadyPart = 0.08
	// steadyLeast is how many values make a line.
	steadyLeast = 6
	// worthPart is what part of a deviation a drift must have gone to account for
	// it.
	worthPart = 1.0 / 8
)

// trail is how a clock went from the others.
type trail struct {
	levels   [trailLevels]ring
	sums     [trailLevels - 1]sum
	restless float64 // see measure
}

// sum is of the values of a longer block that goes on.
type sum struct {
	number int64
	sum    float64
	count  int
}

// put takes a deviation, in seconds, of a block.
func (t *trail) put(n int64, v float64) {
	t.levels[0].put(n, v)
	for i := range t.sums {
		s := &t.sums[i]
		n = floorDiv(n, trailFactor)
		if n == s.number {
			s.sum += v
			s.count++
			return
		}
		if i == 0 {
			t.restless = t.measure()
		}
		done, value := s.number, s.sum/float64(s.count)
		enough := s.count >= trailFactor/2
		s.number, s.sum, s.count = n, v, 1
		if !enough {
			return
		}
		t.levels[i+1].put(done, value)
		n, v = done, value
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// measure is by how much the deviation of one block differs from that of the
// next, apart from a drift, one sigma; 0 where too little is known. It is looked
// at every trailFactor blocks.
func (t *trail) measure() float64 {
	var steps [kept]float64
	n := 0
	r := &t.levels[0]
	for i := range int64(kept - 1) {
		if d := r.at(r.newest-i) - r.at(r.newest-i-1); !math.IsNaN(d) {
			steps[n] = d
			n++
		}
	}
	if n < steadyLeast {
		return 0
	}
	slices.Sort(steps[:n])
	mid := steps[n/2]
	for i := range n {
		steps[i] = math.Abs(steps[i] - mid)
	}
	slices.Sort(steps[:n])
	return 1.4826 / math.Sqrt2 * steps[n/2]
}

// drift is the rate, in seconds a block, at which the clock has gone steadily
// where it is now, from the shortest time on that shows it; 0 where it has not.
func (t *trail) drift(deviation float64) float64 {
	length := 1.0
	for i := range t.levels {
		for n := steadyLeast; n <= kept; n = min(2*n, max(n+1, kept)) {
			slope, miss, ok := t.levels[i].line(n)
			way := slope * float64(n-1)
			if ok && slope*deviation > 0 && math.Abs(way) >= worthPart*math.Abs(deviation) && miss <= steadyPart*math.Abs(way) {
				return slope / length
			}
		}
		length *= trailFactor
	}
	return 0
}

// line fits one to the newest n values, and says by how much they miss it (root
// mean square). An eighth of them may be missing.
func (r *ring) line(n int) (slope, miss float64, ok bool) {
	var count, at, value, squares, products float64
	each := func(do func(x, v float64)) {
		for i := range n {
			if v := r.at(r.newest - int64(i)); !math.IsNaN(v) {
				do(-float64(i), v)
			}
		}
	}
	each(func(x, v float64) { count++; at += x; value += v })
	if count < float64(n)*7/8 || count < steadyLeast {
		return 0, 0, false
	}
	at /= count
	value /= count
	each(func(x, v float64) { squares += (x - at) * (x - at); products += (x - at) * (v - value) })
	slope = products / squares
	each(func(x, v float64) { d := v - value - slope*(x-at); miss += d * d })
	return slope, math.Sqrt(miss / count), true
}
