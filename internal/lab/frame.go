//go:build linux

package lab

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// UDP ports of PTP (IEEE 1588-2019 C.2, D.2) and its EtherType (E.1).
const (
	eventPort    = 319
	generalPort  = 320
	etherTypePTP = 0x88F7
)

// Envelope is how a message travels.
type Envelope struct {
	VLAN                              uint16 // 0: untagged
	Transport                         packet.Transport
	SourceMAC, DestinationMAC         packet.MAC
	SourceAddress, DestinationAddress netip.Addr // zero for IEEE 802.3
}

// Multicast addresses of every message but those of peer delay (IEEE 1588-2019
// C.3, D.3, E.3).
var multicast = map[packet.Transport]Envelope{
	packet.IEEE8023: {DestinationMAC: packet.MAC{0x01, 0x1B, 0x19}},
	packet.UDPv4:    {DestinationMAC: packet.MAC{0x01, 0x00, 0x5E, 0x00, 0x01, 0x81}, DestinationAddress: netip.MustParseAddr("224.0.1.129")},
	packet.UDPv6:    {DestinationMAC: packet.MAC{0x33, 0x33, 0x00, 0x00, 0x01, 0x81}, DestinationAddress: netip.MustParseAddr("ff0e::181")},
}

// Multicast is the envelope of what a port sends to all.
func (p *Port) Multicast(t packet.Transport) (Envelope, error) {
	e, ok := multicast[t]
	if !ok {
		return e, fmt.Errorf("send by %s: UDPv4, UDPv6 and IEEE8023 are accepted", t)
	}
	e.Transport = t
	return e, p.sign(&e)
}

// sign makes the port the source of an envelope.
func (p *Port) sign(e *Envelope) error {
	e.SourceMAC, e.SourceAddress = p.MAC, netip.Addr{}
	switch e.Transport {
	case packet.UDPv4:
		e.SourceAddress = p.IPv4
	case packet.UDPv6:
		e.SourceAddress = p.IPv6
	}
	if e.Transport != packet.IEEE8023 && !e.SourceAddress.IsValid() {
		return fmt.Errorf("send by %s: %s has no address of that kind", e.Transport, p.Name)
	}
	return nil
}

// alike is the envelope in which a message came, addresses and all.
func alike(o *packet.Observation) Envelope {
	return Envelope{
		VLAN: o.VLANs.IDs[0], Transport: o.Transport,
		SourceMAC: o.SourceMAC, DestinationMAC: o.DestinationMAC,
		SourceAddress: o.Source.Addr(), DestinationAddress: o.Destination.Addr(),
	}
}

// answer is the envelope of what goes back to the sender.
func answer(o *packet.Observation) Envelope {
	e := alike(o)
	e.DestinationMAC, e.DestinationAddress = o.SourceMAC, o.Source.Addr()
	return e
}

// Frame puts a message into its envelope.
func (e *Envelope) Frame(m *ptp.Message) []byte {
	b := slices.Concat(e.DestinationMAC[:], e.SourceMAC[:])
	if e.VLAN != 0 {
		b = binary.BigEndian.AppendUint16(append(b, 0x81, 0x00), e.VLAN)
	}
	payload := ptp.AppendMessage(nil, m)
	if e.Transport == packet.IEEE8023 {
		b = append(binary.BigEndian.AppendUint16(b, etherTypePTP), payload...)
		return append(b, make([]byte, max(0, 60-len(b)))...)
	}
	port := uint16(generalPort)
	if m.Type <= ptp.PdelayResp {
		port = eventPort
	}
	header := len(b) + 2
	source, destination := e.SourceAddress.AsSlice(), e.DestinationAddress.AsSlice()
	length := uint16(8 + len(payload))
	if e.Transport == packet.UDPv4 {
		b = append(b, 0x08, 0x00, 0x45, 0)
		b = binary.BigEndian.AppendUint16(b, 20+length)
		b = append(b, 0, 0, 0x40, 0, 1, protocolUDP, 0, 0)
	} else {
		b = append(b, 0x86, 0xDD, 0x60, 0, 0, 0)
		b = binary.BigEndian.AppendUint16(b, length)
		b = append(b, protocolUDP, 1)
	}
	b = append(append(b, source...), destination...)
	for _, v := range []uint16{port, port, length, 0} {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	b = append(b, payload...)
	if e.Transport == packet.UDPv4 {
		binary.BigEndian.PutUint16(b[header+10:], ^fold(sum(b[header:header+20], 0)))
	}
	found, _ := locate(b)
	found.fixChecksum()
	return b
}

const protocolUDP = 17

// located is where in a frame a message is.
type located struct {
	message   []byte // until the end of the frame or datagram
	udp       []byte // the datagram; nil for IEEE 802.3
	addresses []byte // of the IP header
}

// locate finds the message in a frame, behind VLAN tags too. It finds none in
// fragments and behind IPv6 extension headers, which no clock here sends.
func locate(frame []byte) (l located, ok bool) {
	at := 12
	for {
		if len(frame) < at+2 {
			return l, false
		}
		switch binary.BigEndian.Uint16(frame[at:]) {
		case 0x8100, 0x88A8:
			at += 4
			continue
		case etherTypePTP:
			return located{message: frame[at+2:]}, len(frame) > at+2
		case 0x0800:
			return locateIPv4(frame[at+2:])
		case 0x86DD:
			return locateIPv6(frame[at+2:])
		}
		return l, false
	}
}

func locateIPv4(b []byte) (l located, ok bool) {
	if len(b) < 20 || b[9] != protocolUDP || binary.BigEndian.Uint16(b[6:])&0x3FFF != 0 {
		return l, false
	}
	header := int(b[0]&0x0F) * 4
	if header < 20 || len(b) < header {
		return l, false
	}
	return locateUDP(b[12:20], b[header:])
}

func locateIPv6(b []byte) (l located, ok bool) {
	if len(b) < 40 || b[6] != protocolUDP {
		return l, false
	}
	return locateUDP(b[8:40], b[40:])
}

func locateUDP(addresses, b []byte) (l located, ok bool) {
	if len(b) < 8 {
		return l, false
	}
	port, length := binary.BigEndian.Uint16(b[2:]), int(binary.BigEndian.Uint16(b[4:]))
	if port != eventPort && port != generalPort || length <= 8 || length > len(b) {
		return l, false
	}
	return located{message: b[8:length], udp: b[:length], addresses: addresses}, true
}

// fixChecksum makes the datagram's checksum right, whatever it was: of frames
// whose sender left it to hardware it is not there yet.
func (l *located) fixChecksum() {
	if l.udp == nil {
		return
	}
	l.udp[6], l.udp[7] = 0, 0
	s := sum(l.udp, sum(l.addresses, protocolUDP+uint32(len(l.udp))))
	value := ^fold(s)
	if value == 0 { // which would mean that there is none (RFC 768)
		value = 0xFFFF
	}
	binary.BigEndian.PutUint16(l.udp[6:], value)
}

// sum adds 16-bit words up (RFC 1071).
func sum(b []byte, s uint32) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		s += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	return s
}

func fold(s uint32) uint16 {
	for s > 0xFFFF {
		s = s>>16 + s&0xFFFF
	}
	return uint16(s)
}
