package delay

import (
	"cmp"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
)

// Figures are what a Meter has measured. Of Forward and Reverse, which hold
// the difference between the clocks, there is what can be told without being
// nonsense.
type Figures struct {
	Clock         *Clock // of the Syncs, or of the requests where there are none
	Forward       Summary
	Reverse       Summary
	MeanPathDelay Summary
	MeanLinkDelay Summary
	Offset        Summary
	// Relative: Forward and Reverse are less their medians. Only one direction
	// was seen, or the clock has an epoch of its own.
	Relative bool
	// Own: the reverse delay holds the way of the capturing host's own requests
	// to the wire; OwnForward, the forward delay lacks that of its Syncs.
	Own, OwnForward bool
	// OwnLink: a message of the peer delay exchange was the host's own.
	OwnLink bool
	// Statistics are of the same series.
	Statistics *stability.Figures
}

// relativeLeast is how many values have a median to be compared with.
const relativeLeast = 3

// Figures sums up. Shift tells by how much the tap and the port differ because
// of their timescales, given how far they are apart; false if they have no
// epoch in common. Now is the capture time, in ns.
func (m *Meter) Figures(now int64, shift func(apart time.Duration) (time.Duration, bool)) Figures {
	f := Figures{
		Clock:         cmp.Or(m.forward.clock, m.reverse.clock, m.link.clock),
		MeanPathDelay: m.samples[MeanPathDelay].summary(0, now), MeanLinkDelay: m.samples[MeanLinkDelay].summary(0, now),
		Own: m.reverse.own, OwnForward: m.forward.own, OwnLink: m.link.own || m.upstream != nil && m.upstream.own,
	}
	known := func(d *direction, s *sample, sign float64) (Summary, bool) {
		if s.count == 0 {
			return Summary{}, true
		}
		by, ok := shift(time.Duration(d.base))
		if !ok {
			return Summary{}, false
		}
		return s.summary(sign*(time.Duration(d.base)+by).Seconds(), now), true
	}
	two := m.link.delays.count > 0 || m.upstream != nil || m.samples[ForwardDelay].count > 0 && m.samples[ReverseDelay].count > 0
	forward, okF := known(&m.forward, &m.samples[ForwardDelay], 1)
	reverse, okR := known(&m.reverse, &m.samples[ReverseDelay], -1)
	if two && okF && okR {
		f.Forward, f.Reverse = forward, reverse
	} else {
		f.Forward, f.Reverse = m.samples[ForwardDelay].relative(now), m.samples[ReverseDelay].relative(now)
		f.Relative = f.Forward.Count+f.Reverse.Count > 0
	}
	if m.forward.clock != nil {
		f.Offset, _ = known(&m.forward, &m.samples[Offset], 1)
	}
	f.Statistics = m.monitor.Figures(func(k Kind, base int64) (float64, bool) {
		switch {
		case k == MeanPathDelay || k == MeanLinkDelay:
			return 0, true
		case k != Offset && f.Relative:
			return 0, false
		case k == ReverseDelay:
			by, ok := shift(-time.Duration(base))
			return -(by - time.Duration(base)).Seconds(), ok
		}
		by, ok := shift(time.Duration(base))
		return (by + time.Duration(base)).Seconds(), ok
	})
	return f
}

// relative is a summary less the median.
func (s *sample) relative(now int64) Summary {
	if s.count < relativeLeast {
		return Summary{}
	}
	return s.summary(-s.median(), now)
}

// fresh is how old the newest value may be for readings to be compared, in ns.
const fresh = 300e9

// Readings are how far the clock was ahead of the port lately, at the instants
// at which it is compared with all others, less a base in ns; none where nothing
// came for long. The clock is nil where there are none.
func (m *Meter) Readings(now int64) (readings []stability.Reading, base int64, clock *Clock) {
	if m.forward.clock == nil || now-m.now > fresh {
		return nil, 0, nil
	}
	readings, base = m.monitor.Readings()
	return readings, base, m.forward.clock
}

// Middles are likewise what the middle packets tell, block by block.
func (m *Meter) Middles(now int64) (list []stability.Middle, base int64, clock *Clock) {
	if m.forward.clock == nil || now-m.now > fresh {
		return nil, 0, nil
	}
	list, base = m.monitor.Middles()
	return list, base, m.forward.clock
}
