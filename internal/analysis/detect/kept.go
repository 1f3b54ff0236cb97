package detect

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
)

// Kept is all that a Path has learned.
func (p *Path) Kept() keep.Fields {
	return keep.Fields{
		{Name: "stage", Value: &p.stage}, {Name: "learning", Value: &p.learning}, {Name: "noise", Value: &p.noise},
		{Name: "spread", Value: &p.spread}, {Name: "block", Value: &p.block}, {Name: "decision", Value: &p.h},
		{Name: "most", Value: &p.most}, {Name: "cusum", Value: &p.cusum}, {Name: "before", Value: &p.before},
		{Name: "last", Value: &p.last}, {Name: "epoch", Value: &p.epoch}, {Name: "breaks", Value: &p.breaks},
		{Name: "recent", Value: &p.recent}, {Name: "suspect", Value: &p.suspect}, {Name: "passed", Value: &p.passed},
		{Name: "link", Value: &p.link}, {Name: "latest", Value: &p.latest}, {Name: "moved", Value: &p.moved},
		{Name: "peak", Value: &p.peak}, {Name: "step", Value: &p.step}, {Name: "slow", Value: &p.slow},
	}
}

// Check implements keep.Checker.
func (p *Path) Check() error {
	h, past := &p.recent, &p.slow.past
	begun := h.size == recentSize && past.size == slotsKept
	switch {
	case !begun && (h.size != 0 || past.size != 0):
		return fmt.Errorf("histories of %d and %d points, want %d and %d", h.size, past.size, recentSize, slotsKept)
	case p.stage > Suspect || p.stage != Learning && h.count == 0 || len(p.learning) > learnMost:
		return fmt.Errorf("stage %d with %d points and %d to learn from", p.stage, h.count, len(p.learning))
	case p.latest.kind >= kinds || !h.has(p.suspect.onset) || !h.has(p.latest.before) || !h.has(p.latest.from):
		return fmt.Errorf("points %d, %d and %d of %d", p.suspect.onset, p.latest.before, p.latest.from, h.count)
	}
	return nil
}

// has says whether a number may be that of a point, or of the next.
func (h *history) has(i int) bool { return i >= 0 && i <= h.count }

func (h *history) Kept() keep.Fields {
	return keep.Fields{
		{Name: "points", Value: &h.ring}, {Name: "size", Value: &h.size}, {Name: "count", Value: &h.count},
		{Name: "fresh", Value: &h.fresh}, {Name: "errors", Value: &h.errors},
	}
}

func (h *history) Check() error {
	if h.size < 0 || h.count < 0 || len(h.ring) != min(h.count, h.size) {
		return fmt.Errorf("%d points of %d, want %d", len(h.ring), h.count, h.size)
	}
	return nil
}

func (x *point) Kept() keep.Fields {
	return keep.Row(&x.at, &x.now, &x.mean, &x.offset, &x.spread, &x.epoch)
}

func (s *scale) Kept() keep.Fields { return keep.Row(&s.value, &s.count) }

func (s *suspicion) Kept() keep.Fields { return keep.Row(&s.onset, &s.since, &s.later) }

func (l *latest) Kept() keep.Fields {
	return keep.Row(&l.before, &l.from, &l.next, &l.told, &l.kind, &l.mean)
}

func (t *transients) Kept() keep.Fields {
	return keep.Fields{
		{Name: "base", Value: &t.base}, {Name: "core", Value: &t.core}, {Name: "known", Value: &t.known},
		{Name: "run", Value: &t.run}, {Name: "height", Value: &t.height}, {Name: "long", Value: &t.long}, {Name: "tall", Value: &t.tall},
	}
}

func (s *slow) Kept() keep.Fields {
	return keep.Fields{
		{Name: "frozen", Value: &s.frozen}, {Name: "past", Value: &s.past}, {Name: "slot", Value: &s.slot}, {Name: "minute", Value: &s.minute},
		{Name: "minutes", Value: &s.minutes}, {Name: "n", Value: &s.n}, {Name: "own", Value: &s.own}, {Name: "before", Value: &s.before},
		{Name: "has", Value: &s.has}, {Name: "off", Value: &s.off}, {Name: "last", Value: &s.last}, {Name: "told", Value: &s.told},
		{Name: "away", Value: &s.away}, {Name: "day", Value: &s.day},
	}
}

func (s *slow) Check() error {
	if s.n < 0 || s.n >= quarter {
		return fmt.Errorf("%d minutes of a quarter", s.n)
	}
	return nil
}

func (d *daily) Kept() keep.Fields {
	return keep.Fields{{Name: "quarters", Value: &d.ring}, {Name: "count", Value: &d.count}}
}

func (d *daily) Check() error {
	if d.count < 0 {
		return fmt.Errorf("%d quarters", d.count)
	}
	return nil
}

func (g *gathered) Kept() keep.Fields {
	return keep.Fields{
		{Name: "number", Value: &g.number}, {Name: "n", Value: &g.n}, {Name: "means", Value: &g.means},
		{Name: "offsets", Value: &g.offsets}, {Name: "first", Value: &g.first}, {Name: "last", Value: &g.last},
	}
}

func (g *gathered) Check() error {
	if g.n < 0 {
		return fmt.Errorf("%d blocks", g.n)
	}
	return nil
}

// Kept is the block that is gathered, and the rate of those before.
func (g *Gather) Kept() keep.Fields {
	return keep.Fields{
		{Name: "values", Value: &g.values}, {Name: "n", Value: &g.n}, {Name: "stride", Value: &g.stride}, {Name: "skipped", Value: &g.skipped},
		{Name: "from", Value: &g.from}, {Name: "last", Value: &g.last}, {Name: "epoch", Value: &g.epoch}, {Name: "passed", Value: &g.passed},
		{Name: "blocks", Value: &g.blocks}, {Name: "link", Value: &g.link},
	}
}

// Check implements keep.Checker.
func (g *Gather) Check() error {
	if g.n < 0 || g.n > gatherSize || g.blocks < 0 {
		return fmt.Errorf("%d values, %d blocks", g.n, g.blocks)
	}
	return nil
}

func (v *value) Kept() keep.Fields { return keep.Row(&v.at, &v.forward, &v.reverse) }

func (o *offset) Kept() keep.Fields { return keep.Row(&o.at, &o.v) }
