package node

import (
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// measurement is what a slave port has measured, all in nanoseconds.
type measurement struct {
	// The Sync that waits for its Follow_Up.
	waiting      bool
	syncSequence uint16
	arrived      oscillator.Reading // t2
	corrected    ptp.Correction
	transmits    ptp.PortIdentity
	// What the latest Sync gave: t2 - t1, corrected. Void after a step.
	haveDown bool
	down     float64
	// The Delay_Req that waits for its Delay_Resp.
	asked       bool
	askSequence uint16
	asking      oscillator.Reading // t3
	havePath    bool
	path        float64 // the mean path delay
	paths       median
	floor       floor
}

// newMaster forgets what was measured against another master.
func (p *Port) newMaster() {
	p.measurement = measurement{}
	p.askAt = p.instance.Profile.Delay
}

func (p *Port) hearSync(f *network.Frame) {
	m := &f.Message
	p.arrived = p.stamper.Stamp(p.instance.network.Now())
	if p.instance.Profile.Mechanism == SPTP {
		p.hearSPTPSync(f)
		return
	}
	if m.Flags.Has(ptp.FlagTwoStep) {
		p.waiting, p.syncSequence, p.corrected, p.transmits = true, m.SequenceID, m.CorrectionField, m.SourcePortIdentity
		return
	}
	p.waiting = false
	p.synced(m.Timestamp, m.CorrectionField, f)
}

func (p *Port) hearFollowUp(f *network.Frame) {
	m := &f.Message
	if !p.waiting || m.SequenceID != p.syncSequence || m.SourcePortIdentity != p.transmits {
		return
	}
	p.waiting = false
	p.synced(m.Timestamp, p.corrected+m.CorrectionField, f)
}

// synced takes in when a Sync was sent and what to correct that by
// (IEEE 1588-2019 11.2).
func (p *Port) synced(origin ptp.Timestamp, c ptp.Correction, f *network.Frame) {
	i := p.instance
	t1, ok := ptp.Nanoseconds(origin)
	if !ok {
		return
	}
	down := p.arrived.Sub(oscillator.Reading{Nanoseconds: t1}) - nanoseconds(c) - i.Asymmetry
	if i.Profile.Algorithm == BTCA {
		i.relay.take(p, f, p.arrived, c)
	}
	if i.Profile.Mechanism == PeerToPeer {
		if p.peer.measured {
			p.correct(down - p.peer.delay)
		}
		return
	}
	p.down, p.haveDown = down, true
	switch {
	case i.Profile.Select > 0:
		p.selected(down)
	case p.havePath:
		p.correct(down - p.path)
	default:
		p.presume(down)
	}
}

// floor is the fastest messages of a stretch of time.
type floor struct {
	since    event.Time
	down, up float64
	downs    int
	ups      int
}

// selected takes in a Sync of a client that believes only the fastest.
func (p *Port) selected(down float64) {
	now := p.instance.network.Now()
	fl := &p.floor
	if fl.downs == 0 || down < fl.down {
		fl.down = down
	}
	fl.downs++
	if fl.ups == 0 {
		p.presume(down)
	}
	if now-fl.since < event.OfSeconds(p.instance.Profile.Select) || fl.ups == 0 {
		return
	}
	p.path, p.havePath = (fl.down+fl.up)/2, true
	offset := (fl.down - fl.up) / 2
	*fl = floor{since: now}
	p.correct(offset)
}

// presume brings a clock that is far off near its master before there is a
// path delay, which would be lost in the digits.
func (p *Port) presume(offset float64) {
	const far = 1e9 // ns
	if offset > far || offset < -far {
		p.instance.clock.Step(p.instance.network.Now(), -offset*1000)
		p.haveDown, p.floor = false, floor{}
	}
}

// correct hands the servo an offset from the master.
func (p *Port) correct(offset float64) {
	i := p.instance
	now := i.network.Now()
	if i.servo.sample(i.clock, now, offset) {
		p.haveDown, p.asked, p.waiting, p.floor = false, false, false, floor{}
	}
	if i.Observe != nil {
		i.Observe(now)
	}
}

// startDelays begins to ask for delays, if that is how the profile does it.
func (p *Port) startDelays(now event.Time) {
	if m := p.instance.Profile.Mechanism; m == EndToEnd && p.instance.Profile.Addressing != Unicast {
		p.delayDue = now
		p.delayTimer.Set(now + event.Time(p.instance.rng.Float64()*float64(p.askInterval())))
	}
}

func (p *Port) askInterval() event.Time { return interval(p.askAt) }

func (p *Port) delayTick() {
	every := p.askInterval()
	now := p.instance.network.Now()
	if p.instance.Profile.Mechanism == SPTP {
		p.pace(p.delayTimer, &p.delayDue, every)
		p.askSPTP()
		return
	}
	if p.instance.Profile.Spread {
		p.delayTimer.Set(now + event.Time(2*p.instance.rng.Float64()*float64(every)))
	} else {
		p.pace(p.delayTimer, &p.delayDue, every)
	}
	if p.haveDown {
		p.sendDelayReq()
	}
}

// sendDelayReq asks the master when it hears this (IEEE 1588-2019 9.5.11).
func (p *Port) sendDelayReq() {
	i := p.instance
	f := p.message(ptp.DelayReq)
	f.Message.CorrectionField = -correction(i.Asymmetry)
	if p.best != nil && i.Profile.Addressing != Multicast {
		p.to(f, Address{p.best.mac, p.best.ip})
	}
	p.asked, p.askSequence = true, f.Message.SequenceID
	_, p.asking = p.send(f, i.network.Now())
}

func (p *Port) hearDelayResp(f *network.Frame) {
	m := &f.Message
	i := p.instance
	if !p.asked || m.SequenceID != p.askSequence || i.parent == nil || m.SourcePortIdentity != i.parent.sender {
		return
	}
	t4, ok := ptp.Nanoseconds(m.Timestamp)
	if !ok {
		return
	}
	p.asked = false
	p.heed(m.LogMessageInterval)
	if !p.haveDown {
		return
	}
	up := oscillator.Reading{Nanoseconds: t4}.Sub(p.asking) - nanoseconds(m.CorrectionField)
	if fl := &p.floor; p.instance.Profile.Select > 0 {
		if fl.ups == 0 || up < fl.up {
			fl.up = up
		}
		fl.ups++
		return
	}
	p.path, p.havePath = p.paths.add((p.down+up)/2), true
}

// heed asks as often as the master wants, within what clients in the field
// accept.
func (p *Port) heed(log ptp.LogInterval) {
	const least, most = -10, 22
	if log < least || log > most || log == p.askAt {
		return
	}
	p.askAt = log
	now := p.instance.network.Now()
	p.delayDue = now
	p.delayTimer.Set(now + p.askInterval())
}
