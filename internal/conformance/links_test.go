package conformance

import (
	"encoding/binary"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// links put a message into a frame, each another way (IEEE 1588-2019 Annexes
// C, D and E).
var links = []func(ptp.MessageType, []byte) []byte{
	ethernet, vlan, stacked, udp4, udp6, mpls,
}

const (
	etherIPv4 = 0x0800
	etherVLAN = 0x8100
	etherIPv6 = 0x86DD
	etherMPLS = 0x8847
	etherSTag = 0x88A8
	etherPTP  = 0x88F7
)

func ethernet(_ ptp.MessageType, message []byte) []byte { return ether(etherPTP, message) }

func vlan(_ ptp.MessageType, message []byte) []byte {
	return ether(etherVLAN, u16(6<<13|100), u16(etherPTP), message)
}

func stacked(_ ptp.MessageType, message []byte) []byte {
	return ether(etherSTag, u16(200), u16(etherVLAN), u16(4094), u16(etherPTP), message)
}

func udp4(t ptp.MessageType, message []byte) []byte { return ether(etherIPv4, ipv4(t, message)) }

// udp6 appends the two octets that clocks pad UDP over IPv6 with.
func udp6(t ptp.MessageType, message []byte) []byte {
	datagram := udp(t, append(slices.Clip(message), 0, 0))
	source := []byte{0xfe, 0x80, 15: 1}
	group := []byte{0xff, 0x0e, 14: 0x01, 15: 0x81}
	return ether(etherIPv6, []byte{0x60 | 46>>2, 46 & 3 << 6, 0, 0}, u16(len(datagram)), []byte{17, 7}, source, group, datagram)
}

func mpls(t ptp.MessageType, message []byte) []byte {
	outer, inner := []byte{0x00, 0x01, 0x00, 64}, []byte{0x00, 0x02, 0x01, 64}
	return ether(etherMPLS, outer, inner, ipv4(t, message))
}

func ether(etherType int, payload ...[]byte) []byte {
	return slices.Concat([]byte{0x01, 0x1b, 0x19, 0, 0, 0, 0x02, 0x50, 0x54, 0, 0, 1}, u16(etherType), slices.Concat(payload...))
}

func ipv4(t ptp.MessageType, message []byte) []byte {
	datagram := udp(t, message)
	return slices.Concat([]byte{0x45, 46 << 2}, u16(20+len(datagram)), []byte{0, 1, 0x40, 0, 5, 17, 0, 0, 192, 0, 2, 1, 224, 0, 1, 129}, datagram)
}

// udp sends event messages to port 319 and general ones to 320.
func udp(t ptp.MessageType, message []byte) []byte {
	port := 319
	if t >= ptp.FollowUp {
		port = 320
	}
	return slices.Concat(u16(port), u16(port), u16(8+len(message)), u16(0), message)
}

func u16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
