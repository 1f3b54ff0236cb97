package ptp

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unhex reads octets written with any white space between them.
func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		tb.Fatalf("test vector: %v", err)
	}
	return b
}

var (
	gmPort     = PortIdentity{ClockIdentity: 0x001d7ffffe80024a, PortNumber: 1}
	clientPort = PortIdentity{ClockIdentity: 0xb8cef6fffe4412aa, PortNumber: 2}
	// 1,700,000,000.123456789 s.
	someTime = Timestamp{Seconds: [6]byte{0, 0, 0x65, 0x53, 0xf1, 0x00}, Nanoseconds: 123456789}
)

// messageVectors is one message of each type, its octets written out field by
// field from IEEE 1588-2019 13.3 to 13.12 and 15.4.1.
var messageVectors = []struct {
	wire    string
	message Message
}{
	{
		wire: `10 12 002c 7f 00 0200 0000000000028000 00000000
			001d7ffffe80024a 0001 0102 00 fd
			00006553f100 075bcd15`,
		message: Message{
			Type: Sync, SdoID: 0x100, VersionPTP: 2, MinorVersionPTP: 1, MessageLength: 44, DomainNumber: 127,
			Flags: FlagTwoStep, CorrectionField: 0x28000, SourcePortIdentity: gmPort, SequenceID: 0x102,
			LogMessageInterval: -3, Timestamp: someTime,
		},
	},
	{
		wire: `01 02 002c 18 00 0400 fffffffffffe8000 00000000
			b8cef6fffe4412aa 0002 ffff 01 7f
			000000000000 00000000`,
		message: Message{
			Type: DelayReq, VersionPTP: 2, MessageLength: 44, DomainNumber: 24,
			Flags: FlagUnicast, CorrectionField: -0x18000, SourcePortIdentity: clientPort, SequenceID: 0xffff,
			ControlField: 1, LogMessageInterval: NoInterval,
		},
	},
	{
		wire: `12 12 0036 00 00 0000 0000000000000000 00000000
			b8cef6fffe4412aa 0002 0007 05 00
			00006553f100 075bcd15 00010203040506070809`,
		message: Message{
			Type: PdelayReq, SdoID: 0x100, VersionPTP: 2, MinorVersionPTP: 1, MessageLength: 54,
			SourcePortIdentity: clientPort, SequenceID: 7, ControlField: 5, Timestamp: someTime,
			Reserved: [10]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
		},
	},
	{
		wire: `13 12 0036 00 00 0200 0000000000000000 00000000
			001d7ffffe80024a 0001 0007 05 7f
			00006553f100 075bcd15 b8cef6fffe4412aa 0002`,
		message: Message{
			Type: PdelayResp, SdoID: 0x100, VersionPTP: 2, MinorVersionPTP: 1, MessageLength: 54, Flags: FlagTwoStep,
			SourcePortIdentity: gmPort, SequenceID: 7, ControlField: 5, LogMessageInterval: NoInterval,
			Timestamp: someTime, PortIdentity: clientPort,
		},
	},
	{
		wire: `08 02 002c 00 00 0000 0000000000000000 01020304
			001d7ffffe80024a 0001 0102 02 fd
			00006553f100 075bcd15`,
		message: Message{
			Type: FollowUp, VersionPTP: 2, MessageLength: 44, MessageTypeSpecific: 0x01020304,
			SourcePortIdentity: gmPort, SequenceID: 0x102, ControlField: 2, LogMessageInterval: -3, Timestamp: someTime,
		},
	},
	{
		wire: `09 12 0036 00 00 0000 7fffffffffffffff 00000000
			001d7ffffe80024a 0001 0009 03 00
			00006553f100 075bcd15 b8cef6fffe4412aa 0002`,
		message: Message{
			Type: DelayResp, VersionPTP: 2, MinorVersionPTP: 1, MessageLength: 54, CorrectionField: 0x7fffffffffffffff,
			SourcePortIdentity: gmPort, SequenceID: 9, ControlField: 3, Timestamp: someTime, PortIdentity: clientPort,
		},
	},
	{
		wire: `1a 12 0036 00 00 0000 0000000000000000 00000000
			001d7ffffe80024a 0001 0007 05 7f
			00006553f100 075bcd15 b8cef6fffe4412aa 0002`,
		message: Message{
			Type: PdelayRespFollowUp, SdoID: 0x100, VersionPTP: 2, MinorVersionPTP: 1, MessageLength: 54,
			SourcePortIdentity: gmPort, SequenceID: 7, ControlField: 5, LogMessageInterval: NoInterval,
			Timestamp: someTime, PortIdentity: clientPort,
		},
	},
	{
		wire: `0b 02 004c 18 00 003c 0000000000000000 00000000
			001d7ffffe80024a 0001 0010 05 fd
			000000000000 00000000 0025 a5 80 06 21 4e5d 81 001d7ffffe80024a 0001 20
			0008 0008 001d7ffffe80024a`,
		message: Message{
			Type: AnnounceMessage, VersionPTP: 2, MessageLength: 76, DomainNumber: 24,
			Flags:              FlagCurrentUTCOffsetValid | FlagPTPTimescale | FlagTimeTraceable | FlagFrequencyTraceable,
			SourcePortIdentity: gmPort, SequenceID: 16, ControlField: 5, LogMessageInterval: -3,
			Announce: Announce{
				CurrentUTCOffset: 37, GrandmasterPriority1: 128, GrandmasterPriority2: 129,
				GrandmasterClockQuality: ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4e5d},
				GrandmasterIdentity:     gmPort.ClockIdentity, StepsRemoved: 1, TimeSource: 0x20,
			},
			Reserved: [10]byte{0xa5},
			TLVs:     []byte{0, 8, 0, 8, 0x00, 0x1d, 0x7f, 0xff, 0xfe, 0x80, 0x02, 0x4a},
		},
	},
	{
		wire: `0c 12 0036 2c 01 0400 0000000000000000 00000000
			b8cef6fffe4412aa 0002 0000 05 7f
			ffffffffffffffff ffff
			0004 0006 b0 00 0000012c`,
		message: Message{
			Type: Signaling, SdoID: 0x001, VersionPTP: 2, MinorVersionPTP: 1, MessageLength: 54, DomainNumber: 44,
			Flags: FlagUnicast, SourcePortIdentity: clientPort, ControlField: 5, LogMessageInterval: NoInterval,
			PortIdentity: PortIdentity{ClockIdentity: 0xffffffffffffffff, PortNumber: 0xffff},
			TLVs:         []byte{0, 4, 0, 6, 0xb0, 0, 0, 0, 1, 0x2c},
		},
	},
	{
		wire: `0d 02 0038 00 00 0000 0000000000000000 00000000
			b8cef6fffe4412aa 0002 0003 04 7f
			001d7ffffe80024a 0001 01 02 d1 ee
			0001 0004 2005 0100`,
		message: Message{
			Type: ManagementMessage, VersionPTP: 2, MessageLength: 56,
			SourcePortIdentity: clientPort, SequenceID: 3, ControlField: 4, LogMessageInterval: NoInterval,
			PortIdentity: gmPort,
			Management:   Management{StartingBoundaryHops: 1, BoundaryHops: 2, Action: 1},
			Reserved:     [10]byte{0xd0, 0xee},
			TLVs:         []byte{0, 1, 0, 4, 0x20, 0x05, 1, 0},
		},
	},
}

