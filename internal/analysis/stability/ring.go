package stability

// ring keeps the newest ringSize of what is put in.
type ring[T any] struct {
	slots []T
	next  int
}

// factor is how many units make the next longer one, and how many make a tau.
const factor = 10

// ringSize is three taus, and a unit.
const ringSize = 3*factor + 1

func (r *ring[T]) put(v T) {
	if n := len(r.slots); n < ringSize {
		if n == cap(r.slots) { // never more room than that
			r.slots = append(make([]T, 0, min(2*n+4, ringSize)), r.slots...)
		}
		r.slots = append(r.slots, v)
		return
	}
	r.slots[r.next] = v
	r.next = (r.next + 1) % ringSize
}

// back is what was put in so many before the newest; i is less than length.
func (r *ring[T]) back(i int) *T {
	return &r.slots[(r.next+len(r.slots)-1-i)%len(r.slots)]
}

func (r *ring[T]) length() int { return len(r.slots) }

// floorDiv is a / b rounded down, b being positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// recent sums up what came in a period and in the one before, so that a figure
// is neither of an hour that is long gone nor of a moment.
type recent struct {
	period int64 // number of the one that goes on
	now    tally
	before tally
}

type tally struct {
	count     uint64
	sum       float64
	low, high float64
}

func (t *tally) add(v float64) {
	if t.count == 0 {
		t.low, t.high = v, v
	}
	t.count++
	t.sum += v
	t.low, t.high = min(t.low, v), max(t.high, v)
}

// add takes what came in a period. Periods go forward.
func (r *recent) add(period int64, v float64) {
	switch {
	case r.now.count == 0:
		r.period = period
	case period == r.period+1:
		r.before, r.now, r.period = r.now, tally{}, period
	case period != r.period:
		*r = recent{period: period}
	}
	r.now.add(v)
}

// total is both periods together.
func (r *recent) total() tally {
	t := r.now
	switch {
	case r.before.count == 0:
		return t
	case t.count == 0:
		return r.before
	}
	t.count += r.before.count
	t.sum += r.before.sum
	t.low, t.high = min(t.low, r.before.low), max(t.high, r.before.high)
	return t
}

// periods is how long a period of a figure at a tau in seconds is, in seconds:
// 12 tau, which is what a time deviation takes (ITU-T G.810 appendix II), and a
// quarter of an hour at least.
func periods(tau int64) int64 { return max(900, 12*tau) }
