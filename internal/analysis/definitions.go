package analysis

import "time"

// The alerts.
const (
	AlertRogueGrandmaster          = "PTPRogueGrandmaster"
	AlertUnknownGrandmaster        = "PTPUnknownGrandmaster"
	AlertGrandmasterChanged        = "PTPGrandmasterChanged"
	AlertGrandmasterFlapping       = "PTPGrandmasterFlapping"
	AlertGrandmasterLost           = "PTPGrandmasterLost"
	AlertAnnounceTimeout           = "PTPAnnounceTimeout"
	AlertGrandmasterDatasetChanged = "PTPGrandmasterDatasetChanged"
	AlertGrandmasterHoldover       = "PTPGrandmasterHoldover"
	AlertGrandmasterFreeRun        = "PTPGrandmasterFreeRun"
	AlertIllegalClockQuality       = "PTPIllegalClockQuality"
	AlertClockIdentityClone        = "PTPClockIdentityClone"
	AlertUnexpectedTopology        = "PTPUnexpectedTopology"
	AlertUnexpectedDomain          = "PTPUnexpectedDomain"
	AlertTimePropertiesInvalid     = "PTPTimePropertiesInvalid"
	AlertMessageIntervalAnomaly    = "PTPMessageIntervalAnomaly"
	AlertFlood                     = "PTPFlood"
	AlertWatchDegraded             = "PTPWatchDegraded"
)

// Definition is what is fixed about an alert.
type Definition struct {
	Name       string
	Severity   Severity
	After      time.Duration // how long its condition must last, where that can be set
	HoldDown   time.Duration // how long it goes on after its condition has ended
	References []string
}

// Definitions lists every alert there is, by name.
var Definitions = []Definition{
	{Name: AlertAnnounceTimeout, Severity: Critical, After: 2 * time.Second, References: []string{"IEEE 1588-2019 9.2.6.12", "RFC 7384 3.2.7"}},
	{Name: AlertClockIdentityClone, Severity: Critical, HoldDown: time.Minute},
	{Name: AlertFlood, Severity: Warning, HoldDown: time.Minute},
	{Name: AlertGrandmasterChanged, Severity: Warning, HoldDown: time.Minute, References: []string{"IEEE 1588-2019 9.3.4", "RFC 7384 3.2.4"}},
	{Name: AlertGrandmasterDatasetChanged, Severity: Warning, HoldDown: time.Minute},
	{Name: AlertGrandmasterFlapping, Severity: Warning, HoldDown: time.Minute},
	{Name: AlertGrandmasterFreeRun, Severity: Critical, HoldDown: time.Minute},
	{Name: AlertGrandmasterHoldover, Severity: Warning, HoldDown: time.Minute},
	{Name: AlertGrandmasterLost, Severity: Critical, After: 10 * time.Second, References: []string{"IEEE 1588-2019 9.2.6.12", "RFC 7384 3.2.5"}},
	{Name: AlertIllegalClockQuality, Severity: Critical, HoldDown: time.Minute},
	{Name: AlertMessageIntervalAnomaly, Severity: Warning, HoldDown: time.Minute},
	{Name: AlertRogueGrandmaster, Severity: Critical, HoldDown: time.Minute},
	{Name: AlertTimePropertiesInvalid, Severity: Critical, HoldDown: time.Minute},
	{Name: AlertUnexpectedDomain, Severity: Warning, HoldDown: time.Minute},
	{Name: AlertUnexpectedTopology, Severity: Warning, HoldDown: time.Minute},
	{Name: AlertUnknownGrandmaster, Severity: Warning, HoldDown: time.Minute},
	{Name: AlertWatchDegraded, Severity: Critical, HoldDown: time.Minute},
}
