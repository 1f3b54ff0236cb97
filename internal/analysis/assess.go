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

// readError reads how far the best master's time is off, in the newest block of
// 16 s that there is all of.
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
	if _, flags := p.timescale(); best.Basis != "" || !flags.Has(ptp.FlagPTPTimescale) {
		return best
	}
	heard := t.witnesses()
	for _, tm := range p.timings {
		a, ok := t.againstOthers(p, tm, heard[tm.Clock()])
		if ok && (best.Basis == "" || cmp.Or(cmp.Compare(a.Count, best.Count), cmp.Compare(best.Bound, a.Bound)) > 0) {
			best = a
		}
	}
	return best
}

// block is what the packets of 16 s tell of a port.
type block struct {
	stability.Middle
	base  int64
	bound float64 // by how much asymmetry, and too few packets, put Offset wrong
}

// blocks are those that a tap has of a port, and of which a bound is known, the
// oldest first.
func (p *port) blocks(tm *timing) (list []block) {
	t := p.domain.tracker
	middles, base, _ := tm.Middles(int64(t.now))
	link, linked := tm.Link(int64(t.now))
	cfg, _ := p.domain.cfg.grandmaster(p.id.ClockIdentity)
	for _, m := range middles {
		mean, known := m.MeanPathDelay, m.MeanPathDelay > 0
		if !known {
			mean, known = link, linked
		}
		if bound, ok := stability.AsymmetryBound(mean, cfg.LeastDelay.Seconds()); ok && known {
			list = append(list, block{m, base, bound + errorSure*m.Error})
		}
	}
	return list
}

// errorSure is by how many sigmas what packets tell may be off.
const errorSure = 3

// reading is an Assessment of a port as far as that hangs on its newest block.
func (p *port) reading(tm *timing) (Assessment, block, bool) {
	list := p.blocks(tm)
	if len(list) == 0 || tm.Clock() == nil {
		return Assessment{}, block{}, false
	}
	b := list[len(list)-1]
	return Assessment{
		Grandmaster: p.grandmaster(), Port: p.id, Tap: tm.tap, Bound: b.bound, Number: b.Number,
		clock: tm.Clock(), steps: tm.Clock().Steps, iface: tm.iface,
	}, b, true
}

// againstReference reads a port by a clock that is vouched for.
func (t *Tracker) againstReference(p *port, tm *timing) (Assessment, bool) {
	vouched, ok := t.cfg.ReferenceErrors[tm.iface]
	if !ok || !t.cfg.References[tm.iface] {
		return Assessment{}, false
	}
	a, b, ok := p.reading(tm)
	if !ok {
		return a, false
	}
	announce, flags := p.timescale()
	if tm.flags != 0 {
		announce, flags = tm.announce, tm.flags
	}
	apart := time.Duration(b.base)
	shift, ok := t.cfg.Timescales[tm.iface].Shift(apart, flags.Has(ptp.FlagPTPTimescale), t.utcOffsets(announce, flags)...)
	a.Basis, a.Count, a.Error = BasisReference, 1, -(b.Offset + (apart + shift).Seconds())
	a.Bound += vouched.Seconds()
	return a, ok
}

// against is a grandmaster that another is compared with.
type against struct{ ahead, bound float64 }

// againstOthers compares a port with the middle of all acceptable grandmasters
// that claim to know the time and that the same clock hears, itself among them.
func (t *Tracker) againstOthers(p *port, tm *timing, heard []witness) (Assessment, bool) {
	a, b, ok := p.reading(tm)
	if !ok {
		return a, false
	}
	values, seen := []against{{}}, []ptp.ClockIdentity{a.Grandmaster}
	for i := range heard {
		w := &heard[i]
		if slices.Contains(seen, w.id) {
			continue
		}
		for _, o := range w.port.blocks(w.timing) {
			if o.Number == b.Number {
				// The clock's offset from mine less that from the other is the other's lead.
				values = append(values, against{b.Offset - o.Offset + float64(b.base-o.base)/1e9, o.bound})
				seen = append(seen, w.id)
			}
		}
	}
	middle, most := middleOf(values)
	a.Basis, a.Count, a.Error = BasisPair, len(values), -middle
	a.Bound += most
	return a, a.Count > 1
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

// rule is what a domain is held to; false where it is held to nothing.
func (d *domain) rule() (*compliance.Profile, time.Duration, bool) {
	p, ok := compliance.Lookup(d.cfg.Compliance)
	if !ok {
		return nil, 0, false
	}
	return p, cmp.Or(d.cfg.ComplianceLimit, p.Default()), true
}
