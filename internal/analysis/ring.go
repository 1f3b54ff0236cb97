package analysis

// half is a message that waits for its other half, or has found it and is
// remembered so that a duplicate is known for one.
type half interface{ waits() bool }

// ring holds a port's last few messages of one kind. It starts small and grows
// while more of them wait at once than it has room for.
type ring[T half] struct {
	slots []T
	next  int
}

const (
	ringStart = 4
	ringMost  = 64
)

// oldest returns the entry that the next put will overwrite, and whether it
// still waits then.
func (r *ring[T]) oldest() (*T, bool) {
	if len(r.slots) == 0 {
		r.slots = make([]T, ringStart)
	}
	if r.slots[r.next].waits() && len(r.slots) < ringMost {
		r.grow()
	}
	oldest := &r.slots[r.next]
	return oldest, (*oldest).waits()
}

// put stores v over the oldest entry; call oldest first.
func (r *ring[T]) put(v T) {
	r.slots[r.next] = v
	r.next = (r.next + 1) % len(r.slots)
}

// grow doubles the ring: the entries stay in order, the new room comes next.
func (r *ring[T]) grow() {
	n := len(r.slots)
	slots := make([]T, 2*n)
	copy(slots, r.slots[r.next:])
	copy(slots[n-r.next:], r.slots[:r.next])
	r.slots, r.next = slots, n
}

// drop empties the ring and says how many of its entries waited.
func (r *ring[T]) drop() int {
	n := 0
	for _, s := range r.slots {
		if s.waits() {
			n++
		}
	}
	*r = ring[T]{}
	return n
}
