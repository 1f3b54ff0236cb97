package network

import (
	"encoding/binary"
	"net/netip"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const (
	etherTypeVLAN = 0x8100
	etherTypeIPv4 = 0x0800
	etherTypeIPv6 = 0x86DD
	etherTypePTP  = 0x88F7
	protocolUDP   = 17
	minimumFrame  = 60 // without the checksum, which captures do not have
)

// AppendWire appends the frame as it is on an Ethernet, without its checksum.
func (f *Frame) AppendWire(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, f.Destination[:]...)
	dst = append(dst, f.Source[:]...)
	if f.VLAN != 0 {
		dst = binary.BigEndian.AppendUint16(dst, etherTypeVLAN)
		dst = binary.BigEndian.AppendUint16(dst, uint16(f.PCP)<<13|f.VLAN)
	}
	switch f.Transport {
	case packet.UDPv4:
		dst = f.appendIPv4(binary.BigEndian.AppendUint16(dst, etherTypeIPv4))
	case packet.UDPv6:
		dst = f.appendIPv6(binary.BigEndian.AppendUint16(dst, etherTypeIPv6))
	default:
		dst = f.appendPayload(binary.BigEndian.AppendUint16(dst, etherTypePTP))
	}
	for len(dst)-start < minimumFrame {
		dst = append(dst, 0)
	}
	return dst
}

func (f *Frame) appendPayload(dst []byte) []byte {
	if f.Raw != nil {
		return append(dst, f.Raw...)
	}
	return ptp.AppendMessage(dst, &f.Message)
}

func (f *Frame) appendIPv4(dst []byte) []byte {
	const header = 20
	ip := len(dst)
	source, destination := f.SourceIP.As4(), f.DestinationIP.As4()
	dst = append(dst, 0x45, f.DSCP<<2, 0, 0)
	dst = binary.BigEndian.AppendUint16(dst, f.IPID)
	dst = append(dst, 0x40, 0, f.TTL, protocolUDP, 0, 0) // do not fragment
	dst = append(dst, source[:]...)
	dst = append(dst, destination[:]...)
	dst = f.appendUDP(dst, nil, source[:], destination[:])
	binary.BigEndian.PutUint16(dst[ip+2:], uint16(len(dst)-ip))
	binary.BigEndian.PutUint16(dst[ip+10:], fold(sum(0, dst[ip:ip+header])))
	return dst
}

func (f *Frame) appendIPv6(dst []byte) []byte {
	const header = 40
	ip := len(dst)
	source, destination := f.SourceIP.As16(), f.DestinationIP.As16()
	dst = append(dst, 0x60|f.DSCP>>2, f.DSCP<<6, 0, 0, 0, 0, protocolUDP, f.TTL)
	dst = append(dst, source[:]...)
	dst = append(dst, destination[:]...)
	// Two octets at the end, for one-step hardware to keep the checksum
	// right with (IEEE 1588-2019 D.3).
	dst = f.appendUDP(dst, []byte{0, 0}, source[:], destination[:])
	binary.BigEndian.PutUint16(dst[ip+4:], uint16(len(dst)-ip-header))
	return dst
}

func (f *Frame) appendUDP(dst, trailer, source, destination []byte) []byte {
	udp := len(dst)
	port := uint16(generalPort)
	if Event(f.Message.Type) {
		port = eventPort
	}
	dst = binary.BigEndian.AppendUint16(dst, port)
	dst = binary.BigEndian.AppendUint16(dst, port)
	dst = append(dst, 0, 0, 0, 0)
	dst = append(f.appendPayload(dst), trailer...)
	length := len(dst) - udp
	binary.BigEndian.PutUint16(dst[udp+4:], uint16(length))
	pseudo := sum(sum(uint64(protocolUDP+length), source), destination)
	check := fold(sum(pseudo, dst[udp:]))
	if check == 0 { // stands for "none" (RFC 768)
		check = 0xFFFF
	}
	binary.BigEndian.PutUint16(dst[udp+6:], check)
	return dst
}

// sum adds up b for the Internet checksum (RFC 1071), 32 bits at a time: the
// ones' complement sum does not mind.
func sum(s uint64, b []byte) uint64 {
	for ; len(b) >= 4; b = b[4:] {
		s += uint64(binary.BigEndian.Uint32(b))
	}
	if len(b) >= 2 {
		s += uint64(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		s += uint64(b[0]) << 8
	}
	return s
}

func fold(s uint64) uint16 {
	for s>>16 != 0 {
		s = s>>16 + s&0xFFFF
	}
	return ^uint16(s)
}

// MulticastMAC is the Ethernet address of an IP multicast group (RFC 1112 6.4,
// RFC 2464 7).
func MulticastMAC(group netip.Addr) packet.MAC {
	b := group.As16()
	if group.Is4() {
		return packet.MAC{0x01, 0x00, 0x5E, b[13] & 0x7F, b[14], b[15]}
	}
	return packet.MAC{0x33, 0x33, b[12], b[13], b[14], b[15]}
}
