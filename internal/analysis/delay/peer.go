package delay

import "github.com/ptpwatch/ptpwatch/internal/ptp"

// Peer is a complete peer delay exchange (IEEE 1588-2019 11.4.2), the times of
// its messages at the tap and their corrections there.
type Peer struct {
	Clock             *Clock
	Request, Response int64 // when they were at the tap, ns
	TwoStep           bool
	// Received and Sent are t2 and t3 as the responder tells them, zero where it
	// tells their difference in a correctionField instead.
	Received, Sent ptp.Timestamp
	// RequestCorrection is that of the Pdelay_Req, Corrections are those of the
	// answers.
	RequestCorrection ptp.Correction
	Corrections       [2]ptp.Correction
}

// turnaround is T: how long the answer took by the responder's clock, together
// with what transparent clocks took between it and the tap.
func (p *Peer) turnaround() (Interval, bool) {
	var t2, t3 int64
	if p.TwoStep {
		var ok2, ok3 bool
		t2, ok2 = ptp.Nanoseconds(p.Received)
		t3, ok3 = ptp.Nanoseconds(p.Sent)
		if !ok2 || !ok3 || p.RequestCorrection.TooBig() {
			return 0, false
		}
	}
	t, ok := apart(t3, t2, positive, p.Corrections[0], p.Corrections[1], -p.RequestCorrection)
	if !ok {
		return 0, false
	}
	return t.from(0)
}

// longestLink is the longest delay of a link that is believed, in seconds: a
// responder that says less than half of how long it took is not.
const longestLink = 0.1

// Peer takes a complete peer delay exchange with the port as responder.
func (m *Meter) Peer(p Peer) {
	t, ok := p.turnaround()
	if !ok {
		return
	}
	if m.ratedBy != p.Clock {
		m.ratedBy, m.rate = p.Clock, rate{}
	}
	if t2, ok := ptp.Nanoseconds(p.Received); ok && t2 != 0 {
		m.rate.add(p.Request, t2)
	}
	faster, ok := m.faster(t, p.Clock)
	if !ok {
		return
	}
	whole, ok := Apart{Whole: p.Response}.from(p.Request)
	if !ok {
		return
	}
	d := (whole - t - Interval(float64(t)*faster)) / 2
	if s := d.Seconds(); s > longestLink || s < -longestLink {
		return
	}
	if m.linkClock != p.Clock {
		m.linkClock = p.Clock
		m.samples[MeanLinkDelay].restart()
	}
	m.link, m.linked = d, true
	m.record(MeanLinkDelay, p.Response, d)
}

// rateMatters is what a difference in rate that is not known may add to a
// delay, and rateUnknown the difference that it may be.
const (
	rateMatters = Nanosecond / 4
	rateUnknown = 200e-6
)

// faster is the rate of the tap's clock against the responder's, less 1: from
// the times that the responder tells, from the Syncs of the same port, or 0
// where the answer took so little time that it does not matter.
func (m *Meter) faster(t Interval, clock *Clock) (float64, bool) {
	if f, ok := m.rate.faster(); ok {
		return f, true
	}
	if slope, ok := m.track.rate(); ok && m.forward.clock == clock {
		// The delay grows by what the tap gains, in Intervals for each of its ns.
		gain := slope / float64(Nanosecond)
		return gain / (1 - gain), true
	}
	return 0, max(t, -t).Seconds()*rateUnknown/2 < rateMatters.Seconds()
}
