package ptp

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/facebook/time/ptp/protocol"
	"github.com/google/go-cmp/cmp"
)

// byFacebook decodes b, a message of type t, with facebook/time, whose
// mistakes are in the TLVs and in what it lets through: the fixed fields are
// right.
func byFacebook(t MessageType, b []byte) Message {
	var h protocol.Header
	var m Message
	switch t {
	case Sync, DelayReq:
		var p protocol.SyncDelayReq
		_ = p.UnmarshalBinary(b)
		h, m.Timestamp = p.Header, p.OriginTimestamp
	case PdelayReq:
		var p protocol.PDelayReq
		_ = protocol.FromBytes(b, &p)
		h, m.Timestamp, m.Reserved = p.Header, p.OriginTimestamp, p.Reserved
	case PdelayResp:
		var p protocol.PDelayResp
		_ = protocol.FromBytes(b, &p)
		h, m.Timestamp, m.PortIdentity = p.Header, p.RequestReceiptTimestamp, p.RequestingPortIdentity
	case FollowUp:
		var p protocol.FollowUp
		_ = p.UnmarshalBinary(b)
		h, m.Timestamp = p.Header, p.PreciseOriginTimestamp
	case DelayResp:
		var p protocol.DelayResp
		_ = p.UnmarshalBinary(b)
		h, m.Timestamp, m.PortIdentity = p.Header, p.ReceiveTimestamp, p.RequestingPortIdentity
	case PdelayRespFollowUp:
		var p protocol.PDelayRespFollowUp
		_ = protocol.FromBytes(b, &p)
		h, m.Timestamp, m.PortIdentity = p.Header, p.ResponseOriginTimestamp, p.RequestingPortIdentity
	case AnnounceMessage:
		var p protocol.Announce
		_ = p.UnmarshalBinary(b)
		h, m.Timestamp, m.Reserved[0] = p.Header, p.OriginTimestamp, p.AnnounceBody.Reserved
		m.Announce = Announce{
			p.CurrentUTCOffset, p.GrandmasterPriority1, p.GrandmasterClockQuality, p.GrandmasterPriority2,
			p.GrandmasterIdentity, p.StepsRemoved, TimeSource(p.TimeSource),
		}
	case Signaling:
		var p protocol.Signaling
		_ = p.UnmarshalBinary(b)
		h, m.PortIdentity = p.Header, p.TargetPortIdentity
	case ManagementMessage:
		var p protocol.ManagementMsgHead
		_ = binary.Read(bytes.NewReader(b), binary.BigEndian, &p)
		h, m.PortIdentity = p.Header, p.TargetPortIdentity
		m.Management = Management{p.StartingBoundaryHops, p.BoundaryHops, ManagementAction(p.ActionField & 0xf)}
		m.Reserved = [10]byte{byte(p.ActionField) & 0xf0, p.Reserved}
	}
	m.Type = MessageType(h.MessageType())
	m.SdoID = SdoID(h.SdoIDAndMsgType>>4)<<8 | SdoID(h.MinorSdoID)
	m.VersionPTP, m.MinorVersionPTP = h.Version&0xf, h.Version>>4
	m.MessageLength, m.DomainNumber, m.Flags = h.MessageLength, h.DomainNumber, Flags(h.FlagField)
	m.CorrectionField, m.MessageTypeSpecific = h.CorrectionField, h.MessageTypeSpecific
	m.SourcePortIdentity, m.SequenceID = h.SourcePortIdentity, h.SequenceID
	m.ControlField, m.LogMessageInterval = h.ControlField, LogInterval(h.LogMessageInterval)
	return m
}

func TestFacebook(t *testing.T) {
	for _, c := range messageVectors {
		compareFacebook(t, unhex(t, c.wire))
	}
}

// compareFacebook holds what Decode makes of b, where it makes something of
// it, against facebook/time.
func compareFacebook(t *testing.T, b []byte) {
	t.Helper()
	var m Message
	if Decode(b, &m) != nil || m.Fault == Truncated || m.Type == Signaling && len(b) < 48 {
		return // facebook/time decodes nothing: it wants a TLV in every Signaling
	}
	m.TLVs, m.Fault = nil, ""
	if diff := cmp.Diff(byFacebook(m.Type, b), m); diff != "" {
		t.Errorf("%x (-facebook/time +got):\n%s", b, diff)
	}
}

