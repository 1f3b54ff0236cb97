package audit

import (
	"cmp"
	"strings"
	"time"
)

// QuarterLength is how long a Quarter is, unless the agent began or ended in it.
// They begin where UTC says.
const QuarterLength = 15 * time.Minute

// Quarter is what was watched and measured in a quarter of an hour, or in the
// part of it that one agent ran. Times are seconds unless they say otherwise.
type Quarter struct {
	From       time.Time          `json:"from"`
	To         time.Time          `json:"to"`
	Interfaces []InterfaceQuarter `json:"interfaces,omitempty"` // by name
	Clocks     []ClockQuarter     `json:"clocks,omitempty"`     // that stamp, and stepped
	Domains    []DomainQuarter    `json:"domains,omitempty"`    // by network, domain and sdo_id
	Ports      []PortQuarter      `json:"ports,omitempty"`      // that announce a grandmaster and were measured
	Omitted    int                `json:"omitted,omitempty"`    // domains and ports there was no room for
}

// InterfaceQuarter is how an interface was listened to.
type InterfaceQuarter struct {
	Interface string  `json:"interface"`
	Heard     float64 `json:"heard"`           // it could be heard for so long
	Blind     []Span  `json:"blind,omitempty"` // when it could not, the first of them
	Drops     uint64  `json:"drops,omitempty"` // frames that were lost
}

// Span is from one time to another.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// ClockQuarter is a clock that stepped.
type ClockQuarter struct {
	Source string  `json:"source"` // of its stamps
	Clock  string  `json:"clock"`  // "" is the system's
	Steps  uint64  `json:"steps"`
	Last   float64 `json:"last"` // by how much it did last
}

// DomainQuarter is how a domain fared.
type DomainQuarter struct {
	Network    string             `json:"network"`
	Domain     uint8              `json:"domain"`
	SdoID      string             `json:"sdo_id"`
	Watched    float64            `json:"watched"` // an interface that it is on could be heard for so long
	Masters    []Reign            `json:"masters,omitempty"`
	Compliance *ComplianceQuarter `json:"compliance,omitempty"` // nil where it is held to no rule
}

func (d *DomainQuarter) compare(o *DomainQuarter) int {
	return cmp.Or(strings.Compare(d.Network, o.Network), cmp.Compare(d.Domain, o.Domain), strings.Compare(d.SdoID, o.SdoID))
}

// rank is 0 for domains that are held to a rule, 1 for those that have a
// grandmaster: no stranger's domains push these out.
func (d *DomainQuarter) rank() int {
	switch {
	case d.Compliance != nil:
		return 0
	case len(d.Masters) > 0:
		return 1
	}
	return 2
}

// Reign is a time during which a grandmaster was best.
type Reign struct {
	Grandmaster string    `json:"grandmaster"`
	Name        string    `json:"name,omitempty"`
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
}

// ComplianceQuarter is what was shown of the limit of a rule. Within, Exceeded
// and Undecided are of both bases, Pair what of them is of pairs of grandmasters.
type ComplianceQuarter struct {
	Profile string  `json:"profile"`
	Limit   float64 `json:"limit"`
	Shown
	Pair     Shown   `json:"pair,omitzero"`
	Readings uint64  `json:"readings"`
	Error    Extent  `json:"error,omitzero"` // grandmaster minus reference
	Bound    float64 `json:"bound,omitempty"`
	Most     float64 `json:"most,omitempty"` // the largest sum of an error, without its sign, and its bound
}

// Shown is for how long a limit was shown to be kept, or not to be, or neither.
type Shown struct {
	Within    float64 `json:"within"`
	Exceeded  float64 `json:"exceeded"`
	Undecided float64 `json:"undecided"`
}

func (s *Shown) add(o Shown) {
	s.Within += o.Within
	s.Exceeded += o.Exceeded
	s.Undecided += o.Undecided
}

// Extent is where values lie.
type Extent struct {
	Mean float64 `json:"mean"`
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
}

// PortQuarter is what exchanges with a port measured at a tap.
type PortQuarter struct {
	Network     string `json:"network"`
	Domain      uint8  `json:"domain"`
	SdoID       string `json:"sdo_id"`
	Grandmaster string `json:"grandmaster"` // that it announces
	Name        string `json:"name,omitempty"`
	Port        string `json:"port"`
	Tap         string `json:"tap"`
	Stamps      string `json:"stamps"` // by what they are made: hardware, software, ...
	// Of each value: an offset is the tap's time less the port's.
	Offset        *Statistics `json:"offset,omitempty"`
	MeanPathDelay *Statistics `json:"mean_path_delay,omitempty"`
	MeanLinkDelay *Statistics `json:"mean_link_delay,omitempty"`
	// Bounds are of the offset, by basis, at the end.
	Bounds map[string]float64 `json:"bounds,omitempty"`
	Power  *Power             `json:"power,omitempty"` // at the end; nil while the path was learned
	Jury   *Jury              `json:"jury,omitempty"`  // at the end; nil where nobody was asked
}

// Jury is what other grandmasters say of one that the same clock hears.
type Jury struct {
	Verdict string `json:"verdict"` // unvouched, agrees, disagrees, outvoted
	Vouched int    `json:"vouched"` // how many agree with it
	// Deviation is how far it is ahead of them and Allowed how far it may be.
	Deviation float64 `json:"deviation"`
	Allowed   float64 `json:"allowed"`
}

// Power is the least change that would have been found on a path.
type Power struct {
	Step       float64 `json:"step"`         // of one direction's delay at once, given its direction
	Unnamed    float64 `json:"unnamed"`      // the same, without
	Clock      float64 `json:"clock"`        // of a clock, at once
	RampPerDay float64 `json:"ramp_per_day"` // of one direction's delay, little by little
}

// Statistics sum up values (IEEE 1588-2019 table J.1).
type Statistics struct {
	Count uint64 `json:"count"`
	Extent
	StdDev float64 `json:"std_dev"`
}

// Configuration is what an agent was told to do.
type Configuration struct {
	SHA256 string `json:"sha256"` // of Text
	Text   string `json:"text"`   // as check-config prints it
}
