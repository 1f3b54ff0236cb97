package node

import (
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// SPTP, as facebook/time's: a client's Delay_Req is answered by a Sync, which
// tells when the request came, and an Announce, which tells when the Sync
// left. All bear the request's sequenceId; nothing is kept at the server.

const sptpFlags = ptp.FlagUnicast | ptp.FlagProfileSpecific1

// answerSPTP answers a Delay_Req.
func (p *Port) answerSPTP(f *network.Frame) {
	now := p.instance.network.Now()
	t4 := p.stamper.Stamp(now)
	s := p.reply(ptp.Sync, f.Message.SequenceID)
	p.to(s, sender(f))
	s.Message.Flags |= sptpFlags | ptp.FlagTwoStep // the Announce is its Follow_Up
	s.Message.Timestamp = ptp.NewTimestamp(t4.Nanoseconds)
	at, t1 := p.send(s, now+p.soon())
	if p.announceStale {
		p.prepareAnnounce()
	}
	a := p.reply(ptp.AnnounceMessage, f.Message.SequenceID)
	p.to(a, sender(f))
	a.Message.Flags |= sptpFlags
	a.Message.Timestamp = ptp.NewTimestamp(t1.Nanoseconds)
	a.Message.CorrectionField = f.Message.CorrectionField
	p.send(a, at+p.soon())
}

// ask is an SPTP exchange with one server.
type ask struct {
	sequence uint16
	sent     oscillator.Reading // t3
	synced   bool
	arrived  oscillator.Reading // t2
	received int64              // t4, ns
	down     float64            // ns, correction of the Sync
}

// askSPTP asks all servers.
func (p *Port) askSPTP() {
	now := p.instance.network.Now()
	sequence := p.sequence[ptp.DelayReq]
	p.sequence[ptp.DelayReq]++
	for _, l := range p.instance.table {
		f := p.reply(ptp.DelayReq, sequence)
		p.to(f, l.address)
		f.Message.Flags |= sptpFlags
		l.ask = ask{sequence: sequence}
		_, l.ask.sent = p.send(f, now)
		if m := l.master; m != nil && !m.qualified(now) {
			p.instance.decide()
		}
	}
}

func (p *Port) hearSPTPSync(f *network.Frame) {
	m := &f.Message
	l := p.instance.lessorAt(f.SourceIP)
	if l == nil || m.SequenceID != l.ask.sequence || l.ask.synced {
		return
	}
	t4, ok := ptp.Nanoseconds(m.Timestamp)
	if !ok {
		return
	}
	l.ask.synced, l.ask.arrived, l.ask.received, l.ask.down = true, p.arrived, t4, nanoseconds(m.CorrectionField)
}

func (p *Port) hearSPTPAnnounce(f *network.Frame) {
	m := &f.Message
	i := p.instance
	l := i.lessorAt(f.SourceIP)
	if l == nil || m.SequenceID != l.ask.sequence || !l.ask.synced {
		return
	}
	l.ask.synced = false
	p.hearAnnounce(f)
	l.master = p.foreign(m.SourcePortIdentity)
	t1, ok := ptp.Nanoseconds(m.Timestamp)
	if !ok || i.parent == nil || i.parent.sender != m.SourcePortIdentity {
		return
	}
	down := l.ask.arrived.Sub(oscillator.Reading{Nanoseconds: t1}) - l.ask.down
	up := oscillator.Reading{Nanoseconds: l.ask.received}.Sub(l.ask.sent) - nanoseconds(m.CorrectionField)
	p.path, p.havePath = p.paths.add((down+up)/2), true
	p.correct(down - p.path)
}

// startSPTP begins to ask.
func (p *Port) startSPTP(now event.Time) {
	p.delayDue = now
	p.delayTimer.Set(now + event.Time(p.instance.rng.Float64()*float64(p.askInterval())))
}
