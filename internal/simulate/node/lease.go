package node

import (
	"net/netip"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
)

// lessor is an entry of the unicast master table, and the client's side of the
// negotiation with it (IEEE 1588-2019 16.1).
type lessor struct {
	port     *Port
	address  Address
	priority uint8 // local priority
	leases   [3]lease
	ask      ask      // of SPTP
	master   *foreign // of SPTP
}

// lease is unicast transmission of one message type.
type lease struct {
	of      *lessor
	message ptp.MessageType
	wanted  bool
	granted bool
	until   event.Time
	timer   *network.Timer // to ask, or to ask again
}

const (
	leaseAnnounce = iota
	leaseSync
	leaseDelay
)

var leased = [...]ptp.MessageType{ptp.AnnounceMessage, ptp.Sync, ptp.DelayResp}

const (
	// retry is how long a client waits that was given nothing.
	retry = 2 * event.Second
	// denial is how long it waits that was refused.
	denial = 10 * event.Second
	// renewal is how much of a grant must have passed before it is renewed.
	renewal = 0.8
)

// Follow adds an entry to the unicast master table.
func (i *Instance) Follow(p *network.Port, to Address, priority uint8) {
	for _, port := range i.Ports {
		if port.wire != p {
			continue
		}
		l := &lessor{port: port, address: to, priority: priority}
		for n := range l.leases {
			l.leases[n].of, l.leases[n].message = l, leased[n]
			l.leases[n].timer = i.network.NewTimer(l.leases[n].request)
		}
		i.table = append(i.table, l)
	}
}

func (i *Instance) lessorAt(ip netip.Addr) *lessor {
	for _, l := range i.table {
		if l.address.IP == ip {
			return l
		}
	}
	return nil
}

func (l *lessor) stop() {
	for n := range l.leases {
		l.leases[n].timer.Stop()
		l.leases[n].granted, l.leases[n].wanted = false, false
	}
}

// startLeases begins to ask each master for its Announces.
func (i *Instance) startLeases() {
	now := i.network.Now()
	if i.Profile.Mechanism == SPTP {
		if len(i.table) > 0 {
			i.table[0].port.startSPTP(now)
		}
		return
	}
	for _, l := range i.table {
		a := &l.leases[leaseAnnounce]
		a.wanted = true
		a.timer.Set(now + event.Time(i.rng.Float64()*float64(event.Second)))
	}
}

// leaseFrom has Sync and Delay_Resp come from the best master only.
func (i *Instance) leaseFrom(best *foreign) {
	if i.Profile.Mechanism == SPTP {
		return
	}
	for _, l := range i.table {
		want := best != nil && best.via == l
		for _, n := range []int{leaseSync, leaseDelay} {
			switch le := &l.leases[n]; {
			case want && !le.wanted:
				le.wanted = true
				le.timer.Set(i.network.Now())
			case !want && le.wanted:
				le.wanted = false
				le.timer.Stop()
				le.cancel()
			}
		}
	}
}

func (le *lease) log() ptp.LogInterval {
	pr := &le.of.port.instance.Profile
	return [...]ptp.LogInterval{pr.Announce, pr.Sync, pr.Delay}[le.index()]
}

func (le *lease) index() int {
	for n, t := range leased {
		if t == le.message {
			return n
		}
	}
	return 0
}

// request asks for transmission, or for more of it.
func (le *lease) request() {
	p := le.of.port
	now := p.instance.network.Now()
	if now >= le.until && le.granted {
		le.granted = false
		if le.message == ptp.DelayResp {
			p.delayTimer.Stop()
		}
	}
	p.signal(le.of.address, &ptp.RequestUnicastTransmission{
		MessageType: le.message, LogInterMessagePeriod: le.log(), DurationField: p.instance.Profile.GrantSeconds,
	})
	le.timer.Set(now + retry)
}

func (le *lease) cancel() {
	if le.granted {
		le.granted = false
		le.of.port.signal(le.of.address, &ptp.CancelUnicastTransmission{MessageType: le.message})
	}
	if le.message == ptp.DelayResp {
		le.of.port.delayTimer.Stop()
	}
}

// signal sends a Signaling message to somebody.
func (p *Port) signal(to Address, tlv ptp.TLV) {
	f := p.message(ptp.Signaling)
	p.to(f, to)
	f.Message.PortIdentity = ptp.PortIdentity{ClockIdentity: ^ptp.ClockIdentity(0), PortNumber: 0xFFFF}
	f.AppendTLV(tlv)
	p.send(f, p.instance.network.Now())
}

// hearSignaling takes in what both sides of a negotiation say.
func (p *Port) hearSignaling(f *network.Frame) {
	for t, value := range ptp.AllTLVs(f.Message.TLVs) {
		tlv, err := ptp.ParseTLV(t, value)
		if err != nil {
			continue
		}
		switch tlv := tlv.(type) {
		case *ptp.RequestUnicastTransmission:
			p.hearRequest(f, tlv)
		case *ptp.CancelUnicastTransmission:
			p.hearCancel(f, tlv)
		case *ptp.GrantUnicastTransmission:
			p.hearGrant(f, tlv)
		case *ptp.MessageIntervalRequest:
			p.hearIntervalRequest(tlv)
		}
	}
}

func (p *Port) hearGrant(f *network.Frame, tlv *ptp.GrantUnicastTransmission) {
	l := p.instance.lessorAt(f.SourceIP)
	if l == nil {
		return
	}
	for n := range l.leases {
		le := &l.leases[n]
		if le.message != tlv.MessageType || !le.wanted {
			continue
		}
		now := p.instance.network.Now()
		if tlv.DurationField == 0 {
			le.timer.Set(now + denial)
			continue
		}
		lasts := event.Time(tlv.DurationField) * event.Second
		le.until = now + lasts
		le.timer.Set(now + event.Time(renewal*float64(lasts)))
		if !le.granted && le.message == ptp.DelayResp {
			p.delayDue = now
			p.delayTimer.Set(now + p.askInterval())
		}
		le.granted = true
	}
}

// hearIntervalRequest sends as often as a gPTP neighbour asks
// (IEEE 802.1AS-2020 10.6.4.3).
func (p *Port) hearIntervalRequest(r *ptp.MessageIntervalRequest) {
	i := p.instance
	if i.Profile.Algorithm != BTCA {
		return
	}
	const least, most = -10, 22
	for _, c := range []struct {
		asked ptp.LogInterval
		log   *ptp.LogInterval
	}{{r.LogLinkDelayInterval, &i.Profile.Delay}, {r.LogTimeSyncInterval, &i.Profile.Sync}, {r.LogAnnounceInterval, &i.Profile.Announce}} {
		if c.asked >= least && c.asked <= most {
			*c.log = c.asked
		}
	}
	i.Reconfigure()
}
