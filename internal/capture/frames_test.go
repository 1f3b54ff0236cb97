package capture

import (
	"encoding/binary"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Frames by hand, innermost first: udp(ipv4(...)) as on the wire, each layer a
// function over the bytes it carries.

var (
	sourceMAC    = []byte{0x00, 0x1d, 0x7f, 0x80, 0x02, 0x4a}
	multicastMAC = []byte{0x01, 0x1b, 0x19, 0, 0, 0}
)

// message is an encoded message of the type, with a sequence number to know it
// by.
func message(t ptp.MessageType, sequence uint16, tlvs ...byte) []byte {
	m := ptp.Message{
		Type: t, VersionPTP: 2, MinorVersionPTP: 1, DomainNumber: 24, SequenceID: sequence,
		SourcePortIdentity: ptp.PortIdentity{ClockIdentity: 0x001d7ffffe80024a, PortNumber: 1},
		TLVs:               tlvs,
	}
	return ptp.AppendMessage(nil, &m)
}

// pathTrace is a TLV of one clock identity.
var pathTrace = []byte{0x00, 0x08, 0x00, 0x08, 0x00, 0x1d, 0x7f, 0xff, 0xfe, 0x80, 0x02, 0x4a}

func u16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }

func u32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

// join concatenates into a slice without spare room, so that a read past the
// end of a frame is a panic and not a neighbour's byte.
func join(parts ...[]byte) []byte { return slices.Clip(slices.Concat(parts...)) }

// eth pads to the 60 octets that Ethernet has at least.
func eth(etherType int, payload []byte) []byte {
	f := join(multicastMAC, sourceMAC, u16(etherType), payload)
	if len(f) < 60 {
		f = join(f, make([]byte, 60-len(f)))
	}
	return f
}

func tag(tci, etherType int, payload []byte) []byte { return join(u16(tci), u16(etherType), payload) }

const (
	moreFragments = 0x2000
	protocolUDP   = 17
)

func ip4(fragment int, options, payload []byte) []byte {
	header := 20 + len(options)
	return join([]byte{0x40 | byte(header/4), 46 << 2}, u16(header+len(payload)), []byte{0, 1}, u16(fragment),
		[]byte{1, protocolUDP, 0, 0, 10, 0, 0, 2, 224, 0, 1, 129}, options, payload)
}

func ip6(next byte, payload []byte) []byte {
	return join([]byte{0x60 | 46>>2, (46 & 3) << 6, 0, 0}, u16(len(payload)), []byte{next, 64},
		[]byte{0xfe, 0x80, 15: 2}, []byte{0xff, 0x0e, 14: 0x01, 15: 0x81}, payload)
}

func udp4(source, destination int, payload []byte) []byte {
	return join(u16(source), u16(destination), u16(8+len(payload)), []byte{0xbe, 0xef}, payload)
}

func sll(packetType int, addressLength int, protocol int, payload []byte) []byte {
	return join(u16(packetType), u16(1), u16(addressLength), sourceMAC, []byte{0, 0}, u16(protocol), payload)
}

func sll2(packetType byte, index uint32, protocol int, payload []byte) []byte {
	return join(u16(protocol), []byte{0, 0}, u32(index), u16(1), []byte{packetType, 6}, sourceMAC, []byte{0, 0}, payload)
}

func mplsLabel(label uint32, bottom bool, payload []byte) []byte {
	v := label<<12 | 64
	if bottom {
		v |= 1 << 8
	}
	return join(u32(v), payload)
}

func pppoeSession(protocol int, payload []byte) []byte {
	return join([]byte{0x11, 0}, u16(7), u16(2+len(payload)), u16(protocol), payload)
}
