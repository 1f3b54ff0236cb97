package attack

import (
	"encoding/binary"
	"math"
	"net/netip"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
)

// Replay records messages and sends them again.
type Replay struct {
	Mark
	Messages []ptp.MessageType
	Record   event.Time // for how long
	After    event.Time // how old they are when they are sent again
}

// maxReplay is how many messages a host records.
const maxReplay = 20_000

// Replay begins to record.
func (h *Host) Replay(r Replay) (stop func()) {
	count, stopped := 0, false
	begun := h.network.Now()
	var unlisten func()
	unlisten = h.listen(func(f *network.Frame) {
		if h.network.Now() > begun+r.Record || count == maxReplay {
			unlisten()
			return
		}
		if !slices.Contains(r.Messages, f.Message.Type) {
			return
		}
		count++
		g := f.Copy()
		h.network.At(h.network.Now()+r.After, func() {
			if stopped {
				g.Release()
				return
			}
			h.send(g, h.network.Now(), &r.Mark)
		})
	})
	return func() { stopped = true; unlisten() }
}

// Flood sends many messages of a type.
type Flood struct {
	Mark
	Message ptp.MessageType
	Every   event.Time
	Senders int // identities that it uses, one after the other
	Body    ptp.Announce
	// ToMAC and ToIP, unless zero, are whom it is for.
	ToMAC packet.MAC
	ToIP  netip.Addr
}

// Flood begins to send.
func (h *Host) Flood(fl Flood) (stop func()) {
	n := 0
	return h.repeat(fl.Every, 0.3, func() {
		id, mac, ip := h.stranger(n%max(fl.Senders, 1), fl.Senders)
		f := h.frame(fl.Message, ptp.PortIdentity{ClockIdentity: id, PortNumber: 1}, uint16(n/max(fl.Senders, 1)))
		n++
		f.Source, f.SourceIP = mac, ip
		if fl.ToMAC != (packet.MAC{}) {
			to(f, fl.ToMAC, fl.ToIP)
		}
		if fl.Message == ptp.AnnounceMessage {
			f.Message.Announce, f.Message.LogMessageInterval = fl.Body, h.Profile.Announce
			f.Message.Announce.GrandmasterIdentity = id
		}
		h.send(f, h.network.Now(), &fl.Mark)
	})
}

// stranger is the n-th of several senders that the host makes up; the only
// one is itself.
func (h *Host) stranger(n, of int) (ptp.ClockIdentity, packet.MAC, netip.Addr) {
	if of <= 1 {
		return h.Identity, h.wire.MAC, h.IP
	}
	mac := h.wire.MAC
	mix := uint32(n)*2654435761 + uint32(h.Identity) // no two alike, no row
	mac[3], mac[4], mac[5] = mac[3]^byte(mix>>8), byte(mix>>16), byte(mix>>24)
	id := ptp.ClockIdentity(uint64(mac[0])<<56 | uint64(mac[1])<<48 | uint64(mac[2])<<40 | 0xFFFE<<24 |
		uint64(mac[3])<<16 | uint64(mac[4])<<8 | uint64(mac[5]))
	ip := h.IP
	if ip.Is4() {
		b := ip.As4()
		b[2], b[3] = b[2]+byte(n/250), byte(1+n%250)
		ip = netip.AddrFrom4(b)
	} else if ip.IsValid() {
		b := ip.As16()
		binary.BigEndian.PutUint32(b[12:], mix)
		ip = netip.AddrFrom16(b)
	}
	return id, mac, ip
}

// Requests asks a master for unicast transmission.
type Requests struct {
	Mark
	MAC      packet.MAC
	IP       netip.Addr
	Every    event.Time
	Senders  int
	Messages []ptp.MessageType
	Log      ptp.LogInterval
	Seconds  uint32
	// Cancel, unless zero, is the client in whose name transmission is ended.
	Cancel Disguise
}

// Request begins to ask.
func (h *Host) Request(r Requests) (stop func()) {
	n := 0
	return h.repeat(r.Every, 0.2, func() {
		id, mac, ip := h.stranger(n%max(r.Senders, 1), r.Senders)
		f := h.frame(ptp.Signaling, ptp.PortIdentity{ClockIdentity: id, PortNumber: 1}, uint16(n))
		f.Source, f.SourceIP = mac, ip
		n++
		f.Message.PortIdentity = ptp.PortIdentity{ClockIdentity: ^ptp.ClockIdentity(0), PortNumber: math.MaxUint16}
		to(f, r.MAC, r.IP)
		for _, t := range r.Messages {
			if r.Cancel.Port != (ptp.PortIdentity{}) {
				f.Message.SourcePortIdentity = r.Cancel.Port
				r.Cancel.wear(f)
				f.AppendTLV(&ptp.CancelUnicastTransmission{MessageType: t})
				continue
			}
			f.AppendTLV(&ptp.RequestUnicastTransmission{MessageType: t, LogInterMessagePeriod: r.Log, DurationField: r.Seconds})
		}
		h.send(f, h.network.Now(), &r.Mark)
	})
}

// Messages sends Signaling or Management messages with some TLVs.
type Messages struct {
	Mark
	Type   ptp.MessageType
	Action ptp.ManagementAction
	Target ptp.PortIdentity
	TLVs   [][]byte // one a message, one after the other
	Every  event.Time
	Times  int // how many messages; 0 is no end
	// MAC and IP, unless zero, are whom they are for.
	MAC packet.MAC
	IP  netip.Addr
}

// Send begins to send.
func (h *Host) Send(s Messages) (stop func()) {
	n := 0
	var halt func()
	halt = h.repeat(s.Every, 0.1, func() {
		if s.Times > 0 && n >= s.Times {
			h.network.At(h.network.Now(), halt)
			return
		}
		f := h.frame(s.Type, ptp.PortIdentity{ClockIdentity: h.Identity, PortNumber: 1}, uint16(n))
		f.Message.PortIdentity = s.Target
		f.Message.Management.Action = s.Action
		f.Message.Management.StartingBoundaryHops, f.Message.Management.BoundaryHops = 1, 1
		f.Message.TLVs = s.TLVs[n%len(s.TLVs)]
		n++
		if s.MAC != (packet.MAC{}) {
			to(f, s.MAC, s.IP)
		}
		h.send(f, h.network.Now(), &s.Mark)
	})
	return func() { halt() }
}
