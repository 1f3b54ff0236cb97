package ptp

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// headerV1 is the common header, with the control to come at %02x, from
// IEEE 1588-2002 D.1.
const headerV1 = `0001 0001 5f44464c540000000000000000000000 %02x 01 00a069012ae3 0001 0102 %02x 00 000c 00000000`

// messageV1Vectors is one message of each kind, from IEEE 1588-2002 D.2 to D.6.
var messageV1Vectors = []struct {
	wire    string
	message MessageV1
}{
	{
		wire: fmt.Sprintf(headerV1, 1, 0) + `
			6553f100 075bcd15 0000 0022 00 01 00a069012ae3 0001 0101 000000 01 47505300 0000 f060 00 01 00 01
			000000 01 0000 f160 0000 0001 000000 04 44464c54 00 01 00a069012ae4 0000 0002 0000 f260 fffffff0
			000000 01`,
		message: header(1, SyncControlV1, MessageV1{
			Timestamp: TimestampV1{0x6553f100, 123456789},
			Sync: SyncV1{
				CurrentUTCOffset: 34, Grandmaster: SourceV1{1, [6]byte{0, 0xa0, 0x69, 1, 0x2a, 0xe3}, 1, 0x101},
				GrandmasterClockStratum: 1, GrandmasterClockIdentifier: [4]byte{'G', 'P', 'S'},
				GrandmasterClockVariance: -4000, GrandmasterPreferred: 1, GrandmasterIsBoundaryClock: 1,
				SyncInterval: 1, LocalClockVariance: -3744, LocalStepsRemoved: 1, LocalClockStratum: 4,
				LocalClockIdentifier:    [4]byte{'D', 'F', 'L', 'T'},
				Parent:                  SourceV1{1, [6]byte{0, 0xa0, 0x69, 1, 0x2a, 0xe4}, 2, 0},
				EstimatedMasterVariance: -3488, EstimatedMasterDrift: -16, UTCReasonable: 1,
			},
		}),
	},
	{
		wire: fmt.Sprintf(headerV1, 1, 1) + `
			6553f100 f8a432eb 0001 0000 00 00 000000000000 0000 0000 000000 00 00000000 0000 0000 00 00 00 00
			000000 00 0000 0000 0000 0000 000000 00 00000000 00 00 000000000000 0000 0000 0000 0000 00000000
			000000 00`,
		message: header(1, DelayReqControlV1, MessageV1{
			Timestamp: TimestampV1{0x6553f100, -123456789}, Sync: SyncV1{EpochNumber: 1},
		}),
	},
	{
		wire:    fmt.Sprintf(headerV1, 2, 2) + `0000 0101 6553f100 075bcd15`,
		message: header(2, FollowUpControlV1, MessageV1{AssociatedSequenceID: 0x101, Timestamp: TimestampV1{0x6553f100, 123456789}}),
	},
	{
		wire: fmt.Sprintf(headerV1, 2, 3) + `6553f100 075bcd15 00 01 00a069012ae4 0002 0007`,
		message: header(2, DelayRespControlV1, MessageV1{
			Timestamp:        TimestampV1{0x6553f100, 123456789},
			RequestingSource: SourceV1{1, [6]byte{0, 0xa0, 0x69, 1, 0x2a, 0xe4}, 2, 7},
		}),
	},
	{
		wire: fmt.Sprintf(headerV1, 2, 4) + `00 01 00a069012ae4 0002 0001 ffff 00 16 0000 0004`,
		message: header(2, ManagementControlV1, MessageV1{Management: ManagementV1{
			Target:               SourceV1{1, [6]byte{0, 0xa0, 0x69, 1, 0x2a, 0xe4}, 2, 0},
			StartingBoundaryHops: 1, BoundaryHops: -1, MessageKey: 0x16, ParameterLength: 4,
		}}),
	},
}

