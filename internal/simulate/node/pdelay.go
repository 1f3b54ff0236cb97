package node

import (
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// peer is the peer delay mechanism of a port (IEEE 1588-2019 11.4).
type peer struct {
	timer *network.Timer
	due   event.Time

	waiting   bool // for the response
	following bool // for its Follow_Up
	sequence  uint16
	asked     oscillator.Reading // t1
	answered  oscillator.Reading // t4
	received  int64              // t2, ns
	corrected float64            // ns, of the response
	responder ptp.PortIdentity
	responses int

	measured bool
	delay    float64 // ns
	delays   median
	lost     int // requests in a row without one response

	// What the neighbour's rate is measured from (IEEE 802.1AS-2020 11.2.19.3.3).
	firstTheirs int64
	firstOurs   oscillator.Reading
	ratio       float64 // its rate against ours, minus 1
}

func (p *Port) startPdelay(now event.Time) {
	timer := p.peer.timer
	p.peer = peer{timer: timer, due: now}
	timer.Set(now + event.Time(p.instance.rng.Float64()*float64(interval(p.instance.Profile.Delay))))
}

func (p *Port) pdelayTick() {
	i := p.instance
	p.pace(p.peer.timer, &p.peer.due, interval(i.Profile.Delay))
	f := p.message(ptp.PdelayReq)
	f.Message.CorrectionField = -correction(i.Asymmetry)
	pr := &p.peer
	if pr.waiting && pr.responses == 0 {
		p.unanswered()
	}
	pr.waiting, pr.following, pr.sequence, pr.responses = true, false, f.Message.SequenceID, 0
	_, pr.asked = p.send(f, i.network.Now())
}

// answerPdelay answers a Pdelay_Req (IEEE 1588-2019 9.5.14, 11.4.2).
func (p *Port) answerPdelay(f *network.Frame) {
	i := p.instance
	now := i.network.Now()
	t2 := p.stamper.Stamp(now)
	r := p.reply(ptp.PdelayResp, f.Message.SequenceID)
	r.Message.PortIdentity = f.Message.SourcePortIdentity
	if !i.Profile.TwoStep {
		r.Message.CorrectionField = f.Message.CorrectionField
		p.turnAround(r, now+p.soon(), t2)
		return
	}
	r.Message.Timestamp = ptp.NewTimestamp(t2.Nanoseconds)
	r.Message.CorrectionField = -correction(t2.Picoseconds / 1000)
	at, t3 := p.send(r, now+p.soon())
	u := p.reply(ptp.PdelayRespFollowUp, f.Message.SequenceID)
	u.Message.PortIdentity = f.Message.SourcePortIdentity
	u.Message.CorrectionField = f.Message.CorrectionField
	setStamp(&u.Message, t3)
	p.send(u, at+p.soon())
}

// turnAround sends a Pdelay_Resp of one step, whose correctionField holds how
// long the answer took.
func (p *Port) turnAround(r *network.Frame, ready event.Time, t2 oscillator.Reading) {
	defer r.Release()
	at := p.wire.Departure(ready)
	r.Message.CorrectionField += correction(p.stamper.Stamp(at).Sub(t2))
	p.wire.Send(r, at)
}

func (p *Port) hearPdelayResp(f *network.Frame) {
	m := &f.Message
	pr := &p.peer
	if !pr.waiting || m.SequenceID != pr.sequence {
		return
	}
	if pr.responses++; pr.responses > 1 && m.SourcePortIdentity != pr.responder {
		// Several responders: the link is none (IEEE 1588-2019 11.4.4).
		pr.waiting, pr.following = false, false
		p.unanswered()
		return
	}
	t2, ok := ptp.Nanoseconds(m.Timestamp)
	if !ok {
		return
	}
	pr.answered, pr.received = p.stamper.Stamp(p.instance.network.Now()), t2
	pr.corrected, pr.responder = nanoseconds(m.CorrectionField)+p.instance.Asymmetry, m.SourcePortIdentity
	if m.Flags.Has(ptp.FlagTwoStep) {
		pr.following = true
		return
	}
	p.measured(pr.corrected, t2)
}

func (p *Port) hearPdelayFollowUp(f *network.Frame) {
	m := &f.Message
	pr := &p.peer
	if !pr.following || m.SequenceID != pr.sequence || m.SourcePortIdentity != pr.responder {
		return
	}
	pr.following = false
	t3, ok := ptp.Nanoseconds(m.Timestamp)
	if !ok {
		return
	}
	p.measured(float64(t3-pr.received)+pr.corrected+nanoseconds(m.CorrectionField), t3)
}

// measured takes in the time that the responder took, in ns.
func (p *Port) measured(turnaround float64, theirs int64) {
	pr := &p.peer
	pr.lost = 0
	pr.delay = pr.delays.add((pr.answered.Sub(pr.asked) - turnaround) / 2)
	first := !pr.measured
	pr.measured = true
	p.rate(theirs)
	if first && p.instance.Profile.Algorithm == BTCA {
		p.instance.decide() // the port is asCapable now
	}
}

// unanswered counts a request that did not have its one response. After as
// many as gPTP allows the link counts as none (IEEE 802.1AS-2020 11.5.3).
func (p *Port) unanswered() {
	const allowed = 9
	pr := &p.peer
	if pr.lost++; pr.lost > allowed && pr.measured {
		pr.measured = false
		p.instance.decide()
	}
}

// rate measures the neighbour's rate against ours over several exchanges.
func (p *Port) rate(theirs int64) {
	pr := &p.peer
	ours := pr.answered.Sub(pr.firstOurs)
	if pr.firstTheirs == 0 || ours > 16e9 || ours <= 0 {
		pr.firstTheirs, pr.firstOurs = theirs, pr.answered
		return
	}
	if ours > 2e9 && theirs > 0 {
		pr.ratio = float64(theirs-pr.firstTheirs)/ours - 1
	}
}
