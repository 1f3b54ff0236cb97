package packet

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// What a frame can get wrong around its PTP message, beside what the message
// itself can (package ptp).
const (
	// BadDatagram: the length in the UDP header is none, or more than the IP
	// datagram has. Receivers drop such a datagram.
	BadDatagram ptp.Malformation = "datagram_length"
	// CutByCapture: the capture kept fewer octets than the frame had, too few
	// for the message. The sender is not to blame.
	CutByCapture ptp.Malformation = "capture_length"
)

var transportNames = [...]string{UnknownTransport: "unknown", IEEE8023: "ieee802_3", UDPv4: "udp_ipv4", UDPv6: "udp_ipv6"}

func (t Transport) String() string {
	if int(t) < len(transportNames) {
		return transportNames[t]
	}
	return fmt.Sprintf("Transport(%#x)", uint8(t))
}

var stampSourceNames = [...]string{StampUnknown: "unknown", StampCapture: "capture", StampSoftware: "software", StampHardware: "hardware"}

func (s StampSource) String() string {
	if int(s) < len(stampSourceNames) {
		return stampSourceNames[s]
	}
	return fmt.Sprintf("StampSource(%#x)", uint8(s))
}

// String gives the usual form, "01:1b:19:00:00:00", and "" for none.
func (m MAC) String() string {
	if m == (MAC{}) {
		return ""
	}
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}
