package config

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/leap"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Config is the configuration of one run. Load makes it and nobody changes it
// afterwards: a reload makes another one.
//
// The tags are all there is to say about a key: mapstructure its name, default
// the text it has when nobody sets it, oneof, min and max what is accepted.
type Config struct {
	Listen        string              `mapstructure:"listen" default:":9588"`
	WebConfigFile string              `mapstructure:"web_config_file" default:""`
	Log           Log                 `mapstructure:"log"`
	Interfaces    []Interface         `mapstructure:"interfaces"`
	Networks      []Network           `mapstructure:"networks"`
	Domains       []Domain            `mapstructure:"domains"`
	Detectors     map[string]Detector `mapstructure:"detectors"` // by alert name, every known one present
	Limits        Limits              `mapstructure:"limits"`
	Clients       []Client            `mapstructure:"clients"`
	// StateDir is where what was learned and the journal are kept; "" is
	// nowhere. ControlSocket is where a running agent takes operators' acts; ""
	// is nowhere, which is so only without a StateDir.
	StateDir      string  `mapstructure:"state_dir" default:""`
	ControlSocket string  `mapstructure:"control_socket" default:""`
	Journal       Journal `mapstructure:"journal"`
	// Evidence.Dir is "" where there is neither that key nor a StateDir: then
	// none is kept.
	Evidence Evidence `mapstructure:"evidence"`
	LeapFile string   `mapstructure:"leap_file" default:""`

	// LeapTable is what LeapFile holds; nil without one.
	LeapTable *leap.Table `mapstructure:"-"`
	// Warnings are what is accepted but probably not meant.
	Warnings []Problem `mapstructure:"-"`

	origins origins
	keys    *key
}

// Log says what is logged, and how.
type Log struct {
	Level  slog.Level `mapstructure:"level" default:"info" oneof:"debug|info|warn|error"`
	Format string     `mapstructure:"format" default:"text" oneof:"text|json"`
}

// Journal says how much is kept of what the agent records.
type Journal struct {
	MaxAge   time.Duration `mapstructure:"max_age" default:"8760h"`
	MaxBytes int64         `mapstructure:"max_bytes" default:"268435456" min:"65536" max:"1099511627776"`
}

// Evidence says what is kept of critical alerts.
type Evidence struct {
	Enabled  bool          `mapstructure:"enabled" default:"true"`
	Dir      string        `mapstructure:"dir" default:""`
	Before   time.Duration `mapstructure:"before" default:"20s"`
	After    time.Duration `mapstructure:"after" default:"30s"`
	MaxBytes int64         `mapstructure:"max_bytes" default:"1073741824" min:"4194304" max:"1099511627776"`
	MaxAge   time.Duration `mapstructure:"max_age" default:"8760h"`
	Memory   int64         `mapstructure:"memory" default:"33554432" min:"1048576" max:"17179869184"` // that the latest frames may take
}

// Interface is a network interface, or what stands for one in a capture file.
type Interface struct {
	Name string `mapstructure:"name"`
	Tap  string `mapstructure:"tap"` // legs of one link share it; "" is the interface's own

	// For listening: whether to take every frame, as a mirror port needs; which
	// stamp is used; and whether the NIC's time stamping may be switched on.
	Promiscuous  bool   `mapstructure:"promiscuous" default:"false"`
	Timestamping string `mapstructure:"timestamping" default:"auto" oneof:"auto|hardware|software"`
	HWTstamp     string `mapstructure:"hwtstamp" default:"observe" oneof:"observe|enable"`
	// Timescale is what the clock that stamps tells.
	Timescale string `mapstructure:"timescale" default:"auto" oneof:"auto|utc|tai|arbitrary"`
	// Capture is how frames come from the kernel: there is one way. A TPACKET_V3
	// ring has one stamp of a frame, not the NIC's and the kernel's.
	Capture string `mapstructure:"capture" default:"message" oneof:"message"`
	// Reference says whether that clock is disciplined by something else than the
	// grandmasters it hears.
	Reference string `mapstructure:"reference" default:"none" oneof:"none|independent"`
	// ReferenceError is how far that clock is from UTC at most; 0 where nobody
	// vouches for it.
	ReferenceError time.Duration `mapstructure:"reference_error"`
}