func TestDecodeMessages(t *testing.T) {
	// One Message for all, so that a field left over from the one before shows.
	var m Message
	for range 2 {
		for _, c := range messageVectors {
			wire := unhex(t, c.wire)
			padded := append(wire[:len(wire):len(wire)], 0xff, 0xff)
			if err := Decode(padded, &m); err != nil {
				t.Errorf("%v: %v", c.message.Type, err)
			}
			if diff := cmp.Diff(c.message, m); diff != "" {
				t.Errorf("%v (-want +got):\n%s", c.message.Type, diff)
			}
			if diff := cmp.Diff(wire, AppendMessage(nil, &m)); diff != "" {
				t.Errorf("%v encoded (-want +got):\n%s", c.message.Type, diff)
			}
		}
	}
}

func TestDecodePrefix(t *testing.T) {
	for _, c := range messageVectors {
		wire := unhex(t, c.wire)
		for n := range wire {
			var m Message
			err := Decode(wire[:n], &m)
			switch end := int(bodyEnd[c.message.Type]); {
			case n < end && err != Truncated:
				t.Errorf("%v cut to %d: error %v, want %v", c.message.Type, n, err, Truncated)
			case n < end && !cmp.Equal(m, Message{}):
				t.Errorf("%v cut to %d: left %+v", c.message.Type, n, m)
			case n >= end && (err != nil || m.Fault != Truncated):
				t.Errorf("%v cut to %d: error %v, fault %q, want fault %q", c.message.Type, n, err, m.Fault, Truncated)
			}
		}
	}
}

