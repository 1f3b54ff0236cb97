package analysis

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/analysis/jury"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// court is the jury of the grandmasters that one clock hears.
type court struct {
	source packet.StampSource
	clock  string
	panel  jury.Panel
	steps  uint64 // of that clock, when it was asked last
	ifaces map[jury.Key]string
	sat    instant // when it judged last
}

// juryEvery is how often it is looked whether a block is complete. A block takes
// 16 s: a tap whose clock runs free must be read over some seconds to be read to
// nanoseconds, and at one Sync a second that takes as many.
const juryEvery = 4 * time.Second

// juryLate is how many blocks ago a grandmaster may have been heard and is still
// waited for.
const juryLate = 2

// witness is a grandmaster as one tap hears it.
type witness struct {
	*grandmaster
	port    *port
	timing  *timing
	middles []stability.Middle
	base    int64
	claim   float64
}

func (w *witness) key() jury.Key {
	s := w.domain.scope
	return jury.Key{
		Network: s.Network, Domain: s.DomainNumber, SdoID: s.SdoID, Grandmaster: w.id, Port: w.port.id, Tap: w.timing.tap,
	}
}

// heardLast is the number of the last block.
func (w *witness) heardLast() int64 { return w.middles[len(w.middles)-1].Number }

// juryDue asks all who are heard what they tell, clock by clock. While nobody is,
// there is nobody to wait for.
func (t *Tracker) juryDue(at instant) instant {
	heard := t.witnesses()
	if len(heard) == 0 {
		return never
	}
	for _, c := range t.stampClocks {
		if list := heard[c.Clock]; len(list) > 0 {
			t.courtOf(c.Clock).hear(t, c.Clock, list)
		}
	}
	return at.add(juryEvery)
}

// courtOf finds or makes the jury of a clock.
func (t *Tracker) courtOf(c *delay.Clock) *court {
	for _, b := range t.juries {
		if b.source == c.Source && b.clock == c.Name {
			return b
		}
	}
	b := &court{source: c.Source, clock: c.Name, steps: c.Steps, ifaces: make(map[jury.Key]string), sat: longAgo}
	t.juries = append(t.juries, b)
	return b
}

// witnesses are those who sit in a jury: acceptable grandmasters on the PTP
// timescale that claim to know the time, those heard first going first. A
// stranger has no vote: three that agree would outvote whom they are to replace.
func (t *Tracker) witnesses() map[*delay.Clock][]witness {
	byClock := make(map[*delay.Clock][]witness)
	for _, e := range t.clocks.entries {
		g := e.value
		if v, _ := g.domain.judgeIdentity(g.id); v == Unacceptable || v == Undecided && g.domain.learned.state != StateOff {
			continue
		}
		claim, ok := g.claim()
		p := t.ports.get(portKey{g.domain, g.nearest})
		if !ok || p == nil || !g.flags.Has(ptp.FlagPTPTimescale) || p.value.grandmaster() != g.id || g.domain.impostor(p.value, g.id) {
			continue
		}
		for _, tm := range p.value.timings {
			if middles, base, clock := tm.Middles(int64(t.now)); len(middles) > 0 {
				byClock[clock] = append(byClock[clock], witness{g, p.value, tm, middles, base, claim})
			}
		}
	}
	for clock, list := range byClock {
		slices.SortFunc(list, func(a, b witness) int {
			return cmp.Or(cmp.Compare(a.first, b.first), a.domain.scope.compare(b.domain.scope), compareIdentities(a.id, b.id),
				cmp.Compare(a.timing.tap, b.timing.tap))
		})
		byClock[clock] = list[:min(len(list), jury.Seats)]
	}
	return byClock
}

// hear judges the blocks that all have told of, or that are over anyway.
func (b *court) hear(t *Tracker, c *delay.Clock, list []witness) {
	newest := int64(math.MinInt64)
	for i := range list {
		newest = max(newest, list[i].heardLast())
	}
	last, begun := b.panel.Last()
	if !begun || newest < last || newest-last > juryLate {
		last = newest - juryLate // the clock was set, or nothing came for a while
	}
	if b.steps != c.Steps {
		b.steps = c.Steps
		b.panel.Forget(func(k jury.Key) bool { return k.Reference }) // it cannot vouch for anybody
	}
	b.panel.Learn = int(math.Ceil(t.cfg.LearnFor.Seconds() / jury.BlockSeconds))
	for n := last + 1; n <= newest; n++ {
		if n == newest && slices.ContainsFunc(list, func(w witness) bool { return w.heardLast() < n && n-w.heardLast() <= juryLate }) {
			return // somebody is about to tell
		}
		if said := b.testimonies(t, c, list, n); len(said) > 0 {
			b.sat = t.now
			b.tell(t, b.panel.Judge(n, said))
		}
	}
}

// testimonies are what was told in one block.
func (b *court) testimonies(t *Tracker, c *delay.Clock, list []witness, n int64) (said []jury.Testimony) {
	clear(b.ifaces)
	reference := false
	for i := range list {
		w := &list[i]
		m := slices.IndexFunc(w.middles, func(m stability.Middle) bool { return m.Number == n })
		if m < 0 {
			continue
		}
		mid := &w.middles[m]
		said = append(said, jury.Testimony{
			Key: w.key(), Base: w.base, Offset: mid.Offset, Error: mid.Error, Mean: mid.MeanPathDelay,
			Resolution: float64(c.Resolution()) / 1e9, Accuracy: w.claim, Asymmetry: w.asymmetry(mid.MeanPathDelay),
		})
		b.ifaces[said[len(said)-1].Key] = w.timing.iface
		reference = reference || t.cfg.References[w.timing.iface]
	}
	if reference && len(said) > 0 && said[0].Base < farEpoch && said[0].Base > -farEpoch {
		said = append(said, jury.Testimony{Key: jury.Key{Reference: true}, Accuracy: referenceAccuracy, Resolution: said[0].Resolution})
	}
	return said
}

const (
	// referenceAccuracy is what a reference of the tap is held to, in seconds: a
	// primary reference time clock (ITU-T G.8272 class A).
	referenceAccuracy = 100e-9
	// farEpoch is how far apart two clocks may be that both know the time, in ns.
	farEpoch = 1e12
)

// forgetJurors has what a scope's paths add learned anew.
func (t *Tracker) forgetJurors(s Scope) {
	for _, b := range t.juries {
		b.panel.Forget(func(k jury.Key) bool { return scopeOf(k) == s })
	}
}
