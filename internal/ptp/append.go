package ptp

import "encoding/binary"

// AppendMessage appends m as a PTPv2 message, its TLVs as they are in m.TLVs,
// and computes messageLength; m.MessageLength and m.Fault are not looked at.
// Every octet of a message that decoded without fault comes back as it was.
// It allocates only when dst lacks the room. A message of a reserved type is
// its header and TLVs. messageLength is held at 65535 where the TLVs exceed it.
func AppendMessage(dst []byte, m *Message) []byte {
	start := len(dst)
	dst = append(dst, byte(m.SdoID>>8)<<4|byte(m.Type)&0xF, m.MinorVersionPTP<<4|m.VersionPTP&0xF,
		0, 0, m.DomainNumber, byte(m.SdoID))
	dst = binary.BigEndian.AppendUint16(dst, uint16(m.Flags))
	dst = binary.BigEndian.AppendUint64(dst, uint64(m.CorrectionField))
	dst = binary.BigEndian.AppendUint32(dst, m.MessageTypeSpecific)
	dst = appendPortIdentity(dst, m.SourcePortIdentity)
	dst = binary.BigEndian.AppendUint16(dst, m.SequenceID)
	dst = append(dst, m.ControlField, byte(m.LogMessageInterval))
	dst = appendBody(dst, m)
	dst = append(dst, m.TLVs...)
	binary.BigEndian.PutUint16(dst[start+2:], uint16(min(len(dst)-start, maxMessageSize)))
	return dst
}

func appendBody(dst []byte, m *Message) []byte {
	switch m.Type {
	case Sync, DelayReq, FollowUp:
		return appendTimestamp(dst, m.Timestamp)
	case DelayResp, PdelayResp, PdelayRespFollowUp:
		return appendPortIdentity(appendTimestamp(dst, m.Timestamp), m.PortIdentity)
	case PdelayReq:
		return append(appendTimestamp(dst, m.Timestamp), m.Reserved[:]...)
	case AnnounceMessage:
		return appendAnnounce(appendTimestamp(dst, m.Timestamp), m)
	case Signaling:
		return appendPortIdentity(dst, m.PortIdentity)
	case ManagementMessage:
		dst = appendPortIdentity(dst, m.PortIdentity)
		return append(dst, m.Management.StartingBoundaryHops, m.Management.BoundaryHops,
			m.Reserved[0]&0xF0|byte(m.Management.Action)&0xF, m.Reserved[1])
	}
	return dst
}

func appendAnnounce(dst []byte, m *Message) []byte {
	a := &m.Announce
	dst = binary.BigEndian.AppendUint16(dst, uint16(a.CurrentUTCOffset))
	dst = append(dst, m.Reserved[0], a.GrandmasterPriority1)
	dst = appendClockQuality(dst, a.GrandmasterClockQuality)
	dst = append(dst, a.GrandmasterPriority2)
	dst = appendClockIdentity(dst, a.GrandmasterIdentity)
	dst = binary.BigEndian.AppendUint16(dst, a.StepsRemoved)
	return append(dst, byte(a.TimeSource))
}