func TestDecodeFaults(t *testing.T) {
	announce := unhex(t, messageVectors[7].wire)
	with := func(at int, octets string, tail string) []byte {
		b := append([]byte(nil), announce...)
		copy(b[at:], unhex(t, octets))
		return append(b, unhex(t, tail)...)
	}
	const pathTrace = "0008 0008 001d7ffffe80024a"
	cases := []struct {
		name  string
		wire  []byte
		err   error
		fault Malformation
		tlvs  string
	}{
		{name: "empty", wire: nil, err: Truncated},
		{name: "header cut", wire: announce[:33], err: Truncated},
		{name: "version 0", wire: with(1, "00", ""), err: BadVersion},
		{name: "version 1", wire: with(1, "01", ""), err: BadVersion},
		{name: "version 10", wire: with(1, "0a", ""), err: BadVersion},
		{name: "version 15", wire: with(1, "0f", ""), err: BadVersion},
		{name: "minor version 15", wire: with(1, "f2", ""), tlvs: pathTrace},
		{name: "reserved type 4", wire: with(0, "04", ""), err: BadMessageType},
		{name: "reserved type f", wire: with(0, "0f", ""), err: BadMessageType},
		{name: "messageLength 0", wire: with(2, "0000", ""), fault: BadLength},
		{name: "messageLength of a header", wire: with(2, "0022", ""), fault: BadLength},
		{name: "messageLength of 63", wire: with(2, "003f", ""), fault: BadLength},
		{name: "messageLength of a header and no more octets", wire: with(2, "0022", "")[:34], err: BadLength},
		{name: "messageLength beyond the frame", wire: with(2, "ffff", ""), fault: Truncated, tlvs: pathTrace},
		{name: "no TLV, then padding", wire: with(2, "0040", "0000"), tlvs: ""},
		{name: "a second TLV of odd length", wire: with(2, "0052", "8008 0001 ff ff"), fault: BadTLV, tlvs: pathTrace},
		{name: "a second TLV that runs past the end", wire: with(2, "0052", "8008 0004 ffff ffff"), fault: BadTLV, tlvs: pathTrace},
		{name: "half a TLV head", wire: with(2, "004e", "8008"), fault: BadTLV, tlvs: pathTrace},
		{name: "an unknown TLV", wire: with(2, "0052", "3abc 0002 beef"), tlvs: pathTrace + "3abc 0002 beef"},
		{name: "nanoseconds 999999999", wire: with(40, "3b9ac9ff", ""), tlvs: pathTrace},
		{name: "nanoseconds 1000000000", wire: with(40, "3b9aca00", ""), fault: BadNanoseconds, tlvs: pathTrace},
		{name: "nanoseconds and a TLV", wire: with(40, "ffffffff", "8008"), fault: BadNanoseconds, tlvs: pathTrace},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var m Message
			if err := Decode(c.wire, &m); err != c.err {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if c.err != nil {
				return
			}
			if m.Fault != c.fault {
				t.Errorf("fault %q, want %q", m.Fault, c.fault)
			}
			if diff := cmp.Diff(unhex(t, c.tlvs), append([]byte{}, m.TLVs...)); diff != "" {
				t.Errorf("TLVs (-want +got):\n%s", diff)
			}
			if m.Announce.GrandmasterIdentity != gmPort.ClockIdentity {
				t.Errorf("grandmasterIdentity %v, want %v", m.Announce.GrandmasterIdentity, gmPort.ClockIdentity)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	for _, c := range []struct {
		wire []byte
		want uint8
	}{{nil, 0}, {[]byte{2}, 0}, {[]byte{0, 1}, 1}, {[]byte{0x0b, 0x12}, 2}, {[]byte{0, 0xff}, 15}} {
		if got := Version(c.wire); got != c.want {
			t.Errorf("%x: %d, want %d", c.wire, got, c.want)
		}
	}
}

func TestMalformation(t *testing.T) {
	if got := BadTLV.Error(); got != "ptp: tlv" {
		t.Errorf("%q", got)
	}
}

func TestFlags(t *testing.T) {
	f := FlagTwoStep | FlagLeap61
	if !f.Has(FlagTwoStep) || !f.Has(FlagTwoStep|FlagLeap61) || f.Has(FlagTwoStep|FlagLeap59) || f.Has(FlagUnicast) {
		t.Errorf("%#x", uint16(f))
	}
}

// What no message can hold still encodes to something that says how long it is.
func TestAppendMessageOdd(t *testing.T) {
	b := AppendMessage([]byte{0xaa}, &Message{Type: Sync, VersionPTP: 2, TLVs: make([]byte, 70000)})
	if len(b) != 1+44+70000 || b[3] != 0xff || b[4] != 0xff {
		t.Errorf("%d octets, %x", len(b), b[:5])
	}
	b = AppendMessage(nil, &Message{Type: 4, VersionPTP: 2, TLVs: []byte{1, 2, 3, 4}})
	if want := unhex(t, "0402 0026"); len(b) != 38 || !cmp.Equal(want, b[:4]) {
		t.Errorf("reserved type: %d octets, %x", len(b), b[:4])
	}
}

func TestAllTLVs(t *testing.T) {
	b := unhex(t, "8008 0002 0000 0003 0000 0008 0003 010203")
	type tlv struct {
		Type  TLVType
		Value string
	}
	var got []tlv
	for typ, value := range AllTLVs(b) {
		got = append(got, tlv{typ, hex.EncodeToString(value)})
	}
	for range AllTLVs(b) {
		break
	}
	if diff := cmp.Diff([]tlv{{0x8008, "0000"}, {0x0003, ""}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHotPathAllocates(t *testing.T) {
	var m Message
	dst := make([]byte, 0, 256)
	for _, c := range messageVectors {
		wire := unhex(t, c.wire)
		n := testing.AllocsPerRun(100, func() {
			if err := Decode(wire, &m); err != nil {
				t.Fatal(err)
			}
			for _, value := range AllTLVs(m.TLVs) {
				m.Reserved[9] += byte(len(value))
			}
			dst = AppendMessage(dst[:0], &m)
		})
		if n != 0 {
			t.Errorf("%v: %v allocations, want 0", c.message.Type, n)
		}
	}
}
