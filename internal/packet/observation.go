// Package packet holds the one value that flows from capture to analysis: a
// PTP message with where, when and by which stamp it was seen.
package packet

import (
	"net/netip"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Observation is one frame that carried, or should have carried, a PTP
// message. A source fills the same value again for the next frame: whoever
// keeps anything that Message.TLVs or V1 points to must copy it.
type Observation struct {
	// At is the system's receive time. It alone drives order, timers, rates
	// and reports.
	At time.Time
	// Stamp is the time that measurement uses, and Source says which clock
	// read it. In a capture file that does not tell, it is the packet's time.
	Stamp       time.Time
	StampSource StampSource
	// StampClock names the clock that read Stamp ("ptp0"); "" is the system's.
	StampClock string
	// Hardware and Software are both stamps of a frame captured live, Stamp
	// among them; zero where the frame has none.
	Hardware, Software time.Time

	Frame  Frame
	Length int // octets the frame had on the wire
	// Others is how many other frames a capture file has of this interface since
	// the observation before, Lost how many it says were lost. A live source has
	// its CaptureStats for that.
	Others, Lost uint32

	Interface string // as the configuration or the capture file names it
	Tap       string // the link it listens to; legs of one tap share the name
	Network   string // the scope in which clocks compete
	Egress    bool   // sent by the capturing host itself

	Transport      Transport
	SourceMAC      MAC
	DestinationMAC MAC
	Source         netip.AddrPort // zero for IEEE 802.3
	Destination    netip.AddrPort
	VLANs          VLANs
	TTL            uint8 // IPv4 TTL or IPv6 hop limit; 0 for IEEE 802.3
	DSCP           uint8
	Fragment       bool // first fragment of an IP datagram: an evasion signal

	// Malformed is why Message (or V1) could not be decoded; "" when it was.
	// With it set only the fields above are to be trusted.
	Malformed ptp.Malformation
	// Message is the message, of versionPTP 2.
	Message ptp.Message
	// V1 is set instead of Message when versionPTP is 1.
	V1 *ptp.MessageV1
}

// Frame names a captured frame for whoever wants to look at it.
type Frame struct {
	File   string `json:"file,omitempty"` // the capture file; "" when live
	Number uint64 `json:"number"`         // 1-based within the file, as Wireshark counts
}

// MAC is an EUI-48. The zero value is "none", as on links without one.
type MAC [6]byte

// VLANs are the VLAN identifiers of a frame, outermost first.
type VLANs struct {
	IDs   [2]uint16
	Count uint8 // how many tags the frame had; beyond two the rest is not kept
}

// Transport is what carried the message (IEEE 1588-2019 Annexes C, D and E).
type Transport uint8

// The transports.
const (
	UnknownTransport Transport = iota
	IEEE8023
	UDPv4
	UDPv6
)

// StampSource is the clock that stamped a frame.
type StampSource uint8

// The stamp sources. A capture file seldom says which clock its times are of.
const (
	StampUnknown StampSource = iota
	StampCapture
	StampSoftware
	StampHardware
)
