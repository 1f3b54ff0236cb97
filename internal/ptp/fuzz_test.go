package ptp

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/facebook/time/ptp/protocol"
	"github.com/google/go-cmp/cmp"
)

func FuzzDecode(f *testing.F) {
	for _, c := range messageVectors {
		f.Add(unhex(f, c.wire))
	}
	for _, c := range slices.Concat(tlvVectors, managementVectors) {
		m := Message{Type: Signaling, VersionPTP: 2, TLVs: unhex(f, c.wire)}
		f.Add(AppendMessage(nil, &m))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m Message
		if err := Decode(b, &m); err != nil {
			if !cmp.Equal(m, Message{}) {
				t.Fatalf("error %v, and left %+v", err, m)
			}
			return
		}
		encoded := AppendMessage(nil, &m)
		if m.Fault == "" && !bytes.Equal(encoded, b[:m.MessageLength]) {
			t.Errorf("came back as %x", encoded)
		}
		var again Message
		if err := Decode(encoded, &again); err != nil {
			t.Fatalf("encoded: %v", err)
		}
		// What decodes with a fault encodes without one, but for nanoseconds.
		if again.Fault != "" && again.Fault != BadNanoseconds {
			t.Errorf("encoded: fault %q", again.Fault)
		}
		want := m
		want.MessageLength, want.Fault = again.MessageLength, again.Fault
		if !cmp.Equal(want, again) && len(want.TLVs)+len(again.TLVs) > 0 {
			t.Errorf("encoded (-want +got):\n%s", cmp.Diff(want, again))
		}
		checkTLVs(t, m.TLVs)
		checkPrefixes(t, encoded, &again)
	})
}

// checkTLVs: the TLVs of a message are whole ones, and each comes back.
func checkTLVs(t *testing.T, tlvs []byte) {
	var again []byte
	for typ, value := range AllTLVs(tlvs) {
		tlv, err := ParseTLV(typ, value)
		if err != nil && err != BadTLV {
			t.Errorf("%v %x: %v", typ, value, err)
		}
		again = AppendTLV(again, tlv)
	}
	if !bytes.Equal(tlvs, again) {
		t.Errorf("TLVs %x came back as %x", tlvs, again)
	}
}

// checkPrefixes: a message cut short errs, or is marked and has fewer TLVs.
func checkPrefixes(t *testing.T, b []byte, whole *Message) {
	for n := 0; n < len(b); n += 1 + len(b)/100 {
		var m Message
		err := Decode(b[:n], &m)
		if err == nil && (m.Fault != Truncated || len(m.TLVs) > len(whole.TLVs) || !bytes.HasPrefix(whole.TLVs, m.TLVs)) {
			t.Errorf("cut to %d octets: fault %q, TLVs %x", n, m.Fault, m.TLVs)
		}
	}
}

func FuzzTLV(f *testing.F) {
	for _, c := range slices.Concat(tlvVectors, managementVectors) {
		wire := unhex(f, c.wire)
		f.Add(binary.BigEndian.Uint16(wire), wire[4:])
	}
	f.Fuzz(func(t *testing.T, typ uint16, value []byte) {
		value = value[:min(len(value), maxTLVValue)]
		before := bytes.Clone(value)
		tlv, err := ParseTLV(TLVType(typ), value)
		if tlv == nil || tlv.Type() != TLVType(typ) {
			t.Fatalf("%T of type %v", tlv, tlv.Type())
		}
		wire := AppendTLV(nil, tlv)
		if want := AppendRawTLV(nil, TLVType(typ), value); !bytes.Equal(wire, want) {
			t.Errorf("%T came back as %x, want %x", tlv, wire, want)
		}
		again, err2 := ParseTLV(TLVType(typ), wire[4:])
		if len(value)%2 == 0 && (err != err2 || !bytes.Equal(AppendTLV(nil, again), wire)) {
			t.Errorf("%v, then %v", err, err2)
		}
		fields := 0
		for name := range Fields(tlv) {
			if name == "" {
				t.Errorf("%T: a field without a name", tlv)
			}
			fields++
		}
		if fields > 30+len(value) {
			t.Errorf("%T: %d fields of %d octets", tlv, fields, len(value))
		}
		for i := range value {
			value[i] ^= 0xFF // the TLV has its own octets
		}
		if !bytes.Equal(AppendTLV(nil, tlv), wire) {
			t.Errorf("%T changed with the octets it was parsed from", tlv)
		}
		copy(value, before)
	})
}

