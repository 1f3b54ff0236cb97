package delay

import (
	"math"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Each way in which a responder may tell how long its answer took
// (IEEE 1588-2019 11.4.2), over a link of 400 ns with a transparent clock in it
// that keeps the request for 70 ns behind the tap and the answer for 90 before.
func TestPeerForms(t *testing.T) {
	const link, before, behind, turn = 400, 90, 70, 10_000_000
	cf := func(ns int64) ptp.Correction { return ptp.Correction(ns << 16) }
	for _, ppm := range []int64{0, 20, -100} {
		for _, tt := range []struct {
			name string
			fill func(p *Peer, t2, t3 int64)
		}{
			{"one-step", func(p *Peer, t2, t3 int64) {
				p.Corrections[0] = cf(t3 - t2 + before + behind)
				p.Received = ptp.NewTimestamp(0)
			}},
			{"two-step, times told", func(p *Peer, t2, t3 int64) {
				p.TwoStep, p.Received, p.Sent = true, ptp.NewTimestamp(t2), ptp.NewTimestamp(t3)
				p.Corrections = [2]ptp.Correction{cf(before), cf(behind)}
			}},
			{"two-step, the difference told", func(p *Peer, t2, t3 int64) {
				p.TwoStep = true
				p.Corrections = [2]ptp.Correction{cf(before), cf(t3 - t2 + behind)}
			}},
			{"something in the request", func(p *Peer, t2, t3 int64) {
				p.TwoStep, p.Received, p.Sent = true, ptp.NewTimestamp(t2), ptp.NewTimestamp(t3)
				p.RequestCorrection = cf(-333)
				p.Corrections = [2]ptp.Correction{cf(before), cf(behind - 333)}
			}},
		} {
			var m Meter
			clock := NewClock(packet.StampHardware, "ptp0")
			for i := range int64(20) {
				t2 := 1e15 + i*second
				t3 := t2 + turn
				tap := func(at int64) int64 { d := at - 1e15; return at + d*ppm/1e6 }
				p := Peer{Clock: clock, Request: tap(t2 - link - behind), Response: tap(t3 + link + before), Now: i * second}
				tt.fill(&p, t2, t3)
				if p.Received == (ptp.Timestamp{}) { // the rate is known from its Syncs
					s := tap(t2 + 5e6)
					a, _ := Forward(s, ptp.NewTimestamp(t2+5e6))
					m.Forward(Exchange{Clock: clock, Stamp: s, Now: i * second, Value: a, Grandmaster: 1})
				}
				m.Peer(p)
			}
			s := m.samples[MeanLinkDelay].summary(0, 0)
			if s.Count < 17 || s.Min < 399e-9 || s.Max > 401e-9 {
				t.Errorf("%s, %d ppm: %+v, want 400 ns", tt.name, ppm, s)
			}
		}
	}
}

func TestPeerThatCannotBe(t *testing.T) {
	never := ptp.Timestamp{Seconds: [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}
	for name, p := range map[string]Peer{
		"took no time to answer":    {Response: 1e9},
		"answered before":           {Response: 1000, Corrections: [2]ptp.Correction{1 << 50}},
		"too big to be told":        {Response: 1000, Corrections: [2]ptp.Correction{1<<63 - 1}},
		"request's too big":         {Response: 1000, RequestCorrection: 1<<63 - 1},
		"no time":                   {Response: 1000, TwoStep: true, Received: never, Sent: never},
		"slow, of unknown rate":     {Response: 11e6, Corrections: [2]ptp.Correction{10_999_000 << 16}},
		"slow, rate not yet known":  {Response: 11e6, TwoStep: true, Received: ptp.NewTimestamp(5), Sent: ptp.NewTimestamp(5 + 10_999_000)},
		"request of the day before": {Request: -1 << 60, Response: 1 << 60},
	} {
		var m Meter
		p.Clock = NewClock(packet.StampHardware, "ptp0")
		m.Peer(p)
		if s := m.samples[MeanLinkDelay].summary(0, 0); s.Count > 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	var m Meter
	m.Peer(Peer{Clock: NewClock(packet.StampHardware, "ptp0"), Response: 101_000, Corrections: [2]ptp.Correction{100_000 << 16}})
	if s := m.samples[MeanLinkDelay].summary(0, 0); s.Min != 500e-9 {
		t.Errorf("a quick answer of unknown rate: %+v", s)
	}
}

// Two that ask one after the other, a microsecond apart, tell nothing of the
// rate; stamps of 8 ns would make it thousands of ppm.
func TestRateOfNeighbours(t *testing.T) {
	var r rate
	for i := range int64(10) {
		r.add(i*second/8*7, i*second)
		r.add(i*second/8*7+1000, i*second+1008)
	}
	if _, ok := r.faster(); ok {
		t.Error("a rate of 125000 ppm is believed")
	}
	r = rate{}
	for i := range int64(10) {
		r.add(i*second, i*second)
		r.add(i*second+100_000, i*second+100_008)
	}
	if f, ok := r.faster(); !ok || f > 1e-7 || f < -1e-7 {
		t.Errorf("rate %g, %v; want 0", f, ok)
	}
}

// Where no stamp had to be cut down to a nanosecond, nothing but the way is in D
// and O: what stamps of three messages lose is all that a value is off by, else.
// The Syncs come from the responder itself, or by a transparent clock that is.
func TestPeerOffsetIsExact(t *testing.T) {
	const link, asymmetry, ahead = 400, 34, 5_000
	for _, name := range []string{"from the responder", "through the responder"} {
		var sender, other Meter
		clock := NewClock(packet.StampHardware, "ptp0")
		responder := &sender
		if name != "from the responder" {
			responder = &other
		}
		offsets := 0
		for i := range int64(300) {
			t2 := 1e15 + i*second/4 + i*i*77
			t3 := t2 + 31_337 + i*13
			responder.Peer(Peer{
				Clock: clock, Request: t2 - link + asymmetry + ahead, Response: t3 + link + asymmetry + ahead, Now: i * second / 4,
				TwoStep: true, Received: ptp.NewTimestamp(t2), Sent: ptp.NewTimestamp(t3),
			})
			sync, upstream := t2+second/9, ptp.Correction((7_000+i*31)<<16|12345) // a fraction, too
			if responder == &sender {
				upstream = 0
			}
			s := sync + int64(upstream>>16) + link + asymmetry + ahead
			a, _ := Forward(s, ptp.NewTimestamp(sync), upstream)
			sender.Forward(Exchange{Clock: clock, Stamp: s, Now: i * second / 4, Value: a, Grandmaster: 1, Upstream: &other})
			want := float64(ahead+asymmetry)*1e-9 - float64(upstream&0xFFFF)/65536*1e-9
			if o := &sender.samples[Offset]; o.count > 0 {
				offsets++
				if got := o.last + float64(sender.forward.base)*1e-9; math.Abs(got-want) > 1e-14 {
					t.Fatalf("%s: O of exchange %d is %.6f ns, want %.6f", name, i, got*1e9, want*1e9)
				}
			}
		}
		if d := responder.samples[MeanLinkDelay]; d.count < 290 || math.Abs(d.min-link*1e-9) > 1e-15 || math.Abs(d.max-link*1e-9) > 1e-15 || offsets < 290 {
			t.Errorf("%s: D from %.6f to %.6f ns, %d offsets", name, d.min*1e9, d.max*1e9, offsets)
		}
	}
}
