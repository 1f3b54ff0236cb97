package analysis

import (
	"math"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// timing holds what exchanges with a port measured. With s and r the tap's
// times of a Sync and a Delay_Req, t1 and t4 the port's, and cf the
// corrections as seen at the tap:
//
//	A = s - t1 - cf(Sync) - cf(Follow_Up)                  forward
//	B = t4 - r - (cf(Delay_Resp) - cf(Delay_Req))          reverse
//	M = (A+B)/2   mean path delay, free of the tap's offset
//	O = (A-B)/2   tap minus grandmaster, off by half the asymmetry
//
// The tap may stand on another timescale or epoch. All values are kept
// relative to base, the first difference seen, so that no digit is lost to a
// float; samples of A hold A - base, of B hold B + base.
type timing struct {
	tap           string
	source        packet.StampSource
	base          time.Duration
	lastForward   float64
	lastForwardAt instant
	forward       sample
	reverse       sample
	meanPath      sample
	offset        sample
}

// pairWithin is how old a forward delay may be to be paired with a reverse
// one. A tap that drifts by 20 ppm adds at most half of 20 us per second.
const pairWithin = 2 * time.Second

// timingOf finds or makes the port's timing state; nil when the limit is reached.
func (t *Tracker) timingOf(p *port, tap string, source packet.StampSource, base time.Duration) *timing {
	if p.timing == nil {
		if t.timingPorts >= t.cfg.Limits.TimingPorts {
			t.timingFull++
			return nil
		}
		t.timingPorts++
		p.timing = &timing{base: base, lastForwardAt: longAgo}
	}
	p.timing.tap, p.timing.source = tap, source
	return p.timing
}

// forward takes a complete Sync: its origin, and the Follow_Up's correction.
func (t *Tracker) forward(p *port, s *syncHalf, origin ptp.Timestamp, followUp ptp.Correction) {
	t1, ok := ptp.Nanoseconds(origin)
	cf, cfOK := seconds(s.correction, followUp)
	if !ok || !cfOK || s.stamp == longAgo {
		return
	}
	diff, ok := difference(int64(s.stamp), t1)
	if !ok {
		return
	}
	tm := t.timingOf(p, s.tap, s.source, diff)
	if tm == nil {
		return
	}
	a := (diff - tm.base).Seconds() - cf
	tm.forward.add(a)
	tm.lastForward, tm.lastForwardAt = a, t.now
}

// reverse takes a complete delay exchange: the request, and o the response.
func (t *Tracker) reverse(p *port, r *request, o *packet.Observation) {
	t4, ok := ptp.Nanoseconds(o.Message.Timestamp)
	resp, respOK := seconds(o.Message.CorrectionField)
	req, reqOK := seconds(r.correction)
	if !ok || !respOK || !reqOK {
		return
	}
	diff, ok := difference(t4, int64(r.stamp))
	if !ok {
		return
	}
	tm := t.timingOf(p, o.Tap, o.StampSource, -diff)
	if tm == nil {
		return
	}
	b := (diff + tm.base).Seconds() - (resp - req)
	tm.reverse.add(b)
	if t.now.sub(tm.lastForwardAt) <= pairWithin {
		tm.meanPath.add((tm.lastForward + b) / 2)
		tm.offset.add((tm.lastForward - b) / 2)
	}
}

// difference is a - b unless that overflows.
func difference(a, b int64) (time.Duration, bool) {
	d := a - b
	if (a > b) != (d > 0) && a != b {
		return 0, false
	}
	return time.Duration(d), true
}

// seconds adds corrections up; false if one is too big to be told.
func seconds(corrections ...ptp.Correction) (float64, bool) {
	sum := 0.0
	for _, c := range corrections {
		if c.TooBig() {
			return 0, false
		}
		sum += float64(c) / (1 << 16) * 1e-9
	}
	return sum, true
}

// knownEpoch is how far a tap may be from the grandmaster and still be taken
// to tell the same time, on the same timescale or a UTC offset away from it.
// Beyond that its clock has an epoch of its own.
const knownEpoch = 500 * time.Millisecond

// view adds base back. Forward, reverse and offset are left out where the
// tap's clock has an epoch of its own; the mean path delay never holds it.
func (tm *timing) view(a ptp.Announce, flags ptp.Flags) TimingView {
	v := TimingView{Tap: tm.tap, StampSource: tm.source, MeanPathDelay: tm.meanPath.summary(0)}
	apart := tm.base
	if flags.Has(ptp.FlagPTPTimescale) && apart.Abs() > knownEpoch {
		apart += time.Duration(a.CurrentUTCOffset) * time.Second // the tap tells UTC
	}
	if apart.Abs() > knownEpoch {
		return v
	}
	v.Forward = tm.forward.summary(apart.Seconds())
	v.Reverse = tm.reverse.summary(-apart.Seconds())
	v.Offset = tm.offset.summary(apart.Seconds())
	return v
}

// sample keeps count and extremes of all values and a fixed number of them,
// each value with the same chance of being kept (Vitter's algorithm R). The
// choice is pseudo-random but the same in every run.
type sample struct {
	count    uint64
	min, max float64
	last     float64
	state    uint64
	kept     []float64
}

const sampleSize = 512

func (s *sample) add(v float64) {
	if s.count == 0 {
		s.min, s.max = v, v
	}
	s.count++
	s.min, s.max, s.last = min(s.min, v), max(s.max, v), v
	if len(s.kept) < sampleSize {
		s.kept = append(s.kept, v)
		return
	}
	s.state += 0x9E3779B97F4A7C15 // SplitMix64
	z := s.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	z ^= z >> 31
	if i := z % s.count; i < sampleSize {
		s.kept[i] = v
	}
}

func (s *sample) summary(base float64) Summary {
	if s.count == 0 {
		return Summary{}
	}
	sorted := slices.Sorted(slices.Values(s.kept))
	rank := func(q float64) float64 { return sorted[int(math.Ceil(q*float64(len(sorted))))-1] }
	// To the femtosecond: what float arithmetic leaves below that is not data.
	round := func(v float64) float64 { return math.Round((v+base)*1e15) / 1e15 }
	return Summary{
		Count: s.count, Min: round(s.min), Median: round(rank(0.5)), P99: round(rank(0.99)),
		Max: round(s.max), Last: round(s.last),
	}
}
