package ptp

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tlvVectors is every TLV this package has a type for, its octets written out
// from the layout in the clause its type cites.
var tlvVectors = []struct {
	wire string
	tlv  TLV
}{
	{"0008 0000", &PathTrace{}},
	{"0008 0010 001d7ffffe80024a b8cef6fffe4412aa", &PathTrace{PathSequence: []ClockIdentity{0x001d7ffffe80024a, 0xb8cef6fffe4412aa}}},
	{"0008 000a 001d7ffffe80024a beef", &PathTrace{PathSequence: []ClockIdentity{0x001d7ffffe80024a}, Surplus: Surplus{Octets{0xbe, 0xef}}}},
	{"0009 0010 01 ffffc7c0 00000e10 00006553f100 00", &AlternateTimeOffsetIndicator{
		KeyField: 1, CurrentOffset: -14400, JumpSeconds: 3600, TimeOfNextJump: 0x6553f100}},
	{"0009 0012 01 ffffc7c0 00000e10 00006553f100 01 45 00", &AlternateTimeOffsetIndicator{
		KeyField: 1, CurrentOffset: -14400, JumpSeconds: 3600, TimeOfNextJump: 0x6553f100, DisplayName: "E"}},
	{"0009 0012 01 ffffc7c0 00000e10 00006553f100 01 45 ff", &AlternateTimeOffsetIndicator{
		KeyField: 1, CurrentOffset: -14400, JumpSeconds: 3600, TimeOfNextJump: 0x6553f100, DisplayName: "E",
		Surplus: Surplus{Octets{0xff}}}},
	{"0009 0014 01 ffffc7c0 00000e10 800000000001 03 454454 00", &AlternateTimeOffsetIndicator{
		KeyField: 1, CurrentOffset: -14400, JumpSeconds: 3600, TimeOfNextJump: 0x800000000001, DisplayName: "EDT"}},
	{"4001 0054 02 01 0000" +
		"0000000000640000 3ff0000000000000 0000000000650000 4000000000000000 0000000000660000 4008000000000000" +
		"0000000000670000 4010000000000000 0000000000680000 c014000000000000", &EnhancedAccuracyMetrics{
		BCHopCount: 2, TCHopCount: 1,
		MaxGmInaccuracy: 100 << 16, VarGmInaccuracy: 1, MaxTransientInaccuracy: 101 << 16, VarTransientInaccuracy: 2,
		MaxDynamicInaccuracy: 102 << 16, VarDynamicInaccuracy: 3,
		MaxStaticInstanceInaccuracy: 103 << 16, VarStaticInstanceInaccuracy: 4,
		MaxStaticMediumInaccuracy: 104 << 16, VarStaticMediumInaccuracy: -5}},

	{"0004 0006 b0 fd 0000012c", &RequestUnicastTransmission{MessageType: AnnounceMessage, LogInterMessagePeriod: -3, DurationField: 300}},
	{"0004 0006 9a 7f ffffffff", &RequestUnicastTransmission{MessageType: DelayResp, Reserved: 0xa, LogInterMessagePeriod: NoInterval, DurationField: 0xffffffff}},
	{"0005 0008 00 fc 00000000 ee 01", &GrantUnicastTransmission{MessageType: Sync, LogInterMessagePeriod: -4, Reserved2: 0xee, Flags: 1}},
	{"0006 0002 b3 00", &CancelUnicastTransmission{MessageType: AnnounceMessage, Flags: 3}},
	{"0007 0002 02 01", &AcknowledgeCancelUnicastTransmission{MessageType: Sync, Flags: 2, Reserved: 1}},

	{"0002 0008 0002 2005 00000000", &ManagementErrorStatus{ManagementErrorID: 2, ManagementID: 0x2005}},
	{"0002 000a 0002 2005 00000000 0000", &ManagementErrorStatus{ManagementErrorID: 2, ManagementID: 0x2005, Surplus: Surplus{Octets{0, 0}}}},
	{"0002 000c fffe c000 00000001 02 6e6f 00", &ManagementErrorStatus{
		ManagementErrorID: 0xfffe, ManagementID: 0xc000, Reserved: [4]uint8{3: 1}, DisplayData: "no"}},

	{"8001 0002 f7 05", &L1Sync{Required: 0xf7, Status: 5}},
	{"8001 0028 0f 07 03 0000000000028000 00006553f100075bcd15 ffffffffffff0000 00006553f10100000000 00", &L1Sync{
		Required: 15, Status: 7, Optional: 3, PhaseOffsetTx: 0x28000, PhaseOffsetTxTimestamp: someTime,
		FreqOffsetTx: -0x10000, FreqOffsetTxTimestamp: Timestamp{Seconds: [6]byte{0, 0, 0x65, 0x53, 0xf1, 1}}}},
	{"8002 0002 0f 03", &PortCommunicationAvailability{SyncMessageAvailability: 15, DelayRespMessageAvailability: 3}},
	{"8003 0008 0001 0004 c0000201", &ProtocolAddress{PortProtocolAddress: PortAddress{1, Octets{192, 0, 2, 1}}}},
	{"8007 0004 80000001", &CumulativeRateRatio{ScaledCumulativeRateRatio: -0x7fffffff}},
	{"8008 0000", &Pad{}},
	{"8008 0004 00010203", &Pad{Octets: Octets{0, 1, 2, 3}}},
	{"8009 0016 01 00 0000002a 000102030405060708090a0b0c0d0e0f", &Authentication{
		SPP: 1, KeyID: 42, Protected: Octets{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}},
	{"2007 0002 0102", &AlternateResponsePort{Offset: 0x102}},

	{"8004 004e 001d7ffffe80024a0001" +
		"0001 00006553f100075bcd15 0000000000028000 fffffff0 00006553f100075bcd15" +
		"0002 00000000000000000000 0000000000000000 00000001 00006553f100075bcd15", &SlaveRxSyncTimingData{
		SyncSourcePortIdentity: gmPort, Records: []RxSyncTiming{
			{SequenceID: 1, SyncOriginTimestamp: someTime, TotalCorrectionField: 0x28000, ScaledCumulativeRateOffset: -16, SyncEventIngressTimestamp: someTime},
			{SequenceID: 2, ScaledCumulativeRateOffset: 1, SyncEventIngressTimestamp: someTime}}}},
	{"8005 0022 001d7ffffe80024a0001 07 00 0001 fffffffffffe8000 0000000000028000 00000010", &SlaveRxSyncComputedData{
		SourcePortIdentity: gmPort, ComputedFlags: 7, Records: []RxSyncComputed{
			{SequenceID: 1, OffsetFromMaster: -0x18000, MeanPathDelay: 0x28000, ScaledNeighborRateRatio: 16}}}},
	{"8006 0018 b8cef6fffe4412aa0002 01 00 0007 00006553f100075bcd15", &SlaveTxEventTimestamps{
		SourcePortIdentity: clientPort, EventMessageType: DelayReq, Records: []TxEventTimestamp{{7, someTime}}}},
	{"7f00 0028 b8cef6fffe4412aa0002 0007 00006553f100075bcd15 0000000000028000 00006553f100075bcd15", &SlaveDelayTimingDataNP{
		SourcePortIdentity: clientPort, Records: []DelayTiming{{7, someTime, 0x28000, someTime}}}},
	{"21fe 0000", &NetSyncMonitorRequest{}},
	{"21ff 004a 09 00 0001 0004 c0000201" +
		"001d7ffffe80024a0001 01 00 4e5d ffffffff 80 06214e5d 81 001d7ffffe80024a" +
		"0001 fffffffffffe8000 0000000000028000 0025 0c 20 00006553f100075bcd15", &NetSyncMonitorResponse{
		PortState: 9, ParentAddress: PortAddress{1, Octets{192, 0, 2, 1}}, ParentDS: parentDS,
		CurrentDS:         CurrentDataSet{StepsRemoved: 1, OffsetFromMaster: -0x18000, MeanPathDelay: 0x28000},
		TimePropertiesDS:  TimePropertiesDataSet{37, FlagCurrentUTCOffsetValid | FlagPTPTimescale, TimeSourceGNSS},
		LastSyncTimestamp: someTime}},

	{"0003 001c 0080c2 000001 fffffff0 0007 ffffffffffffffff 00008000 00000010", &FollowUpInformation{
		Extension: Extension{3}, CumulativeScaledRateOffset: -16, GmTimeBaseIndicator: 7,
		LastGmPhaseChange: ScaledNs{-1, 0x8000}, ScaledLastGmFreqChange: 16}},
	{"0003 000c 0080c2 000002 7f fd 80 06 0000", &MessageIntervalRequest{
		Extension: Extension{3}, LogLinkDelayInterval: 127, LogTimeSyncInterval: -3, LogAnnounceInterval: -128, Flags: 6}},
	{"8000 000c 0080c2 000004 00 01 00000000", &GPTPCapable{Extension: Extension{0x8000}, Flags: 1}},
	{"8000 000a 0080c2 000005 7e 000000", &GPTPCapableMessageIntervalRequest{Extension: Extension{0x8000}, LogGPTPCapableMessageInterval: 126}},
	{"0003 0012 0019a7 000002 000000003b9aca00 0040 0200", &InterfaceRate{
		Extension: Extension{3}, InterfaceBitPeriod: 1e9, NumberBitsBeforeTimestamp: 64, NumberBitsAfterTimestamp: 512}},
	{"0003 0012 1c129d 000001 00ff 000000c8 00000032 0000", &PowerProfile2011{
		Extension: Extension{3}, GrandmasterID: 255, GrandmasterTimeInaccuracy: 200, NetworkTimeInaccuracy: 50}},
	{"4000 0012 1c129d 000002 00fe 00000001 000000fa 0002", &PowerProfile2017{
		Extension: Extension{0x4000}, GrandmasterID: 254, Reserved: [4]uint8{3: 1}, TotalTimeInaccuracy: 250, Reserved2: [2]uint8{1: 2}}},
	{"0003 0030 6897e8 000001 0000001e 000003e9 04 01 ffffc7c0 00000e10 00006553f100 00006553f101 00006553f102 ffffc7c1 01 00", &SynchronizationMetadata{
		Extension: Extension{3}, DefaultSystemFrameRateNumerator: 30, DefaultSystemFrameRateDenominator: 1001,
		MasterLockingStatus: 4, TimeAddressFlags: 1, CurrentLocalOffset: -14400, JumpSeconds: 3600,
		TimeOfNextJump: 0x6553f100, TimeOfNextJam: 0x6553f101, TimeOfPreviousJam: 0x6553f102,
		PreviousJamLocalOffset: -14399, DaylightSaving: 1}},
	{"0003 000a 080030 dead01 2000 000c", &OrganizationExtension{
		Extension: Extension{3}, OrganizationID: OUI{8, 0, 0x30}, OrganizationSubType: 0xdead01, DataField: Octets{0x20, 0, 0, 0xc}}},
	{"8000 0006 0080c2 000099", &OrganizationExtension{Extension: Extension{0x8000}, OrganizationID: OUIIEEE8021, OrganizationSubType: 0x99}},
	{"4000 0006 0080c2 010001", &OrganizationExtension{Extension: Extension{0x4000}, OrganizationID: OUIIEEE8021, OrganizationSubType: 0x10001}},

	{"3abc 0004 deadbeef", &RawTLV{TLVType: 0x3abc, Value: Octets{0xde, 0xad, 0xbe, 0xef}}},
	{"2000 0002 0102", &RawTLV{TLVType: TLVAuthentication2008, Value: Octets{1, 2}}},
	{"0000 0000", &RawTLV{}},
}

func TestTLVs(t *testing.T) {
	for _, c := range tlvVectors {
		t.Run(c.wire, func(t *testing.T) {
			wire := unhex(t, c.wire)
			if n := int(binary.BigEndian.Uint16(wire[2:])); n != len(wire)-4 {
				t.Fatalf("test vector: lengthField %d of %d octets", n, len(wire)-4)
			}
			for typ, value := range AllTLVs(wire) {
				got, err := ParseTLV(typ, value)
				if err != nil {
					t.Errorf("parse: %v", err)
				}
				if diff := cmp.Diff(c.tlv, got); diff != "" {
					t.Errorf("parsed (-want +got):\n%s", diff)
				}
			}
			if diff := cmp.Diff(wire, AppendTLV(nil, c.tlv)); diff != "" {
				t.Errorf("appended (-want +got):\n%s", diff)
			}
			if got := c.tlv.Type(); uint16(got) != binary.BigEndian.Uint16(wire) {
				t.Errorf("type %v", got)
			}
		})
	}
}

// Every type that newTLV makes has a vector, so that none goes untested.
func TestTLVVectorsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range tlvVectors {
		seen[fmt.Sprintf("%T", c.tlv)] = true
	}
	for _, c := range managementVectors {
		seen[fmt.Sprintf("%T", c.tlv)] = true
	}
	for typ := range tlvTypeNames {
		if name := fmt.Sprintf("%T", newTLV(typ, nil)); !seen[name] {
			t.Errorf("%v: no vector has a %s", typ, name)
		}
	}
}

