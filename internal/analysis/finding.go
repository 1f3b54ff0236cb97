package analysis

import (
	"cmp"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Finding is one event: something appeared or changed, or an alert was raised
// or resolved. Findings are emitted in time order.
type Finding struct {
	At    time.Time
	Event Event
	// Scope is where it happened.
	Scope Scope
	// Grandmaster is whom it is about, Previous whom it replaced (grandmaster_changed).
	Grandmaster ptp.ClockIdentity
	Previous    ptp.ClockIdentity
	Port        ptp.PortIdentity
	Frame       packet.Frame // the message that decided it; zero when silence did
	// Alert is set for raised and resolved, Incident for incident_opened and
	// incident_closed.
	Alert    *Alert
	Incident *Incident
}

// Event names what a Finding reports.
type Event string

// The events.
const (
	GrandmasterAppeared  Event = "grandmaster_appeared"
	GrandmasterChanged   Event = "grandmaster_changed"
	GrandmasterForgotten Event = "grandmaster_forgotten" // silent so long that its state was dropped
	BaselinePinned       Event = "baseline_pinned"       // learning ended, or an operator accepted what is heard
	BaselineReset        Event = "baseline_reset"        // learning begins anew
	AlertRaised          Event = "raised"                // once more when it has become graver, or certain
	AlertResolved        Event = "resolved"
	IncidentOpened       Event = "incident_opened"
	IncidentClosed       Event = "incident_closed"
)

// Scope is where clocks compete: no state crosses it.
type Scope struct {
	Network      string    `json:"network"`
	DomainNumber uint8     `json:"domain"`
	SdoID        ptp.SdoID `json:"sdo_id"`
}

// Severity says what an alert asks of people: critical pages, warning opens a
// ticket, info is kept.
type Severity string

// Compare orders severities by their weight.
func (s Severity) Compare(other Severity) int { return cmp.Compare(s.rank(), other.rank()) }

// ranks is how many ranks there are.
const ranks = 3

func (s Severity) rank() int {
	switch s {
	case Critical:
		return 2
	case Warning:
		return 1
	}
	return 0
}

// The severities, and Certainties.
const (
	Info     Severity = "info"
	Warning  Severity = "warning"
	Critical Severity = "critical"

	Certain  Certainty = "certain"
	Possible Certainty = "possible" // hinges on what a tap cannot know
)

// Certainty says whether an alert hinges on what a tap cannot know.
type Certainty string

// Alert is one raised alert and, once Resolved is set, its end.
type Alert struct {
	Name        string // PTPGrandmasterLost
	Severity    Severity
	Raised      time.Time
	Resolved    time.Time // zero while it holds
	LastSeen    time.Time // when its condition was last confirmed
	Scope       Scope
	Grandmaster ptp.ClockIdentity // zero when it is about no grandmaster
	Port        ptp.PortIdentity  // zero when it is about no port
	Interface   string
	Reason      string
	Direction   string // forward or reverse, for the alerts that have one
	Certainty   Certainty
	Count       uint64 // how often its condition was met while it held
	Summary     string
	Expected    string
	Observed    string
	Frame       packet.Frame // the message that raised it; zero when silence did
	References  []string
	Incident    uint64 // that it belongs to; 0 is none
	// Suppressed says that nobody need be told: another alert of its incident,
	// as grave, told people already.
	Suppressed bool
}
