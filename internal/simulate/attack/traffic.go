package attack

import (
	"math"
	"net/netip"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
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
			h.send(g, h.soon(), &r.Mark)
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
	senders, n := max(fl.Senders, 1), 0
	return h.repeat(fl.Every, 0.3, func() {
		who := h.sender(n%senders, fl.Senders)
		sequence := h.sequence[fl.Message] + uint16(who.Identity>>3) + uint16(n/senders)
		f := h.frame(fl.Message, ptp.PortIdentity{ClockIdentity: who.Identity, PortNumber: 1}, sequence)
		n++
		f.Source, f.SourceIP = who.MAC, who.IP
		if fl.ToMAC != (packet.MAC{}) {
			h.Profile.Unicast(f, node.Address{MAC: fl.ToMAC, IP: fl.ToIP})
		}
		switch {
		case fl.Message == ptp.AnnounceMessage:
			f.Message.Announce = fl.Body
			f.Message.Announce.GrandmasterIdentity = who.Identity
		case fl.Message == ptp.Sync && !h.Profile.TwoStep:
			f.Message.Timestamp = h.time(h.network.Now(), 0)
		}
		h.send(f, h.network.Now(), &fl.Mark)
	})
}

// sender is the n-th of several that the host sends as; the only one is itself.
func (h *Host) sender(n, of int) Stranger {
	if of <= 1 {
		return Stranger{h.Identity, h.wire.MAC, h.IP}
	}
	return h.Stranger(n)
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
		who := h.sender(n%max(r.Senders, 1), r.Senders)
		n++
		for _, t := range r.Messages {
			h.ask(&r, who, t)
		}
	})
}

// ask asks for transmission of one type of message, or ends it.
func (h *Host) ask(r *Requests, who Stranger, t ptp.MessageType) {
	f := h.frame(ptp.Signaling, ptp.PortIdentity{ClockIdentity: who.Identity, PortNumber: 1}, h.next(ptp.Signaling)+uint16(who.Identity>>3))
	f.Source, f.SourceIP = who.MAC, who.IP
	f.Message.PortIdentity = ptp.PortIdentity{ClockIdentity: ^ptp.ClockIdentity(0), PortNumber: math.MaxUint16}
	h.Profile.Unicast(f, node.Address{MAC: r.MAC, IP: r.IP})
	if r.Cancel.Port != (ptp.PortIdentity{}) {
		f.Message.SourcePortIdentity = r.Cancel.Port
		r.Cancel.wear(f)
		f.AppendTLV(&ptp.CancelUnicastTransmission{MessageType: t})
	} else {
		f.AppendTLV(&ptp.RequestUnicastTransmission{MessageType: t, LogInterMessagePeriod: r.Log, DurationField: r.Seconds})
	}
	h.send(f, h.network.Now(), &r.Mark)
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
		f := h.frame(s.Type, h.Port(), h.next(s.Type))
		f.Message.PortIdentity = s.Target
		f.Message.Management.Action = s.Action
		f.Message.Management.StartingBoundaryHops, f.Message.Management.BoundaryHops = 1, 1
		f.Message.TLVs = s.TLVs[n%len(s.TLVs)]
		n++
		if s.MAC != (packet.MAC{}) {
			h.Profile.Unicast(f, node.Address{MAC: s.MAC, IP: s.IP})
		}
		h.send(f, h.network.Now(), &s.Mark)
	})
	return func() { halt() }
}
