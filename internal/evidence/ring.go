package evidence

import (
	"encoding/binary"
	"iter"
	"math"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// ring holds the latest frames, in chunks of memory that are filled one after
// the other and then used again: once all that is needed fits it allocates
// nothing.
type ring struct {
	limit  int64 // of all chunks together, in octets
	size   int64
	chunks []*chunk // oldest first; the last is being filled
	spare  []*chunk // to be filled next; they count for the limit only when they are
	next   uint64   // number of the next frame, counted from 0
	filled int64    // octets of all frames there ever were
	names  names
}

// chunk is a piece of the ring. What is in data stays as it is while anybody
// else refers to it.
type chunk struct {
	data   []byte
	first  uint64 // number of its first frame
	shared bool   // with evidence on its way to the disk
}

const (
	chunkSize   = 256 << 10
	frameHeader = 56
)

// frame is one of the ring's.
type frame struct {
	at                 int64 // when the system received it, in nanoseconds of Unix time
	hardware, software int64 // its stamps; noStamp for none
	number             uint64
	length             int // on the wire
	iface, clock       uint16
	source             packet.StampSource
	egress             bool
	data               []byte
}

const noStamp = math.MinInt64

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return noStamp
	}
	return t.UnixNano()
}

func unstamp(ns int64) time.Time {
	if ns == noStamp {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// fits says whether a frame of n octets can be put without making room.
func (r *ring) fits(n int) bool {
	if len(r.chunks) > 0 {
		last := r.chunks[len(r.chunks)-1]
		if len(last.data)+frameHeader+n <= cap(last.data) {
			return true
		}
	}
	return len(r.chunks) == 0 || r.size+room(n) <= r.limit
}

// room is what a chunk takes that a frame of n octets is to fit in.
func room(n int) int64 { return int64(max(chunkSize, frameHeader+n)) }

// put adds a frame. The caller has made room for it.
func (r *ring) put(o *packet.Observation, data []byte) {
	c := r.chunkFor(len(data))
	b := c.data
	b = binary.LittleEndian.AppendUint64(b, uint64(o.At.UnixNano()))
	b = binary.LittleEndian.AppendUint64(b, uint64(stamp(o.Hardware)))
	b = binary.LittleEndian.AppendUint64(b, uint64(stamp(o.Software)))
	b = binary.LittleEndian.AppendUint64(b, o.Frame.Number)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = binary.LittleEndian.AppendUint32(b, uint32(max(o.Length, len(data))))
	b = binary.LittleEndian.AppendUint16(b, r.names.number(o.Interface))
	b = binary.LittleEndian.AppendUint16(b, r.names.number(o.StampClock))
	egress := byte(0)
	if o.Egress {
		egress = 1
	}
	b = append(b, byte(o.StampSource), egress, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	c.data = append(b, data...)
	r.next++
	r.filled += int64(frameHeader + len(data))
}

// chunkFor is the chunk that a frame of n octets goes into.
func (r *ring) chunkFor(n int) *chunk {
	if len(r.chunks) > 0 {
		last := r.chunks[len(r.chunks)-1]
		if len(last.data)+frameHeader+n <= cap(last.data) {
			return last
		}
	}
	var c *chunk
	if last := len(r.spare) - 1; last >= 0 && room(n) == chunkSize {
		c, r.spare = r.spare[last], r.spare[:last]
	} else {
		c = &chunk{data: make([]byte, 0, room(n))}
	}
	c.first = r.next
	r.chunks = append(r.chunks, c)
	r.size += int64(cap(c.data))
	return c
}

// first is the number of the oldest frame; next when there is none.
func (r *ring) first() uint64 {
	if len(r.chunks) == 0 {
		return r.next
	}
	return r.chunks[0].first
}

// second is the number of the oldest frame once drop was called.
func (r *ring) second() uint64 {
	if len(r.chunks) < 2 {
		return r.next
	}
	return r.chunks[1].first
}

// drop forgets the oldest chunk.
func (r *ring) drop() {
	c := r.chunks[0]
	copy(r.chunks, r.chunks[1:])
	r.chunks[len(r.chunks)-1] = nil
	r.chunks = r.chunks[:len(r.chunks)-1]
	r.size -= int64(cap(c.data))
	if !c.shared && cap(c.data) == chunkSize {
		c.data = c.data[:0]
		r.spare = append(r.spare, c)
	}
}

// dropBefore forgets the chunks that hold nothing but frames before number n.
func (r *ring) dropBefore(n uint64) {
	for len(r.chunks) > 1 && r.chunks[1].first <= n {
		r.drop()
	}
}

// share gives the frames from number n on, for as long as they are wanted,
// whatever becomes of the ring.
func (r *ring) share(n uint64) (pieces [][]byte) {
	for i, c := range r.chunks {
		if i+1 < len(r.chunks) && r.chunks[i+1].first <= n {
			continue
		}
		c.shared = true
		data := c.data[:len(c.data):len(c.data)]
		for number := c.first; number < n && len(data) > 0; number++ {
			data = data[frameHeader+int(binary.LittleEndian.Uint32(data[32:])):]
		}
		pieces = append(pieces, data)
	}
	return pieces
}

// frames reads what share gave. The data is a view into it.
func frames(pieces [][]byte) iter.Seq[*frame] {
	return func(yield func(*frame) bool) {
		var f frame
		for _, b := range pieces {
			for len(b) > 0 {
				n := f.read(b)
				b = b[n:]
				if !yield(&f) {
					return
				}
			}
		}
	}
}

// read takes a frame from the beginning of b and says how long it is.
func (f *frame) read(b []byte) int {
	f.at = int64(binary.LittleEndian.Uint64(b))
	f.hardware = int64(binary.LittleEndian.Uint64(b[8:]))
	f.software = int64(binary.LittleEndian.Uint64(b[16:]))
	f.number = binary.LittleEndian.Uint64(b[24:])
	n := int(binary.LittleEndian.Uint32(b[32:]))
	f.length = int(binary.LittleEndian.Uint32(b[36:]))
	f.iface = binary.LittleEndian.Uint16(b[40:])
	f.clock = binary.LittleEndian.Uint16(b[42:])
	f.source, f.egress = packet.StampSource(b[44]), b[45] == 1
	f.data = b[frameHeader : frameHeader+n]
	return frameHeader + n
}

// names numbers the few names there are of interfaces and clocks, for good.
type names struct {
	list []string // by number; it only grows
	of   map[string]uint16
	last string // asked for, and its number: most often the next, too
	n    uint16
}

// maxNames is far more than a host has. Names beyond it are the last.
const maxNames = 4096

func (s *names) number(name string) uint16 {
	if name == s.last && len(s.list) > 0 {
		return s.n
	}
	n, known := s.of[name]
	if !known {
		if s.of == nil {
			s.of = make(map[string]uint16)
		}
		if len(s.list) < maxNames {
			s.list = append(s.list, name)
		}
		n = uint16(len(s.list) - 1)
		if len(s.of) < maxNames {
			s.of[name] = n
		}
	}
	s.last, s.n = name, n
	return n
}