func TestTLVPrefix(t *testing.T) {
	for _, c := range tlvVectors {
		value := unhex(t, c.wire)[4:]
		for n := range len(value) - 1 { // the last octet may be padding
			got, err := ParseTLV(c.tlv.Type(), value[:n])
			if err == nil && cmp.Equal(got, c.tlv) {
				t.Errorf("%s cut to %d octets: parsed as the whole", c.wire, n)
			}
			if _, raw := got.(*RawTLV); err != nil && !raw {
				t.Errorf("%s cut to %d octets: error %v with a %T", c.wire, n, err, got)
			}
			if err != nil && err != BadTLV {
				t.Errorf("%s cut to %d octets: error %v, want %v", c.wire, n, err, BadTLV)
			}
			if want := AppendRawTLV(nil, c.tlv.Type(), value[:n]); !cmp.Equal(AppendTLV(nil, got), want) {
				t.Errorf("%s cut to %d octets: came back as %x, want %x", c.wire, n, AppendTLV(nil, got), want)
			}
		}
	}
}

func TestFields(t *testing.T) {
	for _, c := range []struct {
		tlv  TLV
		want []string
	}{
		{&PathTrace{PathSequence: []ClockIdentity{gmPort.ClockIdentity}}, []string{"pathSequence=[001d7f.fffe.80024a]"}},
		{&RequestUnicastTransmission{MessageType: AnnounceMessage, LogInterMessagePeriod: -3, DurationField: 300, Surplus: Surplus{Octets{1}}},
			[]string{"messageType=announce", "logInterMessagePeriod=-3", "durationField=300", "surplus=01"}},
		{&SlaveTxEventTimestamps{SourcePortIdentity: gmPort, EventMessageType: Sync, Reserved: 1, Records: []TxEventTimestamp{{SequenceID: 7}, {SequenceID: 8}}},
			[]string{"sourcePortIdentity=001d7f.fffe.80024a-1", "eventMessageType=sync", "reserved=1",
				"record[0].sequenceId=7", "record[0].eventEgressTimestamp=0.000000000",
				"record[1].sequenceId=8", "record[1].eventEgressTimestamp=0.000000000"}},
		{&FollowUpInformation{GmTimeBaseIndicator: 7, LastGmPhaseChange: ScaledNs{-1, 0xffff8000}}, []string{"organizationId=0080c2", "organizationSubType=1",
			"cumulativeScaledRateOffset=0", "gmTimeBaseIndicator=7", "lastGmPhaseChange=-0.5ns", "scaledLastGmFreqChange=0"}},
		{&ManagementTLV{ManagementID: 0x2009, Data: &Datum[LogInterval]{Value: -3}},
			[]string{"managementId=LOG_ANNOUNCE_INTERVAL", "logAnnounceInterval=-3"}},
		{&ManagementTLV{ManagementID: 0x2010, Data: &Datum[ClockAccuracy]{Value: 0x1f}},
			[]string{"managementId=CLOCK_ACCURACY", "clockAccuracy=10 ns"}},
		{&ManagementTLV{ManagementID: 0xC001, Data: &GrandmasterSettingsNP{ClockQuality: quality, CurrentUTCOffset: 37, TimeSource: 0x33}},
			[]string{"managementId=GRANDMASTER_SETTINGS_NP", "clockQuality.clockClass=6", "clockQuality.clockAccuracy=100 ns",
				"clockQuality.offsetScaledLogVariance=20061", "currentUtcOffset=37", "flags=0", "timeSource=TimeSource(0x33)"}},
		{&RawTLV{TLVType: 0x3abc, Value: Octets{0xab}}, []string{"value=ab"}},
	} {
		var got []string
		for name, value := range Fields(c.tlv) {
			got = append(got, fmt.Sprintf("%s=%v", name, value))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%T (-want +got):\n%s", c.tlv, diff)
		}
	}
}

