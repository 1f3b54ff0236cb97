package node

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Algorithm is how a best master is chosen.
type Algorithm uint8

// The algorithms.
const (
	DefaultBMCA   Algorithm = iota // IEEE 1588-2019 9.3
	AlternateBMCA                  // ITU-T G.8275.1 and G.8275.2, 6.3
	BTCA                           // IEEE 802.1AS-2020 10.3
	QualityLevel                   // ITU-T G.8265.1 6.7.3
)

// Mechanism is how path delays are measured.
type Mechanism uint8

// The mechanisms.
const (
	EndToEnd   Mechanism = iota // Delay_Req, Delay_Resp
	PeerToPeer                  // Pdelay_Req, Pdelay_Resp
	SPTP                        // Delay_Req, answered by Sync and Announce
)

// Addressing is to whom messages go.
type Addressing uint8

// The ways to Address.
const (
	Multicast Addressing = iota
	Unicast              // negotiated (IEEE 1588-2019 16.1)
	Hybrid               // Sync and Announce to all, delay messages to one
)

// Profile is what a PTP profile settles.
type Profile struct {
	Name       string
	Algorithm  Algorithm
	Domain     uint8
	SdoID      ptp.SdoID
	Transport  packet.Transport
	Addressing Addressing
	Mechanism  Mechanism
	TwoStep    bool
	// MinorVersion is minorVersionPTP: 1 for IEEE 1588-2019.
	MinorVersion uint8

	// The logarithms of the intervals; Delay is that of Delay_Req or Pdelay_Req.
	Announce, Sync, Delay ptp.LogInterval
	// ReceiptTimeout is how many announce intervals a master may be silent.
	ReceiptTimeout int
	// Spread is how a client spaces its Delay_Req: evenly between nothing and
	// twice the interval (IEEE 1588-2019 9.5.11.2), or regularly.
	Spread bool
	// GrantSeconds is how long unicast transmission is asked for.
	GrantSeconds uint32

	PathTrace bool
	// LinkLocal sends all to 01-80-C2-00-00-0E, which no bridge forwards.
	LinkLocal bool
	VLAN      uint16
	PCP       uint8
	TTL       uint8
	DSCP      uint8

	// What a grandmaster and a clock that is none say of themselves.
	Grandmaster, Other Attributes
	// Power and Media have the profile's own TLVs sent.
	Power, Media bool
	// TimeConstant of clients' servos, in seconds.
	TimeConstant float64
	// Select makes clients believe the fastest messages of each stretch of this
	// many seconds only, as those of a network without support for PTP do.
	Select float64
}

// Attributes are what the best master clock algorithm looks at.
type Attributes struct {
	Priority1, Priority2, LocalPriority uint8
	Quality                             ptp.ClockQuality
}

// defaultGrant is for how long, in seconds, unicast transmission is asked for
// (IEEE 1588-2019 16.1.1 leaves it to the profile).
const defaultGrant = 300

var (
	prtc     = ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4E5D}
	unlocked = ptp.ClockQuality{ClockClass: 248, ClockAccuracy: 0xFE, OffsetScaledLogVariance: 0xFFFF}
)

