package evidence

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// FuzzRing: whatever is put and dropped, what is shared is what was put, and
// stays so; and the ring keeps to its limit.
func FuzzRing(f *testing.F) {
	f.Add([]byte{1, 200, 3, 4, 255, 255, 7, 0, 0, 9}, uint16(3))
	f.Add(bytes.Repeat([]byte{250, 251, 252, 253}, 600), uint16(900))
	f.Fuzz(func(t *testing.T, sizes []byte, from uint16) {
		r := ring{limit: 3 * chunkSize}
		var put [][]byte // all there ever were
		var shared [][]byte
		var sharedFrom uint64
		for i, size := range sizes {
			data := bytes.Repeat([]byte{byte(i)}, int(size)*int(size)/4) // up to 16 KiB
			for !r.fits(len(data)) && len(r.chunks) > 0 {
				r.drop()
			}
			o := packet.Observation{
				At: time.Unix(int64(i), 5), Hardware: time.Unix(-int64(i)-1, 6), Interface: fmt.Sprint("eth", i%3), StampClock: fmt.Sprint("ptp", i%2),
				StampSource: packet.StampHardware, Egress: i%2 == 0, Length: len(data) + i%2, Frame: packet.Frame{Number: uint64(i)},
			}
			r.put(&o, data)
			put = append(put, data)
			if r.size > r.limit || r.next != uint64(len(put)) || r.first() > r.next {
				t.Fatalf("%d octets of %d, frames %d to %d of %d", r.size, r.limit, r.first(), r.next, len(put))
			}
			if i == len(sizes)/2 {
				sharedFrom = max(uint64(from), r.first())
				shared = r.share(sharedFrom)
			}
		}
		check := func(pieces [][]byte, n, until uint64) {
			t.Helper()
			for f := range frames(pieces) {
				i := int(n)
				if !bytes.Equal(f.data, put[i]) || f.number != n || !unstamp(f.hardware).Equal(time.Unix(-int64(i)-1, 6)) || !unstamp(f.software).IsZero() ||
					f.at != time.Unix(int64(i), 5).UnixNano() || f.length != len(put[i])+i%2 || f.egress != (i%2 == 0) || f.source != packet.StampHardware ||
					r.names.list[f.iface] != fmt.Sprint("eth", i%3) || r.names.list[f.clock] != fmt.Sprint("ptp", i%2) {
					t.Fatalf("frame %d is %+v", n, f)
				}
				n++
			}
			if n < until {
				t.Fatalf("frames up to %d, want %d", n, until)
			}
		}
		if len(sizes) > 0 {
			check(shared, sharedFrom, min(uint64(len(sizes)/2+1), max(sharedFrom, uint64(len(sizes)/2+1))))
			check(r.share(r.first()), r.first(), r.next)
		}
	})
}

// TestNames: as many as a host has are told apart, and no more are kept.
func TestNames(t *testing.T) {
	var s names
	for i := range 2 * maxNames {
		name := fmt.Sprint("eth", i)
		if n := s.number(name); i < maxNames && (int(n) != i || s.list[n] != name || s.number(name) != n) {
			t.Fatalf("%s is number %d", name, n)
		}
	}
	if len(s.list) > maxNames || len(s.of) > maxNames || s.number("eth7") != 7 || s.number("eth0") != 0 {
		t.Errorf("%d names, %d known", len(s.list), len(s.of))
	}
}

