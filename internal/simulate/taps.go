package simulate

import (
	"cmp"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// tap is a tap and where it is.
type tap struct {
	*network.Tap
	keys      *tapKeys
	clock     *oscillator.Clock
	link      *network.Link // nil: a mirror of
	mirror    *thing
	position  float64
	timescale timescale
	delay     event.Time // of the mirror
}

func (m *model) tap(k *tapKeys) {
	t := &tap{keys: k, position: float64(or(k.Position, 0.5)), timescale: cmp.Or(k.Timescale, "utc"), delay: event.Time(or(k.Delay, 0))}
	t.clock = m.oscillates(&k.oscillatorKeys, "tap "+k.Name, "ocxo", t.timescale == "utc")
	if k.ClockOf != nil {
		other := m.tapNamed(k.ClockOf)
		if other == nil {
			return
		}
		t.clock, t.timescale = other.clock, other.timescale
	}
	t.Tap = m.net.NewTap(k.Name, m.stamps(&k.oscillatorKeys, t.clock, "tap "+k.Name), func(ns int64, f *network.Frame) { m.writer.frame(t, ns, f) })
	t.SetLoss(float64(k.Loss))
	switch {
	case k.Link != nil && k.Mirror == nil:
		if ls := m.linksOf(k.Link); len(ls) == 1 {
			t.link = ls[0]
			t.link.AddTap(t.Tap, t.position, k.Way.sides()...)
		} else if len(ls) > 1 {
			m.problem(k.Link.line, k.Link.key, "%q is %d links: name one, %s", k.Link.name, len(ls), ls[0].Name)
		}
	case k.Mirror != nil && k.Link == nil:
		if t.mirror = m.one(k.Mirror); t.mirror.bridge == nil {
			m.problem(k.Mirror.line, k.Mirror.key, "%q is no switch", k.Mirror.name)
			return
		}
		t.Mirror(t.mirror.bridge, t.delay, m.loadOf(k.Load))
	default:
		m.problem(k.line, k.key, "a tap is on a link or mirrors a switch: give one of link and mirror")
	}
	m.taps = append(m.taps, t)
}

func (m *model) tapNamed(r *ref) *tap {
	for _, t := range m.taps {
		if t.keys.Name == r.name {
			return t
		}
	}
	m.problem(r.line, r.key, "no tap above is called %q", r.name)
	return nil
}
