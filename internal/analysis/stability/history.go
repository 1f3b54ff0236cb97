package stability

import (
	"math"
	"slices"
)

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
	quarters     []kept // the oldest first; never written to, for Records hold it
	yesterday    kept
}

// gathering is a period that goes on.
type gathering struct {
	period  int64
	end     int64 // ns of capture time
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
	if done, ok := h.quarter.add(now, quarter, v); ok {
		last := h.quarters[max(0, len(h.quarters)+1-quartersKept):]
		h.quarters = append(append(make([]kept, 0, len(last)+1), last...), done)
	}
	if done, ok := h.day.add(now, day, v); ok {
		h.yesterday = done
	}
}

// add takes a value, and gives the period that has ended before it.
func (g *gathering) add(now, length int64, v float64) (done kept, ok bool) {
	if now >= g.end || g.tally.count == 0 {
		period := floorDiv(now, length)
		ok = g.tally.count > 0
		if ok {
			done = g.pack()
		}
		*g = gathering{period: period, end: (period + 1) * length, broken: !ok || period != g.period+1}
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
	h.quarters = slices.Clone(h.quarters)
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

// Records are what a History had at a moment. They stay as they are.
type Records struct {
	quarters     []kept
	yesterday    kept
	quarter, day kept // the ones that go on
	by           float64
}

// records are those that there are, with something added to each value.
func (h *History) records(by float64) Records {
	r := Records{quarters: h.quarters, yesterday: h.yesterday, by: by}
	if h.quarter.tally.count > 0 {
		r.quarter, r.day = h.quarter.pack(), h.day.pack()
		r.quarter.broken, r.day.broken = true, true // not complete yet
	}
	return r
}

// Quarters are the records of quarters of an hour, the one that goes on first.
func (r *Records) Quarters() []Record {
	list := r.add(nil, r.quarter, quarter)
	for _, k := range slices.Backward(r.quarters) {
		list = r.add(list, k, quarter)
	}
	return list
}

// Days are the records of days: of the one that goes on, and of the one before.
func (r *Records) Days() []Record {
	return r.add(r.add(nil, r.day, day), r.yesterday, day)
}

func (r *Records) add(list []Record, k kept, length int64) []Record {
	if k.count == 0 {
		return list
	}
	record := k.record(length)
	record.Average += r.by
	record.Min += r.by
	record.Max += r.by
	return append(list, record)
}