// profiles are the profiles by their names.
var profiles = map[string]Profile{
	"default": {
		Transport: packet.UDPv4, TwoStep: true, MinorVersion: 1, Announce: 1, Sync: 0, Delay: 0, ReceiptTimeout: 3, Spread: true,
		TTL: 1, Grandmaster: Attributes{128, 128, 128, prtc}, Other: Attributes{128, 128, 128, unlocked}, TimeConstant: 4,
	},
	"g8275.1": {
		Algorithm: AlternateBMCA, Domain: 24, Transport: packet.IEEE8023, TwoStep: true, MinorVersion: 1,
		Announce: -3, Sync: -4, Delay: -4, ReceiptTimeout: 3,
		Grandmaster: Attributes{128, 128, 128, prtc}, Other: Attributes{128, 128, 128, unlocked}, TimeConstant: 5,
	},
	"g8275.2": {
		Algorithm: AlternateBMCA, Domain: 44, Transport: packet.UDPv4, Addressing: Unicast, TwoStep: true, MinorVersion: 1,
		Announce: 0, Sync: -4, Delay: -4, ReceiptTimeout: 3, TTL: 64, DSCP: 46,
		Grandmaster: Attributes{128, 128, 128, prtc}, Other: Attributes{128, 128, 128, unlocked}, TimeConstant: 30, Select: 4,
	},
	"g8265.1": {
		Algorithm: QualityLevel, Domain: 4, Transport: packet.UDPv4, Addressing: Unicast,
		Announce: 1, Sync: -4, Delay: -4, ReceiptTimeout: 3, TTL: 64, DSCP: 46,
		Grandmaster: Attributes{128, 128, 128, ptp.ClockQuality{ClockClass: 84, ClockAccuracy: 0xFE, OffsetScaledLogVariance: 0xFFFF}},
		Other:       Attributes{128, 128, 128, ptp.ClockQuality{ClockClass: 104, ClockAccuracy: 0xFE, OffsetScaledLogVariance: 0xFFFF}}, TimeConstant: 30, Select: 4,
	},
	"gptp": {
		Algorithm: BTCA, SdoID: 0x100, Transport: packet.IEEE8023, Mechanism: PeerToPeer, TwoStep: true, MinorVersion: 1,
		Announce: 0, Sync: -3, Delay: 0, ReceiptTimeout: 3, PathTrace: true, LinkLocal: true,
		Grandmaster: Attributes{246, 248, 128, prtc}, Other: Attributes{248, 248, 128, ptp.ClockQuality{ClockClass: 248, ClockAccuracy: 0xFE, OffsetScaledLogVariance: 0x4100}},
		TimeConstant: 2,
	},
	"enterprise": {
		Transport: packet.UDPv4, Addressing: Hybrid, TwoStep: true, MinorVersion: 1, Announce: 0, Sync: 0, Delay: 0, ReceiptTimeout: 3, Spread: true,
		TTL: 64, DSCP: 46, Grandmaster: Attributes{128, 128, 128, prtc}, Other: Attributes{128, 128, 128, unlocked}, TimeConstant: 4,
	},
	"st2059-2": {
		Domain: 127, Transport: packet.UDPv4, TwoStep: true, Announce: -2, Sync: -3, Delay: -3, ReceiptTimeout: 3, Media: true, TTL: 16, DSCP: 46,
		Grandmaster: Attributes{128, 128, 128, prtc}, Other: Attributes{128, 128, 128, unlocked}, TimeConstant: 2,
	},
	"power": {
		Domain: 254, Transport: packet.IEEE8023, Mechanism: PeerToPeer, MinorVersion: 1, Announce: 0, Sync: 0, Delay: 0, ReceiptTimeout: 3, Power: true,
		PCP: 4, Grandmaster: Attributes{128, 128, 128, prtc}, Other: Attributes{128, 128, 128, unlocked}, TimeConstant: 3,
	},
	"sptp": {
		Transport: packet.UDPv6, Addressing: Unicast, Mechanism: SPTP, TwoStep: true, MinorVersion: 1, Announce: 0, Sync: 0, Delay: 0, ReceiptTimeout: 3,
		TTL: 64, DSCP: 35, Grandmaster: Attributes{128, 128, 128, prtc}, Other: Attributes{128, 128, 128, unlocked}, TimeConstant: 4,
	},
}

func init() {
	for name, p := range profiles {
		p.Name, p.GrantSeconds = name, cmp.Or(p.GrantSeconds, defaultGrant)
		profiles[name] = p
	}
}

// ProfileNamed returns the profile of a name, and whether there is one.
func ProfileNamed(name string) (Profile, bool) {
	p, ok := profiles[name]
	return p, ok
}

// ProfileNames are the names of all profiles.
func ProfileNames() []string { return slices.Sorted(maps.Keys(profiles)) }
