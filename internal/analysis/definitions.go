package analysis

import "time"

// The alerts.
const (
	AlertRogueGrandmaster              = "PTPRogueGrandmaster"
	AlertUnknownGrandmaster            = "PTPUnknownGrandmaster"
	AlertGrandmasterChanged            = "PTPGrandmasterChanged"
	AlertGrandmasterFlapping           = "PTPGrandmasterFlapping"
	AlertGrandmasterLost               = "PTPGrandmasterLost"
	AlertAnnounceTimeout               = "PTPAnnounceTimeout"
	AlertGrandmasterDatasetChanged     = "PTPGrandmasterDatasetChanged"
	AlertGrandmasterHoldover           = "PTPGrandmasterHoldover"
	AlertGrandmasterFreeRun            = "PTPGrandmasterFreeRun"
	AlertIllegalClockQuality           = "PTPIllegalClockQuality"
	AlertClockIdentityClone            = "PTPClockIdentityClone"
	AlertComplianceLimit               = "PTPComplianceLimit"
	AlertUnexpectedTopology            = "PTPUnexpectedTopology"
	AlertUnexpectedDomain              = "PTPUnexpectedDomain"
	AlertTimePropertiesInvalid         = "PTPTimePropertiesInvalid"
	AlertMessageIntervalAnomaly        = "PTPMessageIntervalAnomaly"
	AlertFlood                         = "PTPFlood"
	AlertPathAsymmetry                 = "PTPPathAsymmetry"
	AlertPathDelayShift                = "PTPPathDelayShift"
	AlertTimeStep                      = "PTPTimeStep"
	AlertCorrectionFieldAnomaly        = "PTPCorrectionFieldAnomaly"
	AlertSelectiveDelay                = "PTPSelectiveDelay"
	AlertWatchDegraded                 = "PTPWatchDegraded"
	AlertGrandmasterDrift              = "PTPGrandmasterDrift"
	AlertGrandmasterOutvoted           = "PTPGrandmasterOutvoted"
	AlertTraceabilityClaimInconsistent = "PTPTraceabilityClaimInconsistent"
)

// The thresholds of alerts.
const (
	ThresholdAfter   = "after"
	ThresholdChanges = "changes"
	ThresholdFactor  = "factor"
	ThresholdLeast   = "least"
	ThresholdPercent = "percent"
	ThresholdWindow  = "window"
)

// Definition is what is fixed about an alert. Labels, settings, Prometheus
// rules and documents are made of it.
type Definition struct {
	Name string
	// Severities are those it is raised with, the usual one first, which is the
	// gravest.
	Severities []Severity
	// HoldDown is how long it goes on after its condition has ended; when the
	// condition is met again by then, it is the same alert.
	HoldDown   time.Duration
	Thresholds []Threshold
	// Labels of its metric tell it from others of its name, beside the scope.
	Labels     []string
	Summary    string // one sentence: its condition
	Advice     string // one sentence: what to do first
	References []string
}

// Threshold is a number that an alert's condition hangs on and that the
// operator may set. It is a count or a time.
type Threshold struct {
	Name    string
	Count   int           // the default of a count
	Time    time.Duration // the default of a time
	Meaning string
}

// References: RFC 7384 is on threats to time protocols. T numbers are
// techniques of MITRE ATT&CK for ICS as of version 19, which took T0856 into
// T1692.002 and T0804 into T1691.002; T-SPLANE numbers are threats of O-RAN
// WG11's threat model (ETSI TR 104 106).
const (
	rogueMaster     = "MITRE ATT&CK ICS T0848 (Rogue Master)"
	spoofedReport   = "MITRE ATT&CK ICS T1692.002 (Unauthorized Reporting Message)"
	blockedReport   = "MITRE ATT&CK ICS T1691.002 (Blocked Reporting Message)"
	inTheMiddle     = "MITRE ATT&CK ICS T0830 (Adversary-in-the-Middle)"
	denialOfService = "MITRE ATT&CK ICS T0814 (Denial of Service)"
	denialOfView    = "MITRE ATT&CK ICS T0815 (Denial of View)"

	splaneDoS       = "O-RAN T-SPLANE-01 (denial of service against a master clock)"
	splaneSpoofing  = "O-RAN T-SPLANE-02 (impersonation of a master clock)"
	splaneRogue     = "O-RAN T-SPLANE-03 (rogue PTP instance as grandmaster)"
	splaneSelective = "O-RAN T-SPLANE-04 (selective interception and removal)"

	rfcManipulation = "RFC 7384 3.2.1 (packet manipulation)"
	rfcSpoofing     = "RFC 7384 3.2.2 (spoofing)"
	rfcRogue        = "RFC 7384 3.2.4 (rogue master)"
	rfcRemoval      = "RFC 7384 3.2.5 (interception and removal)"
	rfcDoS          = "RFC 7384 3.2.9 (denial of service)"
	rfcDelay        = "RFC 7384 3.2.6 (packet delay manipulation)"
	rfcTimeSource   = "RFC 7384 3.2.10 (attack on the time source)"
)

var definitions = func() map[string]*Definition {
	byName := make(map[string]*Definition, len(Definitions))
	for i := range Definitions {
		byName[Definitions[i].Name] = &Definitions[i]
	}
	return byName
}()
