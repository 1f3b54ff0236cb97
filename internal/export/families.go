package export

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// family is one metric family. The table below is the only place that names
// one: the collector's descriptors and docs/reference/metrics.md come from it.
type family struct {
	name    string // without the prefix "ptpwatch_"
	kind    prometheus.ValueType
	labels  []string
	meaning string // what it is
	healthy string // what it looks like on a good day
}

// prefix starts every name of ours.
const prefix = "ptpwatch_"

const (
	gauge   = prometheus.GaugeValue
	counter = prometheus.CounterValue
	// histogram is a kind that client_golang has no ValueType for.
	histogram = prometheus.ValueType(-1)
)

// familyID is a family's place in the table, which is the reference's order.
type familyID int

// The families.
const (
	buildInfo familyID = iota
	configLastReloadSuccessful
	configLastReloadSuccessTimestamp
	captureFrames
	captureBytes
	captureDrops
	captureTimestamps
	captureEgressEvents
	captureEgressStamped
	captureInterfaceUp
	captureHardwareTimestamping
	decodeErrors
	messagesTotal
	exchangesTotal
	clocksTracked
	portsTracked
	tableEntries
	tableLimit
	tableEvictions
	baselineState
	grandmasterInfo
	grandmasterBest
	grandmasterAcceptable
	grandmasterClockClass
	grandmasterClockAccuracy
	grandmasterOffsetScaledLogVariance
	grandmasterPriority1
	grandmasterPriority2
	grandmasterCurrentUTCOffset
	grandmasterCurrentUTCOffsetValid
	grandmasterLeap59
	grandmasterLeap61
	grandmasterPTPTimescale
	grandmasterTimeTraceable
	grandmasterFrequencyTraceable
	grandmasterSynchronizationUncertain
	stepsRemoved
	grandmasterLastAnnounce
	grandmasterChanges
	complianceLimit
	complianceError
	complianceShown
	messageInterval
	forwardDelay
	reverseDelay
	meanPathDelay
	meanLinkDelay
	offsetSeconds
	offsetErrorBound
	meanPathDelayDistribution
	pathDetectionState
	pathBaseline
	pathDetectableStep
	pathDetectableRamp
	meanPathDelayFloor
	selectedOffset
	floorPacketRatio
	timeError
	mtie
	tdev
	pairOffset
	grandmasterJury
	grandmasterVouched
	grandmasterJuryOffset
	grandmasterADEV
	grandmasterTDEV
	tapTransit
	clientClaimedOffset
	clientClaimedMeanPathDelay
	clientSocketAnswers
	timingInfo
	timestampResolution
	timestampSteps
	timestampAdjustments
	timestampOffset
	timestampReadings
	alertActive
	alertsTotal
	alertSuppressed
	journalRecords
	journalLost
	journalErrors
	journalBytes
	stateSaves
	stateSaveErrors
	evidenceWritten
	evidenceLost
	evidenceErrors
	evidenceBytes
	evidenceBuffered
	familyCount
)

var (
	scopeLabels  = []string{"network", "domain", "sdo_id"}
	gmLabels     = append(scopeLabels[:3:3], "grandmaster")
	timingLabels = append([]string{"interface"}, append(gmLabels[:4:4], "port")...)
)

