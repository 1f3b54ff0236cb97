package delay

import "time"

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
}

// relativeLeast is how many values have a median to be compared with.
const relativeLeast = 3

// Figures sums up. Shift tells by how much the tap and the port differ because
// of their timescales, given how far they are apart; false if they have no
// epoch in common.
func (m *Meter) Figures(shift func(apart time.Duration) (time.Duration, bool)) Figures {
	f := Figures{
		Clock:         m.forward.clock,
		MeanPathDelay: m.samples[MeanPathDelay].summary(0), MeanLinkDelay: m.samples[MeanLinkDelay].summary(0),
		Own: m.reverse.own, OwnForward: m.forward.own,
	}
	if f.Clock == nil {
		f.Clock = m.reverse.clock
	}
	if f.Clock == nil {
		f.Clock = m.linkClock
	}
	known := func(d *direction, s *sample, sign float64) (Summary, bool) {
		if s.count == 0 {
			return Summary{}, true
		}
		by, ok := shift(time.Duration(d.base))
		if !ok {
			return Summary{}, false
		}
		return s.summary(sign * (time.Duration(d.base) + by).Seconds()), true
	}
	two := m.linked || m.samples[ForwardDelay].count > 0 && m.samples[ReverseDelay].count > 0
	fw, okF := known(&m.forward, &m.samples[ForwardDelay], 1)
	rv, okR := known(&m.reverse, &m.samples[ReverseDelay], -1)
	if two && okF && okR {
		f.Forward, f.Reverse = fw, rv
	} else {
		f.Relative = true
		f.Forward, f.Reverse = m.samples[ForwardDelay].relative(), m.samples[ReverseDelay].relative()
	}
	if m.forward.clock != nil {
		f.Offset, _ = known(&m.forward, &m.samples[Offset], 1)
	}
	f.Relative = f.Relative && f.Forward.Count+f.Reverse.Count > 0
	return f
}

// relative is a summary less the median.
func (s *sample) relative() Summary {
	if s.count < relativeLeast {
		return Summary{}
	}
	return s.summary(-s.median())
}