func FuzzV1(f *testing.F) {
	for _, c := range messageV1Vectors {
		f.Add(unhex(f, c.wire))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m, again MessageV1
		if err := DecodeV1(b, &m); err != nil {
			if m != (MessageV1{}) {
				t.Errorf("error %v, and left %+v", err, m)
			}
			return
		}
		encoded := AppendMessageV1(nil, &m)
		if len(encoded) > len(b) {
			t.Fatalf("%d octets came back as %d", len(b), len(encoded))
		}
		for i, o := range encoded { // reserved octets come back as zero
			if o != b[i] && o != 0 {
				t.Errorf("octet %d: %#x came back as %#x", i, b[i], o)
			}
		}
		if err := DecodeV1(encoded, &again); err != nil || again != m {
			t.Errorf("encoded: %v (-want +got):\n%s", err, cmp.Diff(m, again))
		}
		for n := range encoded {
			if err := DecodeV1(encoded[:n], &again); err == nil {
				t.Errorf("cut to %d octets: no error", n)
			}
		}
	})
}

// FuzzDifferential holds messages, and the TLVs that facebook/time reads
// right, against it.
func FuzzDifferential(f *testing.F) {
	for _, c := range messageVectors {
		f.Add(unhex(f, c.wire))
	}
	for _, c := range tlvVectors {
		f.Add(AppendMessage(nil, &Message{Type: AnnounceMessage, VersionPTP: 2, TLVs: unhex(f, c.wire)}))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		compareFacebook(t, b)
		var m Message
		_ = Decode(b, &m)
		for rest := m.TLVs; len(rest) > 0; rest = rest[tlvSize(rest):] {
			compareFacebookTLV(t, rest[:tlvSize(rest)])
		}
	})
}

func compareFacebookTLV(t *testing.T, wire []byte) {
	got, _ := ParseTLV(TLVType(binary.BigEndian.Uint16(wire)), wire[4:])
	var want TLV
	switch tlv := got.(type) {
	case *RequestUnicastTransmission:
		var p protocol.RequestUnicastTransmissionTLV
		if p.UnmarshalBinary(wire) == nil {
			want = &RequestUnicastTransmission{MessageType(p.MsgTypeAndReserved >> 4), uint8(p.MsgTypeAndReserved & 0xf),
				LogInterval(p.LogInterMessagePeriod), p.DurationField, Surplus{}}
		}
	case *GrantUnicastTransmission:
		var p protocol.GrantUnicastTransmissionTLV
		if p.UnmarshalBinary(wire) == nil {
			want = &GrantUnicastTransmission{MessageType(p.MsgTypeAndReserved >> 4), uint8(p.MsgTypeAndReserved & 0xf),
				LogInterval(p.LogInterMessagePeriod), p.DurationField, p.Reserved, p.Renewal, Surplus{}}
		}
	case *CancelUnicastTransmission:
		var p protocol.CancelUnicastTransmissionTLV
		if p.UnmarshalBinary(wire) == nil {
			want = &CancelUnicastTransmission{MessageType(p.MsgTypeAndFlags >> 4), uint8(p.MsgTypeAndFlags & 0xf), p.Reserved, Surplus{}}
		}
	case *AcknowledgeCancelUnicastTransmission:
		var p protocol.AcknowledgeCancelUnicastTransmissionTLV
		if p.UnmarshalBinary(wire) == nil {
			want = &AcknowledgeCancelUnicastTransmission{MessageType(p.MsgTypeAndFlags >> 4), uint8(p.MsgTypeAndFlags & 0xf), p.Reserved, Surplus{}}
		}
	case *AlternateTimeOffsetIndicator:
		var p protocol.AlternateTimeOffsetIndicatorTLV
		if p.UnmarshalBinary(wire) == nil {
			want = &AlternateTimeOffsetIndicator{p.KeyField, p.CurrentOffset, p.JumpSeconds, p.TimeOfNextJump.Seconds(), string(p.DisplayName), tlv.Surplus}
		}
	case *AlternateResponsePort:
		var p protocol.AlternateResponsePortTLV
		if p.UnmarshalBinary(wire) == nil {
			want = &AlternateResponsePort{p.Offset, Surplus{}}
		}
	}
	if want != nil && !cmp.Equal(want, got) {
		t.Errorf("%x (-facebook/time +got):\n%s", wire, cmp.Diff(want, got))
	}
}
