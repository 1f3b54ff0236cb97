// Package event is simulated time, and the queue that keeps what is to happen
// in it in order.
package event

import "time"

// Time is picoseconds since the start of a simulation; 106 days fit.
type Time int64

// Units of Time.
const (
	Nanosecond  Time = 1000
	Microsecond      = 1000 * Nanosecond
	Millisecond      = 1000 * Microsecond
	Second           = 1000 * Millisecond
)

// Never is later than everything.
const Never Time = 1<<63 - 1

// Of is d as a Time.
func Of(d time.Duration) Time { return Time(d) * Nanosecond }

// OfSeconds is s seconds, to the nearest picosecond below.
func OfSeconds(s float64) Time { return Time(s * float64(Second)) }

// Duration is t to the nanosecond below.
func (t Time) Duration() time.Duration { return time.Duration(t / Nanosecond) }

// Seconds is t in seconds.
func (t Time) Seconds() float64 { return float64(t) / float64(Second) }

// Queue gives back what it was given in the order of time; what is due at the
// same time comes in the order in which it was pushed. It allocates only to
// grow. The zero Queue is empty and ready.
//
// Most of what is pushed is due at once: a frame is on its way for a
// microsecond, while timers wait for milliseconds. What is due before all that
// is in the heap goes into a short list beside it.
type Queue[T any] struct {
	near   []entry // the first due is the last; all are before what is in heap
	heap   []entry
	items  []T     // where the heap's entries keep what they stand for
	free   []int32 // places in items
	pushed uint32
}

type entry struct {
	at    Time
	order uint32 // of pushing; it wraps, so only differences count
	item  int32
}

func (a entry) before(b entry) bool {
	return a.at < b.at || a.at == b.at && int32(a.order-b.order) < 0
}

// maxNear is how many entries the short list has at most: one more makes the
// last of them go into the heap.
const maxNear = 48

// Len is how many items wait.
func (q *Queue[T]) Len() int { return len(q.near) + len(q.heap) }

// Next is when the first item is due; Never when there is none.
func (q *Queue[T]) Next() Time {
	switch {
	case len(q.near) > 0:
		return q.near[len(q.near)-1].at
	case len(q.heap) > 0:
		return q.heap[0].at
	}
	return Never
}

// Push adds an item that is due at a time.
func (q *Queue[T]) Push(at Time, item T) {
	e := entry{at: at, order: q.pushed, item: q.place(item)}
	q.pushed++
	if len(q.heap) > 0 && !e.before(q.heap[0]) {
		q.lay(e)
		return
	}
	if len(q.near) == maxNear {
		q.lay(q.near[0])
		q.near = q.near[:copy(q.near, q.near[1:])]
		if !e.before(q.heap[0]) {
			q.lay(e)
			return
		}
	}
	q.near = append(q.near, e)
	i := len(q.near) - 1
	for ; i > 0 && q.near[i-1].before(e); i-- {
		q.near[i] = q.near[i-1]
	}
	q.near[i] = e
}

// lay puts e into the heap.
func (q *Queue[T]) lay(e entry) {
	q.heap = append(q.heap, e)
	q.rise(len(q.heap)-1, e)
}

func (q *Queue[T]) place(item T) int32 {
	if n := len(q.free); n > 0 {
		i := q.free[n-1]
		q.free = q.free[:n-1]
		q.items[i] = item
		return i
	}
	q.items = append(q.items, item)
	return int32(len(q.items) - 1)
}

// Pop removes the first item. It must not be called when there is none.
func (q *Queue[T]) Pop() (Time, T) {
	first := q.first()
	item := q.items[first.item]
	var none T
	q.items[first.item] = none
	q.free = append(q.free, first.item)
	return first.at, item
}

func (q *Queue[T]) first() entry {
	if last := len(q.near) - 1; last >= 0 {
		e := q.near[last]
		q.near = q.near[:last]
		return e
	}
	e := q.heap[0]
	last := len(q.heap) - 1
	moved := q.heap[last]
	q.heap = q.heap[:last]
	if last > 0 {
		q.sink(moved)
	}
	return e
}

// sink puts e, which is likely to be late, where it belongs: the lesser
// children move up all the way, and then e from the bottom.
func (q *Queue[T]) sink(e entry) {
	heap := q.heap
	i := 0
	for {
		least := 2*i + 1
		if least >= len(heap) {
			break
		}
		if least+1 < len(heap) && heap[least+1].before(heap[least]) {
			least++
		}
		heap[i] = heap[least]
		i = least
	}
	q.rise(i, e)
}

// rise puts e where it belongs, from the place i upwards.
func (q *Queue[T]) rise(i int, e entry) {
	for i > 0 {
		up := (i - 1) / 2
		if !e.before(q.heap[up]) {
			break
		}
		q.heap[i] = q.heap[up]
		i = up
	}
	q.heap[i] = e
}
