package analysis

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/compliance"
	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Basis is what a time error is measured against.
type Basis string

// The bases: a clock that stamps and is vouched for, or the middle of the
// grandmasters that one clock hears. "" is nothing.
const (
	BasisReference Basis = "reference"
	BasisPair      Basis = "pair"
)

// Assessment holds one reading of how far a grandmaster's time, as it arrives at
// the tap, is from a reference.
type Assessment struct {
	Basis       Basis // "": there is no reading
	Grandmaster ptp.ClockIdentity
	Port        ptp.PortIdentity // that it was heard from
	Tap         string
	Error       float64 // grandmaster minus reference, seconds
	// Bound is by how much Error can be wrong, in seconds: asymmetry, and what the
	// reference may be off.
	Bound float64
	Count int // grandmasters compared, with its own; 1 for BasisReference

	Number int64 // of the reading, in units of 16 s: the next one has the next
	clock  *delay.Clock
	steps  uint64
	iface  string
}

// Shows says what a reading shows of a limit, in seconds: with all that it can
// be wrong it is within, or it is beyond, or it shows neither.
func (a *Assessment) Shows(limit float64) Showing {
	switch e := math.Abs(a.Error); {
	case a.Basis == "":
		return NotMeasured
	case e+a.Bound <= limit:
		return ShownWithin
	case e-a.Bound > limit:
		return ShownExceeded
	}
	return NotShown
}

// Showing is what time shows of a limit.
type Showing uint8

// The verdicts.
const (
	NotMeasured Showing = iota
	NotShown            // the limit is between the least and the most that the error can be
	ShownWithin
	ShownExceeded
	Showings // how many there are
)

func (v Showing) String() string {
	return [...]string{"not measured", "undecided", "within", "exceeded"}[v]
}

// readError reads how far the best master's time is off, by the newest reading.
func (d *domain) readError() Assessment {
	if d.best == nil {
		return Assessment{}
	}
	t, p := d.tracker, d.best
	var best Assessment
	for _, tm := range p.timings {
		if a, ok := t.againstReference(p, tm); ok && (best.Basis == "" || a.Bound < best.Bound) {
			best = a
		}
	}
	if best.Basis != "" {
		return best
	}
	for clock, heard := range t.readGrandmasters() {
		if a, ok := t.againstOthers(d, clock, heard); ok && (best.Basis == "" || cmp.Or(cmp.Compare(a.Count, best.Count), -cmp.Compare(a.Bound, best.Bound)) > 0) {
			best = a
		}
	}
	return best
}

// againstReference reads a port by a clock that is vouched for.
func (t *Tracker) againstReference(p *port, tm *timing) (Assessment, bool) {
	vouched, ok := t.cfg.References[tm.iface]
	if !ok {
		return Assessment{}, false
	}
	readings, base, clock := tm.Readings(int64(t.now))
	bound, known := p.asymmetry(tm)
	if len(readings) == 0 || !known {
		return Assessment{}, false
	}
	announce, flags := p.timescale()
	if tm.flags != 0 {
		announce, flags = tm.announce, tm.flags
	}
	shift, ok := t.cfg.Timescales[tm.iface].Shift(time.Duration(base), flags.Has(ptp.FlagPTPTimescale), t.utcOffsets(announce, flags)...)
	if !ok {
		return Assessment{}, false
	}
	newest := readings[len(readings)-1]
	return Assessment{
		Basis: BasisReference, Grandmaster: p.grandmaster(), Port: p.id, Tap: tm.tap,
		Error: -(newest.Offset + (time.Duration(base) + shift).Seconds()), Bound: bound + vouched.Seconds(), Count: 1,
		Number: newest.Number, clock: clock, steps: clock.Steps, iface: tm.iface,
	}, true
}

// asymmetry bounds by how much the way to a port puts an offset wrong: each
// direction takes what the operator says at least, or nothing (RFC 7384 is on
// who may make it longer).
func (p *port) asymmetry(tm *timing) (float64, bool) {
	mean, ok := tm.Longest(int64(p.domain.tracker.now))
	if !ok {
		return 0, false
	}
	cfg, _ := p.domain.cfg.grandmaster(p.id.ClockIdentity)
	return stability.AsymmetryBound(mean, cfg.LeastDelay.Seconds())
}

// against is a grandmaster that another is compared with.
type against struct{ ahead, bound float64 }

// againstOthers compares the best of a domain with the middle of all acceptable
// grandmasters that a clock hears, by the newest reading of its own.
func (t *Tracker) againstOthers(d *domain, clock *delay.Clock, heard []read) (Assessment, bool) {
	own := slices.IndexFunc(heard, func(r read) bool { return r.domain == d && r.id == d.leader && r.nearest == d.best.id })
	if own < 0 {
		return Assessment{}, false
	}
	mine := &heard[own]
	newest := mine.readings[len(mine.readings)-1]
	at, bound, ok := mine.boundAt(clock)
	if !ok {
		return Assessment{}, false
	}
	values := []against{{}}
	for i := range heard {
		o := &heard[i]
		if i == own || o.id == mine.id || !o.trusted() {
			continue
		}
		// The clock's offset from mine less that from the other is the other's lead.
		k := slices.IndexFunc(o.readings, func(r stability.Reading) bool { return r.Number == newest.Number })
		if k < 0 {
			continue
		}
		if _, b, ok := o.boundAt(clock); ok {
			values = append(values, against{newest.Offset - o.readings[k].Offset + float64(mine.base-o.base)/1e9, b})
		}
	}
	if len(values) < 2 {
		return Assessment{}, false
	}
	middle, most := middleOf(values)
	return Assessment{
		Basis: BasisPair, Grandmaster: mine.id, Port: mine.nearest, Tap: at.tap, Error: -middle, Bound: bound + most, Count: len(values),
		Number: newest.Number, clock: clock, steps: clock.Steps, iface: at.iface,
	}, true
}

// middleOf is the median of how far others are ahead, of two the one that is
// further from 0, and the largest of the bounds.
func middleOf(values []against) (middle, most float64) {
	slices.SortFunc(values, func(a, b against) int { return cmp.Compare(a.ahead, b.ahead) })
	for _, v := range values {
		most = max(most, v.bound)
	}
	n := len(values)
	low, high := values[(n-1)/2].ahead, values[n/2].ahead
	if math.Abs(low) > math.Abs(high) {
		return low, most
	}
	return high, most
}

// boundAt bounds what asymmetry does to the readings of a grandmaster by a
// clock.
func (r *read) boundAt(clock *delay.Clock) (*timing, float64, bool) {
	t := r.domain.tracker
	e := t.ports.get(portKey{r.domain, r.nearest})
	if e == nil {
		return nil, 0, false
	}
	for _, tm := range e.value.timings {
		if _, _, c := tm.Readings(int64(t.now)); c == clock {
			bound, ok := e.value.asymmetry(tm)
			return tm, bound, ok
		}
	}
	return nil, 0, false
}

// rule is what a domain is held to; false where it is held to nothing.
func (d *domain) rule() (*compliance.Profile, time.Duration, bool) {
	p, ok := compliance.Lookup(d.cfg.Compliance)
	if !ok {
		return nil, 0, false
	}
	return p, cmp.Or(d.cfg.ComplianceLimit, p.Default()), true
}