// families is the table.
var families = [familyCount]family{
	buildInfo: {"build_info", gauge, []string{"branch", "goarch", "goos", "goversion", "revision", "tags", "version"},
		"What is running; always 1.", "The same version on every agent."},
	configLastReloadSuccessful: {"config_last_reload_successful", gauge, nil,
		"Whether the last attempt to read the configuration succeeded.", "1; at 0 an older configuration is still in force."},
	configLastReloadSuccessTimestamp: {"config_last_reload_success_timestamp_seconds", gauge, nil,
		"When the configuration was last read with success, in Unix time.", "The time of your last change, or of the start."},

	captureFrames: {"capture_frames_total", counter, []string{"interface"},
		"Frames read, of whatever protocol.", "Rises without a pause; a flat line is a dead mirror, not a quiet network."},
	captureBytes: {"capture_bytes_total", counter, []string{"interface"},
		"Captured octets of the frames read.", "Rises together with ptpwatch_capture_frames_total."},
	captureDrops: {"capture_drops_total", counter, []string{"interface"},
		"Frames lost in the kernel or the ring before they could be read.", "Flat; while it rises, no silence and no missing message can be trusted."},
	captureTimestamps: {"capture_timestamps_total", counter, []string{"interface", "source"},
		"PTP frames by the clock that stamped them: hardware, software, capture (a file that does not tell) or unknown.",
		"Only source=\"hardware\" rises where delays and offsets matter."},
	captureEgressEvents: {"capture_egress_events_total", counter, []string{"interface"},
		"Event messages (Sync, Delay_Req, Pdelay_Req, Pdelay_Resp) that the capturing host itself sent.", "0 on a tap or a mirror; elsewhere it rises with the host's own PTP."},
	captureEgressStamped: {"capture_egress_stamped_total", counter, []string{"interface"},
		"Those of ptpwatch_capture_egress_events_total that carried the network adapter's transmit stamp.",
		"90 % or more of ptpwatch_capture_egress_events_total beside a PTP clock with hardware time stamping, which must ask for the frame with its stamp, as linuxptp does; else 0."},
	captureInterfaceUp: {"capture_interface_up", gauge, []string{"interface"},
		"Whether the interface is up and captured.", "1; at 0 nothing that happens there is seen."},
	captureHardwareTimestamping: {"capture_hardware_timestamping", gauge, []string{"interface"},
		"Whether the network adapter stamps the frames of this interface.", "1 where delays and offsets matter; rules on messages alone need no more than 0."},

	decodeErrors: {"decode_errors_total", counter, []string{"interface", "reason"},
		"Frames that should have held a PTP message but could not be decoded, by what was wrong with them.", "Flat; a burst is a broken sender, a cut capture or somebody who tries."},
	messagesTotal: {"messages_total", counter, []string{"interface", "network", "domain", "sdo_id", "message_type", "transport"},
		"PTP messages handled. Domains beyond the cap are summed under \"other\".",
		"Each type that the profile uses rises at its steady rate; management and signaling stay flat where nobody uses them."},
	exchangesTotal: {"exchanges_total", counter, []string{"interface", "network", "domain", "sdo_id", "kind", "result"},
		"Exchanges by kind (sync, delay, pdelay) and result: complete, missing_follow_up, missing_response, duplicate or unmatched (an answer to nothing that was seen). Domains beyond the cap are summed under \"other\".",
		"Only result=\"complete\" rises; single ones of the others are loss, a steady rate of them is a fault, a one-sided tap or an attack."},

	clocksTracked: {"clocks", gauge, append(scopeLabels[:3:3], "role"),
		"Clocks tracked now, by role.", "The number of clocks you know of; sudden growth means that identities are being invented."},
	portsTracked: {"ports", gauge, append(scopeLabels[:3:3], "role"),
		"Ports tracked now, by role.", "The number of ports you know of; sudden growth means that identities are being invented."},
	tableEntries: {"table_entries", gauge, []string{"table"},
		"Entries in a bounded table.", "Well below ptpwatch_table_limit."},
	tableLimit: {"table_limit", gauge, []string{"table"},
		"Most entries that a bounded table takes.", "About twice the most entries you expect."},
	tableEvictions: {"table_evictions_total", counter, []string{"table"},
		"Entries pushed out of a bounded table, and newcomers refused, for want of room.", "Flat; a rise means that the limit is too low or that somebody floods the network."},

	baselineState: {"baseline_state", gauge, append(scopeLabels[:3:3], "state"),
		"How far the domain's baseline has come: of the states learning, pinned, listed and off one is 1.",
		"state=\"pinned\" or \"listed\"; learning that does not end waits for an operator to accept what is heard."},
	grandmasterInfo: {"grandmaster_info", gauge, append(gmLabels[:4:4], "name", "profile", "time_source"),
		"A grandmaster that is heard, with what names it; always 1.", "One series for each grandmaster you run, time_source being what you connected to it."},
	grandmasterBest: {"grandmaster_best", gauge, gmLabels,
		"Whether the shadow best master clock algorithm chooses this grandmaster (IEEE 1588-2019 9.3.2).", "1 for exactly one grandmaster of a domain, the one you expect, and 0 for its standbys."},
	grandmasterAcceptable: {"grandmaster_acceptable", gauge, gmLabels,
		"Whether the list of grandmasters accepts this one; absent where there is no list.", "1; a 0 is a clock nobody listed."},
	grandmasterClockClass: {"grandmaster_clock_class", gauge, gmLabels,
		"The announced grandmasterClockQuality.clockClass (IEEE 1588-2019 table 4).", "6 while locked to its reference (13 for an application timescale, 248 where no clock is traceable); 7, 14 or 135 is holdover, most others are worse."},
	grandmasterClockAccuracy: {"grandmaster_clock_accuracy", gauge, gmLabels,
		"The announced grandmasterClockQuality.clockAccuracy, the enumeration and not a time (IEEE 1588-2019 table 5).", "Steady, usually 32 (25 ns) to 35 (1 us); 254 is unknown. Lower is better."},
	grandmasterOffsetScaledLogVariance: {"grandmaster_offset_scaled_log_variance", gauge, gmLabels,
		"The announced grandmasterClockQuality.offsetScaledLogVariance (IEEE 1588-2019 7.6.3).", "Steady, 20061 (0x4E5D) for a telecom primary clock; 65535 says that none was computed. Lower is better."},
	grandmasterPriority1: {"grandmaster_priority1", gauge, gmLabels,
		"The announced grandmasterPriority1, compared first by the default profile.", "What you configured, and nobody below your best."},
	grandmasterPriority2: {"grandmaster_priority2", gauge, gmLabels,
		"The announced grandmasterPriority2, which ranks clocks of equal quality.", "What you configured."},
	grandmasterCurrentUTCOffset: {"grandmaster_current_utc_offset_seconds", gauge, gmLabels,
		"The announced currentUtcOffset, TAI minus UTC.", "37 since 2017, for all grandmasters alike, while ptpwatch_grandmaster_current_utc_offset_valid is 1."},
	grandmasterCurrentUTCOffsetValid: {"grandmaster_current_utc_offset_valid", gauge, gmLabels,
		"The announced flag currentUtcOffsetValid.", "1 for a grandmaster with a reference; it must not flap."},
	grandmasterLeap59: {"grandmaster_leap59", gauge, gmLabels,
		"The announced flag leap59: the last minute of this UTC day has 59 seconds.", "0; it has never been 1 rightly."},
	grandmasterLeap61: {"grandmaster_leap61", gauge, gmLabels,
		"The announced flag leap61: the last minute of this UTC day has 61 seconds.", "0, but for the hours before a leap second that the IERS announced."},
	grandmasterPTPTimescale: {"grandmaster_ptp_timescale", gauge, gmLabels,
		"The announced flag ptpTimescale: the time is TAI, not an arbitrary timescale.", "1 with a reference; a change moves all clients by the UTC offset."},
	grandmasterTimeTraceable: {"grandmaster_time_traceable", gauge, gmLabels,
		"The announced flag timeTraceable.", "1 while the grandmaster is locked to its reference or in holdover within specification."},
	grandmasterFrequencyTraceable: {"grandmaster_frequency_traceable", gauge, gmLabels,
		"The announced flag frequencyTraceable.", "1 while the grandmaster's frequency comes from a primary reference."},
	grandmasterSynchronizationUncertain: {"grandmaster_synchronization_uncertain", gauge, gmLabels,
		"The announced flag synchronizationUncertain.", "0; 1 says that a clock on the way is not in a steady state."},
	stepsRemoved: {"steps_removed", gauge, append(gmLabels[:4:4], "port"),
		"The announced stepsRemoved, for each port that announces the grandmaster: boundary clocks between the two.", "Steady; lower than it ever was is a relay that lies or a path that changed."},
	grandmasterLastAnnounce: {"grandmaster_last_announce_timestamp_seconds", gauge, gmLabels,
		"When the grandmaster's last Announce was received, in Unix time of the capture.", "Never older than three announce intervals."},
	grandmasterChanges: {"grandmaster_changes_total", counter, scopeLabels,
		"Changes of the best grandmaster. Domains beyond the cap are summed under \"other\".", "Flat, but for maintenance you planned."},

	complianceLimit: {"compliance_limit_seconds", gauge, append(scopeLabels[:3:3], "compliance"),
		"The limit of the rule that the domain is held to by the configuration's compliance; absent where it is held to none.",
		"What the rule says of you."},
	complianceError: {"compliance_error_seconds", gauge, append(scopeLabels[:3:3], "basis", "statistic"),
		"How far the best master's time is from a reference as it arrives at the tap, in the newest 16 s that are measured: basis=\"reference\", the tap's clock, basis=\"pair\", the other grandmasters; statistic=\"error\", without its sign, and \"bound\", by how much it may be wrong. Absent while nothing is measured.",
		"The sum of both below compliance_limit_seconds."},
	complianceShown: {"compliance_seconds_total", counter, append(scopeLabels[:3:3], "shown"),
		"Time of which it was shown that the limit was kept (shown=\"within\"), was not (\"exceeded\"), or measured and neither (\"undecided\"). What is missing against the clock was not measured.",
		"within rises by one a second, the others are flat."},
	messageInterval: {"message_interval_seconds", gauge, []string{"interface", "network", "domain", "sdo_id", "port", "message_type", "kind"},
		"Mean interval between the messages of a transmitting port: kind=\"measured\", and kind=\"advertised\" by its logMessageInterval, absent where the port gives none.",
		"Measured within 30 % of advertised (IEEE 1588-2019 7.7.2.1), both steady."},
	forwardDelay: {"forward_delay_seconds", gauge, timingLabels,
		"The newest delay from the port to the tap: receive time of a Sync minus its origin time and corrections. It holds the tap clock's own offset; where ptpwatch_timing_info says relative, it is less the median.",
		"Steady; it moves with ptpwatch_reverse_delay_seconds when the path changes, against it when a clock steps, alone when one direction is delayed."},
	reverseDelay: {"reverse_delay_seconds", gauge, timingLabels,
		"The newest delay from the tap to the port: receiveTimestamp minus the tap's time of the Delay_Req and corrections. It holds the tap clock's own offset; where ptpwatch_timing_info says relative, it is less the median.",
		"Steady; see ptpwatch_forward_delay_seconds."},
	meanPathDelay: {"mean_path_delay_seconds", gauge, timingLabels,
		"The newest mean path delay from the tap to the port (IEEE 1588-2019 11.3), free of the tap clock's offset; absent unless both directions are seen.",
		"Steady to within the jitter of the stamps; a step is another route or a delayed direction."},
	meanLinkDelay: {"mean_link_delay_seconds", gauge, timingLabels,
		"The newest mean link delay from the tap to the responder of a peer delay exchange (IEEE 1588-2019 11.4), free of the tap clock's offset.",
		"Steady, a few nanoseconds for each metre of cable."},
	offsetSeconds: {"offset_seconds", gauge, timingLabels,
		"The newest offset of the tap's clock from the grandmaster; absent where the stamping clock has an arbitrary epoch.",
		"Near 0 where the tap's clock is synchronised, a slow ramp where it runs free; a jump of one grandmaster alone is that grandmaster or its path."},
	offsetErrorBound: {"offset_error_bound_seconds", gauge, append(timingLabels[:6:6], "basis"),
		"By how much the asymmetry of the path can put ptpwatch_offset_seconds wrong: the mean path delay less what each direction takes at least, basis=\"route\" (least_delay of the grandmaster) or, for what has changed since, basis=\"commissioned\" (commissioned_delay). A bound, not a certificate: it holds if stamps and corrections are genuine, and if neither direction is shorter than that. Absent where nobody says how long the way is, or where it is measured as shorter.",
		"Below what you allow; a bound of 1e-4 cannot show 1e-4 to be kept."},
	meanPathDelayDistribution: {"mean_path_delay_distribution_seconds", histogram, gmLabels,
		"All mean path delays from the taps to the ports that give a grandmaster's time, since the start; a step of a clock takes none back. Classic buckets from 1e-7 to 1 and, to whoever scrapes the protobuf format, a native histogram of schema 2 (buckets 19 % wide) in one. At most 64 grandmasters; the label is empty for ports that announce none.",
		"One hump, where it was yesterday; a second one is another route, a tail is load, or somebody who delays some."},
	pathDetectionState: {"path_detection_state", gauge, append(timingLabels[:6:6], "state"),
		"1 for the state that the judgement of the path is in: learning, normal or suspect, 0 for the others.",
		"normal; suspect for seconds at a time; learning for two minutes after it was first heard or reset."},
	pathBaseline: {"path_baseline_seconds", gauge, timingLabels,
		"The mean path or link delay that the path was commissioned with, which only an operator's baseline reset moves; absent while learning.",
		"ptpwatch_mean_path_delay_seconds is near it."},
	pathDetectableStep: {"path_detectable_step_seconds", gauge, append(timingLabels[:6:6], "of"),
		"The least change at once that would be found on the path as it is now, in 99 of 100 cases: of=\"direction\", a delay of one direction that is given its name; of=\"delay\", the same without; of=\"clock\", a step of a clock.",
		"Well below what matters to clients; what is less goes unseen."},
	pathDetectableRamp: {"path_detectable_ramp_seconds_per_day", gauge, timingLabels,
		"The least growth of one direction's delay that would be found within a day.",
		"Well below what matters to clients in a day."},
	meanPathDelayFloor: {"mean_path_delay_floor_seconds", gauge, timingLabels,
		"The mean path delay of the fastest packets of either direction in the last four minutes at most (minimum packet selection, ITU-T G.8260 I.3.2.1), the rate of the tap's clock taken out: what is left where no packet waits.",
		"Steady whatever the load; it moves when the path does."},
	selectedOffset: {"selected_offset_seconds", gauge, timingLabels,
		"pktSelected2WayTE (ITU-T G.8271.2): the offset of the tap's clock by the mean of the fastest 0.25 % of packets of each direction in the last complete window of 200 s.",
		"Within 1.1e-6 of 0 where the tap's clock is a reference, by G.8271.2 for a network with partial timing support."},
	floorPacketRatio: {"floor_packet_ratio", gauge, append(timingLabels[:6:6], "direction"),
		"The part of the packets of a direction (forward, reverse) that came within 150 us of the fastest, in the last complete window of 200 s (FPP of ITU-T G.8260 I.5). Absent where the floor itself moves, as with a tap that runs free.",
		"0.01 at least, by ITU-T G.8261.1."},
	timeError: {"time_error_seconds", gauge, append(timingLabels[:6:6], "statistic"),
		"Of offset_seconds: max_abs, the largest without its sign, and dte_pp, from peak to peak what is left below 0.1 Hz, of the last 1000 to 2000 s; cte, the mean over 1000 s (ITU-T G.8260, G.8273.2).",
		"Below the limits of the network (ITU-T G.8271.1, G.8273.2) where the tap's clock is a reference; of a tap that runs free it is the tap's own."},
	mtie: {"mtie_seconds", gauge, append(timingLabels[:6:6], "tau"),
		"Maximum time interval error of offset_seconds over tau seconds (ITU-T G.810 II.5), over the last 12 to 24 tau and 15 to 30 minutes at least. It holds what packets waited.",
		"Below the mask of the interface (ITU-T G.8271.1, G.8273.2)."},
	tdev: {"tdev_seconds", gauge, append(timingLabels[:6:6], "tau"),
		"Time deviation of offset_seconds at tau seconds (ITU-T G.810 II.3), over the last 12 to 24 tau and 15 to 30 minutes at least; a constant rate of the tap's clock is not in it.",
		"Below the mask of the interface; falling with tau where packets wait, rising where a clock wanders."},
	pairOffset: {"grandmaster_pair_offset_seconds", gauge,
		[]string{"network_a", "domain_a", "sdo_id_a", "a", "network_b", "domain_b", "sdo_id_b", "b"},
		"Time of grandmaster b minus time of grandmaster a (a before b, by network, domain, sdo_id and identity), both read by one clock at the same instants, the median of the last two minutes: the tap's own time cancels, half the difference between the asymmetries of the two paths does not. At most 16 grandmasters of a clock are compared.",
		"Within 2e-7 of 0 for two primary reference time clocks of class A (ITU-T G.8272); one grandmaster that leaves all others is wrong, or its path is."},
	grandmasterJury: {"grandmaster_jury", gauge, append(gmLabels[:4:4], "state"),
		"What the grandmasters that one clock hears say of each other's time: of the states agrees, outvoted, disagrees and unvouched one is 1. outvoted: the majority agrees, and not with this one. disagrees: with another, and no majority says which is wrong. unvouched: nobody else is heard who could tell.",
		"state=\"agrees\"; unvouched where there is but one grandmaster: then no alert can tell that its time is wrong, and no panel should."},
	grandmasterVouched: {"grandmaster_vouched_by", gauge, gmLabels,
		"How many other grandmasters, and the tap's own reference where it has one, agree with this one's time.",
		"2 or more; with 1 a lie shows but not whose it is, with 0 nothing does."},
	grandmasterJuryOffset: {"grandmaster_jury_offset_seconds", gauge, gmLabels,
		"How far the grandmaster's time is ahead of that of the others, those who agree if they are the majority. Once its path is learned it is the change since then. Absent where nobody else is heard.",
		"Within 2e-7 of 0 for primary reference time clocks of class A (ITU-T G.8272), and level: a slope is a drift."},
	grandmasterADEV: {"grandmaster_adev", gauge, append(gmLabels[:4:4], "tau"),
		"Allan deviation of the grandmaster by itself at tau seconds over the last 34 minutes, as the three-cornered hat of all that one clock hears tells (NIST SP 1065 10.13), with what packets add. Absent with fewer than three, and where the estimate is negative.",
		"Falling with tau; below 1e-10 at 512 s for a clock that GNSS disciplines."},
	grandmasterTDEV: {"grandmaster_tdev_seconds", gauge, append(gmLabels[:4:4], "tau"),
		"Time deviation of the grandmaster by itself, likewise.",
		"Below 3e-8 for a primary reference time clock (ITU-T G.8272), beside what packets add; much above that of the others: this one is unsteady."},
	tapTransit: {"tap_transit_seconds", gauge, []string{"from", "to", "statistic"},
		"What messages took from one tap to another, by statistic: floor, the least; median; residence, what the correctionFields of transparent clocks tell of it; unexplained, the rest; asymmetry, by how much the floor of what is unexplained is more than on the way back; error, where two hardware clocks stamp and not one, how wrong floor, median and unexplained may be for that, and asymmetry twice as much. No grandmaster is trusted for it.",
		"floor and unexplained steady, as many nanoseconds as the cable has where all between is a transparent clock; asymmetry near 0."},
	clientClaimedOffset: {"client_claimed_offset_seconds", gauge, append(scopeLabels[:3:3], "port", "source"),
		"A client's offset from its master as the client itself tells it, by source: slave_event (from its timestamps), slave_computed, management, netsync or socket. It is the client's word, unchecked, and who can send in its name can say it; it knows what happens behind the tap. Absent when nothing was told for five minutes. At most 256 claims.",
		"Near 0, as the client's own monitoring has it."},
	clientClaimedMeanPathDelay: {"client_claimed_mean_path_delay_seconds", gauge, append(scopeLabels[:3:3], "port", "source"),
		"The mean path delay from its master to a client as the client itself tells it, unchecked, by source as of ptpwatch_client_claimed_offset_seconds; of the link where it measures peer delay.",
		"Steady; ptpwatch_mean_path_delay_seconds is of the way as far as the tap, and what lies behind is the difference."},
	clientSocketAnswers: {"client_socket_answers_total", counter, []string{"socket", "result"},
		"How often the local socket of a client (clients[] of the configuration) was asked, by result: answered; unheard, which is answered by a client that is not heard on the network; failed.",
		"answered rises once a second, the others are flat."},
	timingInfo: {"timing_info", gauge, append(timingLabels[:6:6], "source", "clock", "relative", "egress"),
		"What the delays and the offset with the same labels are worth; always 1. The stamps' source (capture: a file that does not say) and clock (\"\": the system's); relative=\"1\" where the forward and reverse delay are less their medians; in egress the directions (forward, reverse, link) whose messages the capturing host sent itself and stamped before its network adapter did.",
		"source=\"hardware\" where delays matter, egress empty."},
	timestampResolution: {"timestamp_resolution_seconds", gauge, timingLabels,
		"The resolution of the stamps behind the delays and the offset with the same labels, to a power of ten.", "1e-09; what is finer cannot be seen."},
	timestampSteps: {"timestamp_clock_steps_total", counter, []string{"source", "clock"},
		"Steps of a stamping clock, against the system's clock or seen by all grandmasters at once. What was measured before one is not compared with what comes after.",
		"Flat; a step of the tap is no step of a grandmaster."},
	timestampAdjustments: {"timestamp_clock_adjustments_total", counter, []string{"source", "clock"},
		"How often the rate of a hardware clock changed at once, by more than 0.1 ppm and what reading it may be wrong: somebody steers it.",
		"Flat once the clock is locked, or where nobody steers it."},
	timestampOffset: {"timestamp_clock_offset_seconds", gauge, []string{"source", "clock"},
		"A hardware clock that stamps, minus the system's clock, when both were read last: 37 where it tells TAI and the system UTC. Absent after five minutes without a reading.",
		"Steady where both are steered; else it grows at the rate by which they differ."},
	timestampReadings: {"timestamp_clock_readings_total", counter, []string{"source", "clock", "result"},
		"How often a hardware clock that stamps was to be read beside the host's own, by result: read, failed. One that cannot be read stamps as well, but two such clocks cannot be compared.",
		"read grows once a second, failed stays at 0; otherwise ptpwatch interfaces says why."},

	alertActive: {"alert_active", gauge, []string{"alert", "severity", "network", "domain", "sdo_id", "grandmaster", "port", "interface"},
		"1 while an alert holds and for at least 60 s, then 0 for 15 min, then absent. At most 200 series; the rest are joined under \"other\".",
		"Absent, or 0."},
	alertsTotal: {"alerts_total", counter, []string{"alert", "severity"},
		"Alerts raised since the start; every alert is present from the start, at 0.", "Flat."},
	alertSuppressed: {"alert_suppressed_total", counter, []string{"alert"},
		"How often nobody needed to be told of an alert: it held already, its incident had another as grave, or too many held.",
		"Flat; while it rises, something goes on that was told already."},

	journalRecords: {"journal_records_total", counter, nil,
		"Records of the journal on the disk, since the start. Absent without a state_dir, as are the five below.", "Rises with every alert, act, start and stop."},
	journalLost: {"journal_lost_total", counter, nil,
		"Records there was no room for while the disk could not be written to.", "0; the journal says in its place how many are missing."},
	journalErrors: {"journal_errors_total", counter, nil,
		"Attempts to write the journal that failed; it is tried every second.", "Flat; while it rises nothing is on record."},
	journalBytes: {"journal_bytes", gauge, nil,
		"What the journal takes on the disk.", "Below journal.max_bytes; about there the oldest records go."},
	stateSaves: {"state_saves_total", counter, nil,
		"Times that what was learned, or where the analysis is, was saved.", "Rises once a minute at least."},
	stateSaveErrors: {"state_save_errors_total", counter, nil,
		"Attempts to save it that failed; it is tried every second.", "Flat; while it rises a restart forgets."},

	evidenceWritten: {"evidence_written_total", counter, nil,
		"Evidence of critical alerts put on the disk, a pcapng and a JSON file each. Absent where none is kept, as are the four below.",
		"Flat; rises half a minute after a critical alert."},
	evidenceLost: {"evidence_lost_total", counter, nil,
		"Evidence there was no room for in memory while the disk could not be written to, or was too slow.", "0; the alerts themselves are in the journal."},
	evidenceErrors: {"evidence_errors_total", counter, nil,
		"Attempts to write evidence, or to find out whether it could be, that failed; it is tried every second.", "Flat; while it rises alerts have no evidence."},
	evidenceBytes: {"evidence_bytes", gauge, nil,
		"What all evidence takes on the disk.", "Below evidence.max_bytes; about there the oldest goes."},
	evidenceBuffered: {"evidence_buffer_seconds", gauge, nil,
		"How long the frames in memory reach back.", "evidence.before or more, from that long after the start on; less says that evidence.memory is too small for the traffic."},
}

// help is the family's HELP line.
func (f *family) help() string { return f.meaning + " Healthy: " + f.healthy }

// unit is the base unit in the family's name, "" when it has none.
func (f *family) unit() string {
	name := strings.TrimSuffix(f.name, "_total")
	for _, unit := range []string{"seconds", "bytes"} {
		if strings.HasSuffix(name, "_"+unit) {
			return unit
		}
	}
	return ""
}

// desc is the family's descriptor.
func (f *family) desc() *prometheus.Desc {
	return prometheus.V2.NewDesc(prefix+f.name, f.help(), prometheus.UnconstrainedLabels(f.labels), nil,
		prometheus.WithUnit(f.unit()))
}

// typeWord is the family's type as the exposition formats spell it.
func (f *family) typeWord() string {
	switch f.kind {
	case counter:
		return "counter"
	case histogram:
		return "histogram"
	}
	return "gauge"
}
