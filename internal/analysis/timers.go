package analysis

import (
	"math"
	"time"
)

// instant is capture time in nanoseconds since the Unix epoch. It reaches from
// 1678 to 2262; toInstant clamps what lies beyond.
type instant int64

const (
	never   instant = math.MaxInt64
	longAgo instant = math.MinInt64
)

var (
	firstInstant = time.Unix(0, math.MinInt64+1)
	lastInstant  = time.Unix(0, math.MaxInt64-1)
)

func toInstant(t time.Time) instant {
	switch {
	case t.After(lastInstant):
		return never - 1
	case t.Before(firstInstant):
		return longAgo + 1
	}
	return instant(t.UnixNano())
}

func (i instant) time() time.Time {
	if i == longAgo || i == never {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}

// add saturates: a deadline beyond the end of time never fires.
func (i instant) add(d time.Duration) instant {
	s := i + instant(d)
	switch {
	case d > 0 && s < i:
		return never
	case d < 0 && s > i:
		return longAgo
	}
	return s
}

// sub saturates likewise.
func (i instant) sub(j instant) time.Duration {
	d := time.Duration(i - j)
	switch {
	case i > j && d < 0:
		return math.MaxInt64
	case i < j && d > 0:
		return math.MinInt64
	}
	return d
}

// timer is one owner's next deadline. An owner that puts its deadline off need
// not tell: the timer fires at the old time, the owner looks, and answers with
// when to look again. That keeps the heap out of the path of every message.
type timer struct {
	at    instant
	order uint64 // of creation: breaks ties the same way in every run
	slot  int    // in the heap, from 1; 0 when not armed
	fire  func(at instant) (next instant)
}

// timers is a binary heap of armed timers.
type timers struct {
	heap    []*timer
	created uint64
}

func (ts *timers) create(fire func(instant) instant) *timer {
	ts.created++
	return &timer{order: ts.created, fire: fire}
}

// arm makes t fire at or before the given time.
func (ts *timers) arm(t *timer, at instant) {
	if t.slot != 0 {
		if at < t.at {
			t.at = at
			ts.up(t.slot - 1)
		}
		return
	}
	t.at = at
	ts.heap = append(ts.heap, t)
	t.slot = len(ts.heap)
	ts.up(t.slot - 1)
}

func (ts *timers) disarm(t *timer) {
	if t.slot == 0 {
		return
	}
	i, last := t.slot-1, len(ts.heap)-1
	ts.swap(i, last)
	ts.heap[last] = nil
	ts.heap = ts.heap[:last]
	t.slot = 0
	if i < last {
		ts.down(i)
		ts.up(i)
	}
}

// run fires every timer due at or before now, earliest first, and sets clock
// to the time of each.
func (ts *timers) run(clock *instant, now instant) {
	for len(ts.heap) > 0 && ts.heap[0].at <= now {
		t := ts.heap[0]
		*clock = max(*clock, t.at)
		ts.disarm(t)
		if next := t.fire(*clock); next != never {
			ts.arm(t, max(next, *clock+1))
		}
	}
}

func (ts *timers) less(i, j int) bool {
	a, b := ts.heap[i], ts.heap[j]
	if a.at != b.at {
		return a.at < b.at
	}
	return a.order < b.order
}

func (ts *timers) swap(i, j int) {
	ts.heap[i], ts.heap[j] = ts.heap[j], ts.heap[i]
	ts.heap[i].slot, ts.heap[j].slot = i+1, j+1
}

func (ts *timers) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !ts.less(i, parent) {
			return
		}
		ts.swap(i, parent)
		i = parent
	}
}

func (ts *timers) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(ts.heap) {
			return
		}
		if child+1 < len(ts.heap) && ts.less(child+1, child) {
			child++
		}
		if !ts.less(child, i) {
			return
		}
		ts.swap(i, child)
		i = child
	}
}