// Real traffic, and traffic made to hide, that facebook/time rejects, misreads
// or lets through: here it is read as it is meant.
func TestWhereFacebookErrs(t *testing.T) {
	announce := unhex(t, messageVectors[7].wire)[:64]
	with := func(tlvs string) []byte {
		b := append(bytes.Clone(announce), unhex(t, tlvs)...)
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
		return b
	}
	decode := func(t *testing.T, b []byte) Message {
		t.Helper()
		var m Message
		if err := Decode(b, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	t.Run("an unknown TLV hides the Announce", func(t *testing.T) {
		for _, tlvs := range []string{"8009 0006 0100 0000002a", "0003 0006 0080c2 000001", "8008 0000", "3abc 0002 0000", "8001 0002 0000"} {
			m := decode(t, with(tlvs))
			if m.Announce.GrandmasterIdentity != gmPort.ClockIdentity || m.Fault != "" || !bytes.Equal(m.TLVs, unhex(t, tlvs)) {
				t.Errorf("%s: %+v", tlvs, m)
			}
		}
	})
	t.Run("PATH_TRACE loses or invents a clock", func(t *testing.T) {
		for _, c := range []struct {
			tlvs string
			want []ClockIdentity
		}{
			{"0008 0008 0000000000000001", []ClockIdentity{1}},
			{"0008 0010 0000000000000001 0000000000000002", []ClockIdentity{1, 2}},
			{"0008 0008 0000000000000001 8008 0008 0000000000000000", []ClockIdentity{1}},
			{"0008 0000", nil},
		} {
			m := decode(t, append(with(c.tlvs), make([]byte, 9)...))
			for typ, value := range AllTLVs(m.TLVs) {
				tlv, err := ParseTLV(typ, value)
				if trace, ok := tlv.(*PathTrace); ok && (err != nil || !cmp.Equal(trace.PathSequence, c.want)) {
					t.Errorf("%s: %v, %v", c.tlvs, trace.PathSequence, err)
				}
			}
		}
	})
	t.Run("a Sync of version 1 decodes as garbage", func(t *testing.T) {
		sync := unhex(t, messageV1Vectors[0].wire)
		var m Message
		if err := Decode(sync, &m); err != BadVersion {
			t.Errorf("version 1: error %v", err)
		}
		sync[1] = 15
		if err := Decode(sync, &m); err != BadVersion || Version(sync) != 15 {
			t.Errorf("version 15: error %v", err)
		}
	})
	t.Run("messageLength is not held against the body", func(t *testing.T) {
		for _, c := range messageVectors {
			for length, want := range map[uint16]Malformation{0: BadLength, 34: BadLength, 0xFFFF: Truncated} {
				b := unhex(t, c.wire)
				binary.BigEndian.PutUint16(b[2:], length)
				if m := decode(t, b); m.Fault != want || m.SourcePortIdentity != c.message.SourcePortIdentity {
					t.Errorf("%v of length %d: fault %q, want %q", c.message.Type, length, m.Fault, want)
				}
			}
		}
	})
	t.Run("nanoseconds beyond a second are normalised", func(t *testing.T) {
		b := with("")
		binary.BigEndian.PutUint32(b[40:], 1_500_000_000)
		if m := decode(t, b); m.Fault != BadNanoseconds || m.Timestamp.Nanoseconds != 1_500_000_000 {
			t.Errorf("fault %q, %v", m.Fault, m.Timestamp)
		}
	})
	t.Run("ALTERNATE_TIME_OFFSET_INDICATOR needs a long name", func(t *testing.T) {
		for name, tlvs := range map[string]string{
			"":   "0009 0010 01 00000000 00000000 000000000000 00",
			"EU": "0009 0012 01 00000000 00000000 000000000000 02 4555",
		} {
			for typ, value := range AllTLVs(decode(t, with(tlvs)).TLVs) {
				tlv, err := ParseTLV(typ, value)
				if offset, ok := tlv.(*AlternateTimeOffsetIndicator); !ok || err != nil || offset.DisplayName != name {
					t.Errorf("%s: %+v, %v", tlvs, tlv, err)
				}
			}
		}
	})
	t.Run("a struct used again keeps the TLVs of before", func(t *testing.T) {
		var m Message
		for range 2 {
			if err := Decode(with("8008 0000"), &m); err != nil || len(m.TLVs) != 4 {
				t.Errorf("%x, %v", m.TLVs, err)
			}
		}
		if err := Decode(with(""), &m); err != nil || m.TLVs != nil {
			t.Errorf("%x, %v", m.TLVs, err)
		}
	})
}
