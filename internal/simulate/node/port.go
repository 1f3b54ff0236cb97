package node

import (
	"net/netip"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// State is a port's state (IEEE 1588-2019 table 20).
type State uint8

// The states that are modelled. A port goes from LISTENING to SLAVE at once:
// what it is UNCALIBRATED for happens in the servo.
const (
	Disabled State = iota
	Listening
	PreMaster
	Master
	Passive
	Slave
)

// Port is a PTP Port.
type Port struct {
	instance *Instance
	wire     *network.Port
	id       ptp.PortIdentity
	state    State
	ip       netip.Addr
	stamper  *oscillator.Stamper

	localPriority uint8
	disabled      bool // administratively
	waited        bool // the announce receipt timeout has passed in LISTENING
	masters       []*foreign
	best          *foreign // erbest

	receiptTimer, qualifyTimer, announceTimer, syncTimer, delayTimer, mediaTimer *network.Timer
	announceDue, syncDue, delayDue                                               event.Time

	templates     [16]network.Frame // by message type
	announceStale bool
	sequence      [16]uint16
	ipID          uint16
	askAt         ptp.LogInterval // how often the master wants Delay_Req

	measurement
	peer   peer
	grants []*grant
}

// AddPort gives the instance a port that stamps with the stamper.
func (i *Instance) AddPort(ip netip.Addr, s *oscillator.Stamper) *network.Port {
	p := i.newPort(new(network.Port), s)
	p.ip, p.wire.Node = ip, p
	return p.wire
}

// newPort gives the instance a port at the end of a link.
func (i *Instance) newPort(wire *network.Port, s *oscillator.Stamper) *Port {
	p := &Port{instance: i, wire: wire, stamper: s, localPriority: i.LocalPriority}
	if n := len(i.Ports); n < len(i.PortPriorities) {
		p.localPriority = i.PortPriorities[n]
	}
	p.id = ptp.PortIdentity{ClockIdentity: i.Identity, PortNumber: uint16(len(i.Ports) + 1)}
	for t := range p.sequence {
		p.sequence[t] = uint16(i.rng.Uint32()) // it has run for long
	}
	p.ipID = uint16(i.rng.Uint32())
	n := i.network
	p.receiptTimer = n.NewTimer(p.announceReceiptTimeout)
	p.qualifyTimer = n.NewTimer(p.becomeMaster)
	p.announceTimer = n.NewTimer(p.announceTick)
	p.syncTimer = n.NewTimer(p.syncTick)
	p.delayTimer = n.NewTimer(p.delayTick)
	p.mediaTimer = n.NewTimer(p.mediaTick)
	p.peer.timer = n.NewTimer(p.pdelayTick)
	i.Ports = append(i.Ports, p)
	return p
}

// Wire is the port's end of its link.
func (p *Port) Wire() *network.Port { return p.wire }

// Identity is the portIdentity.
func (p *Port) Identity() ptp.PortIdentity { return p.id }

// State is the port's state.
func (p *Port) State() State { return p.state }

// SetDown disables the port, or enables it.
func (p *Port) SetDown(down bool) {
	p.disabled = down
	p.instance.decide()
}

func (p *Port) start() {
	p.prepare()
	p.masters, p.best, p.state, p.waited = nil, nil, Listening, p.instance.Profile.Algorithm == BTCA
	p.measurement = measurement{}
	p.askAt = p.instance.Profile.Delay
	now := p.instance.network.Now()
	if p.instance.Profile.Mechanism == PeerToPeer {
		p.startPdelay(now)
	}
	if p.instance.MasterOnly {
		p.enter(Master, nil)
		return
	}
	// Not all at once: up to an interval later (IEEE 1588-2019 9.2.6.12).
	p.receiptTimer.Set(now + p.receiptTimeout() + event.Time(p.instance.rng.Float64()*float64(p.announceInterval())))
}

func (p *Port) stop() {
	for _, t := range []*network.Timer{p.receiptTimer, p.qualifyTimer, p.announceTimer, p.syncTimer, p.delayTimer, p.mediaTimer, p.peer.timer} {
		t.Stop()
	}
	p.state = Disabled
	p.dropGrants()
}

func interval(log ptp.LogInterval) event.Time {
	d, _ := log.Duration() // profiles hold none that it could not say
	return event.Of(d)
}

func (p *Port) announceInterval() event.Time { return interval(p.instance.Profile.Announce) }

func (p *Port) receiptTimeout() event.Time {
	return event.Time(p.instance.Profile.ReceiptTimeout) * p.announceInterval()
}

// enter puts the port into a state (IEEE 1588-2019 figure 30).
func (p *Port) enter(s State, best *foreign) {
	now := p.instance.network.Now()
	if s == Master && (p.state == PreMaster || p.state == Master) || s != Master && s == p.state {
		return
	}
	for _, t := range []*network.Timer{p.qualifyTimer, p.announceTimer, p.syncTimer, p.mediaTimer} {
		t.Stop()
	}
	if p.instance.Profile.Mechanism != SPTP { // whose clients ask to find a master
		p.delayTimer.Stop()
	}
	p.state = s
	switch s {
	case Master:
		p.receiptTimer.Stop()
		wait := event.Time(0)
		if best != nil && p.instance.Profile.Algorithm != BTCA {
			// QUALIFICATION_TIMEOUT_EXPIRES (IEEE 1588-2019 9.2.6.11) of M3.
			wait = event.Time(best.stepsRemoved+1) * p.announceInterval()
		}
		p.state = PreMaster
		p.qualifyTimer.Set(now + wait)
	case Slave:
		p.receiptTimer.Set(now + p.receiptTimeout())
		p.startDelays(now)
	case Passive:
		p.receiptTimer.Set(now + p.receiptTimeout())
	case Listening:
		p.waited = false
		p.receiptTimer.Set(now + p.receiptTimeout())
	}
}

// becomeMaster is the end of PRE_MASTER.
func (p *Port) becomeMaster() {
	p.state = Master
	if p.instance.Profile.Addressing == Unicast {
		return // it waits to be asked
	}
	now := p.instance.network.Now()
	p.announceDue, p.syncDue = now, now
	p.announceTimer.Set(now)
	if p.instance.Profile.Algorithm != BTCA || p.instance.parent == nil {
		p.syncTimer.Set(now + p.instance.Latency)
	}
	if p.instance.Profile.Media {
		p.mediaTimer.Set(now + event.Second)
	}
}

// pace sets a timer to the next of a row of regular times, give or take the
// jitter with which the instance sends.
func (p *Port) pace(t *network.Timer, due *event.Time, every event.Time) {
	*due += every
	if now := p.instance.network.Now(); *due < now {
		*due = now + every // it has been held up
	}
	off := 0.0
	if p.instance.Jitter > 0 {
		off = min(max(p.instance.Jitter*p.instance.rng.NormFloat64(), -0.25), 0.25)
	}
	t.Set(*due + event.Time(off*float64(every)))
}

// Wants implements network.Node. Most frames are for somebody else, answers to
// other clients above all, so it first looks at what tells that soonest.
func (p *Port) Wants(_ *network.Port, f *network.Frame) bool {
	m := &f.Message
	if m.Type == ptp.DelayResp && m.PortIdentity != p.id {
		return false
	}
	i := p.instance
	switch m.Type {
	case ptp.PdelayResp, ptp.PdelayRespFollowUp:
		if m.PortIdentity != p.id {
			return false
		}
	case ptp.DelayReq:
		if p.state != Master {
			return false
		}
	case ptp.Sync, ptp.FollowUp:
		if i.Profile.Mechanism != SPTP && (p.state != Slave || i.parent == nil || m.SourcePortIdentity != i.parent.sender) {
			return false
		}
	case ptp.PdelayReq:
		if i.Profile.Mechanism != PeerToPeer {
			return false
		}
	case ptp.ManagementMessage:
		if m.PortIdentity.ClockIdentity != i.Identity && m.PortIdentity.ClockIdentity != ^ptp.ClockIdentity(0) {
			return false
		}
	}
	return i.on && f.VLAN == i.Profile.VLAN && f.Transport == i.Profile.Transport && f.Raw == nil &&
		m.DomainNumber == i.Profile.Domain && m.SdoID>>8 == i.Profile.SdoID>>8 &&
		(f.Multicast() || f.Destination == p.wire.MAC)
}

// Receive implements network.Node.
func (p *Port) Receive(_ *network.Port, f *network.Frame) {
	if !p.instance.on {
		return
	}
	switch f.Message.Type {
	case ptp.AnnounceMessage:
		if p.instance.Profile.Mechanism == SPTP {
			p.hearSPTPAnnounce(f)
			return
		}
		p.hearAnnounce(f)
	case ptp.Sync:
		p.hearSync(f)
	case ptp.FollowUp:
		p.hearFollowUp(f)
	case ptp.DelayReq:
		p.answerDelay(f)
	case ptp.DelayResp:
		p.hearDelayResp(f)
	case ptp.PdelayReq:
		p.answerPdelay(f)
	case ptp.PdelayResp:
		p.hearPdelayResp(f)
	case ptp.PdelayRespFollowUp:
		p.hearPdelayFollowUp(f)
	case ptp.Signaling:
		p.hearSignaling(f)
	case ptp.ManagementMessage:
		p.hearManagement(f)
	}
}
