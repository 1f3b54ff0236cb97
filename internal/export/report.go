package export

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// Report is what a replay found, or a running agent so far, as the JSON report
// gives it. Identities are
// strings in linuxptp's form, times are RFC 3339 in UTC, durations are seconds;
// null stands for what does not exist (yet). Lists are in the View's order.
type Report struct {
	Captures []CaptureReport `json:"captures"`
	Domains  []DomainReport  `json:"domains"`
	Alerts   []AlertReport   `json:"alerts"`
	Tables   []TableReport   `json:"tables"`
	// StampClocks are the clocks that stamp what is captured.
	StampClocks []StampClockReport `json:"timestamp_clocks"`
	// Pairs are the grandmasters that one clock hears, each with each.
	Pairs []PairReport `json:"grandmaster_pairs,omitempty"`
	// Ways are between taps of one clock, or of two that are read beside each other.
	Ways    []WayReport    `json:"tap_transits,omitempty"`
	Omitted *OmittedReport `json:"omitted,omitempty"` // of a running agent, where there is too much
}

// StampClockReport is a clock that stamps what is captured, and what was seen
// of its honesty.
type StampClockReport struct {
	Source     string   `json:"source"`
	Clock      string   `json:"clock"`      // "ptp0"; "" is the system's, or a capture file's
	Resolution *float64 `json:"resolution"` // of its stamps, seconds; null while not known
	Steps      uint64   `json:"steps"`      // how often it was seen to step
	Stepped    Time     `json:"stepped"`    // when it last did
	Step       *float64 `json:"step"`       // by how much, seconds, as far as that is known
	// Adjustments is how often its rate was seen to change at once.
	Adjustments uint64 `json:"adjustments"`
	// Reading is absent where the clock is not read beside the system's.
	Reading *ClockReadingReport `json:"reading,omitempty"`
}

// OmittedReport counts what a report of a running agent leaves out.
type OmittedReport struct {
	Domains      int `json:"domains"`
	Grandmasters int `json:"grandmasters"`
	Ports        int `json:"ports"`
	Alerts       int `json:"alerts"`
}

// CaptureReport is one capture file, or one live interface, as read.
type CaptureReport struct {
	File        string            `json:"file"` // of a live interface its name
	Interface   string            `json:"interface,omitempty"`
	Frames      uint64            `json:"frames"`
	Bytes       uint64            `json:"bytes"`
	Drops       uint64            `json:"drops"`
	PTPMessages uint64            `json:"ptp_messages"`
	V1Messages  uint64            `json:"ptp_v1_messages"` // of those; decoded and not tracked
	Fragments   uint64            `json:"fragments"`
	OutOfOrder  uint64            `json:"out_of_order"`
	Malformed   map[string]uint64 `json:"malformed"` // by reason
	Skipped     map[string]uint64 `json:"skipped"`   // frames not looked into, by why
	First       Time              `json:"first"`
	Last        Time              `json:"last"`
	Fault       string            `json:"fault,omitempty"` // why reading ended early
}

// DomainReport is one scope in which clocks compete.
type DomainReport struct {
	Network            string                       `json:"network"`
	Domain             uint8                        `json:"domain"`
	SdoID              string                       `json:"sdo_id"`
	Profile            string                       `json:"profile"`
	ProfileReason      string                       `json:"profile_reason"`
	BaselineState      string                       `json:"baseline_state"`
	BestGrandmaster    *string                      `json:"best_grandmaster"`
	BestPort           *string                      `json:"best_port"` // the port that announces it
	BestReason         string                       `json:"best_reason"`
	BestHinges         string                       `json:"best_hinges"`      // on what a listener cannot know; "" on nothing
	NextGrandmaster    *string                      `json:"next_grandmaster"` // who would be best without the best
	NextReason         string                       `json:"next_reason"`      // the field that decides between the two
	Contenders         []ContenderReport            `json:"contenders"`       // heard, but not or not yet qualified
	GrandmasterChanges uint64                       `json:"grandmaster_changes"`
	Grandmasters       []GrandmasterReport          `json:"grandmasters"`
	Ports              []PortReport                 `json:"ports"`
	Exchanges          map[string]map[string]uint64 `json:"exchanges"` // by kind and result
	Messages           map[string]uint64            `json:"messages"`  // by type
	TLVs               map[string]uint64            `json:"tlvs"`      // by type
}

// ContenderReport is a port whose Announces are not qualified.
type ContenderReport struct {
	Port        string `json:"port"`
	Grandmaster string `json:"grandmaster"`
	Bar         string `json:"bar"`          // why they never will be; ""
	QualifiesAt Time   `json:"qualifies_at"` // with the next Announce, if it comes as advertised
	WouldWin    bool   `json:"would_win"`
}

