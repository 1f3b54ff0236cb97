package simulate

import (
	"cmp"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
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

// paths are the queue-free delays between each clock that speaks and each tap.
func (m *model) paths(at event.Time) (all []truth.Path) {
	for _, t := range m.order {
		if t.instance == nil || t.role == client {
			continue
		}
		for _, p := range t.ports {
			m.walk(p, func(arrives *network.Port, through []*network.Port, _ *network.Port) bool {
				for _, tap := range m.taps {
					if path, ok := m.pathTo(tap, arrives, through); ok {
						path.Clock, path.Identity, path.From = t.name, t.instance.Identity.String(), m.when(at)
						all = append(all, path)
					}
				}
				return m.owner(arrives).forwards()
			})
		}
	}
	return all
}

// pathTo is the delay to a tap of a frame that has come through ports to
// another, and of one that goes the other way, if the tap is on the last link
// or mirrors the switch that the frame has come to.
func (m *model) pathTo(t *tap, at *network.Port, through []*network.Port) (p truth.Path, ok bool) {
	last := through[len(through)-1]
	mirrors := t.mirror != nil && m.owner(at) == t.mirror
	if last.Link() != t.link && !mirrors {
		return p, false
	}
	var there, back event.Time
	peerToPeer := false
	for i, out := range through {
		forward, reverse := out.Delays()
		if owner := m.owner(out); i > 0 && owner.forwards() {
			stay := residence(owner)
			if owner.transparent != nil {
				stay = 0
				if m.mechanismOf(owner) == node.PeerToPeer {
					there, peerToPeer = 0, true // corrected for, links and all
				}
			}
			there, back = there+stay, back+stay
		}
		if out == last && !mirrors {
			part := t.position
			if first, _ := t.link.Ends(); first != out {
				part = 1 - part
			}
			forward, reverse = event.Time(float64(forward)*part), event.Time(float64(reverse)*part)
		}
		there, back = there+forward, back+reverse
	}
	if mirrors {
		there, back = there+t.delay, back+residence(t.mirror)-t.delay
	}
	p.Interface = t.Name
	p.Forward = nanoseconds(there)
	if r := nanoseconds(back); !peerToPeer {
		p.Reverse = &r
	}
	return p, true
}

func nanoseconds(t event.Time) truth.Nanoseconds {
	return truth.Nanoseconds(float64(t) / float64(event.Nanosecond))
}

func residence(t *thing) event.Time {
	if t.bridge != nil {
		return t.bridge.Residence
	}
	return t.router.Residence
}

func (m *model) mechanismOf(t *thing) node.Mechanism { return t.transparent.Mechanism() }
