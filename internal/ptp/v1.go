package ptp

// MessageV1 is one message of PTP version 1 (IEEE 1588-2002 Annex D): the
// header and the body that Control says, flat. It is comparable. Fields that a
// message of its kind does not have are zero.
type MessageV1 struct {
	VersionPTP                    uint16
	VersionNetwork                uint16
	Subdomain                     [16]byte // a name, "_DFLT", with zeros after it
	MessageType                   uint8    // 1 event, 2 general
	SourceCommunicationTechnology uint8
	SourceUUID                    [6]byte
	SourcePortID                  uint16
	SequenceID                    uint16
	Control                       ControlV1
	Flags                         uint16

	// Timestamp is the body's: originTimestamp, preciseOriginTimestamp or
	// delayReceiptTimestamp.
	Timestamp TimestampV1
	// Sync is set for Sync and Delay_Req, which share their body.
	Sync SyncV1
	// AssociatedSequenceID is a Follow_Up's.
	AssociatedSequenceID uint16
	// RequestingSource is a Delay_Resp's.
	RequestingSource SourceV1
	// Management is set for Management messages.
	Management ManagementV1

	// Fault is BadNanoseconds where the timestamp's are out of range; "" when
	// sound.
	Fault Malformation
}

// ControlV1 is the control field, which in version 1 says what a message is
// (IEEE 1588-2002 table 12). It prints as MessageType does.
type ControlV1 uint8

// The kinds of message.
const (
	SyncControlV1       ControlV1 = 0
	DelayReqControlV1   ControlV1 = 1
	FollowUpControlV1   ControlV1 = 2
	DelayRespControlV1  ControlV1 = 3
	ManagementControlV1 ControlV1 = 4
)

var controlV1Names = map[ControlV1]string{
	SyncControlV1: "sync", DelayReqControlV1: "delay_req", FollowUpControlV1: "follow_up",
	DelayRespControlV1: "delay_resp", ManagementControlV1: "management",
}

func (k ControlV1) String() string { return nameOf(k, controlV1Names, "ControlV1") }

// TimestampV1 is seconds since the epoch and nanoseconds, whose sign is that
// of the whole.
type TimestampV1 struct {
	Seconds     uint32
	Nanoseconds int32
}

// SourceV1 names a port, and one of its messages.
type SourceV1 struct {
	CommunicationTechnology uint8
	UUID                    [6]byte
	PortID                  uint16
	SequenceID              uint16
}

// SyncV1 is the body of Sync and Delay_Req after its originTimestamp.
type SyncV1 struct {
	EpochNumber                uint16
	CurrentUTCOffset           int16
	Grandmaster                SourceV1
	GrandmasterClockStratum    uint8
	GrandmasterClockIdentifier [4]byte // "GPS", "NTP", "ATOM", "DFLT"...
	GrandmasterClockVariance   int16
	GrandmasterPreferred       uint8
	GrandmasterIsBoundaryClock uint8
	SyncInterval               LogInterval
	LocalClockVariance         int16
	LocalStepsRemoved          uint16
	LocalClockStratum          uint8
	LocalClockIdentifier       [4]byte
	Parent                     SourceV1 // no SequenceID
	EstimatedMasterVariance    int16
	EstimatedMasterDrift       int32
	UTCReasonable              uint8
}

// ManagementV1 is the body of a Management message without its parameters.
type ManagementV1 struct {
	Target               SourceV1 // no SequenceID
	StartingBoundaryHops int16
	BoundaryHops         int16
	MessageKey           uint8
	ParameterLength      uint16
}
