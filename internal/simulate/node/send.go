package node

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/netip"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// The multicast addresses of PTP (IEEE 1588-2019 C.3, D.4, E.3): those for
// all messages and those for the peer delay mechanism.
var (
	primaryMAC  = packet.MAC{0x01, 0x1B, 0x19}
	peerMAC     = packet.MAC{0x01, 0x80, 0xC2, 0, 0, 0x0E}
	primaryIPv4 = netip.MustParseAddr("224.0.1.129")
	peerIPv4    = netip.MustParseAddr("224.0.0.107")
	primaryIPv6 = netip.MustParseAddr("ff0e::181")
	peerIPv6    = netip.MustParseAddr("ff02::6b")
)

func isPeer(t ptp.MessageType) bool {
	return t == ptp.PdelayReq || t == ptp.PdelayResp || t == ptp.PdelayRespFollowUp
}

// Address gives a frame the multicast addresses for its message's type.
func (pr *Profile) Address(f *network.Frame) {
	link := isPeer(f.Message.Type)
	f.TTL = pr.TTL
	switch pr.Transport {
	case packet.IEEE8023:
		f.Destination = primaryMAC
		if link || pr.LinkLocal {
			f.Destination = peerMAC
		}
		return
	case packet.UDPv4:
		f.DestinationIP = primaryIPv4
		if link {
			f.DestinationIP = peerIPv4
		}
	case packet.UDPv6:
		f.DestinationIP = primaryIPv6
		if link {
			f.DestinationIP = peerIPv6
		}
	}
	if link {
		f.TTL = 1 // IEEE 1588-2019 C.4
	}
	f.Destination = network.MulticastMAC(f.DestinationIP)
}

// controlField is what IEEE 1588-2008 table 23 says; 0 since 2019 (13.3.2.13).
func (pr *Profile) controlField(t ptp.MessageType) uint8 {
	if pr.MinorVersion > 0 {
		return 0
	}
	switch t {
	case ptp.Sync:
		return 0
	case ptp.DelayReq:
		return 1
	case ptp.FollowUp:
		return 2
	case ptp.DelayResp:
		return 3
	case ptp.ManagementMessage:
		return 4
	}
	return 5
}

// Fill makes f, a new one, a frame with a message of a type as the profile has
// them: all but who sends it, and what it says.
func (pr *Profile) Fill(f *network.Frame, t ptp.MessageType) {
	f.VLAN, f.PCP, f.Transport, f.DSCP = pr.VLAN, pr.PCP, pr.Transport, pr.DSCP
	m := &f.Message
	*m = ptp.Message{
		Type: t, SdoID: pr.SdoID, VersionPTP: 2, MinorVersionPTP: pr.MinorVersion, DomainNumber: pr.Domain,
		ControlField: pr.controlField(t), LogMessageInterval: pr.logInterval(t),
	}
	if pr.TwoStep && (t == ptp.Sync || t == ptp.PdelayResp) {
		m.Flags |= ptp.FlagTwoStep
	}
	if pr.Algorithm == BTCA { // PTP timescale in each (IEEE 802.1AS-2020 table 10-9)
		m.Flags |= ptp.FlagPTPTimescale
	}
	pr.Address(f)
}

// logInterval is the logMessageInterval of a multicast message (IEEE 1588-2019
// table 42).
func (pr *Profile) logInterval(t ptp.MessageType) ptp.LogInterval {
	switch t {
	case ptp.Sync, ptp.FollowUp:
		return pr.Sync
	case ptp.DelayResp:
		return pr.Delay
	case ptp.AnnounceMessage:
		return pr.Announce
	case ptp.PdelayReq:
		if pr.Algorithm == BTCA { // IEEE 802.1AS-2020 11.4.2.8
			return pr.Delay
		}
	}
	return ptp.NoInterval
}

// Unicast addresses a frame to one receiver.
func (pr *Profile) Unicast(f *network.Frame, a Address) {
	f.Destination, f.DestinationIP, f.TTL = a.MAC, a.IP, pr.TTL
	if pr.Transport != packet.IEEE8023 && f.TTL <= 1 { // that is for multicast only
		f.TTL = 64
	}
	f.Message.Flags |= ptp.FlagUnicast
	f.Message.LogMessageInterval = ptp.NoInterval
}

