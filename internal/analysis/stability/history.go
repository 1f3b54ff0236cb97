package stability

import "math"

// Records are kept of quarters of an hour and of days, as IEEE 1588-2019 annex
// J has a clock keep them of itself: the one that goes on, and before it 96
// quarters and a day. Periods begin where UTC says, not when the first value
// came.
const (
	quarter      = 900e9 // ns of capture time
	day          = 86400e9
	quartersKept = 96
)

// Record sums up a period. Of one in which nothing came there is none.
type Record struct {
	Start             int64 // ns of capture time
	Count             uint64
	Average, Min, Max float64
	StdDev            float64
	// Complete: the period has ended, and was measured from its start to its end
	// by one clock that did not step.
	Complete bool
}

// History has the records of one series. The zero value is ready.
type History struct {
	quarter, day gathering
	quarters     []kept // around; next is where the next one goes
	next         int
	yesterday    kept
}

// gathering is a period that goes on.
type gathering struct {
	period  int64
	tally   tally
	squares float64 // of the distances from the mean
	mean    float64
	broken  bool
}

// kept is a Record, packed: a day of them is the most part of a Monitor.
type kept struct {
	mean             float64
	period           int32
	count            uint32
	below, up, sigma float32 // Mean - Min, Max - Mean, StdDev
	broken           bool
}

// Add takes a value at a capture time in ns.
func (h *History) Add(now int64, v float64) {
	if done, ok := h.quarter.add(floorDiv(now, quarter), v); ok {
		if len(h.quarters) < quartersKept {
			h.quarters = append(h.quarters, done)
		} else {
			h.quarters[h.next] = done
		}
		h.next = (h.next + 1) % quartersKept
	}
	if done, ok := h.day.add(floorDiv(now, day), v); ok {
		h.yesterday = done
	}
}

// add takes a value of a period, and gives what ended before it.
func (g *gathering) add(period int64, v float64) (done kept, ok bool) {
	if g.tally.count == 0 || period > g.period {
		ok = g.tally.count > 0
		if ok {
			done = g.pack()
		}
		*g = gathering{period: period, broken: !ok || period != g.period+1}
	}
	g.tally.add(v)
	d := v - g.mean // Welford's recurrence
	g.mean += d / float64(g.tally.count)
	g.squares += d * (v - g.mean)
	return done, ok
}

func (g *gathering) pack() kept {
	return kept{
		mean: g.mean, period: int32(g.period), count: uint32(min(g.tally.count, math.MaxUint32)),
		below: float32(g.mean - g.tally.low), up: float32(g.tally.high - g.mean),
		sigma: float32(math.Sqrt(g.squares / float64(g.tally.count))), broken: g.broken,
	}
}

func (k kept) record(length int64) Record {
	return Record{
		Start: int64(k.period) * length, Count: uint64(k.count), Average: k.mean, Min: k.mean - float64(k.below),
		Max: k.mean + float64(k.up), StdDev: float64(k.sigma), Complete: !k.broken,
	}
}

// Break says that the periods that go on are not measured whole.
func (h *History) Break() { h.quarter.broken, h.day.broken = true, true }

// Shift adds to every value there is.
func (h *History) Shift(by float64) {
	for i := range h.quarters {
		h.quarters[i].mean += by
	}
	h.yesterday.mean += by
	for _, g := range [...]*gathering{&h.quarter, &h.day} {
		g.mean += by
		g.tally.low += by
		g.tally.high += by
	}
}

// Quarters are the records of quarters of an hour, the one that goes on first,
// at most so many.
func (h *History) Quarters(most int) []Record {
	var list []Record
	if h.quarter.tally.count > 0 && most > 0 {
		list = append(list, h.quarter.current(quarter))
	}
	for i := range h.quarters {
		if len(list) >= most {
			break
		}
		list = append(list, h.quarters[(h.next-1-i+quartersKept)%quartersKept].record(quarter))
	}
	return list
}

// Days are the records of days: of the one that goes on, and of the one before.
func (h *History) Days() []Record {
	var list []Record
	if h.day.tally.count > 0 {
		list = append(list, h.day.current(day))
	}
	if h.yesterday.count > 0 {
		list = append(list, h.yesterday.record(day))
	}
	return list
}

// current is what there is of the period that goes on.
func (g *gathering) current(length int64) Record {
	r := g.pack().record(length)
	r.Count, r.Min, r.Max, r.Complete = g.tally.count, g.tally.low, g.tally.high, false
	return r
}
