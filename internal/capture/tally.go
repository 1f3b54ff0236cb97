package capture

import (
	"fmt"
	"maps"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// tally counts what a file held.
type tally struct {
	frames, bytes   uint64
	messages        uint64
	stamped         [packet.StampHardware + 1]uint64 // of those
	v1              uint64
	fragments, late uint64
	malformed       map[ptp.Malformation]uint64
	skipped         map[skippedLink]uint64
	first, last     int64 // nanoseconds since 1970, of the oldest and the youngest frame
}

// skippedLink is an interface whose frames nobody looked into.
type skippedLink struct {
	label string
	link  LinkType
}

const maxSkippedLinks = 64 // told apart by name; the rest by link type alone

func newTally() tally {
	return tally{malformed: map[ptp.Malformation]uint64{}, skipped: map[skippedLink]uint64{}}
}

// count takes a frame, whatever it holds.
func (t *tally) count(r *Record) {
	if t.frames == 0 {
		t.first, t.last = r.Time, r.Time
	}
	t.frames++
	t.bytes += uint64(len(r.Data))
	t.first, t.last = min(t.first, r.Time), max(t.last, r.Time)
}

func (t *tally) skip(label string, link LinkType) {
	k := skippedLink{label, link}
	if _, known := t.skipped[k]; !known && len(t.skipped) >= maxSkippedLinks {
		k.label = "others"
	}
	t.skipped[k]++
}

// judge takes a frame that is PTP, or claims to be.
func (t *tally) judge(o *packet.Observation) {
	if o.Fragment {
		t.fragments++
	}
	if o.Malformed != "" {
		t.malformed[o.Malformed]++
		return
	}
	if o.Message.Fault != "" {
		t.malformed[o.Message.Fault]++
	}
	if o.V1 != nil {
		t.v1++
		if o.V1.Fault != "" {
			t.malformed[o.V1.Fault]++
		}
	}
	t.messages++
	t.stamped[o.StampSource]++
}

func (t *tally) skippedReasons() map[string]uint64 {
	if len(t.skipped) == 0 {
		return nil
	}
	m := make(map[string]uint64, len(t.skipped))
	for k, n := range t.skipped {
		m[fmt.Sprintf("interface %s has link type %v", k.label, k.link)] = n
	}
	return m
}

func (t *tally) stats() packet.CaptureStats {
	s := packet.CaptureStats{
		Frames: t.frames, Bytes: t.bytes, PTP: t.messages, V1: t.v1, Fragments: t.fragments, OutOfOrder: t.late,
		Malformed: maps.Clone(t.malformed), Skipped: t.skippedReasons(), Stamps: map[packet.StampSource]uint64{},
	}
	if t.frames > 0 {
		s.First, s.Last = time.Unix(0, t.first).UTC(), time.Unix(0, t.last).UTC()
	}
	for source, n := range t.stamped {
		if n > 0 {
			s.Stamps[packet.StampSource(source)] = n
		}
	}
	return s
}