// Network joins interfaces, or VLANs on them, into one scope in which clocks
// compete.
type Network struct {
	Name       string   `mapstructure:"name"`
	Interfaces []string `mapstructure:"interfaces"`
	VLANs      []uint16 `mapstructure:"vlans" max:"4094"` // 0 is untagged; none: all of the interfaces, each VLAN apart
}

// Domain is what is known of one PTP domain.
type Domain struct {
	Network      string        `mapstructure:"network"` // "" is every network
	DomainNumber uint8         `mapstructure:"domain"`
	SdoID        ptp.SdoID     `mapstructure:"sdo_id" default:"0x000"`
	Profile      string        `mapstructure:"profile" default:"auto" oneof:"auto|default|g8275.1|g8275.2|g8265.1|gptp|enterprise|st2059-2|power"`
	Grandmasters []Grandmaster `mapstructure:"grandmasters"`
	Baseline     string        `mapstructure:"baseline" default:"pin" oneof:"pin|listed|off"`
	LearnFor     time.Duration `mapstructure:"learn_for"` // 0 is the default of whoever learns
	// Compliance is the rule it is held to, ComplianceLimit one of that rule's
	// limits; 0 is its default.
	Compliance      string        `mapstructure:"compliance" default:"none" oneof:"none|eu-2025-1155|uk-rts25|us-cat|us-finra4590|g8271"`
	ComplianceLimit time.Duration `mapstructure:"compliance_limit"`
	// Detectors are those that are set otherwise here than in
	// Config.Detectors; what their entry leaves out is as there.
	Detectors map[string]Detector `mapstructure:"detectors"`
}

// Grandmaster is a clock that may be the best master of its domain.
type Grandmaster struct {
	Identity ptp.ClockIdentity `mapstructure:"identity"`
	Name     string            `mapstructure:"name"`
	MAC      packet.MAC        `mapstructure:"mac"`
	IP       netip.Addr        `mapstructure:"ip"`
	// LeastDelay and CommissionedDelay bound the asymmetry of the way to it.
	LeastDelay        time.Duration `mapstructure:"least_delay"`
	CommissionedDelay time.Duration `mapstructure:"commissioned_delay"`
}

// Client is a clock on this host that is asked, on its own socket, what it
// measures.
type Client struct {
	Socket       string    `mapstructure:"socket"`
	DomainNumber uint8     `mapstructure:"domain" default:"0"`
	SdoID        ptp.SdoID `mapstructure:"sdo_id" default:"0x000"`
	// AnswerDir is where the socket is that it answers to; "" is an address
	// without a file.
	AnswerDir string `mapstructure:"answer_dir" default:""`
}

// Detector says whether an alert is raised, and how severe it is.
type Detector struct {
	Enabled  bool   `mapstructure:"enabled" default:"true"`
	Severity string `mapstructure:"severity" oneof:"info|warning|critical"` // by default the alert's own
	// Thresholds are the alert's own, by name: a count is an int, a time a
	// time.Duration.
	Thresholds map[string]any `mapstructure:",remain"`
}

// Limits are the caps on what is tracked. Beyond them newcomers are refused,
// or the longest silent are forgotten, and counted.
type Limits struct {
	Clocks      int `mapstructure:"clocks" default:"16384" min:"1" max:"1000000"`
	Ports       int `mapstructure:"ports" default:"16384" min:"1" max:"1000000"`
	Domains     int `mapstructure:"domains" default:"256" min:"1" max:"65536"`
	Pending     int `mapstructure:"pending" default:"262144" min:"1" max:"10000000"`
	TimingPorts int `mapstructure:"timing_ports" default:"1024" min:"1" max:"100000"`
}

// Alert is an alert that detectors.<name> may name. Whoever raises alerts says
// which there are.
type Alert struct {
	Name       string
	Severity   string // "info", "warning" or "critical"
	Thresholds []Threshold
}

// Threshold is a number of an alert's own that detectors.<alert>.<name> sets.
type Threshold struct {
	Name    string
	Default any // a count is an int, a time a time.Duration
}
