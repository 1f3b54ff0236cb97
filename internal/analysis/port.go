package analysis

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Ports are keyed by scope and identity: one port may serve two domains.
type portKey struct {
	domain *domain
	id     ptp.PortIdentity
}

// port is one sender of PTP messages.
type port struct {
	entry  *entry[portKey, *port]
	domain *domain
	id     ptp.PortIdentity
	timer  *timer

	first, last        instant
	place                       // that the last message came from ...
	contest            *contest // ... and others, if there were any
	tap                string
	ttl                uint8
	version, minor     uint8
	unicast            bool
	twoStep            bool
	seenTwoStep        bool
	p2p                bool
	messages           [16]uint64
	flows              []flow
	syncs              ring[syncHalf]
	requests           ring[request]
	pdelays            ring[pdelay]
	announcing         *announcing      // nil until its first Announce
	pathAlerts         []alertKey       // about its paths, that hold
	timings            []*timing        // by tap, where exchanges gave figures
	clients            []*delay.Client  // what its requests gave, by whom it asked
	claims             []*claim         // what it says of itself, one by source
	asksFrom           address          // as an SPTP client
	delayReqInterval   ptp.LogInterval  // that the last response to it allows
	answeredBy         ptp.PortIdentity // who was first to answer its last answered Delay_Req
	lastSync           instant
	syncRun            instant           // when the present uninterrupted run of Syncs began
	announceTimedOut   bool              // PTPAnnounceTimeout holds ...
	alertedGrandmaster ptp.ClockIdentity // ... for this grandmaster
}

// Probation of a port: so many messages over so long.
const (
	provenMessages = 3
	provenTime     = time.Second
)

func (t *Tracker) newPort(key portKey) *port {
	p := &port{domain: key.domain, id: key.id, first: t.now, last: t.now, lastSync: longAgo, delayReqInterval: ptp.NoInterval}
	p.entry = t.ports.add(key, p)
	p.timer = t.timers.create(func(at instant) instant { return t.portDue(p, at) })
	t.timers.arm(p.timer, t.now.add(t.cfg.ForgetAfter))
	p.domain.ports++
	if _, listed := p.domain.cfg.grandmaster(p.id.ClockIdentity); listed {
		t.ports.establish(p.entry)
	}
	return p
}

// observe takes in what every message says of its sender.
func (p *port) observe(o *packet.Observation, now instant) {
	m := &o.Message
	if !p.is(o) {
		p.moved(o, p.last, now)
	}
	p.last = now
	if !p.entry.established && p.total() >= provenMessages-1 && now.sub(p.first) >= provenTime {
		p.domain.tracker.ports.establish(p.entry)
	}
	p.messages[m.Type&0xF]++
	p.tap, p.ttl = o.Tap, o.TTL
	p.version, p.minor = m.VersionPTP, m.MinorVersionPTP
	p.unicast = m.Flags.Has(ptp.FlagUnicast) || !isMulticast(o)
	if rated(m) {
		if f := p.flow(m.Type, destination(o), o.Interface, now); f != nil {
			p.observeFlow(f, o, now)
		}
	}
	if p.contest != nil {
		p.compareContents(o, now)
	}
	switch m.Type {
	case ptp.PdelayReq, ptp.PdelayResp, ptp.PdelayRespFollowUp:
		p.p2p = true
	}
	switch m.Type {
	case ptp.Sync, ptp.PdelayResp:
		p.twoStep, p.seenTwoStep = m.Flags.Has(ptp.FlagTwoStep), true
	}
}

func (p *port) total() (n uint64) {
	for _, c := range p.messages {
		n += c
	}
	return n
}

func (p *port) role() Role {
	n := &p.messages
	switch {
	case n[ptp.Sync]+n[ptp.AnnounceMessage]+n[ptp.DelayResp] > 0:
		return RoleTimeTransmitter
	case n[ptp.DelayReq] > 0:
		return RoleTimeReceiver
	case p.p2p:
		return RolePeer
	}
	return RoleManager
}

// release gives back what the port has pending and says how much.
func (p *port) release() int {
	return p.syncs.drop() + p.requests.drop() + p.pdelays.drop()
}

// portDue looks at everything about a port that silence decides.
func (t *Tracker) portDue(p *port, at instant) instant {
	next := p.last.add(t.cfg.ForgetAfter)
	if at >= next {
		t.ports.remove(p.entry)
		t.dropPort(p)
		return never
	}
	next = min(next, t.expireExchanges(p, at), t.announceDue(p, at))
	return next
}

// due asks to be looked at again by the given time.
func (t *Tracker) due(p *port, at instant) { t.timers.arm(p.timer, at) }

// address is where a message went: an IP address or a MAC.
type address struct{ hi, lo uint64 }

func destination(o *packet.Observation) address {
	if a := o.Destination.Addr(); a.IsValid() {
		b := a.As16()
		return address{be64(b[:8]), be64(b[8:])}
	}
	return macAddress(o.DestinationMAC)
}

func macAddress(m packet.MAC) address {
	return address{lo: uint64(m[0])<<40 | uint64(m[1])<<32 | uint64(m[2])<<24 | uint64(m[3])<<16 | uint64(m[4])<<8 | uint64(m[5])}
}

func be64(b []byte) uint64 {
	_ = b[7]
	return uint64(b[0])<<56 | uint64(b[1])<<48 | uint64(b[2])<<40 | uint64(b[3])<<32 |
		uint64(b[4])<<24 | uint64(b[5])<<16 | uint64(b[6])<<8 | uint64(b[7])
}

// isMulticast says whether the message went to a group. A link without
// addresses tells nothing; then the message's own flag decides.
func isMulticast(o *packet.Observation) bool {
	if a := o.Destination.Addr(); a.IsValid() {
		return a.IsMulticast()
	}
	return o.DestinationMAC[0]&1 != 0 || o.DestinationMAC == packet.MAC{}
}
