package delay

import "github.com/ptpwatch/ptpwatch/internal/ptp"

// Peer is a complete peer delay exchange (IEEE 1588-2019 11.4.2), the times of
// its messages at the tap and their corrections there.
type Peer struct {
	Clock             *Clock
	Request, Response int64 // when they were at the tap, ns
	Now               int64 // capture time, ns
	TwoStep           bool
	// Received and Sent are t2 and t3 as the responder tells them, zero where it
	// tells their difference in a correctionField instead.
	Received, Sent ptp.Timestamp
	// RequestCorrection is that of the Pdelay_Req, Corrections are those of the
	// answers.
	RequestCorrection ptp.Correction
	Corrections       [2]ptp.Correction
	// Own: the capturing host itself sent one of the messages, and it was stamped
	// before its NIC did.
	Own bool
}

// turnaround is T: how long the answer took by the responder's clock, together
// with what transparent clocks took between it and the tap.
func (p *Peer) turnaround() (Interval, bool) {
	var t2, t3 int64
	if p.TwoStep {
		var ok2, ok3 bool
		t2, ok2 = ptp.Nanoseconds(p.Received)
		t3, ok3 = ptp.Nanoseconds(p.Sent)
		if !ok2 || !ok3 {
			return 0, false
		}
	}
	if p.RequestCorrection.TooBig() {
		return 0, false
	}
	t, ok := apart(t3, t2, positive, p.Corrections[0], p.Corrections[1], -p.RequestCorrection)
	if !ok {
		return 0, false
	}
	return t.from(0)
}

// link is the way to the responder.
type link struct {
	clock  *Clock // that stamped what is below
	rate   rate
	delays recent   // D
	delay  Interval // its median
	at     int64    // capture time of the newest, ns
	own    bool
}

const (
	// longestLink is the longest delay of a link that is believed, in seconds: a
	// responder that says less than half of how long it took is not.
	longestLink = 0.1
	// linkFresh is for how long it is believed, in ns.
	linkFresh = 300e9
)

// known says whether there is a delay that is not too old.
func (l *link) known(now int64) bool { return l.delays.count > 0 && now-l.at < linkFresh }

// HasLink says whether the delay of the link to the port itself is known.
func (m *Meter) HasLink(now int64) bool { return m.link.known(now) }

// linkOf is the link that a Sync came by, if its delay is known.
func (m *Meter) linkOf(e *Exchange) *link {
	switch {
	case m.link.known(e.Now):
		return &m.link
	case e.Upstream != nil && e.Upstream.link.known(e.Now):
		return &e.Upstream.link
	}
	return nil
}

// Peer takes a complete peer delay exchange with the port as responder.
func (m *Meter) Peer(p Peer) {
	t, ok := p.turnaround()
	if !ok {
		return
	}
	l := &m.link
	if l.clock != p.Clock {
		*l = link{clock: p.Clock}
		m.forget(MeanLinkDelay)
	}
	t2, told := ptp.Nanoseconds(p.Received)
	if told = told && t2 != 0; told {
		l.rate.add(p.Request, t2)
	}
	faster, ok := m.faster(t, p.Clock, told)
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
	m.now = p.Now
	l.delays.add(d)
	l.delay, l.at, l.own = l.delays.median(), p.Now, p.Own
	m.record(MeanLinkDelay, p.Response, d)
	if a, ok := m.track.near(p.Response); ok && m.forward.clock == p.Clock && m.reverse.clock == nil {
		if b, ok := m.gather.AddLink(p.Response, m.now, a.Seconds(), d.Seconds()); ok {
			m.block, m.blocked = b, true
		}
	}
}

// quick is the longest turnaround, in ns, that may be taken as if both clocks
// had the same rate where theirs is never told: at 100 ppm apart, as far as
// IEEE 802.3 lets them be, the delay is off by 10 ns then.
const quick = 200e3

// faster is the rate of the tap's clock against the responder's, less 1: from
// the times that the responder tells, or else from the Syncs of the same port.
// Of a responder that tells nothing, it is 0 for an answer so quick that it
// matters little.
func (m *Meter) faster(t Interval, clock *Clock, told bool) (float64, bool) {
	if told {
		return m.link.rate.faster()
	}
	if slope, ok := m.track.rate(); ok && m.forward.clock == clock {
		// The delay grows by what the tap gains, in Intervals for each of its ns.
		gain := slope / float64(Nanosecond)
		return gain / (1 - gain), true
	}
	return 0, max(t, -t) < quick*Nanosecond
}
