package tamper

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
)

// Kept is all that a Way has learned, and the block that is gathered.
func (w *Way) Kept() keep.Fields {
	return keep.Fields{
		{Name: "rate", Value: &w.rate}, {Name: "rated", Value: &w.begun}, {Name: "samples", Value: &w.samples}, {Name: "n", Value: &w.n}, {Name: "kept", Value: &w.kept},
		{Name: "began", Value: &w.began}, {Name: "blocks", Value: &w.blocks}, {Name: "core", Value: &w.learned.core},
		{Name: "half", Value: &w.learned.half}, {Name: "late", Value: &w.learned.late}, {Name: "known", Value: &w.known},
		{Name: "corrections", Value: &w.Corrections}, {Name: "restless", Value: &w.spread}, {Name: "peak", Value: &w.peak}, {Name: "found", Value: &w.found},
	}
}

// Check implements keep.Checker.
func (w *Way) Check() error {
	if w.n < 0 || w.n >= Size || w.kept < w.n || w.kept > Size {
		return fmt.Errorf("%d samples of %d, %d kept", w.n, Size, w.kept)
	}
	return nil
}

// Kept implements keep.Keeper.
func (s *Sample) Kept() keep.Fields { return keep.Row(&s.At, &s.Delay, &s.Correction, &s.From) }

// Kept implements keep.Keeper.
func (c *Corrections) Kept() keep.Fields {
	return keep.Fields{
		{Name: "floor", Value: &c.floor}, {Name: "median", Value: &c.median}, {Name: "least", Value: &c.least}, {Name: "most", Value: &c.most},
		{Name: "corrected", Value: &c.corrected}, {Name: "jump", Value: &c.jump}, {Name: "moved", Value: &c.moved},
		{Name: "outside", Value: &c.outside}, {Name: "new", Value: &c.new}, {Name: "shift", Value: &c.shift},
	}
}

func (j *jump) Kept() keep.Fields {
	return keep.Row(&j.before, &j.n, &j.from, &j.at, &j.rate, &j.miss, &j.after, &j.follows)
}

func (j *jump) Check() error {
	if j.n < 0 || j.n > len(j.before) || j.follows < 0 || j.follows > len(j.after) {
		return fmt.Errorf("%d blocks before a jump, %d after", j.n, j.follows)
	}
	return nil
}

func (p *point) Kept() keep.Fields { return keep.Row(&p.at, &p.value) }

func (p *peak) Kept() keep.Fields {
	return keep.Row(&p.streak, &p.late, &p.owners, &p.next, &p.by, &p.share, &p.from, &p.usual, &p.known)
}

func (p *peak) Check() error {
	if p.next < 0 || p.next >= Sure || p.known < 0 || p.known > len(p.usual) {
		return fmt.Errorf("late messages of block %d, %d usual peaks", p.next, p.known)
	}
	for i := range p.late {
		if len(p.late[i]) != len(p.owners[i]) || len(p.late[i]) > Size {
			return fmt.Errorf("%d late messages of %d owners", len(p.late[i]), len(p.owners[i]))
		}
	}
	return nil
}

// Kept implements keep.Keeper.
func (l *Level) Kept() keep.Fields {
	return keep.Row(&l.newest, &l.n, &l.Centre, &l.Spread, &l.known)
}

// Check implements keep.Checker.
func (l *Level) Check() error {
	if l.n < 0 {
		return fmt.Errorf("%d values", l.n)
	}
	return nil
}

// Kept is all that is known of the clients.
func (c *Clients) Kept() keep.Fields {
	return keep.Fields{
		{Name: "watched", Value: &c.watched}, {Name: "mean", Value: &c.mean}, {Name: "known", Value: &c.known}, {Name: "off", Value: &c.off},
		{Name: "below", Value: &c.below}, {Name: "sure", Value: &c.sure}, {Name: "low", Value: &c.low},
	}
}

// Check implements keep.Checker.
func (c *Clients) Check() error {
	if len(c.watched) > MaxClients {
		return fmt.Errorf("%d clients, want %d at most", len(c.watched), MaxClients)
	}
	return nil
}

func (w *watched) Kept() keep.Fields {
	return keep.Row(&w.from, &w.count, &w.fresh, &w.least, &w.spread, &w.own, &w.beside, &w.usual, &w.blocks, &w.learned, &w.departs)
}

// Kept implements keep.Keeper.
func (s *Span) Kept() keep.Fields {
	return keep.Fields{
		{Name: "gathered", Value: &s.gathered}, {Name: "began", Value: &s.began}, {Name: "transit", Value: &s.transit}, {Name: "left", Value: &s.left},
		{Name: "groups", Value: &s.groups}, {Name: "usual", Value: &s.usual}, {Name: "usual_left", Value: &s.usualLeft},
		{Name: "steady", Value: &s.steady}, {Name: "steady_left", Value: &s.steadyLeft}, {Name: "known", Value: &s.known}, {Name: "sure", Value: &s.sure},
		{Name: "since", Value: &s.since}, {Name: "off", Value: &s.off}, {Name: "off_since", Value: &s.offSince}, {Name: "took", Value: &s.took},
		{Name: "took_of", Value: &s.tookOf}, {Name: "moved", Value: &s.moved},
	}
}