// GrandmasterReport is one grandmaster.
type GrandmasterReport struct {
	Identity    string        `json:"identity"`
	Name        string        `json:"name"`
	Acceptable  *bool         `json:"acceptable"` // null while learning, or where nobody judges
	Best        bool          `json:"best"`
	BestSeconds float64       `json:"best_seconds"`
	FirstSeen   Time          `json:"first_seen"`
	LastSeen    Time          `json:"last_seen"`
	Dataset     DatasetReport `json:"dataset"`
	Relays      []RelayReport `json:"relays"`
	Jury        JuryReport    `json:"jury"`
}

// DatasetReport is the last Announce of a grandmaster, field by field under
// the standard's names (IEEE 1588-2019 13.5, table 37).
type DatasetReport struct {
	Priority1                uint8  `json:"priority1"`
	ClockClass               uint8  `json:"clock_class"`
	ClockAccuracy            uint8  `json:"clock_accuracy"`
	OffsetScaledLogVariance  uint16 `json:"offset_scaled_log_variance"`
	Priority2                uint8  `json:"priority2"`
	StepsRemoved             uint16 `json:"steps_removed"`
	CurrentUTCOffset         int16  `json:"current_utc_offset"`
	CurrentUTCOffsetValid    bool   `json:"current_utc_offset_valid"`
	Leap59                   bool   `json:"leap59"`
	Leap61                   bool   `json:"leap61"`
	PTPTimescale             bool   `json:"ptp_timescale"`
	TimeTraceable            bool   `json:"time_traceable"`
	FrequencyTraceable       bool   `json:"frequency_traceable"`
	SynchronizationUncertain bool   `json:"synchronization_uncertain"`
	TimeSource               string `json:"time_source"`
}

// RelayReport is a port that announces a grandmaster.
type RelayReport struct {
	Port         string `json:"port"`
	StepsRemoved uint16 `json:"steps_removed"`
	Qualified    bool   `json:"qualified"`
}

// PortReport is one port. The timing figures are absent when nothing was
// measured.
type PortReport struct {
	Port        string            `json:"port"`
	Role        string            `json:"role"`
	Interface   string            `json:"interface"`
	MAC         *string           `json:"mac"`
	IP          *string           `json:"ip"`
	VLAN        []uint16          `json:"vlan"` // outermost first
	Transport   string            `json:"transport"`
	Version     string            `json:"version"`
	TwoStep     *bool             `json:"two_step"` // null while not known
	P2P         bool              `json:"p2p"`
	Unicast     bool              `json:"unicast"`
	Grandmaster *string           `json:"grandmaster"` // that it announces
	AnsweredBy  *string           `json:"answered_by"` // who answers its Delay_Req
	FirstSeen   Time              `json:"first_seen"`
	LastSeen    Time              `json:"last_seen"`
	Messages    map[string]uint64 `json:"messages"` // by type
	Intervals   []IntervalReport  `json:"intervals"`
	TimingReport
	// OtherTaps are the same figures as further taps of the network have them.
	OtherTaps []TimingReport `json:"other_taps,omitempty"`
	// Paths are what its own requests measured: the way from a tap to each port
	// that it asks.
	Paths []PathReport `json:"paths,omitempty"`
	// Claimed is what it says of itself, unchecked, by how it says it.
	Claimed []ClaimReport `json:"claimed,omitempty"`
}

// TimingReport is what exchanges with a port measured at one tap. What was not
// measured is absent.
type TimingReport struct {
	TimestampSource     string   `json:"timestamp_source,omitempty"`
	TimestampClock      string   `json:"timestamp_clock,omitempty"`      // "ptp0"; absent for the system's
	TimestampResolution *float64 `json:"timestamp_resolution,omitempty"` // seconds; absent while not known
	TimestampSteps      uint64   `json:"timestamp_steps,omitempty"`      // how often the clock was seen to step
	Tap                 string   `json:"tap,omitempty"`
	// Relative: forward_delay and reverse_delay are less their medians.
	Relative bool `json:"relative,omitempty"`
	// Egress are the directions whose messages the capturing host sent itself and
	// stamped before its network adapter did.
	Egress        []string      `json:"egress,omitempty"`
	ForwardDelay  *Distribution `json:"forward_delay,omitempty"`
	ReverseDelay  *Distribution `json:"reverse_delay,omitempty"`
	MeanPathDelay *Distribution `json:"mean_path_delay,omitempty"`
	MeanLinkDelay *Distribution `json:"mean_link_delay,omitempty"`
	Offset        *Distribution `json:"offset,omitempty"`
	// OffsetErrorBounds say what asymmetry can do to the newest offset.
	OffsetErrorBounds []BoundReport `json:"offset_error_bounds,omitempty"`

	Statistics *StatisticsReport `json:"statistics,omitempty"`
	Detection  *DetectionReport  `json:"detection,omitempty"`
}