func header(messageType uint8, control ControlV1, m MessageV1) MessageV1 {
	m.VersionPTP, m.VersionNetwork = 1, 1
	copy(m.Subdomain[:], "_DFLT")
	m.MessageType, m.Control = messageType, control
	m.SourceCommunicationTechnology, m.SourceUUID = 1, [6]byte{0, 0xa0, 0x69, 1, 0x2a, 0xe3}
	m.SourcePortID, m.SequenceID, m.Flags = 1, 0x102, 0xc
	return m
}

func TestDecodeV1(t *testing.T) {
	var m MessageV1 // one for all, so that a field left over shows
	for range 2 {
		for _, c := range messageV1Vectors {
			wire := unhex(t, c.wire)
			if v := Version(wire); v != 1 {
				t.Errorf("%v: version %d", c.message.Control, v)
			}
			if err := DecodeV1(append(wire[:len(wire):len(wire)], 0xff, 0xff), &m); err != nil {
				t.Errorf("%v: %v", c.message.Control, err)
			}
			if diff := cmp.Diff(c.message, m); diff != "" {
				t.Errorf("%v (-want +got):\n%s", c.message.Control, diff)
			}
			if diff := cmp.Diff(wire, AppendMessageV1(nil, &m)); diff != "" {
				t.Errorf("%v encoded (-want +got):\n%s", c.message.Control, diff)
			}
			for n := range wire {
				if err := DecodeV1(wire[:n], &m); err != Truncated || m != (MessageV1{}) {
					t.Errorf("%v cut to %d: error %v, left %+v", c.message.Control, n, err, m)
				}
			}
		}
	}
}

func TestDecodeV1Faults(t *testing.T) {
	sync := unhex(t, messageV1Vectors[0].wire)
	for _, c := range []struct {
		name  string
		at    int
		octet []byte
		err   error
		fault Malformation
	}{
		{"version 2", 1, []byte{2}, BadVersion, ""},
		{"version 257", 0, []byte{1, 1}, BadVersion, ""},
		{"control 5", 32, []byte{5}, BadMessageType, ""},
		{"control 255", 32, []byte{255}, BadMessageType, ""},
		{"nanoseconds 999999999", 44, []byte{0x3b, 0x9a, 0xc9, 0xff}, nil, ""},
		{"nanoseconds 1000000000", 44, []byte{0x3b, 0x9a, 0xca, 0x00}, nil, BadNanoseconds},
		{"nanoseconds -1000000000", 44, []byte{0xc4, 0x65, 0x36, 0x00}, nil, BadNanoseconds},
		{"nanoseconds -2147483648", 44, []byte{0x80, 0, 0, 0}, nil, BadNanoseconds},
	} {
		b := append([]byte(nil), sync...)
		copy(b[c.at:], c.octet)
		var m MessageV1
		if err := DecodeV1(b, &m); err != c.err || m.Fault != c.fault {
			t.Errorf("%s: error %v, fault %q; want %v, %q", c.name, err, m.Fault, c.err, c.fault)
		}
	}
}

func TestFieldsV1(t *testing.T) {
	m := messageV1Vectors[3].message
	got := map[string]string{}
	for name, value := range m.Fields() {
		got[name] = fmt.Sprint(value)
	}
	want := map[string]string{
		"versionPTP": "1", "versionNetwork": "1", "subdomain": "5f44464c540000000000000000000000", "messageType": "2",
		"sourceCommunicationTechnology": "1", "sourceUuid": "00a069012ae3", "sourcePortId": "1", "sequenceId": "258",
		"control": "delay_resp", "flags": "12", "seconds": "1700000000", "nanoseconds": "123456789",
		"requestingSourceCommunicationTechnology": "1", "requestingSourceUuid": "00a069012ae4",
		"requestingSourcePortId": "2", "requestingSourceSequenceId": "7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if m.SubdomainName() != "_DFLT" {
		t.Errorf("subdomain %q", m.SubdomainName())
	}
}
