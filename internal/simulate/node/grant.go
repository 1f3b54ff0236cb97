package node

import (
	"net/netip"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
)

// grant is unicast transmission that a master has granted to a client: the
// master's side of the negotiation (IEEE 1588-2019 16.1).
type grant struct {
	port     *Port
	to       Address
	message  ptp.MessageType
	every    event.Time
	until    event.Time
	due      event.Time
	sequence uint16
	timer    *network.Timer
}

const (
	longestGrant = 1000 // seconds
	fastestGrant = -7   // log of the interval
	slowestGrant = 4
)

// hearRequest grants what a client asks for, if it can.
func (p *Port) hearRequest(f *network.Frame, r *ptp.RequestUnicastTransmission) {
	if p.state != Master || p.instance.Profile.Addressing != Unicast {
		return
	}
	answer := &ptp.GrantUnicastTransmission{MessageType: r.MessageType, LogInterMessagePeriod: r.LogInterMessagePeriod, Flags: 1}
	g := p.grantOf(f.SourceIP, r.MessageType)
	ok := r.LogInterMessagePeriod >= fastestGrant && r.LogInterMessagePeriod <= slowestGrant && slices.Contains(leased[:], r.MessageType)
	if ok && g == nil && len(p.grants) < p.instance.Grants {
		g = &grant{port: p, to: sender(f), message: r.MessageType}
		g.timer = p.instance.network.NewTimer(g.tick)
		p.grants = append(p.grants, g)
	}
	if ok && g != nil {
		answer.DurationField = min(r.DurationField, longestGrant)
		now := p.instance.network.Now()
		g.every, g.until = interval(r.LogInterMessagePeriod), now+event.Time(answer.DurationField)*event.Second
		if !g.timer.Running() {
			g.due = now
			g.timer.Set(now + p.soon())
		}
	}
	p.signal(sender(f), answer)
}

func (p *Port) grantOf(ip netip.Addr, t ptp.MessageType) *grant {
	for _, g := range p.grants {
		if g.to.IP == ip && g.message == t {
			return g
		}
	}
	return nil
}

func (p *Port) granted(ip netip.Addr, t ptp.MessageType) bool { return p.grantOf(ip, t) != nil }

// tick sends what was granted, until the grant is over.
func (g *grant) tick() {
	p := g.port
	now := p.instance.network.Now()
	if now >= g.until {
		p.drop(g)
		return
	}
	switch g.message {
	case ptp.AnnounceMessage:
		p.sendAnnounce(g.to, p.reply(ptp.AnnounceMessage, g.sequence))
	case ptp.Sync:
		p.sendSync(g.to, g.sequence)
	default: // Delay_Resp: sent when asked for
		g.timer.Set(g.until)
		return
	}
	g.sequence++
	p.pace(g.timer, &g.due, g.every)
}

func (p *Port) drop(g *grant) {
	g.timer.Stop()
	p.grants = slices.DeleteFunc(p.grants, func(h *grant) bool { return h == g })
}

func (p *Port) dropGrants() {
	for _, g := range p.grants {
		g.timer.Stop()
	}
	p.grants = nil
}

// hearCancel ends a transmission at the client's wish, or asks anew when the
// master has ended it, and acknowledges.
func (p *Port) hearCancel(f *network.Frame, c *ptp.CancelUnicastTransmission) {
	if g := p.grantOf(f.SourceIP, c.MessageType); g != nil {
		p.drop(g)
	} else if l := p.instance.lessorAt(f.SourceIP); l != nil {
		for n := range l.leases {
			if le := &l.leases[n]; le.message == c.MessageType && le.granted {
				le.granted = false
				le.timer.Set(p.instance.network.Now() + retry)
			}
		}
	}
	p.signal(sender(f), &ptp.AcknowledgeCancelUnicastTransmission{MessageType: c.MessageType})
}