func TestFieldsStops(t *testing.T) {
	tlv := &SlaveTxEventTimestamps{Records: make([]TxEventTimestamp, 9)}
	for stop := 1; stop < 6; stop++ {
		n := 0
		for range Fields(tlv) {
			if n++; n == stop {
				break
			}
		}
		if n != stop {
			t.Errorf("%d fields after a break at %d", n, stop)
		}
	}
}

// No field of any TLV is shown without a name.
func TestFieldNames(t *testing.T) {
	for _, c := range slices.Concat(tlvVectors, managementVectors) {
		for name := range Fields(c.tlv) {
			if name == "" || strings.HasSuffix(name, ".") {
				t.Errorf("%s: a field without a name", c.wire)
			}
		}
	}
}

// A value that claims a long table allocates no more than it could hold.
func TestTableAllocation(t *testing.T) {
	for _, count := range []string{"ffff", "001a"} {
		value := unhex(t, "c008"+count+"001d7ffffe80024a0001 06214e5d 01 02 80 81 0001 0004 c0000201")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 100 {
			if _, err := ParseTLV(TLVManagement, value); err != BadTLV {
				t.Fatalf("error %v, want %v", err, BadTLV)
			}
		}
		runtime.ReadMemStats(&after)
		if allocated := (after.TotalAlloc - before.TotalAlloc) / 100; allocated > 1024 {
			t.Errorf("count %s: %d octets allocated for %d", count, allocated, len(value))
		}
	}
}

func TestRenewalInvited(t *testing.T) {
	for flags, want := range map[uint8]bool{0: false, 1: true, 0xfe: false, 0xff: true} {
		if got := (&GrantUnicastTransmission{Flags: flags}).RenewalInvited(); got != want {
			t.Errorf("%#x: %v", flags, got)
		}
	}
}

func TestPathSequence(t *testing.T) {
	want := []ClockIdentity{1, 2}
	got := slices.Collect(PathSequence(unhex(t, "0000000000000001 0000000000000002 000000")))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for id := range PathSequence(unhex(t, "0000000000000001 0000000000000002")) {
		if id != 1 {
			t.Errorf("%v after a break", id)
		}
		break
	}
}

// A TLV too long for its lengthField is cut, and still a TLV.
func TestAppendTLVCut(t *testing.T) {
	for _, n := range []int{0xFFFE, 0xFFFF, 0x10001} {
		b := AppendTLV([]byte{0xAA}, &Pad{Octets: make(Octets, n)})
		if len(b) != 1+4+0xFFFE || b[0] != 0xAA || tlvSize(b[1:]) != len(b)-1 {
			t.Errorf("%d octets: %d, head %x", n, len(b), b[:5])
		}
	}
}
