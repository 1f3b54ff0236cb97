package ptp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	quality  = ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4e5d}
	parentDS = ParentDataSet{
		ParentPortIdentity: gmPort, Flags: 1, ObservedParentOffsetScaledLogVariance: 0x4e5d,
		ObservedParentClockPhaseChangeRate: -1, GrandmasterPriority1: 128, GrandmasterClockQuality: quality,
		GrandmasterPriority2: 129, GrandmasterIdentity: gmPort.ClockIdentity,
	}
)

// managementVectors is every dataField this package has a type for, from
// IEEE 1588-2019 15.5.3 and, for linuxptp's own, from its documentation.
var managementVectors = []struct {
	wire string
	tlv  TLV
}{
	{"0001 0002 2002", management(0x2002, nil)},
	{"0001 0002 200d", management(0x200d, nil)},
	{"0001 0006 2abc deadbeef", management(0x2abc, &RawData{Octets{0xde, 0xad, 0xbe, 0xef}})},
	{"0001 0004 2005 01 00", management(0x2005, &Datum[uint8]{Value: 1})},
	{"0001 0004 2006 ff 01", management(0x2006, &Datum[uint8]{Value: 255, Reserved: 1})},
	{"0001 0004 2007 18 00", management(0x2007, &Datum[uint8]{Value: 24})},
	{"0001 0004 2008 01 00", management(0x2008, &Datum[uint8]{Value: 1})},
	{"0001 0004 2009 fd 00", management(0x2009, &Datum[LogInterval]{Value: -3})},
	{"0001 0004 200a 03 00", management(0x200a, &Datum[uint8]{Value: 3})},
	{"0001 0004 200b fc 00", management(0x200b, &Datum[LogInterval]{Value: -4})},
	{"0001 0004 200c 12 00", management(0x200c, &Datum[uint8]{Value: 0x12})},
	{"0001 0004 2010 21 00", management(0x2010, &Datum[ClockAccuracy]{Value: 0x21})},
	{"0001 0004 2014 01 00", management(0x2014, &Datum[uint8]{Value: 1})},
	{"0001 0004 2016 01 00", management(0x2016, &Datum[uint8]{Value: 1})},
	{"0001 0004 201b 01 00", management(0x201b, &Datum[uint8]{Value: 1})},
	{"0001 0004 2020 05 00", management(0x2020, &Datum[uint8]{Value: 5})},
	{"0001 0004 3000 01 00", management(0x3000, &Datum[uint8]{Value: 1})},
	{"0001 0004 3001 01 00", management(0x3001, &Datum[uint8]{Value: 1})},
	{"0001 0004 3002 01 00", management(0x3002, &Datum[uint8]{Value: 1})},
	{"0001 0004 4002 2c 00", management(0x4002, &Datum[uint8]{Value: 44})},
	{"0001 0004 6000 fe 00", management(0x6000, &Datum[DelayMechanism]{Value: 0xfe})},
	{"0001 0004 6001 00 00", management(0x6001, &Datum[LogInterval]{})},
	{"0001 0004 c006 ff 00", management(0xc006, &Datum[uint8]{Value: 255})},
	{"0001 0004 0005 0001", management(0x0005, &Initialize{InitializationKey: 1})},
	{"0001 0016 2000 03 00 0002 80 06214e5d 81 001d7ffffe80024a 18 00", management(0x2000, &DefaultDataSet{
		Flags: 3, NumberPorts: 2, Priority1: 128, ClockQuality: quality, Priority2: 129,
		ClockIdentity: gmPort.ClockIdentity, DomainNumber: 24})},
	{"0001 0014 2001 0001 fffffffffffe8000 0000000000028000", management(0x2001, &CurrentDataSet{
		StepsRemoved: 1, OffsetFromMaster: -0x18000, MeanPathDelay: 0x28000})},
	{"0001 0022 2002 001d7ffffe80024a0001 01 00 4e5d ffffffff 80 06214e5d 81 001d7ffffe80024a", management(0x2002, &parentDS)},
	{"0001 0006 2003 0025 3c 20", management(0x2003, &TimePropertiesDataSet{
		CurrentUTCOffset: 37, Flags: FlagCurrentUTCOffsetValid | FlagPTPTimescale | FlagTimeTraceable | FlagFrequencyTraceable, TimeSource: 0x20})},
	{"0001 001c 2004 001d7ffffe80024a0001 06 fc 0000000000028000 fd 03 fc 01 00 12", management(0x2004, &PortDataSet{
		PortIdentity: gmPort, PortState: 6, LogMinDelayReqInterval: -4, PeerMeanPathDelay: 0x28000, LogAnnounceInterval: -3,
		AnnounceReceiptTimeout: 3, LogSyncInterval: -4, DelayMechanism: 1, VersionNumber: 0x12})},
	{"0001 000c 200f 00006553f100 075bcd15", management(0x200f, &ClockTime{someTime})},
	{"0001 0014 2017 00 02 0001 0004 c0000201 0001 0004 c0000202", management(0x2017, &GrandmasterClusterTable{
		Members: []PortAddress{{1, Octets{192, 0, 2, 1}}, {1, Octets{192, 0, 2, 2}}}})},
	{"0001 001a 2018 01 0001 0002 0010 20010db8000000000000000000000001 00", management(0x2018, &UnicastMasterTable{
		LogQueryInterval: 1, UnicastMasters: []PortAddress{{2, Octets{0x20, 1, 0xd, 0xb8, 15: 1}}}})},
	{"0001 0004 2019 0102", management(0x2019, &MaxTableSize{0x102})},
	{"0001 0004 201c 0008", management(0x201c, &MaxTableSize{8})},
	{"0001 0006 201d 01 fd 02 00", management(0x201d, &AlternateMaster{Flags: 1, LogAlternateMulticastSyncInterval: -3, NumberOfAlternateMasters: 2})},
	{"0001 0004 201e 07 01", management(0x201e, &AlternateTimeOffsetEnable{7, 1})},
	{"0001 0008 201f 07 03 454454 00", management(0x201f, &AlternateTimeOffsetName{7, "EDT"})},
	{"0001 0012 2021 07 ffffc7c0 00000e10 00006553f100 00", management(0x2021, &AlternateTimeOffsetProperties{
		KeyField: 7, CurrentOffset: -14400, JumpSeconds: 3600, TimeOfNextJump: 0x6553f100})},
	{"0001 000e 4000 001d7ffffe80024a 0002 01 18", management(0x4000, &TransparentClockDefaultDataSet{gmPort.ClockIdentity, 2, 1, 24})},
	{"0001 0016 4001 001d7ffffe80024a0001 01 fc 0000000000028000", management(0x4001, &TransparentClockPortDataSet{gmPort, 1, -4, 0x28000})},
	{"0001 0006 2011 0025 05 00", management(0x2011, &UTCProperties{CurrentUTCOffset: 37, Flags: FlagLeap61 | FlagCurrentUTCOffsetValid})},
	{"0001 0004 2012 30 00", management(0x2012, &TraceabilityProperties{Flags: FlagTimeTraceable | FlagFrequencyTraceable})},
	{"0001 0004 2013 08 20", management(0x2013, &TimescaleProperties{Flags: FlagPTPTimescale, TimeSource: TimeSourceGNSS})},
	{"0001 0012 2015 001d7ffffe80024a b8cef6fffe4412aa", management(0x2015, &PathTraceList{[]ClockIdentity{0x001d7ffffe80024a, 0xb8cef6fffe4412aa}})},
	{"0001 0010 201a 0001 001d7ffffe80024a0001 7f 00", management(0x201a, &AcceptableMasterTable{[]AcceptableMaster{{gmPort, 127}}})},
	{"0001 0038 0001 8000 0a 49454545203830322e33 0006 001d7f80024a 0001 0004 c0000201 001d7f 00 04 413b423b 05 312e303b31 02 6731 001b19000100 00", management(0x0001, &ClockDescription{
		ClockType: 0x8000, PhysicalLayerProtocol: "IEEE 802.3", PhysicalAddress: Octets{0, 0x1d, 0x7f, 0x80, 2, 0x4a},
		ProtocolAddress: PortAddress{1, Octets{192, 0, 2, 1}}, ManufacturerIdentity: OUI{0, 0x1d, 0x7f},
		ProductDescription: "A;B;", RevisionData: "1.0;1", UserDescription: "g1", ProfileIdentity: [6]byte{0, 0x1b, 0x19, 0, 1, 0}})},
	{"0001 0006 0002 02 6731 00", management(0x0002, &UserDescription{"g1"})},

	{"0001 0034 c000 ffffffffffffff9c 17979cfe362a0000 00000010 fffffff0 0007 ffffffffffffffff00008000 00000001 001d7ffffe80024a", management(0xc000, &TimeStatusNP{
		MasterOffset: -100, IngressTime: 1700000000000000000, CumulativeScaledRateOffset: 16, ScaledLastGmPhaseChange: -16,
		GmTimeBaseIndicator: 7, LastGmPhaseChange: ScaledNs{-1, 0x8000}, GmPresent: 1, GmIdentity: gmPort.ClockIdentity})},
	{"0001 000a c001 06214e5d 0025 3c 20", management(0xc001, &GrandmasterSettingsNP{
		ClockQuality: quality, CurrentUTCOffset: 37, Flags: 0x3c, TimeSource: 0x20})},
	{"0001 000a c002 00000320 00000001", management(0xc002, &PortDataSetNP{NeighborPropDelayThresh: 800, AsCapable: 1})},
	{"0001 0044 c003 00b4 01" + strings.Repeat("00", 63), management(0xc003, &SubscribeEventsNP{Duration: 180, Bitmask: [64]byte{1}})},
	{"0001 0014 c004 001d7ffffe80024a0001 06 01 04 65746830 00", management(0xc004, &PortPropertiesNP{
		PortIdentity: gmPort, PortState: 6, Timestamping: 1, Interface: "eth0"})},
	{"0001 010c c005 001d7ffffe80024a0001 0102000000000000" + strings.Repeat("00", 8*30) + "0000000000000080", management(0xc005, &PortStatsNP{
		PortIdentity: gmPort, Received: [16]uint64{0x201}, Transmitted: [16]uint64{15: 1 << 63}})},
	{"0001 005c c007 001d7ffffe80024a0001 0100000000000000" + strings.Repeat("00", 8*8) + "0200000000000000", management(0xc007, &PortServiceStatsNP{
		PortIdentity: gmPort, Counters: [10]uint64{0: 1, 9: 2}})},
	{"0001 001e c008 0001 001d7ffffe80024a0001 06214e5d 01 02 80 81 0001 0004 c0000201", management(0xc008, &UnicastMasterTableNP{[]UnicastMasterNP{{
		PortIdentity: gmPort, ClockQuality: quality, Selected: 1, State: 2, Priority1: 128, Priority2: 129, Address: PortAddress{1, Octets{192, 0, 2, 1}}}}})},
	{"0001 0012 c009 001d7ffffe80024a0001 ffffffff 01 00", management(0xc009, &PortHardwareClockNP{PortIdentity: gmPort, PHCIndex: -1, Flags: 1})},
	{"0001 000c c00d 001d7ffffe80024a 0001", management(0xc00d, &ExternalGrandmasterPropertiesNP{gmPort.ClockIdentity, 1})},
	{"0001 0012 c00a 0002 00fe 000000c8 00000032 000000fa", management(0xc00a, &PowerProfileSettingsNP{2, 254, 200, 50, 250})},
	{"0001 0012 c00b 0000000000028000 fffffff0 00000001", management(0xc00b, &CMLDSInfoNP{0x28000, -16, 1})},
	{"0001 001a c00c 0000000000028000 0000000000018000 fffffffffffe8000", management(0xc00c, &PortCorrectionsNP{0x28000, 0x18000, -0x18000})},
}

