package analysis

import (
	"cmp"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// PairView is how far the time of a grandmaster is ahead of that of another, as
// one clock that hears both tells them apart: its own time cancels. Half the
// difference between the asymmetries of their paths does not.
type PairView struct {
	A, B        PairEnd
	Offset      float64 // B minus A, seconds: the median of Count readings
	Spread      float64 // of the readings, as of stability.Robust
	Count       int
	StampSource packet.StampSource
	StampClock  string
}

// PairEnd is one of them; A is before B in this order.
type PairEnd struct {
	Scope       Scope
	Grandmaster ptp.ClockIdentity
	Name        string // from the configuration
}

func (e PairEnd) compare(o PairEnd) int {
	return cmp.Or(e.Scope.compare(o.Scope), compareIdentities(e.Grandmaster, o.Grandmaster))
}

func (p *PairView) compare(o *PairView) int {
	return cmp.Or(p.A.compare(o.A), p.B.compare(o.B))
}

// maxPaired is how many grandmasters of one clock are compared, each with each:
// those on a list or best first, then those that were heard first.
const maxPaired = 16

// pairsLeast is how many readings a pair takes.
const pairsLeast = 3

// read is a grandmaster as one clock reads it.
type read struct {
	*grandmaster
	readings []stability.Reading
	base     int64
}

// pairs compares all grandmasters that one clock hears, on whatever network.
func (t *Tracker) pairs() []PairView {
	var list []PairView
	for clock, heard := range t.readGrandmasters() {
		for i, a := range heard {
			for _, b := range heard[:i] {
				if p, ok := pair(clock, a, b); ok {
					list = append(list, p)
				}
			}
		}
	}
	// Of two clocks that hear the same pair, the better counts.
	slices.SortFunc(list, func(a, b PairView) int {
		return cmp.Or(a.compare(&b), cmp.Compare(b.StampSource, a.StampSource), cmp.Compare(b.Count, a.Count), cmp.Compare(a.StampClock, b.StampClock))
	})
	return slices.CompactFunc(list, func(a, b PairView) bool { return a.compare(&b) == 0 })
}

// readGrandmasters has, by clock, the grandmasters on the PTP timescale: only
// these have an epoch in common (IEEE 1588-2019 7.2.1).
func (t *Tracker) readGrandmasters() map[*delay.Clock][]read {
	byClock := make(map[*delay.Clock][]read)
	for _, e := range t.clocks.entries {
		g := e.value
		p := t.ports.get(portKey{g.domain, g.nearest})
		if p == nil || !g.flags.Has(ptp.FlagPTPTimescale) || p.value.grandmaster() != g.id {
			continue
		}
		for _, tm := range p.value.timings {
			if readings, base, clock := tm.Readings(int64(t.now)); len(readings) >= pairsLeast {
				byClock[clock] = append(byClock[clock], read{g, readings, base})
			}
		}
	}
	for clock, heard := range byClock {
		slices.SortFunc(heard, func(a, b read) int {
			return cmp.Or(-compareBools(a.trusted(), b.trusted()), cmp.Compare(a.first, b.first),
				a.domain.scope.compare(b.domain.scope), compareIdentities(a.id, b.id), -cmp.Compare(len(a.readings), len(b.readings)))
		})
		// Of two taps of one clock that hear the same grandmaster, one counts.
		heard = slices.CompactFunc(heard, func(a, b read) bool { return a.grandmaster == b.grandmaster })
		byClock[clock] = heard[:min(len(heard), maxPaired)]
	}
	return byClock
}

// trusted says whether a grandmaster goes before strangers.
func (g *grandmaster) trusted() bool {
	verdict, _ := g.domain.judgeIdentity(g.id)
	return verdict == Acceptable || g.reignFrom != never
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// pair compares two, whichever way round.
func pair(clock *delay.Clock, a, b read) (PairView, bool) {
	p := PairView{A: a.end(), B: b.end(), StampSource: clock.Source, StampClock: clock.Name}
	if p.A.compare(p.B) > 0 {
		p.A, p.B, a, b = p.B, p.A, b, a
	}
	// The clock's offset from A less that from B is B minus A.
	apart := a.base - b.base
	if (a.base > b.base) != (apart > 0) && apart != 0 {
		return p, false
	}
	p.Offset, p.Spread, p.Count = stability.Difference(a.readings, b.readings)
	p.Offset += float64(apart) / 1e9
	return p, p.Count >= pairsLeast
}

func (r *read) end() PairEnd {
	cfg, _ := r.domain.cfg.grandmaster(r.id)
	return PairEnd{r.domain.scope, r.id, cfg.Name}
}