// DetectionReport is how the path is judged, in seconds.
type DetectionReport struct {
	State string `json:"state"` // learning, normal, suspect
	// Commissioned is when the frozen baseline was learned; nothing below but
	// Blocks is there before.
	Commissioned *Time   `json:"commissioned,omitempty"`
	Baseline     float64 `json:"baseline,omitempty"`  // mean path, or link, delay
	Wander       float64 `json:"wander,omitempty"`    // of it, on its first day
	Level        float64 `json:"level,omitempty"`     // what it is now
	Scale        float64 `json:"scale,omitempty"`     // standard deviation of a block
	Block        float64 `json:"block,omitempty"`     // length
	Threshold    float64 `json:"threshold,omitempty"` // how far a minute may be off
	// Moved is by how much changes that are not over have moved it, by kind.
	Moved map[string]float64 `json:"moved,omitempty"`
	// Power is the least delay of one direction that would be found now: as a step
	// that is given its direction, or none; as a ramp, a day; and the least step of
	// a clock.
	Power *PowerReport `json:"power,omitempty"`
}

// PowerReport is in seconds.
type PowerReport struct {
	Step        float64 `json:"step"`
	StepUnnamed float64 `json:"step_unnamed"`
	Clock       float64 `json:"clock"`
	RampPerDay  float64 `json:"ramp_per_day"`
}

// BoundReport is a bound in seconds; the basis is route or commissioned.
type BoundReport struct {
	Basis   string  `json:"basis"`
	Seconds float64 `json:"seconds"`
}

// PathReport is the mean path delay from a tap to a port as one client's
// requests give it.
type PathReport struct {
	To            string  `json:"to"`
	Tap           string  `json:"tap"`
	Count         uint64  `json:"count"`
	MeanPathDelay float64 `json:"mean_path_delay"` // seconds, the median of the last 16
}

// IntervalReport is the interval between messages of one type, in seconds;
// null where it is not known or not given.
type IntervalReport struct {
	MessageType string   `json:"message_type"`
	Measured    *float64 `json:"measured"`
	Advertised  *float64 `json:"advertised"`
}

// Distribution sums up measurements, in seconds.
type Distribution struct {
	Count  uint64  `json:"count"`
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	P99    float64 `json:"p99"`
	Max    float64 `json:"max"`
}

// AlertReport is one alert. An alert about the monitor itself has no network,
// domain and sdo_id.
type AlertReport struct {
	Alert       string        `json:"alert"`
	Severity    string        `json:"severity"`
	Raised      Time          `json:"raised"`
	Resolved    Time          `json:"resolved"` // null while it holds
	LastSeen    Time          `json:"last_seen"`
	Network     *string       `json:"network"`
	Domain      *uint8        `json:"domain"`
	SdoID       *string       `json:"sdo_id"`
	Grandmaster *string       `json:"grandmaster"`
	Port        *string       `json:"port"`
	Interface   string        `json:"interface"`
	Reason      string        `json:"reason"`
	Direction   string        `json:"direction"`
	Certainty   string        `json:"certainty"`
	Count       uint64        `json:"count"`
	Summary     string        `json:"summary"`
	Expected    string        `json:"expected"`
	Observed    string        `json:"observed"`
	Frame       *packet.Frame `json:"frame"` // the message that raised it; null when silence did
	References  []string      `json:"references"`
	Evidence    string        `json:"evidence,omitempty"` // the file kept of it, where one is
	Incident    *uint64       `json:"incident"`           // null for what is no incident
	Suppressed  bool          `json:"suppressed"`         // nobody need be told: its incident had one as grave
}

// TableReport is a bounded table; evictions say what the report does not know.
type TableReport struct {
	Table     string `json:"table"`
	Entries   int    `json:"entries"`
	Limit     int    `json:"limit"`
	Evictions uint64 `json:"evictions"`
}

// timeLayout is RFC 3339 with all nine digits, so that times sort as text.
const timeLayout = "2006-01-02T15:04:05.000000000Z07:00"

// Time is a time in a report: RFC 3339 with nanoseconds in UTC, or null for
// the zero time.
type Time struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(t.UTC().Format(`"` + timeLayout + `"`)), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(b []byte) error {
	*t = Time{}
	if string(b) == "null" {
		return nil
	}
	return t.Time.UnmarshalJSON(b)
}
