package delay

import (
	"errors"
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// Kept is what of a Meter later values hang on. Statistics, and requests that
// wait for a Sync, are not kept.
func (m *Meter) Kept() keep.Fields {
	return keep.Fields{
		{Name: "forward", Value: &m.forward}, {Name: "reverse", Value: &m.reverse}, {Name: "pairs", Value: &m.pairs},
		{Name: "track", Value: &m.track}, {Name: "link", Value: &m.link}, {Name: "now", Value: &m.now},
		{Name: "monitor", Value: &m.monitor}, {Name: "gather", Value: &m.gather},
	}
}

// Adopt ends reading a Meter: its clocks are others' as well. known gives that of
// which this is a picture, nil where there is no room for it.
func (m *Meter) Adopt(known func(picture *Clock) *Clock) error {
	for _, c := range []**Clock{&m.forward.clock, &m.reverse.clock, &m.pairs, &m.link.clock} {
		if *c == nil {
			continue
		}
		if *c = known(*c); *c == nil {
			return errors.New("more clocks that stamp than there is room for")
		}
	}
	if m.forward.clock != nil {
		m.forward.clock.join(&m.stream)
	}
	return nil
}

func (d *direction) Kept() keep.Fields {
	return keep.Row(&d.clock, &d.steps, &d.base, &d.now, &d.own, &d.far)
}

func (t *track) Kept() keep.Fields {
	return keep.Fields{
		{Name: "points", Value: &t.points}, {Name: "n", Value: &t.n}, {Name: "held", Value: &t.held}, {Name: "holding", Value: &t.holding},
		{Name: "noise", Value: &t.noise}, {Name: "settled", Value: &t.settled}, {Name: "back", Value: &t.back}, {Name: "seen", Value: &t.seen},
	}
}

func (t *track) Check() error {
	if t.n < 0 || t.n > trackPoints || t.holding < 0 || t.holding >= holdPoints {
		return fmt.Errorf("%d points, %d held", t.n, t.holding)
	}
	return nil
}

func (p *point) Kept() keep.Fields { return keep.Row(&p.at, &p.value) }

func (l *link) Kept() keep.Fields {
	return keep.Row(&l.clock, &l.rate, &l.delays, &l.delay, &l.at, &l.own)
}

func (r *rate) Kept() keep.Fields { return keep.Row(&r.tap, &r.theirs, &r.known, &r.last, &r.n) }

func (r *rate) Check() error {
	if r.n < 0 || r.n > len(r.last) {
		return fmt.Errorf("%d rates", r.n)
	}
	return nil
}

func (r *recent) Kept() keep.Fields { return keep.Row(&r.values, &r.count) }

// Kept is what has been told of a clock. What its stamps are like shows again, and
// they may no longer be as far from the system's as they were.
func (c *Clock) Kept() keep.Fields {
	return keep.Fields{
		{Name: "source", Value: &c.Source}, {Name: "name", Value: &c.Name}, {Name: "steps", Value: &c.Steps},
		{Name: "stepped_at", Value: &c.SteppedAt}, {Name: "step", Value: &c.Step}, {Name: "told", Value: &c.Told},
		{Name: "adjustments", Value: &c.Adjustments}, {Name: "shown_by", Value: &c.stepBy}, {Name: "coarse", Value: &c.coarse},
	}
}

// Check implements keep.Checker.
func (c *Clock) Check() error {
	if c.Source > packet.StampHardware || c.coarse < 1 {
		return fmt.Errorf("a clock of source %d, resolution %d", c.Source, c.coarse)
	}
	return nil
}