// TestNothingIsAllocated for a frame, once the ring is as large as it gets: by
// its limit, or because that is all that is needed.
func TestNothingIsAllocated(t *testing.T) {
	for name, pace := range map[string]time.Duration{"full": time.Microsecond, "with room": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			o := Options{Before: time.Second, After: time.Second, Memory: 4 << 20}
			basis := Basis{}
			r := New(o, func() Basis { return basis }, Log{}, nil)
			at := epoch
			r.Restart(at, Settings{})
			seen := packet.Observation{Interface: "eth0", StampSource: packet.StampSoftware}
			frame := make([]byte, 86)
			hear := func() {
				at = at.Add(pace)
				seen.At, seen.Software, seen.Frame.Number = at, at, seen.Frame.Number+1
				r.Observe(&seen, frame)
			}
			for range 200_000 {
				hear()
			}
			if got := testing.AllocsPerRun(50_000, hear); got > 0 {
				t.Errorf("%v allocations a frame", got)
			}
			if r.ring.size > o.Memory || len(r.checkpoints) > 3*checkEvery {
				t.Errorf("%d octets, %d checkpoints", r.ring.size, len(r.checkpoints))
			}
			if name == "with room" && (r.Span() < o.Before || r.Span() > 4*o.Before || r.ring.size > o.Memory/4) {
				t.Errorf("it reaches back %v with %d octets", r.Span(), r.ring.size)
			}
		})
	}
}

// BenchmarkObserve is what keeping a frame costs.
func BenchmarkObserve(b *testing.B) {
	r := New(Options{Before: 20 * time.Second, After: 20 * time.Second, Memory: 32 << 20}, func() Basis { return Basis{} }, Log{}, nil)
	r.Restart(epoch, Settings{})
	o := packet.Observation{Interface: "eth0", StampSource: packet.StampSoftware, At: epoch}
	frame := make([]byte, 86)
	binary.BigEndian.PutUint16(frame[12:], 0x88f7)
	b.ReportAllocs()
	for b.Loop() {
		o.At = o.At.Add(5 * time.Microsecond)
		o.Frame.Number++
		r.Observe(&o, frame)
	}
}

// TestManyClocks: where the State is large no more than two are kept, beside
// the one of an evidence that is gathered, and what waits for the disk is less.
func TestManyClocks(t *testing.T) {
	const best ptp.ClockIdentity = 0x001d7ffffe000000
	r := newRig(t)
	r.options.Memory = 4 << 20
	r.settings.Analysis.Domains = []analysis.DomainConfig{{Baseline: analysis.BaselineListed, Grandmasters: []analysis.GrandmasterConfig{{Identity: best}}}}
	r.begin()
	kept := 0
	for range 20 {
		for i := range 3000 {
			if i%50 == 0 {
				r.hear("eth0", announce(best, 100))
			}
			r.hear("eth0", announce(best+1+ptp.ClockIdentity(i), 100))
			r.at = r.at.Add(2 * time.Millisecond)
			kept = max(kept, len(r.recorder.checkpoints))
		}
		r.tick()
	}
	if last := r.recorder.checkpoints[len(r.recorder.checkpoints)-1]; last.size < largeState {
		t.Fatalf("a State of %d octets is not large", last.size)
	}
	if kept > checkEvery+2 || len(r.recorder.checkpoints) > 2 || r.recorder.Span() < r.options.Before {
		t.Errorf("%d checkpoints, %d at most, over %v", len(r.recorder.checkpoints), kept, r.recorder.Span())
	}
	if r.recorder.held > 2*r.options.Memory+2*largeState || r.recorder.ring.size > r.options.Memory {
		t.Errorf("%d octets held, %d in the ring", r.recorder.held, r.recorder.ring.size)
	}
	r.seconds(60, announce(best, 100), announce(gm3, 50))
	r.write()
	docs := r.documents()
	if len(docs) != 1 || len(docs[0].State.Domains) != 1 || len(docs[0].State.Domains[0].Announcers) < 3000 {
		t.Fatalf("%d documents, raised %+v", len(docs), r.raised)
	}
	if got, _ := r.replay(docs[0]); len(got) == 0 || got[0].Grandmaster != gm3 {
		t.Errorf("the replay raises %+v", got)
	}
}

// BenchmarkCheckpoint is what saying where the analysis is costs, with as many
// clocks as a large site has.
func BenchmarkCheckpoint(b *testing.B) {
	r := newRig(b)
	r.begin()
	for i := range 10_000 {
		m := announce(ptp.ClockIdentity(0x001d7ffffe000000+i), 100)
		r.hear("eth0", m)
		r.hear("eth0", m)
		r.at = r.at.Add(time.Millisecond)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.recorder.checkpoints = nil
		r.recorder.check(r.at)
	}
}
