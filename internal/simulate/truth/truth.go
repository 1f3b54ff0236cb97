// Package truth says what really happened in a simulated, or recorded, piece
// of traffic: what a judge holds alerts against.
package truth

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Truth is about one capture.
type Truth struct {
	Scenario    string        `json:"scenario"`
	Description string        `json:"description,omitempty"`
	Seed        uint64        `json:"seed"`
	Start       time.Time     `json:"start"` // of the capture, UTC
	Duration    time.Duration `json:"duration_ns"`
	Frames      uint64        `json:"frames"`
	// Config is the operator's configuration to replay the capture with, YAML.
	Config string `json:"config,omitempty"`

	Interfaces []Interface `json:"interfaces"`
	Clocks     []Clock     `json:"clocks"`
	Episodes   []Episode   `json:"episodes"`
	Paths      []Path      `json:"paths,omitempty"`
}

// Interface is one of the capture's.
type Interface struct {
	Name      string `json:"name"`
	Link      string `json:"link,omitempty"`   // that it taps
	Switch    string `json:"switch,omitempty"` // that it mirrors
	Clock     string `json:"clock"`            // class of what stamps
	Timescale string `json:"timescale"`        // utc or tai
	// Error is how far the stamping clock is ahead of its timescale.
	Error Series `json:"error"`
}

// Clock is a PTP clock.
type Clock struct {
	Name     string `json:"name"`
	Identity string `json:"identity"` // 001d7f.fffe.80024a
	Role     string `json:"role"`     // grandmaster, boundary, client
	// Error is how far the clock is ahead of true time.
	Error Series `json:"error"`
}

// Series is an error over time: what it was at the start and after each
// interval. It is bounded: a long run has longer intervals.
type Series struct {
	Interval time.Duration `json:"interval_ns"`
	Values   []Nanoseconds `json:"values_ns"`
	// MaxAbs is the largest error in the whole run, looked at once a second and
	// whenever the clock is corrected.
	MaxAbs Nanoseconds `json:"max_abs_ns"`
}

// At is the error that held some time after the start, or false before the
// first value and after the last.
func (s *Series) At(after time.Duration) (Nanoseconds, bool) {
	if s.Interval <= 0 || after < 0 || int64(after/s.Interval) >= int64(len(s.Values)) {
		return 0, false
	}
	return s.Values[after/s.Interval], true
}

// Nanoseconds print to the tenth.
type Nanoseconds float64

// MarshalJSON implements json.Marshaler.
func (n Nanoseconds) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%.1f", float64(n)), nil }

// Kind is what an episode is.
type Kind string

// The kinds.
const (
	Attack   Kind = "attack"
	Fault    Kind = "fault"    // something broke
	Operator Kind = "operator" // somebody changed something, as he may
)

// Episode is something that an operator would want to be told of, or not to be
// bothered with.
type Episode struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Type is what kind of attack, fault or change it is, "sync-delay", and Size
	// how much of it, "500ns".
	Type  string    `json:"type"`
	Size  string    `json:"size,omitempty"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// First is when it first touched a frame, sent one or took one away; zero if
	// it never did. FirstFrame is the first frame of the capture, 1-based, that
	// it has touched; 0 if the capture has none.
	First      time.Time `json:"first"`
	FirstFrame uint64    `json:"first_frame"`

	// Attacker is the clock identity that it shows on the wire, or that of the
	// clock that is at fault; "" where there is none.
	Attacker string `json:"attacker,omitempty"`
	// Clocks are the identities of which an alert may rightly speak.
	Clocks []string `json:"clocks,omitempty"`
	// Direction is forward (from the master), reverse, both or "".
	Direction string `json:"direction,omitempty"`
	Network   string `json:"network,omitempty"`
	Domain    uint8  `json:"domain"`
	// Alerts are the names of those that answer it, the one that is made for it
	// first; Tolerated are those that may be raised beside; each other one is
	// false. Severity is the highest that is due. With no Alerts it is to be met
	// with silence.
	Alerts    []string `json:"alerts,omitempty"`
	Tolerated []string `json:"tolerated,omitempty"`
	Severity  string   `json:"severity,omitempty"`
	// MaxError is the largest error that each clock had during it, by name.
	MaxError map[string]Nanoseconds `json:"max_error_ns,omitempty"`
}

// Path is how long messages take between a port and a tap when nothing is in
// their way: the delays of links, and what switches and routers take at least.
// What a correctionField tells, of transparent clocks before the tap or behind
// it, is not in it. It is what is measured at the tap of perfect stamps; an
// error of the tap's clock, and of the sender's, comes on top.
//
// There is one for each port that sends Sync or answers Pdelay_Req, and each tap
// that its messages come by; another follows in the list when the way changes.
type Path struct {
	Interface string    `json:"interface"`
	Clock     string    `json:"clock"` // or peer-to-peer transparent clock
	Identity  string    `json:"identity"`
	Port      uint16    `json:"port"` // portNumber
	From      time.Time `json:"from"` // since when
	// Forward is from the port to the tap, what is left of a Sync's way:
	// s - t1 - correctionField. Behind peer-to-peer transparent clocks it is the
	// way from the last of them, and half of what the links before are longer
	// there than back.
	Forward Nanoseconds `json:"forward_ns"`
	// Reverse is from the tap to the port, what is left of a Delay_Req's way:
	// t4 - r - (cf(Delay_Resp) - cf(Delay_Req at the tap)). In SPTP t4 and that
	// correctionField are the answer's too, of a Sync and an Announce. Nil where
	// no Delay_Req goes that way.
	Reverse *Nanoseconds `json:"reverse_ns,omitempty"`
	// Peer is half of the way there and back, by which a Pdelay_Req that passes
	// the tap is answered. Nil where none does.
	Peer *Nanoseconds `json:"peer_ns,omitempty"`
}

// Write writes the truth as a line of JSON.
func (t *Truth) Write(w io.Writer) error {
	if err := json.NewEncoder(w).Encode(t); err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	return nil
}

// Read reads what Write has written.
func Read(r io.Reader) (*Truth, error) {
	t := new(Truth)
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(t); err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	return t, nil
}
