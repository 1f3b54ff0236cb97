package audit

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/compliance"
)

// Report is what an auditor reads of a period. Times are seconds unless they say
// otherwise.
type Report struct {
	From, To time.Time
	Program  string // that made it: ptpwatch 1.0
	Journal  Journal
	Domains  []Domain // by network, domain and sdo_id
	Gaps     []Gap    // by time
	Runs     []Run
	Configs  []ConfigAt
	Clocks   []ClockStep
	Alerts   []Alert // by when they were raised
	Evidence []Evidence
	Acts     []Act
	Omitted  int // domains and ports that records had no room for
}

// Seconds is how long the period is.
func (r *Report) Seconds() float64 { return r.To.Sub(r.From).Seconds() }

// Journal is what the report was made from.
type Journal struct {
	Dir         string
	Files       []File
	First, Last uint64 // numbers of its records
	Begins      time.Time
	Head        string   // SHA-256 of the last record
	Torn        int64    // octets of half a line at its end
	Breaks      []string // where its chain does not hold
	Faults      []string // records that make no sense, and were not counted
	Lost        uint64   // records that the agent had no room for, in the period
}

// Whole says whether its chain holds.
func (j *Journal) Whole() bool { return len(j.Breaks) == 0 && len(j.Faults) == 0 }

// File is one that was read.
type File struct {
	Name   string
	Bytes  int64
	SHA256 string
}

// Domain is how a domain fared.
type Domain struct {
	Network  string
	Domain   uint8
	SdoID    string
	Coverage Coverage
	Verdicts []Verdict // one for each rule and limit that it was held to
	Masters  []Reign   // by time
	Changes  int       // of the best master
	Ports    []Port
	Quarters []DomainAt
}

// DomainAt is a domain in a quarter of an hour.
type DomainAt struct {
	From, To time.Time
	DomainQuarter
}

// Coverage says for how long somebody watched. The three add up to the period.
type Coverage struct {
	Watched    float64
	Deaf       float64 // the agent ran, and no interface of the domain could be heard, or it was not there
	Unrecorded float64 // nothing is on record: the agent did not run
}

// Verdict is what was shown of the limit of a rule. Within, Exceeded and the
// three ways not to be shown add up to the period.
type Verdict struct {
	Profile  string
	Limit    float64
	Rule     *compliance.Profile // nil where this program knows none of that name
	Tier     *compliance.Tier    // nil where the limit is the operator's own
	Shown                        // Undecided: measured, but the limit is within the bound
	Pair     Shown
	Unheard  float64 // not watched
	Unread   float64 // watched, and not measured
	Readings uint64
	Error    Extent
	Bound    float64
	Most     float64
}

// The words of a verdict.
const (
	WordExceeded = "exceeded"
	WordWithin   = "within"
	WordNotShown = "not shown"
)

// NotShown is for how long nothing was shown.
func (v *Verdict) NotShown() float64 { return v.Undecided + v.Unheard + v.Unread }

// Word is the verdict in short: within only where all of the period was shown to
// be, to the second.
func (v *Verdict) Word() string {
	switch {
	case v.Exceeded > 0:
		return WordExceeded
	case v.Within > 0 && v.NotShown() < 1:
		return WordWithin
	}
	return WordNotShown
}

// Port is what was measured of one that announces a grandmaster, at a tap.
type Port struct {
	Grandmaster, Name, Port, Tap, Stamps string
	Quarters                             []PortAt
	Offset, MeanPathDelay, MeanLinkDelay *Statistics // of the period; StdDev is of each quarter, the largest
	Bounds                               map[string]float64
	Power                                *Power         // of each kind the largest of the period; nil where none is known
	Jury                                 map[string]int // in how many quarters what was said of it, by verdict
}

// PortAt is a port in a quarter of an hour.
type PortAt struct {
	From, To time.Time
	PortQuarter
}

// Gap is a time in which something was not watched.
type Gap struct {
	Span
	Interface string // "": all, the agent did not run
}

// Run is an agent from its start to its end.
type Run struct {
	Start, Stop time.Time // Stop is zero where the end is not on record
	Version     string
	Interfaces  []string
	Killed      bool   // it ended without a word
	Error       string // why it ended, if nobody asked for it
}

// ConfigAt is a configuration from when it was in force.
type ConfigAt struct {
	At time.Time
	Configuration
}

// ClockStep is a clock that stepped in a quarter of an hour.
type ClockStep struct {
	From, To time.Time
	ClockQuarter
}

// Evidence is a file of evidence that was kept in the period.
type Evidence struct {
	At     time.Time
	File   string
	SHA256 string
}

// Act is what an operator did.
type Act struct {
	At                time.Time
	Act, By, Reason   string
	Error             string
	Changes, Accepted string // what changed; for a reload, whether it was accepted
}

// Alert is one that was raised in the period, or held in it.
type Alert struct {
	Alert       string    `json:"alert"`
	Severity    string    `json:"severity"`
	Raised      time.Time `json:"raised"`
	Resolved    time.Time `json:"resolved"` // zero while it holds
	Network     string    `json:"network"`
	Domain      *uint8    `json:"domain"`
	SdoID       string    `json:"sdo_id"`
	Grandmaster string    `json:"grandmaster"`
	Port        string    `json:"port"`
	Interface   string    `json:"interface"`
	Reason      string    `json:"reason"`
	Certainty   string    `json:"certainty"`
	Incident    *uint64   `json:"incident"`
	Summary     string    `json:"summary"`
	Expected    string    `json:"expected"`
	Observed    string    `json:"observed"`
}
