package ptp

import "fmt"

// nameOf is v's name, or for an unknown one its type and value, "TimeSource(0x33)".
func nameOf[T ~uint8 | ~uint16](v T, names map[T]string, typ string) string {
	if name := names[v]; name != "" {
		return name
	}
	return fmt.Sprintf("%s(%#x)", typ, uint16(v))
}

// MessageType is a messageType (IEEE 1588-2019 table 36). It prints as the
// label values do: "sync", "pdelay_resp_follow_up"; a reserved one as
// "MessageType(0x4)".
type MessageType uint8

// The message types.
const (
	Sync               MessageType = 0x0
	DelayReq           MessageType = 0x1
	PdelayReq          MessageType = 0x2
	PdelayResp         MessageType = 0x3
	FollowUp           MessageType = 0x8
	DelayResp          MessageType = 0x9
	PdelayRespFollowUp MessageType = 0xA
	AnnounceMessage    MessageType = 0xB
	Signaling          MessageType = 0xC
	ManagementMessage  MessageType = 0xD
)

// messageTypeNames is an array, as label values are looked up for every message.
var messageTypeNames = [16]string{
	Sync: "sync", DelayReq: "delay_req", PdelayReq: "pdelay_req", PdelayResp: "pdelay_resp",
	FollowUp: "follow_up", DelayResp: "delay_resp", PdelayRespFollowUp: "pdelay_resp_follow_up",
	AnnounceMessage: "announce", Signaling: "signaling", ManagementMessage: "management",
}

func (t MessageType) String() string {
	if int(t) < len(messageTypeNames) && messageTypeNames[t] != "" {
		return messageTypeNames[t]
	}
	return nameOf(t, nil, "MessageType")
}

// SdoID is the 12-bit sdoId, majorSdoId first (IEEE 1588-2019 7.1.4). It
// prints as "0x100".
type SdoID uint16

func (s SdoID) String() string { return fmt.Sprintf("0x%03x", uint16(s)) }

// Flags is the flagField, first octet high (IEEE 1588-2019 table 37).
type Flags uint16

// The flags.
const (
	FlagAlternateMaster          Flags = 1 << 8
	FlagTwoStep                  Flags = 1 << 9
	FlagUnicast                  Flags = 1 << 10
	FlagProfileSpecific1         Flags = 1 << 13
	FlagProfileSpecific2         Flags = 1 << 14
	FlagLeap61                   Flags = 1 << 0
	FlagLeap59                   Flags = 1 << 1
	FlagCurrentUTCOffsetValid    Flags = 1 << 2
	FlagPTPTimescale             Flags = 1 << 3
	FlagTimeTraceable            Flags = 1 << 4
	FlagFrequencyTraceable       Flags = 1 << 5
	FlagSynchronizationUncertain Flags = 1 << 6
)

// Has says whether every flag of mask is set.
func (f Flags) Has(mask Flags) bool { return f&mask == mask }

// TimeSource is a timeSource (IEEE 1588-2019 table 6). It prints as "GNSS",
// or "TimeSource(0x33)".
type TimeSource uint8

// The time sources.
const (
	TimeSourceAtomicClock        TimeSource = 0x10
	TimeSourceGNSS               TimeSource = 0x20
	TimeSourceTerrestrialRadio   TimeSource = 0x30
	TimeSourceSerialTimeCode     TimeSource = 0x39
	TimeSourcePTP                TimeSource = 0x40
	TimeSourceNTP                TimeSource = 0x50
	TimeSourceHandSet            TimeSource = 0x60
	TimeSourceOther              TimeSource = 0x90
	TimeSourceInternalOscillator TimeSource = 0xA0
)

var timeSourceNames = map[TimeSource]string{
	TimeSourceAtomicClock: "ATOMIC_CLOCK", TimeSourceGNSS: "GNSS",
	TimeSourceTerrestrialRadio: "TERRESTRIAL_RADIO", TimeSourceSerialTimeCode: "SERIAL_TIME_CODE",
	TimeSourcePTP: "PTP", TimeSourceNTP: "NTP", TimeSourceHandSet: "HAND_SET",
	TimeSourceOther: "OTHER", TimeSourceInternalOscillator: "INTERNAL_OSCILLATOR",
}

func (t TimeSource) String() string { return nameOf(t, timeSourceNames, "TimeSource") }

// PortState is a port's state (IEEE 1588-2019 table 20). It prints as
// "SLAVE", or "PortState(0x33)".
type PortState uint8

var portStateNames = map[PortState]string{
	1: "INITIALIZING", 2: "FAULTY", 3: "DISABLED", 4: "LISTENING", 5: "PRE_MASTER",
	6: "MASTER", 7: "PASSIVE", 8: "UNCALIBRATED", 9: "SLAVE",
	10: "GRAND_MASTER", // linuxptp
}

func (s PortState) String() string { return nameOf(s, portStateNames, "PortState") }

// DelayMechanism is a delayMechanism (IEEE 1588-2019 table 21). It prints as
// "E2E", or "DelayMechanism(0x33)".
type DelayMechanism uint8

var delayMechanismNames = map[DelayMechanism]string{
	1: "E2E", 2: "P2P", 3: "COMMON_P2P", 4: "SPECIAL", 0xFE: "NO_MECHANISM",
}

func (d DelayMechanism) String() string { return nameOf(d, delayMechanismNames, "DelayMechanism") }

// NetworkProtocol is a networkProtocol (IEEE 1588-2019 table 3). It prints as
// "IEEE_802_3", or "NetworkProtocol(0x33)".
type NetworkProtocol uint16

var networkProtocolNames = map[NetworkProtocol]string{
	1: "UDP_IPv4", 2: "UDP_IPv6", 3: "IEEE_802_3", 4: "DeviceNet", 5: "ControlNet", 6: "PROFINET",
	0xFFFE: "UNKNOWN_PROTOCOL",
}

func (p NetworkProtocol) String() string { return nameOf(p, networkProtocolNames, "NetworkProtocol") }
