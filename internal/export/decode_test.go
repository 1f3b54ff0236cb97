package export

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var (
	decodeTime = time.Date(2026, 11, 23, 6, 5, 41, 76897720, time.UTC)
	someStamp  = ptp.NewTimestamp(1_700_000_000_123_456_789)
)

func seen(m ptp.Message, tlvs ...ptp.TLV) *packet.Observation {
	m.VersionPTP = 2
	for _, t := range tlvs {
		m.TLVs = ptp.AppendTLV(m.TLVs, t)
	}
	m.MessageLength = uint16(len(ptp.AppendMessage(nil, &m)))
	return &packet.Observation{
		At: decodeTime, Frame: packet.Frame{File: "a.pcap", Number: 7}, Interface: "eth0", Transport: packet.IEEE8023,
		SourceMAC: packet.MAC{2, 0x50, 0x54, 0, 0, 1}, Message: m,
	}
}

const (
	seenHead   = `{"frame":7,"time":"2026-11-23T06:05:41.076897720Z","interface":"eth0","source_mac":"02:50:54:00:00:01","transport":"ieee802_3"`
	seenLine   = "7  2026-11-23T06:05:41.076897720Z  eth0"
	seenLink   = "    link   source_mac=02:50:54:00:00:01 transport=ieee802_3\n"
	emptyPort  = "000000.0000.000000-0"
	plainRest  = `"correction_field":0,"message_type_specific":0,"source_port_identity":"` + emptyPort + `","sequence_id":0,"control_field":0,"log_message_interval":0`
	plainWords = "correction_field=0ns message_type_specific=0 source_port_identity=" + emptyPort + " sequence_id=0 control_field=0 log_message_interval=0\n"
)

// header is the header of a message that has little to say.
func header(typ, length string) string {
	return `,"message_type":"` + typ + `","sdo_id":"0x000","version_ptp":2,"minor_version_ptp":0,"message_length":` + length +
		`,"domain_number":0,"flags":[],` + plainRest
}

func headerLine(length string) string {
	return "    header sdo_id=0x000 version_ptp=2 minor_version_ptp=0 message_length=" + length + " domain_number=0 flags=[] " + plainWords
}

