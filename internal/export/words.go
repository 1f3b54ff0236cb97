package export

import (
	"fmt"
	"net"
	"strconv"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// transportWord names a transport as the standard's networkProtocol does
// (IEEE 1588-2019 table 3), in lower case.
func transportWord(t packet.Transport) string {
	switch t {
	case packet.UnknownTransport:
		return "unknown"
	case packet.IEEE8023:
		return "ieee_802_3"
	case packet.UDPv4:
		return "udp_ipv4"
	case packet.UDPv6:
		return "udp_ipv6"
	}
	return fmt.Sprintf("Transport(%#x)", uint8(t))
}

// stampWord names the clock that stamped a frame.
func stampWord(s packet.StampSource) string {
	switch s {
	case packet.StampUnknown:
		return "unknown"
	case packet.StampCapture:
		return "capture"
	case packet.StampSoftware:
		return "software"
	case packet.StampHardware:
		return "hardware"
	}
	return fmt.Sprintf("StampSource(%#x)", uint8(s))
}

// macWord prints a MAC address, "" when there is none.
func macWord(m packet.MAC) string {
	if m == (packet.MAC{}) {
		return ""
	}
	return net.HardwareAddr(m[:]).String()
}

// clockWord prints a clock identity as linuxptp does, "" for the zero one.
func clockWord(c ptp.ClockIdentity) string {
	if c == 0 {
		return ""
	}
	return c.String()
}

// portWord prints a port identity as linuxptp does, "" for the zero one.
func portWord(p ptp.PortIdentity) string {
	if p == (ptp.PortIdentity{}) {
		return ""
	}
	return p.String()
}

// scopeWords are the values of the labels network, domain and sdo_id. An
// alert about the monitor itself has no scope: then all three are "".
func scopeWords(s analysis.Scope) []string {
	if s == (analysis.Scope{}) {
		return []string{"", "", ""}
	}
	return []string{s.Network, strconv.Itoa(int(s.DomainNumber)), s.SdoID.String()}
}
