package ptp

import "fmt"

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

var messageTypeNames = [16]string{
	Sync: "sync", DelayReq: "delay_req", PdelayReq: "pdelay_req", PdelayResp: "pdelay_resp",
	FollowUp: "follow_up", DelayResp: "delay_resp", PdelayRespFollowUp: "pdelay_resp_follow_up",
	AnnounceMessage: "announce", Signaling: "signaling", ManagementMessage: "management",
}

func (t MessageType) String() string {
	if int(t) < len(messageTypeNames) && messageTypeNames[t] != "" {
		return messageTypeNames[t]
	}
	return fmt.Sprintf("MessageType(%#x)", uint8(t))
}

// SdoID is the 12-bit sdoId, majorSdoId first (IEEE 1588-2019 7.1.4). It
// prints as "0x100".
type SdoID uint16

func (s SdoID) String() string { return fmt.Sprintf("%#03x", uint16(s)) }

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

// LogInterval is a logMessageInterval: the logarithm to base 2 of seconds.
// 0x7F means that none is given (IEEE 1588-2019 table 42).
type LogInterval int8

// NoInterval is the logMessageInterval that gives none.
const NoInterval LogInterval = 0x7F

// TLVType is a tlvType (IEEE 1588-2019 table 52).
type TLVType uint16

// TimeSource is a timeSource (IEEE 1588-2019 table 6).
type TimeSource uint8

// ManagementAction is an actionField (IEEE 1588-2019 table 57).
type ManagementAction uint8

// MessageV1 is a message of PTP version 1 (IEEE 1588-2002).
type MessageV1 struct{}
