package ptp

import "encoding/binary"

const (
	headerSize     = 34
	nsPerSecond    = 1_000_000_000
	maxMessageSize = 0xFFFF
)

// bodyEnd is where the body of each message type ends and its TLVs begin
// (IEEE 1588-2019 13.5 to 13.12, 15.4.1); 0 for the reserved types.
var bodyEnd = [16]uint8{
	Sync: 44, DelayReq: 44, PdelayReq: 54, PdelayResp: 54,
	FollowUp: 44, DelayResp: 54, PdelayRespFollowUp: 54,
	AnnounceMessage: 64, Signaling: 44, ManagementMessage: 48,
}

// Version returns the versionPTP of a message, for the choice between Decode
// and DecodeV1; 0 when b is too short to hold one. Version 1 keeps it in two
// octets whose second is the octet of version 2 (IEEE 1588-2002 D.1).
func Version(b []byte) uint8 {
	if len(b) < 2 {
		return 0
	}
	return b[1] & 0xF
}

// Decode reads the PTPv2 message that b starts with into m and zeroes every
// field that a message of this type does not have. Octets after messageLength
// (Ethernet padding, the two of UDP over IPv6) are ignored.
//
// An error is a Malformation and means that there is no message: a header or
// body cut short, another version, a reserved type. m is then zero.
//
// m.Fault names what is wrong with a message that a receiver may act upon all
// the same: a messageLength that contradicts the body or the frame, which
// common implementations do not look at; nanoseconds out of range; a broken
// TLV, before which the good ones stay in m.TLVs. Of several faults the first
// in this order is named.
//
// m.TLVs points into b; nothing is allocated.
func Decode(b []byte, m *Message) error {
	*m = Message{}
	if len(b) < headerSize {
		return Truncated
	}
	if b[1]&0xF != 2 {
		return BadVersion
	}
	t := MessageType(b[0] & 0xF)
	end := int(bodyEnd[t])
	if end == 0 {
		return BadMessageType
	}
	length := int(binary.BigEndian.Uint16(b[2:]))
	if len(b) < end {
		if length < end {
			return BadLength
		}
		return Truncated
	}
	decodeHeader(b, m)
	decodeBody(b[:end], m)
	switch {
	case length < end:
		m.Fault = BadLength
	case length > len(b):
		m.TLVs, _ = soundTLVs(b[end:])
		m.Fault = Truncated
	case length > end:
		m.TLVs, m.Fault = soundTLVs(b[end:length])
	}
	if m.Timestamp.Nanoseconds >= nsPerSecond && (m.Fault == "" || m.Fault == BadTLV) {
		m.Fault = BadNanoseconds
	}
	return nil
}

func decodeHeader(b []byte, m *Message) {
	_ = b[headerSize-1]
	m.Type = MessageType(b[0] & 0xF)
	m.SdoID = SdoID(b[0]>>4)<<8 | SdoID(b[5])
	m.VersionPTP = b[1] & 0xF
	m.MinorVersionPTP = b[1] >> 4
	m.MessageLength = binary.BigEndian.Uint16(b[2:])
	m.DomainNumber = b[4]
	m.Flags = Flags(binary.BigEndian.Uint16(b[6:]))
	m.CorrectionField = Correction(binary.BigEndian.Uint64(b[8:]))
	m.MessageTypeSpecific = binary.BigEndian.Uint32(b[16:])
	m.SourcePortIdentity = portIdentity(b[20:])
	m.SequenceID = binary.BigEndian.Uint16(b[30:])
	m.ControlField = b[32]
	m.LogMessageInterval = LogInterval(b[33])
}

// decodeBody reads the body of m.Type; b ends where the TLVs begin.
func decodeBody(b []byte, m *Message) {
	switch m.Type {
	case Sync, DelayReq, FollowUp:
		m.Timestamp = timestamp(b[34:])
	case DelayResp, PdelayResp, PdelayRespFollowUp:
		m.Timestamp = timestamp(b[34:])
		m.PortIdentity = portIdentity(b[44:])
	case PdelayReq:
		m.Timestamp = timestamp(b[34:])
		m.Reserved = [10]byte(b[44:])
	case AnnounceMessage:
		m.Timestamp = timestamp(b[34:])
		decodeAnnounce(b[44:], m)
	case Signaling:
		m.PortIdentity = portIdentity(b[34:])
	case ManagementMessage:
		m.PortIdentity = portIdentity(b[34:])
		m.Management = Management{
			StartingBoundaryHops: b[44],
			BoundaryHops:         b[45],
			Action:               ManagementAction(b[46] & 0xF),
		}
		m.Reserved = [10]byte{b[46] & 0xF0, b[47]}
	}
}

func decodeAnnounce(b []byte, m *Message) {
	_ = b[19]
	a := &m.Announce
	a.CurrentUTCOffset = int16(binary.BigEndian.Uint16(b))
	m.Reserved[0] = b[2]
	a.GrandmasterPriority1 = b[3]
	a.GrandmasterClockQuality = clockQuality(b[4:])
	a.GrandmasterPriority2 = b[8]
	a.GrandmasterIdentity = clockIdentity(b[9:])
	a.StepsRemoved = binary.BigEndian.Uint16(b[17:])
	a.TimeSource = TimeSource(b[19])
}
