package analysis

import (
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// sptp marks the messages of Simple PTP: twoStep is set but no Follow_Up
// comes, and a Delay_Req is answered by a Sync, whose originTimestamp tells
// when the request came, and an Announce, whose originTimestamp tells when the
// Sync left. All three have one sequenceId. The Announce's correction is what
// the request's had come to.
const sptp = ptp.FlagUnicast | ptp.FlagProfileSpecific1

// isSPTP says whether a message is one of SPTP, which knows no multicast: what
// goes to all is heard by clocks that do not look at these flags.
func isSPTP(o *packet.Observation) bool { return o.Message.Flags.Has(sptp) && !isMulticast(o) }

// ask remembers where an SPTP client is: what answers it names its address
// only.
func (d *domain) ask(p *port, at address) {
	if p.asksFrom == at && d.askers[at] == p {
		return
	}
	d.forgetAsker(p)
	if d.askers == nil {
		d.askers = make(map[address]*port)
	}
	d.askers[at], p.asksFrom = p, at
}

// forgetAsker forgets a client that is dropped, or has moved.
func (d *domain) forgetAsker(p *port) {
	if d.askers[p.asksFrom] == p {
		delete(d.askers, p.asksFrom)
	}
	p.asksFrom = address{}
}

// handleServerSync takes the Sync of an answer.
func (t *Tracker) handleServerSync(p *port, h syncHalf) {
	if t.findSync(p, &h) != nil {
		p.domain.counters.of(h.iface).exchanges[kindSync][resultDuplicate]++
		return
	}
	h.stage = stageServer
	t.putSync(p, h)
}

// handleServerAnnounce takes the Announce of an answer, and with it the whole
// exchange.
func (t *Tracker) handleServerAnnounce(p *port, o *packet.Observation) {
	m, n := &o.Message, p.domain.counters.of(o.Interface)
	to := destination(o)
	s := t.findSync(p, &syncHalf{seq: m.SequenceID, to: to, tap: o.Tap})
	if s == nil || s.stage != stageServer {
		return // the Sync was not seen: there is nothing to set it against
	}
	received := s.origin // t4
	t.forward(p, s, m.Timestamp, 0)
	s.stage = stageDone
	t.pending--
	n.exchanges[kindSync][resultComplete]++
	if tm := p.timingAt(o.Tap); tm != nil {
		tm.announce, tm.flags = m.Announce, m.Flags
	}
	client := p.domain.askers[to]
	if client == nil {
		n.exchanges[kindDelay][resultUnmatched]++
		return
	}
	switch r := t.findRequest(client, m.SequenceID, o.Tap, sourceAddress(o)); {
	case r == nil:
		n.exchanges[kindDelay][resultUnmatched]++
	case r.stage == stageDone:
		n.exchanges[kindDelay][resultDuplicate]++
	default:
		t.reverse(p, client, r, received, m.CorrectionField)
		r.stage = stageDone
		t.pending--
		n.exchanges[kindDelay][resultComplete]++
	}
}

// sourceAddress is where a message came from: an IP address or a MAC.
func sourceAddress(o *packet.Observation) address {
	if a := o.Source.Addr(); a.IsValid() {
		b := a.As16()
		return address{be64(b[:8]), be64(b[8:])}
	}
	return macAddress(o.SourceMAC)
}