// prepare makes the frames that messages are cut from.
func (p *Port) prepare() {
	i := p.instance
	for t := range p.templates {
		f := &p.templates[t]
		*f = network.Frame{Source: p.wire.MAC, SourceIP: p.ip}
		i.Profile.Fill(f, ptp.MessageType(t))
		f.Message.SourcePortIdentity = p.id
		if log, lie := i.Advertise[f.Message.Type]; lie {
			f.Message.LogMessageInterval = log
		}
	}
	p.announceStale = true
}

// message is a new message of a type with its next sequenceId.
func (p *Port) message(t ptp.MessageType) *network.Frame {
	f := p.reply(t, p.sequence[t])
	p.sequence[t]++
	return f
}

// reply is a new message of a type with a sequenceId that is given.
func (p *Port) reply(t ptp.MessageType, sequence uint16) *network.Frame {
	f := p.instance.network.Frame()
	f.CopyFrom(&p.templates[t])
	f.Message.SequenceID = sequence
	if k := &p.instance.mark; k.episode != 0 && (len(k.types) == 0 || slices.Contains(k.types, t)) {
		f.Episode = k.episode
	}
	if f.Transport == packet.UDPv4 {
		f.IPID = p.ipID
		p.ipID++
	}
	return f
}

// to addresses a frame to one receiver, unless that is none.
func (p *Port) to(f *network.Frame, a Address) {
	if a.MAC == (packet.MAC{}) {
		return
	}
	p.instance.Profile.Unicast(f, a)
	if log, lie := p.instance.Advertise[f.Message.Type]; lie {
		f.Message.LogMessageInterval = log
	}
}

// Address is where somebody is reached.
type Address struct {
	MAC packet.MAC // of it, or of the router on the way
	IP  netip.Addr
}

func sender(f *network.Frame) Address { return Address{f.Source, f.SourceIP} }

// send puts a message on the wire as soon after ready as there is room, and
// gives it up. An event message is stamped; one that carries its own stamp
// (a Sync or Pdelay_Resp of one step) is given it.
func (p *Port) send(f *network.Frame, ready event.Time) (at event.Time, stamp oscillator.Reading) {
	defer f.Release()
	if p.instance.Silent[f.Message.Type] {
		return ready, stamp
	}
	at = p.wire.Departure(ready)
	if network.Event(f.Message.Type) {
		stamp = p.stamper.Stamp(at)
		if f.Message.Type == ptp.Sync && !f.Message.Flags.Has(ptp.FlagTwoStep) {
			setStamp(&f.Message, stamp)
		}
	}
	if p.instance.Key != nil {
		p.sign(f)
	}
	if f.Episode != 0 && p.instance.mark.touched != nil {
		p.instance.mark.touched(at)
	}
	p.wire.Send(f, at)
	return at, stamp
}

// setStamp writes a stamp into the message; what its nanoseconds cannot say
// goes into the correctionField (IEEE 1588-2019 9.5.9.3).
func setStamp(m *ptp.Message, r oscillator.Reading) {
	m.Timestamp = ptp.NewTimestamp(r.Nanoseconds)
	if r.Picoseconds != 0 {
		m.CorrectionField += correction(r.Picoseconds / 1000)
	}
}

// correction is ns nanoseconds as a correctionField.
func correction(ns float64) ptp.Correction { return ptp.Correction(ns * 65536) }

// nanoseconds is what a correctionField says.
func nanoseconds(c ptp.Correction) float64 { return float64(c) / 65536 }

// sign adds an AUTHENTICATION TLV (IEEE 1588-2019 16.14.3) whose ICV is
// HMAC-SHA256-128 over the message with its correctionField zeroed.
func (p *Port) sign(f *network.Frame) {
	const icv = 16
	f.RemoveTLV(ptp.TLVAuthentication)
	auth := ptp.Authentication{SPP: 1, KeyID: 1, Protected: make(ptp.Octets, icv)}
	plain := f.Message
	plain.CorrectionField = 0
	plain.TLVs = ptp.AppendTLV(append([]byte(nil), plain.TLVs...), &auth)
	octets := ptp.AppendMessage(nil, &plain)
	mac := hmac.New(sha256.New, p.instance.Key)
	mac.Write(octets[:len(octets)-icv])
	copy(auth.Protected, mac.Sum(nil))
	f.AppendTLV(&auth)
}
