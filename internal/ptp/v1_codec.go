package ptp

import (
	"encoding/binary"
	"iter"
	"strings"
)

const headerSizeV1 = 40

// bodyEndV1 is where each kind of message ends, a Management message before
// its parameters.
var bodyEndV1 = [...]uint8{
	SyncControlV1: 124, DelayReqControlV1: 124, FollowUpControlV1: 52,
	DelayRespControlV1: 60, ManagementControlV1: 60,
}

// DecodeV1 reads the message of version 1 that b starts with into m, and
// zeroes every field that a message of its kind does not have. Octets after
// it are ignored, as are the parameters of a Management message. An error is
// a Malformation and means that there is no message; m is then zero.
func DecodeV1(b []byte, m *MessageV1) error {
	*m = MessageV1{}
	if len(b) < headerSizeV1 {
		return Truncated
	}
	if binary.BigEndian.Uint16(b) != 1 {
		return BadVersion
	}
	if int(b[32]) >= len(bodyEndV1) {
		return BadMessageType
	}
	if len(b) < int(bodyEndV1[b[32]]) {
		return Truncated
	}
	m.fields(&codec{op: reading, b: b})
	if ns := m.Timestamp.Nanoseconds; ns <= -nsPerSecond || ns >= nsPerSecond {
		m.Fault = BadNanoseconds
	}
	return nil
}

// AppendMessageV1 appends m as a message of version 1, a Management message
// without parameters. Reserved octets are zero, whatever they were in a
// message decoded.
func AppendMessageV1(dst []byte, m *MessageV1) []byte {
	c := codec{op: writing, b: dst}
	m.fields(&c)
	return c.b
}

// Fields yields the fields that a message of this kind has, as Fields does
// those of a TLV.
func (m *MessageV1) Fields() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) { m.fields(&codec{op: showing, show: yield}) }
}

// SubdomainName returns the subdomain without the zeros that fill it up. It is
// the sender's text: any octets.
func (m *MessageV1) SubdomainName() string { return strings.TrimRight(string(m.Subdomain[:]), "\x00") }

func (m *MessageV1) fields(c *codec) {
	u16(c, "versionPTP", &m.VersionPTP)
	u16(c, "versionNetwork", &m.VersionNetwork)
	c.octets("subdomain", m.Subdomain[:])
	u8(c, "messageType", &m.MessageType)
	u8(c, "sourceCommunicationTechnology", &m.SourceCommunicationTechnology)
	c.octets("sourceUuid", m.SourceUUID[:])
	u16(c, "sourcePortId", &m.SourcePortID)
	u16(c, "sequenceId", &m.SequenceID)
	u8(c, "control", &m.Control)
	c.skip(1)
	u16(c, "flags", &m.Flags)
	c.skip(4)
	switch m.Control {
	case SyncControlV1, DelayReqControlV1:
		m.Timestamp.fields(c)
		m.Sync.fields(c)
	case FollowUpControlV1:
		c.skip(2)
		u16(c, "associatedSequenceId", &m.AssociatedSequenceID)
		m.Timestamp.fields(c)
	case DelayRespControlV1:
		m.Timestamp.fields(c)
		c.skip(1)
		m.RequestingSource.fields(c, "requestingSource")
		u16(c, "requestingSourceSequenceId", &m.RequestingSource.SequenceID)
	case ManagementControlV1:
		m.Management.fields(c)
	}
}

func (t *TimestampV1) fields(c *codec) {
	u32(c, "seconds", &t.Seconds)
	u32(c, "nanoseconds", &t.Nanoseconds)
}

// fields are those that every source has; a sequence number only some.
func (s *SourceV1) fields(c *codec, of string) {
	u8(c, of+"CommunicationTechnology", &s.CommunicationTechnology)
	c.octets(of+"Uuid", s.UUID[:])
	u16(c, of+"PortId", &s.PortID)
}

func (s *SyncV1) fields(c *codec) {
	u16(c, "epochNumber", &s.EpochNumber)
	u16(c, "currentUTCOffset", &s.CurrentUTCOffset)
	c.skip(1)
	s.Grandmaster.fields(c, "grandmaster")
	u16(c, "grandmasterSequenceId", &s.Grandmaster.SequenceID)
	c.skip(3)
	u8(c, "grandmasterClockStratum", &s.GrandmasterClockStratum)
	c.octets("grandmasterClockIdentifier", s.GrandmasterClockIdentifier[:])
	c.skip(2)
	u16(c, "grandmasterClockVariance", &s.GrandmasterClockVariance)
	c.skip(1)
	u8(c, "grandmasterPreferred", &s.GrandmasterPreferred)
	c.skip(1)
	u8(c, "grandmasterIsBoundaryClock", &s.GrandmasterIsBoundaryClock)
	c.skip(3)
	u8(c, "syncInterval", &s.SyncInterval)
	c.skip(2)
	u16(c, "localClockVariance", &s.LocalClockVariance)
	c.skip(2)
	u16(c, "localStepsRemoved", &s.LocalStepsRemoved)
	c.skip(3)
	u8(c, "localClockStratum", &s.LocalClockStratum)
	c.octets("localClockIdentifier", s.LocalClockIdentifier[:])
	c.skip(1)
	u8(c, "parentCommunicationTechnology", &s.Parent.CommunicationTechnology)
	c.octets("parentUuid", s.Parent.UUID[:])
	c.skip(2)
	u16(c, "parentPortField", &s.Parent.PortID)
	c.skip(2)
	u16(c, "estimatedMasterVariance", &s.EstimatedMasterVariance)
	u32(c, "estimatedMasterDrift", &s.EstimatedMasterDrift)
	c.skip(3)
	u8(c, "utcReasonable", &s.UTCReasonable)
}

func (s *ManagementV1) fields(c *codec) {
	c.skip(1)
	s.Target.fields(c, "target")
	u16(c, "startingBoundaryHops", &s.StartingBoundaryHops)
	u16(c, "boundaryHops", &s.BoundaryHops)
	c.skip(1)
	u8(c, "managementMessageKey", &s.MessageKey)
	c.skip(2)
	u16(c, "parameterLength", &s.ParameterLength)
}

// skip is n reserved octets that are not kept and written as zero.
func (c *codec) skip(n int) {
	switch c.op {
	case reading:
		c.take(n)
	case writing:
		c.b = append(c.b, make([]byte, n)...)
	}
}
