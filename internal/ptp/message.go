package ptp

// Message is one decoded PTPv2 message: the common header (IEEE 1588-2019
// 13.3) and the body of whatever type it is, flat, so that a decoder can fill
// the same value again and again without allocating.
//
// TLVs is a view into the decoded bytes: it is valid until those are reused.
// Everything else is a plain value.
type Message struct {
	Type                MessageType
	SdoID               SdoID // majorSdoId and minorSdoId, 12 bits
	VersionPTP          uint8
	MinorVersionPTP     uint8
	MessageLength       uint16
	DomainNumber        uint8
	Flags               Flags
	CorrectionField     Correction
	MessageTypeSpecific uint32
	SourcePortIdentity  PortIdentity
	SequenceID          uint16
	ControlField        uint8
	LogMessageInterval  LogInterval

	// Timestamp is the body's: originTimestamp, preciseOriginTimestamp,
	// receiveTimestamp, requestReceiptTimestamp or responseOriginTimestamp.
	Timestamp Timestamp
	// PortIdentity is the body's: requestingPortIdentity of a response,
	// targetPortIdentity of Signaling and Management.
	PortIdentity PortIdentity
	// Announce is set for Announce messages.
	Announce Announce
	// Management is set for Management messages.
	Management Management
	// Reserved holds the body's reserved octets, so that encoding brings them
	// back: ten of a Pdelay_Req, one of an Announce, of Management the upper
	// half of the actionField's octet and the octet after it.
	Reserved [10]byte

	// TLVs holds the well-formed TLVs of the suffix, in order; walk them with
	// AllTLVs.
	TLVs []byte
	// Fault names what is wrong with a message that could still be decoded
	// (a messageLength that contradicts it, nanoseconds out of range, a TLV
	// that runs past the end); "" when sound.
	Fault Malformation
}

// Announce is the body of an Announce message after its originTimestamp
// (IEEE 1588-2019 13.5). It is comparable: == says whether anything changed.
type Announce struct {
	CurrentUTCOffset        int16
	GrandmasterPriority1    uint8
	GrandmasterClockQuality ClockQuality
	GrandmasterPriority2    uint8
	GrandmasterIdentity     ClockIdentity
	StepsRemoved            uint16
	TimeSource              TimeSource
}

// Management is the fixed part of a Management message's body
// (IEEE 1588-2019 15.4.1).
type Management struct {
	StartingBoundaryHops uint8
	BoundaryHops         uint8
	Action               ManagementAction
}

// Malformation is why a frame that should hold a PTP message does not, or
// what is wrong with the one it holds. Converted to string, its values are the
// closed set of the label `reason`; "" means sound. fmt prints it as an error.
type Malformation string

// Error makes a Malformation an error, so a decoder can return it without
// allocating.
func (m Malformation) Error() string { return "ptp: " + string(m) }

// What a decoder can find wrong with a message.
const (
	Truncated      Malformation = "truncated"      // fewer octets than header and body have, or than messageLength
	BadVersion     Malformation = "version"        // versionPTP neither 1 nor 2
	BadLength      Malformation = "message_length" // messageLength below the type's minimum
	BadMessageType Malformation = "message_type"   // a reserved messageType
	BadNanoseconds Malformation = "nanoseconds"    // a nanosecondsField of 1e9 or more
	BadTLV         Malformation = "tlv"            // a TLV that is odd or runs past messageLength
)
