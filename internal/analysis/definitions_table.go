package analysis

import "time"

// Definitions lists every alert there is, by name.
var Definitions = []Definition{
	{
		Name: AlertAnnounceTimeout, Severities: []Severity{Critical},
		Thresholds: []Threshold{{
			Name: ThresholdAfter, Time: 2 * time.Second,
			Meaning: "How long they must be missing: this, or three of their intervals if that is longer.",
		}},
		Labels:     []string{"grandmaster", "port"},
		Summary:    "Announces stopped while Syncs go on.",
		Advice:     "Find out who filters Announces between that port and the tap: its clients are about to choose another master.",
		References: []string{"IEEE 1588-2019 9.2.6.12", rfcRemoval, blockedReport, splaneSelective},
	},
	{
		Name: AlertClockIdentityClone, Severities: []Severity{Critical}, HoldDown: time.Minute,
		Labels:     []string{"grandmaster", "port"},
		Summary:    "Two senders use one port identity.",
		Advice:     "Compare the addresses it names with your inventory and take the one that is not yours off its switch port.",
		References: []string{"IEEE 1588-2019 7.5.2", rfcSpoofing, spoofedReport, splaneSpoofing},
	},
	{
		Name: AlertComplianceLimit, Severities: []Severity{Critical, Warning}, HoldDown: 5 * time.Minute,
		Thresholds: []Threshold{
			{Name: ThresholdWarningPercent, Count: 10, Meaning: "How much of the limit is a warning, in per cent."},
			{Name: ThresholdCriticalPercent, Count: 50, Meaning: "How much of it is critical, in per cent."},
		},
		Labels:     []string{"grandmaster", "port"},
		Summary:    "A grandmaster's time, as it arrives at the tap, uses up too much of the limit that its domain is held to.",
		Advice:     "Compare that grandmaster with another one, then look at the delays of both directions on the way to the tap.",
		References: []string{"MiFIR Article 22c", rfcTimeSource},
	},
	{
		Name: AlertFlood, Severities: []Severity{Warning}, HoldDown: time.Minute,
		Thresholds: []Threshold{
			{Name: ThresholdFactor, Count: 3, Meaning: "How many times the agreed rate is too much."},
			{Name: ThresholdAfter, Time: 8 * time.Second, Meaning: "How long the rate must be that high."},
		},
		Labels:     []string{"port"},
		Summary:    "Somebody sends far more PTP messages than agreed.",
		Advice:     "Find the switch port the messages come from and limit their rate there.",
		References: []string{"IEEE 1588-2019 7.7.2.1", rfcDoS, denialOfService, splaneDoS},
	},
	{
		Name: AlertGrandmasterChanged, Severities: []Severity{Warning}, HoldDown: time.Minute,
		Labels:     []string{"grandmaster"},
		Summary:    "The best grandmaster changed.",
		Advice:     "Was it planned? If not, look at the grandmaster that was left: its reason says how the lead was lost.",
		References: []string{"IEEE 1588-2019 9.3.4", rfcRogue, rogueMaster, splaneRogue},
	},
	{
		Name: AlertGrandmasterDatasetChanged, Severities: []Severity{Warning}, HoldDown: time.Minute,
		Labels:     []string{"grandmaster", "port"},
		Summary:    "A known grandmaster changed what it says of its quality.",
		Advice:     "Ask who changed that clock's configuration, and look at its reference.",
		References: []string{"IEEE 1588-2019 9.3.4", rfcManipulation, spoofedReport, splaneSpoofing},
	},
	{
		Name: AlertGrandmasterFlapping, Severities: []Severity{Warning}, HoldDown: 10 * time.Minute,
		Thresholds: []Threshold{
			{Name: ThresholdChanges, Count: 3, Meaning: "How many changes are too many."},
			{Name: ThresholdWindow, Time: 10 * time.Minute, Meaning: "In how long a time."},
		},
		Summary:    "The best grandmaster keeps changing.",
		Advice:     "Stop the weaker of the two grandmasters, then look for loss on the way from the better one.",
		References: []string{"IEEE 1588-2019 9.3.4", "ITU-T G.8275.2 Appendix V", rfcRogue, denialOfService},
	},
	{
		Name: AlertGrandmasterFreeRun, Severities: []Severity{Critical, Info}, HoldDown: time.Minute,
		Labels:     []string{"grandmaster"},
		Summary:    "A grandmaster is not traceable to a reference.",
		Advice:     "Look at the antenna and the receiver of that grandmaster, and move its clients to one that is locked.",
		References: []string{"IEEE 1588-2019 7.6.2.5", "ITU-T G.8275.1 6.4", rfcTimeSource},
	},
	{
		Name: AlertGrandmasterHoldover, Severities: []Severity{Warning}, HoldDown: time.Minute,
		Labels:     []string{"grandmaster"},
		Summary:    "A grandmaster is in holdover within specification: it has lost its reference.",
		Advice:     "Repair its reference before the holdover budget is spent.",
		References: []string{"IEEE 1588-2019 7.6.2.5", "ITU-T G.8275.1 6.4", rfcTimeSource},
	},
	{
		Name: AlertGrandmasterLost, Severities: []Severity{Critical},
		Thresholds: []Threshold{{
			Name: ThresholdAfter, Time: 10 * time.Second,
			Meaning: "How long it must be silent: this, or three of its announce intervals if that is longer.",
		}},
		Labels:     []string{"grandmaster", "port"},
		Summary:    "The best grandmaster fell silent and no acceptable one took over.",
		Advice:     "A dead mirror or tap looks the same: ask a client first whether it still hears the grandmaster.",
		References: []string{"IEEE 1588-2019 9.2.6.12", rfcRemoval, blockedReport, splaneSelective},
	},
	{
		Name: AlertIllegalClockQuality, Severities: []Severity{Critical, Info}, HoldDown: time.Minute,
		Labels:     []string{"grandmaster", "port"},
		Summary:    "An Announce holds a value that its profile forbids or the standard reserves.",
		Advice:     "Find out whether that clock is yours: no well configured clock sends it.",
		References: []string{"IEEE 1588-2019 7.6.2", rfcSpoofing, spoofedReport, splaneSpoofing},
	},
	{
		Name: AlertMessageIntervalAnomaly, Severities: []Severity{Warning, Info}, HoldDown: 5 * time.Minute,
		Thresholds: []Threshold{{
			Name: ThresholdPercent, Count: 30, Meaning: "By how much the measured interval may differ from the advertised one, in per cent.",
		}},
		Labels:     []string{"port"},
		Summary:    "Messages come at another rate than advertised, or the interval field is out of range.",
		Advice:     "Compare that port's configured intervals with the report, and look for loss on the way to the tap.",
		References: []string{"IEEE 1588-2019 7.7.2.1", rfcManipulation, denialOfService},
	},
	{
		Name: AlertRogueGrandmaster, Severities: []Severity{Critical}, HoldDown: time.Minute,
		Labels:     []string{"grandmaster", "port"},
		Summary:    "A grandmaster that is not acceptable is, or will be, the best master.",
		Advice:     "Find its switch port by its MAC address and shut that port down, unless the clock is yours.",
		References: []string{"IEEE 1588-2019 9.3", rfcRogue, rogueMaster, splaneRogue},
	},
	{
		Name: AlertTimePropertiesInvalid, Severities: []Severity{Critical, Warning}, HoldDown: time.Minute,
		Labels:     []string{"grandmaster", "port"},
		Summary:    "A grandmaster announces a wrong UTC offset, leap second or timescale.",
		Advice:     "Take that grandmaster out of service: its clients show a wrong time of day or will at the end of the day.",
		References: []string{"IEEE 1588-2019 8.2.4", "ITU-R TF.460-6", rfcManipulation, spoofedReport},
	},
	{
		Name: AlertUnexpectedDomain, Severities: []Severity{Warning}, HoldDown: time.Minute,
		Labels:     []string{"port"},
		Summary:    "A PTP domain appeared that was not there.",
		Advice:     "Ask whether somebody put a new PTP device into service; if so, list its domain.",
		References: []string{"IEEE 1588-2019 7.1", rfcSpoofing},
	},
	{
		Name: AlertUnexpectedTopology, Severities: []Severity{Warning, Info}, HoldDown: time.Minute,
		Labels:     []string{"grandmaster", "port"},
		Summary:    "A known grandmaster is announced by a way that was not there.",
		Advice:     "Ask whether a boundary clock or a link was added; if not, find the port that announces it.",
		References: []string{"IEEE 1588-2019 9.3.2.5, 16.2", rfcManipulation, inTheMiddle, splaneSpoofing},
	},
	{
		Name: AlertUnknownGrandmaster, Severities: []Severity{Warning}, HoldDown: time.Minute,
		Labels:     []string{"grandmaster", "port"},
		Summary:    "A grandmaster that is not acceptable is heard, but does not win.",
		Advice:     "Find out whose it is: list it as a standby, or take it away before the better ones fail.",
		References: []string{"IEEE 1588-2019 9.3.2.4", rfcRogue, rogueMaster, splaneRogue},
	},
	{
		Name: AlertWatchDegraded, Severities: []Severity{Critical}, HoldDown: time.Minute,
		Labels:     []string{"interface"},
		Summary:    "The monitor itself cannot vouch for what it sees.",
		Advice:     "Repair the tap, the mirror or the host of the agent; until then no silence means anything.",
		References: []string{rfcRemoval, denialOfView},
	},
}