func management(id ManagementID, data ManagementData) *ManagementTLV {
	return &ManagementTLV{ManagementID: id, Data: data}
}

func TestManagement(t *testing.T) {
	for _, c := range managementVectors {
		t.Run(c.wire, func(t *testing.T) {
			wire := unhex(t, c.wire)
			if tlvSize(wire) != len(wire) {
				t.Fatalf("test vector: %d octets, its head says %d", len(wire), tlvSize(wire))
			}
			got, err := ParseTLV(TLVManagement, wire[4:])
			if err != nil {
				t.Errorf("parse: %v", err)
			}
			if diff := cmp.Diff(c.tlv, got); diff != "" {
				t.Errorf("parsed (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(wire, AppendTLV(nil, c.tlv)); diff != "" {
				t.Errorf("appended (-want +got):\n%s", diff)
			}
		})
	}
}

// Data too short for its id stays raw beside the id: what is being set matters
// more than to what.
func TestManagementPrefix(t *testing.T) {
	for _, c := range managementVectors {
		value := unhex(t, c.wire)[4:]
		for n := 3; n < len(value)-1; n++ {
			got, err := ParseTLV(TLVManagement, value[:n])
			if m, ok := got.(*ManagementTLV); !ok || m.ManagementID != c.tlv.(*ManagementTLV).ManagementID {
				t.Errorf("%s cut to %d octets: %+v", c.wire, n, got)
			} else if raw, ok := m.Data.(*RawData); err != nil && (err != BadTLV || !ok || !cmp.Equal(raw.Data, Octets(value[2:n]))) {
				t.Errorf("%s cut to %d octets: error %v with %+v", c.wire, n, err, m.Data)
			} else if err == nil && cmp.Equal(got, c.tlv) {
				t.Errorf("%s cut to %d octets: parsed as the whole", c.wire, n)
			}
		}
	}
}

func TestManagementTooShort(t *testing.T) {
	for wire, want := range map[string]TLV{
		"2005 01":           management(0x2005, &RawData{Octets{1}}),
		"2001 0001":         management(0x2001, &RawData{Octets{0, 1}}),
		"2000 030000028006": management(0x2000, &RawData{Octets{3, 0, 0, 2, 0x80, 6}}),
		"20":                &RawTLV{TLVType: TLVManagement, Value: Octets{0x20}},
		"":                  &RawTLV{TLVType: TLVManagement},
	} {
		got, err := ParseTLV(TLVManagement, unhex(t, wire))
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != BadTLV {
			t.Errorf("%q: error %v (-want +got):\n%s", wire, err, diff)
		}
	}
}

func TestManagementVectorsComplete(t *testing.T) {
	seen := map[ManagementID]bool{}
	for _, c := range managementVectors {
		seen[c.tlv.(*ManagementTLV).ManagementID] = true
	}
	for id, info := range managementIDs {
		if info.newData != nil && !seen[id] {
			t.Errorf("%v: no vector", id)
		}
	}
}
