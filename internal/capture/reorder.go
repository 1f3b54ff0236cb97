package capture

import (
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// slot holds an observation while older ones may still come, with copies of
// what the observation points to.
type slot struct {
	observation packet.Observation
	at          int64 // observation.At
	file        *file // that it is of
	tlvs        []byte
	v1          ptp.MessageV1
}

const keptTLVs = 4096 // of a slot's buffer, from one use to the next

// keep makes the observation independent of the decoder and the file's buffer.
func (s *slot) keep() {
	o := &s.observation
	if len(o.Message.TLVs) > 0 {
		s.tlvs = append(s.tlvs[:0], o.Message.TLVs...)
		o.Message.TLVs = s.tlvs
	}
	if o.V1 != nil {
		s.v1 = *o.V1
		o.V1 = &s.v1
	}
}

const maxHeld = 1024 // a power of two

// reorder is a window over observations that come roughly in order of time and
// leave it in order. An observation waits until one that is younger by the
// window has come, or until there is no more room.
//
// One that comes late by more than the window, as all do after the capturing
// clock was set back, starts a new epoch: what is held leaves first, in its own
// order, and the comparison begins anew.
type reorder struct {
	window     int64 // nanoseconds
	ring       [maxHeld]held
	head, size uint32
	epoch      uint64 // counts from 1
	newest     int64  // time of the last that came
	floor      int64  // time of the last of this epoch that left
	closed     bool   // no more will come
}

type held struct {
	epoch uint64
	at    int64
	*slot
}

func newReorder(window int64) *reorder { return &reorder{window: window} }

// push takes one in; the caller has made sure that none is ready, so there is
// room.
func (r *reorder) push(s *slot) {
	if r.epoch == 0 || r.floor-s.at > r.window {
		r.epoch++
		r.floor = s.at
	}
	r.newest = s.at
	i := r.head + r.size
	for ; i != r.head; i-- {
		before := r.ring[(i-1)%maxHeld]
		if before.epoch != r.epoch || before.at <= s.at {
			break
		}
		r.ring[i%maxHeld] = before
	}
	r.ring[i%maxHeld] = held{r.epoch, s.at, s}
	r.size++
}

// ready says whether the oldest may leave.
func (r *reorder) ready() bool {
	if r.size == 0 {
		return false
	}
	oldest := &r.ring[r.head%maxHeld]
	return r.closed || r.size == maxHeld || oldest.epoch != r.epoch || r.newest-oldest.at >= r.window
}

// pop takes the oldest out.
func (r *reorder) pop() *slot {
	h := r.ring[r.head%maxHeld]
	r.ring[r.head%maxHeld].slot = nil
	r.head++
	r.size--
	if h.epoch == r.epoch {
		r.floor = h.at
	}
	return h.slot
}
