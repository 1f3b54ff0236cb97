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
// relative to a base, the first difference seen, so that no digit is lost to a
// float. Only stamps of one clock are ever set against each other.
type timing struct {
	tap              string
	forward, reverse direction

	// What both directions gave together, by the clock they had in common;
	// samples of O hold O - base.
	clock    stampClock
	base     time.Duration
	meanPath sample
	offset   sample
}

// stampClock is the clock that read a stamp.
type stampClock struct {
	source packet.StampSource
	name   string
}

func clockOf(o *packet.Observation) stampClock { return stampClock{o.StampSource, o.StampClock} }

// direction is A or B; samples hold the value minus base.
type direction struct {
	clock  stampClock
	base   time.Duration
	at     instant
	last   float64
	sample sample
}

const (
	// pairWithin is how old a forward delay may be to be paired with a reverse
	// one. A tap that drifts by 20 ppm adds at most half of 20 us per second.
	pairWithin = 2 * time.Second
	// clockGone is how long a clock must have stamped nothing before another
	// that is no better takes its place: a NIC may miss a frame, which then has
	// the kernel's stamp alone.
	clockGone = 10 * time.Second
)

// add takes a difference and its corrections in seconds, by a clock, and says
// whether they count. What another clock measured before is dropped.
func (d *direction) add(clock stampClock, diff time.Duration, correction float64, now instant) bool {
	if d.sample.count > 0 && clock != d.clock {
		if clock.source <= d.clock.source && now.sub(d.at) < clockGone {
			return false
		}
		*d = direction{}
	}
	if d.sample.count == 0 {
		d.clock, d.base = clock, diff
	}
	d.at, d.last = now, (diff-d.base).Seconds()-correction
	d.sample.add(d.last)
	return true
}

// pair puts the newest of both directions together.
func (tm *timing) pair(now instant) {
	f, r := &tm.forward, &tm.reverse
	if f.sample.count == 0 || f.clock != r.clock || now.sub(f.at) > pairWithin {
		return
	}
	if tm.clock != f.clock || tm.base != f.base {
		tm.clock, tm.base, tm.meanPath, tm.offset = f.clock, f.base, sample{}, sample{}
	}
	apart := (f.base + r.base).Seconds()
	tm.meanPath.add((f.last + r.last + apart) / 2)
	tm.offset.add((f.last - r.last - apart) / 2)
}

// timingOf finds or makes the port's timing state; nil when the limit is reached.
func (t *Tracker) timingOf(p *port) *timing {
	if p.timing == nil {
		if t.timingPorts >= t.cfg.Limits.TimingPorts {
			t.timingFull++
			return nil
		}
		t.timingPorts++
		p.timing = &timing{}
	}
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
	if tm := t.timingOf(p); tm != nil && tm.forward.add(s.clock, diff, cf, t.now) {
		tm.tap = s.tap
	}
}

// reverse takes a complete delay exchange: the request, and its response.
func (t *Tracker) reverse(p *port, r *request, response *ptp.Message) {
	t4, ok := ptp.Nanoseconds(response.Timestamp)
	resp, respOK := seconds(response.CorrectionField)
	req, reqOK := seconds(r.correction)
	if !ok || !respOK || !reqOK {
		return
	}
	diff, ok := difference(t4, int64(r.stamp))
	if !ok {
		return
	}
	if tm := t.timingOf(p); tm != nil && tm.reverse.add(r.clock, diff, resp-req, t.now) {
		tm.tap = r.tap
		tm.pair(t.now)
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

// view adds the bases back. Forward, reverse and offset are left out where the
// tap's clock has an epoch of its own; the mean path delay never holds it.
func (tm *timing) view(a ptp.Announce, flags ptp.Flags) TimingView {
	v := TimingView{Tap: tm.tap, StampSource: tm.forward.clock.source, MeanPathDelay: tm.meanPath.summary(0)}
	if tm.forward.sample.count == 0 {
		v.StampSource = tm.reverse.clock.source
	}
	// known is how far the tap is from the grandmaster, if both tell the time.
	known := func(apart time.Duration) (float64, bool) {
		if flags.Has(ptp.FlagPTPTimescale) && apart.Abs() > knownEpoch {
			apart += time.Duration(a.CurrentUTCOffset) * time.Second // the tap tells UTC
		}
		return apart.Seconds(), apart.Abs() <= knownEpoch
	}
	if apart, ok := known(tm.forward.base); ok {
		v.Forward = tm.forward.sample.summary(apart)
	}
	if apart, ok := known(-tm.reverse.base); ok {
		v.Reverse = tm.reverse.sample.summary(-apart)
	}
	if apart, ok := known(tm.base); ok {
		v.Offset = tm.offset.summary(apart)
	}
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
