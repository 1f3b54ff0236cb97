package conformance

import (
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// A field is what decode prints of a field of tshark's.
type field struct {
	// path leads to it in the message, or in the TLV that tshark reads it
	// from: "a.b" is b of the object a, "a[]" the element of a list whose turn
	// it is, and of "a|b" the first that is there.
	path string
	same comparison
	// fault is a section of testdata/tshark-known.md, and wrong what tshark
	// shows by it.
	fault string
	wrong misreading
}

// A misreading says whether tshark shows what its fault makes of the value, or
// of the TLV that the value is in.
type misreading func(tlv map[string]any, ours any, show string) bool

func plain(path string, same comparison) field { return field{path: path, same: same} }

func faulty(path string, same comparison, fault string, wrong misreading) field {
	return field{path, same, fault, wrong}
}

// Faults of tshark's, as testdata/tshark-known.md calls them.
const (
	unsignedIntervals  = "Negative intervals"
	signedNanosecond   = "nanosecondsField from 2^31"
	unsignedRates      = "Negative rate offsets"
	signedSteps        = "stepsRemoved from 2^15"
	repeatedPath       = "PATH_TRACE_LIST"
	swappedAlternates  = "ALTERNATE_MASTER"
	anyIntervalRequest = "Organization extensions in gPTP Signaling"
	signedJump         = "timeOfNextJump from 2^47"
	oneBitJump         = "leapSecondJump"
)

var fields = map[string]field{
	// The header (IEEE 1588-2019 13.3).
	"ptp.v2.majorsdoid":                     plain("sdo_id", func(ours any, show string) bool { return sdo(ours, 0, 1, show) }),
	"ptp.v2.minorsdoid":                     plain("sdo_id", func(ours any, show string) bool { return sdo(ours, 1, 3, show) }),
	"ptp.v2.messagetype":                    plain("message_type", enum[ptp.MessageType]),
	"ptp.v2.minorversionptp":                plain("minor_version_ptp", same),
	"ptp.v2.versionptp":                     plain("version_ptp", same),
	"ptp.v2.messagelength":                  plain("message_length", same),
	"ptp.v2.domainnumber":                   plain("domain_number", same),
	"ptp.v2.flags.security":                 plain("flags", securityFlag),
	"ptp.v2.flags.specific2":                plain("flags", flag("ptp_profile_specific_2")),
	"ptp.v2.flags.specific1":                plain("flags", flag("ptp_profile_specific_1")),
	"ptp.v2.flags.unicast":                  plain("flags", flag("unicast")),
	"ptp.v2.flags.twostep":                  plain("flags", flag("two_step")),
	"ptp.v2.flags.alternatemaster":          plain("flags", flag("alternate_master")),
	"ptp.v2.flags.synchronizationUncertain": plain("flags", flag("synchronization_uncertain")),
	"ptp.v2.flags.frequencytraceable":       plain("flags", flag("frequency_traceable")),
	"ptp.v2.flags.timetraceable":            plain("flags", flag("time_traceable")),
	"ptp.v2.flags.timescale":                plain("flags", flag("ptp_timescale")),
	"ptp.v2.flags.utcreasonable":            plain("flags", flag("current_utc_offset_valid")),
	"ptp.v2.flags.li59":                     plain("flags", flag("leap59")),
	"ptp.v2.flags.li61":                     plain("flags", flag("leap61")),
	"ptp.v2.correction.ns":                  faulty("correction_field", whole, unsignedIntervals, unsignedWhole),
	"ptp.v2.correction.subns":               plain("correction_field", parts),
	"ptp.v2.messagetypespecific":            plain("message_type_specific", same),
	"ptp.v2.clockidentity":                  plain("source_port_identity", clock),
	"ptp.v2.sourceportid":                   plain("source_port_identity", port),
	"ptp.v2.sequenceid":                     plain("sequence_id", same),
	"ptp.v2.controlfield":                   plain("control_field", same),
	"ptp.v2.logmessageperiod":               plain("log_message_interval", same),

	// gPTP reserves the timestamp of a two-step Sync (IEEE 802.1AS-2020 11.4.3).
	"ptp.v2.sync.reserved": plain("origin_timestamp", timestampOctets),

	// The bodies (13.5 to 13.12, 15.4.1).
	"ptp.v2.sdr.origintimestamp.seconds":              plain("origin_timestamp", seconds),
	"ptp.v2.sdr.origintimestamp.nanoseconds":          faulty("origin_timestamp", nanoseconds, signedNanosecond, signedNanoseconds),
	"ptp.v2.fu.preciseorigintimestamp.seconds":        plain("precise_origin_timestamp", seconds),
	"ptp.v2.fu.preciseorigintimestamp.nanoseconds":    plain("precise_origin_timestamp", nanoseconds),
	"ptp.v2.dr.receivetimestamp.seconds":              plain("receive_timestamp", seconds),
	"ptp.v2.dr.receivetimestamp.nanoseconds":          faulty("receive_timestamp", nanoseconds, signedNanosecond, signedNanoseconds),
	"ptp.v2.dr.requestingsourceportidentity":          plain("requesting_port_identity", clock),
	"ptp.v2.dr.requestingsourceportid":                plain("requesting_port_identity", port),
	"ptp.v2.pdrq.origintimestamp.seconds":             plain("origin_timestamp", seconds),
	"ptp.v2.pdrq.origintimestamp.nanoseconds":         faulty("origin_timestamp", nanoseconds, signedNanosecond, signedNanoseconds),
	"ptp.v2.pdrs.requestreceipttimestamp.seconds":     plain("request_receipt_timestamp", seconds),
	"ptp.v2.pdrs.requestreceipttimestamp.nanoseconds": faulty("request_receipt_timestamp", nanoseconds, signedNanosecond, signedNanoseconds),
	"ptp.v2.pdrs.requestingportidentity":              plain("requesting_port_identity", clock),
	"ptp.v2.pdrs.requestingsourceportid":              plain("requesting_port_identity", port),
	"ptp.v2.pdfu.responseorigintimestamp.seconds":     plain("response_origin_timestamp", seconds),
	"ptp.v2.pdfu.responseorigintimestamp.nanoseconds": faulty("response_origin_timestamp", nanoseconds, signedNanosecond, signedNanoseconds),
	"ptp.v2.pdfu.requestingportidentity":              plain("requesting_port_identity", clock),
	"ptp.v2.pdfu.requestingsourceportid":              plain("requesting_port_identity", port),
	"ptp.v2.an.origintimestamp.seconds":               plain("origin_timestamp", seconds),
	"ptp.v2.an.origintimestamp.nanoseconds":           faulty("origin_timestamp", nanoseconds, signedNanosecond, signedNanoseconds),
	"ptp.v2.an.origincurrentutcoffset":                plain("current_utc_offset", same),
	"ptp.v2.an.priority1":                             plain("grandmaster_priority1", same),
	"ptp.v2.an.grandmasterclockclass":                 plain("grandmaster_clock_quality.clock_class", same),
	"ptp.v2.an.grandmasterclockaccuracy":              plain("grandmaster_clock_quality.clock_accuracy", accuracy),
	"ptp.v2.an.grandmasterclockvariance":              plain("grandmaster_clock_quality.offset_scaled_log_variance", same),
	"ptp.v2.an.priority2":                             plain("grandmaster_priority2", same),
	"ptp.v2.an.grandmasterclockidentity":              plain("grandmaster_identity", clock),
	"ptp.v2.an.localstepsremoved":                     plain("steps_removed", same),
	"ptp.v2.timesource":                               plain("time_source", enum[ptp.TimeSource]),
	"ptp.v2.sig.targetportidentity":                   plain("target_port_identity", clock),
	"ptp.v2.sig.targetportid":                         plain("target_port_identity", port),
	"ptp.v2.mm.targetportidentity":                    plain("target_port_identity", clock),
	"ptp.v2.mm.targetportid":                          plain("target_port_identity", port),
	"ptp.v2.mm.startingboundaryhops":                  plain("starting_boundary_hops", same),
	"ptp.v2.mm.boundaryhops":                          plain("boundary_hops", same),
	"ptp.v2.mm.action":                                plain("action_field", enum[ptp.ManagementAction]),
}

// sdo compares digits of an sdoId, "0x100", with a number.
func sdo(ours any, from, to int, show string) bool {
	s, _ := ours.(string)
	digits, ok := integer("0x" + strings.TrimPrefix(s, "0x")[from:to])
	v, ok2 := integer(show)
	return ok && ok2 && digits.Cmp(v) == 0
}

// securityFlag compares the flag that IEEE 1588-2008 Annex K had and 2019 has
// not: decode names it by its number.
func securityFlag(ours any, show string) bool {
	names, _ := ours.([]any)
	set := false
	for _, n := range names {
		s, _ := n.(string)
		number, unnamed := strings.CutPrefix(s, "Flags(")
		v, ok := integer(strings.TrimSuffix(number, ")"))
		set = set || unnamed && ok && v.Bit(15) == 1
	}
	return set == (show == "1" || show == "True")
}