func TestDecodeWriter(t *testing.T) {
	announce := seen(ptp.Message{
		Type: ptp.AnnounceMessage, SdoID: 0x100, MinorVersionPTP: 1, DomainNumber: 24,
		Flags:              ptp.FlagTwoStep | ptp.FlagPTPTimescale | 0x8000,
		SourcePortIdentity: port(clockA, 1), SequenceID: 3, LogMessageInterval: -3, Timestamp: someStamp,
		Announce: ptp.Announce{
			CurrentUTCOffset: 37, GrandmasterPriority1: 128, GrandmasterPriority2: 127, StepsRemoved: 1, TimeSource: 0x33,
			GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4e5d},
			GrandmasterIdentity:     clockB,
		},
	}, &ptp.PathTrace{PathSequence: []ptp.ClockIdentity{clockB, clockA}}, &ptp.RawTLV{TLVType: 0x3abc, Value: ptp.Octets{0xde, 0xad}})
	announce.Transport = packet.UDPv4
	announce.Source = netip.MustParseAddrPort("10.0.0.1:320")
	announce.Destination = netip.MustParseAddrPort("224.0.1.129:320")
	announce.VLANs = packet.VLANs{IDs: [2]uint16{200, 100}, Count: 3}
	announce.TTL, announce.DSCP, announce.Egress, announce.Fragment = 1, 46, true, true

	short := seen(ptp.Message{Type: ptp.Signaling, TLVs: []byte{0, 4, 0, 2, 0xb0, 0}, Fault: ptp.BadTLV})

	broken := seen(ptp.Message{})
	broken.Malformed, broken.Message = ptp.Truncated, ptp.Message{}

	v1 := seen(ptp.Message{})
	v1.Message, v1.V1 = ptp.Message{}, &ptp.MessageV1{
		VersionPTP: 1, VersionNetwork: 1, Subdomain: [16]byte{'_', 'D', 'F', 'L', 'T'}, MessageType: 2, SourceUUID: [6]byte{0, 0x1d, 0x7f, 0x80, 2, 0x4a},
		SequenceID: 9, Control: ptp.FollowUpControlV1, Timestamp: ptp.TimestampV1{Seconds: 5, Nanoseconds: -1}, Fault: ptp.BadNanoseconds,
	}

	for _, c := range []struct {
		name        string
		o           *packet.Observation
		jsonl, text string
	}{
		{"all that a link and an Announce have", announce,
			`{"frame":7,"time":"2026-11-23T06:05:41.076897720Z","interface":"eth0","egress":true,"source_mac":"02:50:54:00:00:01","vlan_tags":3,"vlans":[200,100],` +
				`"transport":"udp_ipv4","source":"10.0.0.1:320","destination":"224.0.1.129:320","ttl":1,"dscp":46,"fragment":true,` +
				`"message_type":"announce","sdo_id":"0x100","version_ptp":2,"minor_version_ptp":1,"message_length":90,"domain_number":24,` +
				`"flags":["two_step","ptp_timescale","Flags(0x8000)"],"correction_field":0,"message_type_specific":0,"source_port_identity":"ec4670.fffe.0a9aa4-1",` +
				`"sequence_id":3,"control_field":0,"log_message_interval":-3,"origin_timestamp":"1700000000.123456789","current_utc_offset":37,"grandmaster_priority1":128,` +
				`"grandmaster_clock_quality":{"clock_class":6,"clock_accuracy":"100 ns","offset_scaled_log_variance":20061},"grandmaster_priority2":127,` +
				`"grandmaster_identity":"001d7f.fffe.80024a","steps_removed":1,"time_source":"TimeSource(0x33)","tlvs":[` +
				`{"tlv_type":"PATH_TRACE","length_field":16,"path_sequence":["001d7f.fffe.80024a","ec4670.fffe.0a9aa4"]},{"tlv_type":"TLVType(0x3abc)","length_field":2,"value":"dead"}]}`,
			seenLine + "  announce  ec4670.fffe.0a9aa4-1\n" +
				"    link   egress=true source_mac=02:50:54:00:00:01 vlan_tags=3 vlans=[200,100] transport=udp_ipv4 source=10.0.0.1:320 destination=224.0.1.129:320 ttl=1 dscp=46 fragment=true\n" +
				"    header sdo_id=0x100 version_ptp=2 minor_version_ptp=1 message_length=90 domain_number=24 flags=[two_step,ptp_timescale,Flags(0x8000)] " +
				"correction_field=0ns message_type_specific=0 source_port_identity=ec4670.fffe.0a9aa4-1 sequence_id=3 control_field=0 log_message_interval=-3\n" +
				"    body   origin_timestamp=1700000000.123456789 current_utc_offset=37 grandmaster_priority1=128 " +
				"grandmaster_clock_quality={clock_class=6,clock_accuracy=\"100 ns\",offset_scaled_log_variance=20061} grandmaster_priority2=127 " +
				"grandmaster_identity=001d7f.fffe.80024a steps_removed=1 time_source=TimeSource(0x33)\n" +
				"    tlv    tlv_type=PATH_TRACE length_field=16 path_sequence=[001d7f.fffe.80024a,ec4670.fffe.0a9aa4]\n" +
				"    tlv    tlv_type=TLVType(0x3abc) length_field=2 value=dead\n"},
		{"records of a list", seen(ptp.Message{Type: ptp.Signaling}, &ptp.SlaveTxEventTimestamps{EventMessageType: ptp.DelayReq, Records: []ptp.TxEventTimestamp{{SequenceID: 1}, {SequenceID: 2, EventEgressTimestamp: someStamp}}}),
			seenHead + header("signaling", "84") + `,"target_port_identity":"` + emptyPort + `","tlvs":[{"tlv_type":"SLAVE_TX_EVENT_TIMESTAMPS","length_field":36,` +
				`"source_port_identity":"` + emptyPort + `","event_message_type":"delay_req","record":[{"sequence_id":1,"event_egress_timestamp":"0.000000000"},{"sequence_id":2,"event_egress_timestamp":"1700000000.123456789"}]}]}`,
			seenLine + "  signaling  " + emptyPort + "\n" + seenLink + headerLine("84") + "    body   target_port_identity=" + emptyPort + "\n" +
				"    tlv    tlv_type=SLAVE_TX_EVENT_TIMESTAMPS length_field=36 source_port_identity=" + emptyPort + " event_message_type=delay_req " +
				"record=[{sequence_id=1,event_egress_timestamp=0.000000000},{sequence_id=2,event_egress_timestamp=1700000000.123456789}]\n"},
		{"a stranger's text", seen(ptp.Message{Type: ptp.ManagementMessage, Management: ptp.Management{Action: ptp.ActionSet}}, &ptp.ManagementTLV{ManagementID: 2, Data: &ptp.UserDescription{UserDescription: "a\x1b[2J\"\xff"}}),
			seenHead + header("management", "62") + `,"target_port_identity":"` + emptyPort + `","starting_boundary_hops":0,"boundary_hops":0,"action_field":"SET",` +
				`"tlvs":[{"tlv_type":"MANAGEMENT","length_field":10,"management_id":"USER_DESCRIPTION","user_description":"a\\x1b[2J\"\\xff"}]}`,
			seenLine + "  management  " + emptyPort + "\n" + seenLink + headerLine("62") +
				"    body   target_port_identity=" + emptyPort + " starting_boundary_hops=0 boundary_hops=0 action_field=SET\n" +
				"    tlv    tlv_type=MANAGEMENT length_field=10 management_id=USER_DESCRIPTION user_description=\"a\\x1b[2J\\\"\\xff\"\n"},
		{"a TLV too short for its type", short,
			seenHead + header("signaling", "50") + `,"target_port_identity":"` + emptyPort + `","tlvs":[{"tlv_type":"REQUEST_UNICAST_TRANSMISSION","length_field":2,"value":"b000","fault":"tlv"}],"fault":"tlv"}`,
			seenLine + "  signaling  " + emptyPort + "\n" + seenLink + headerLine("50") + "    body   target_port_identity=" + emptyPort + "\n" +
				"    tlv    tlv_type=REQUEST_UNICAST_TRANSMISSION length_field=2 value=b000 fault=tlv\n    fault  fault=tlv\n"},
		{"no message", broken, seenHead + `,"malformed":"truncated"}`, seenLine + "\n" + seenLink + "    fault  malformed=truncated\n"},
		{"version 1", v1,
			seenHead + `,"message_type":"follow_up","version_ptp":1,"version_network":1,"subdomain":"_DFLT","message_class":2,"source_communication_technology":0,` +
				`"source_uuid":"001d7f80024a","source_port_id":0,"sequence_id":9,"control":"follow_up","flags":0,"associated_sequence_id":0,"seconds":5,"nanoseconds":-1,"fault":"nanoseconds"}`,
			seenLine + "  follow_up  001d7f80024a\n" + seenLink +
				"    body   version_ptp=1 version_network=1 subdomain=\"_DFLT\" message_class=2 source_communication_technology=0 " +
				"source_uuid=001d7f80024a source_port_id=0 sequence_id=9 control=follow_up flags=0 associated_sequence_id=0 seconds=5 nanoseconds=-1\n    fault  fault=nanoseconds\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.jsonl+"\n", decodedAs(t, JSONL, c.o)); diff != "" {
				t.Errorf("jsonl (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.text, decodedAs(t, Text, c.o)); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

func decodedAs(t *testing.T, format Format, o *packet.Observation) string {
	t.Helper()
	var out strings.Builder
	w, err := NewDecodeWriter(&out, format)
	if err == nil {
		err = w.Write(o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The bodies have the names that the standard gives their fields.
func TestDecodeBodies(t *testing.T) {
	for typ, want := range map[ptp.MessageType]string{
		ptp.Sync:               "origin_timestamp=1700000000.123456789",
		ptp.DelayReq:           "origin_timestamp=1700000000.123456789",
		ptp.PdelayReq:          "origin_timestamp=1700000000.123456789",
		ptp.FollowUp:           "precise_origin_timestamp=1700000000.123456789",
		ptp.DelayResp:          "receive_timestamp=1700000000.123456789 requesting_port_identity=001d7f.fffe.80024a-2",
		ptp.PdelayResp:         "request_receipt_timestamp=1700000000.123456789 requesting_port_identity=001d7f.fffe.80024a-2",
		ptp.PdelayRespFollowUp: "response_origin_timestamp=1700000000.123456789 requesting_port_identity=001d7f.fffe.80024a-2",
	} {
		got := decodedAs(t, Text, seen(ptp.Message{Type: typ, Timestamp: someStamp, PortIdentity: port(clockB, 2)}))
		if !strings.Contains(got, "    body   "+want+"\n") {
			t.Errorf("%v: want %s, got:\n%s", typ, want, got)
		}
	}
}

func TestDecodeValues(t *testing.T) {
	for _, c := range []struct {
		value      any
		json, text string
	}{
		{ptp.Correction(-0x18000), "-1.5", "-1.5ns"},
		{ptp.MaxTimeInterval, "null", "too_big"},
		{ptp.ScaledNs{Most: -1, Least: 0xffff8000}, "-0.5", "-0.5ns"},
		{ptp.Timestamp{Nanoseconds: 1_000_000_000}, `"0.1000000000"`, "0.1000000000"},
		{math.NaN(), `"NaN"`, "NaN"},
		{math.Inf(-1), `"-Inf"`, "-Inf"},
		{0.25, "0.25", "0.25"},
		{uint64(math.MaxUint64), "18446744073709551615", "18446744073709551615"},
		{ptp.Flags(0), "[]", "[]"},
		{ptp.Text("é\u202e"), `"é\u202e"`, `"é\u202e"`},
		{ptp.Text(""), `""`, `""`},
		{ptp.ClockAccuracyName(0x80), `"ClockAccuracy(0x80)"`, "ClockAccuracy(0x80)"},
		{ptp.Octets{}, `""`, ""},
	} {
		v := wireValue(c.value)
		if got := string(appendJSON(nil, v)); got != c.json {
			t.Errorf("%v: JSON %s, want %s", c.value, got, c.json)
		}
		if got := string(appendText(nil, v)); got != c.text {
			t.Errorf("%v: text %s, want %s", c.value, got, c.text)
		}
	}
}

func TestSnakeCase(t *testing.T) {
	for name, want := range map[string]string{
		"grandmasterClockQuality": "grandmaster_clock_quality", "currentUTCOffset": "current_utc_offset", "keyID": "key_id", "SPP": "spp",
		"logMinPdelayReqInterval": "log_min_pdelay_req_interval", "priority1": "priority1", "master_offset": "master_offset", "parentDS": "parent_ds",
		"sourceUuid": "source_uuid", "record[0]": "record[0]",
	} {
		if got := snakeCase(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestDecodeWriterErrors(t *testing.T) {
	if _, err := NewDecodeWriter(io.Discard, JSON); err == nil || !strings.Contains(err.Error(), `"json"`) {
		t.Errorf("json: error %v", err)
	}
	full := errors.New("disk full")
	w, err := NewDecodeWriter(failing{full}, Text)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(seen(ptp.Message{})); !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
}

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }

// FuzzDecodeWriter: whatever a message holds, it is one line of JSON whose
// objects have no name twice, and lines of text that a terminal can show.
func FuzzDecodeWriter(f *testing.F) {
	for _, tlv := range []ptp.TLV{
		&ptp.NetSyncMonitorResponse{}, &ptp.EnhancedAccuracyMetrics{VarGmInaccuracy: math.NaN()},
		&ptp.AlternateTimeOffsetIndicator{DisplayName: "\x1b]0;x\a"}, &ptp.GrantUnicastTransmission{Reserved: 1, Reserved2: 2},
		&ptp.ManagementErrorStatus{Reserved: [4]uint8{1, 2, 3, 4}}, &ptp.SlaveRxSyncTimingData{Records: make([]ptp.RxSyncTiming, 3)},
	} {
		f.Add("eth0", ptp.AppendMessage(nil, &ptp.Message{Type: ptp.Signaling, VersionPTP: 2, TLVs: ptp.AppendTLV(nil, tlv)}))
	}
	f.Add("\n\xff", ptp.AppendMessageV1(nil, &ptp.MessageV1{VersionPTP: 1}))
	f.Fuzz(func(t *testing.T, iface string, b []byte) {
		o := packet.Observation{Interface: iface, At: decodeTime}
		var v1 ptp.MessageV1
		if ptp.DecodeV1(b, &v1) == nil {
			o.V1 = &v1
		} else if err := ptp.Decode(b, &o.Message); err != nil {
			o.Malformed = err.(ptp.Malformation)
		}
		line := decodedAs(t, JSONL, &o)
		if strings.Count(line, "\n") != 1 || !json.Valid([]byte(line)) {
			t.Fatalf("not a line of JSON: %q", line)
		}
		checkNames(t, json.NewDecoder(strings.NewReader(line)))
		for _, text := range []string{line, decodedAs(t, Text, &o)} {
			for _, r := range strings.ReplaceAll(text, "\n", "") {
				if !strconv.IsPrint(r) || !utf8.ValidString(text) {
					t.Fatalf("%q in %q", r, text)
				}
			}
		}
	})
}

// checkNames reads a value and fails where an object has a name twice.
func checkNames(t *testing.T, d *json.Decoder) {
	token, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for delim, _ := token.(json.Delim); (delim == '{' || delim == '[') && d.More(); {
		if delim == '{' {
			name, _ := d.Token()
			if names[name.(string)] {
				t.Fatalf("%s twice", name)
			}
			names[name.(string)] = true
		}
		checkNames(t, d)
	}
	if delim, ok := token.(json.Delim); ok && (delim == '{' || delim == '[') {
		_, _ = d.Token() // the closing one
	}
}

func BenchmarkDecodeWriter(b *testing.B) {
	o := seen(ptp.Message{Type: ptp.AnnounceMessage}, &ptp.PathTrace{PathSequence: []ptp.ClockIdentity{clockA, clockB}})
	for _, format := range []Format{Text, JSONL} {
		b.Run(string(format), func(b *testing.B) {
			w, err := NewDecodeWriter(io.Discard, format)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := w.Write(o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
