package analysis

import (
	"net/netip"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/leap"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Config is what the operator says about the networks, and the limits of what
// is kept. The zero value of a limit means its default. In JSON it is whole:
// beside a State it is all that a judgement hangs on but the messages.
type Config struct {
	Limits Limits `json:"limits"`
	// ForgetAfter is how long a port or grandmaster may be silent before its
	// state is dropped.
	ForgetAfter time.Duration  `json:"forget_after"`
	Domains     []DomainConfig `json:"domains,omitempty"`
	// Timescales are what the clocks that stamp for interfaces tell, by interface;
	// auto for those that are missing.
	Timescales map[string]Timescale `json:"timescales,omitempty"`
	// References are the interfaces for which a clock stamps that is disciplined by
	// something else than the grandmasters it hears.
	References map[string]bool `json:"references,omitempty"`
	// ReferenceErrors are how far such clocks are from UTC at most, by interface, as
	// the operator vouches for.
	ReferenceErrors map[string]time.Duration `json:"reference_errors,omitempty"`
	// LearnFor is how long a scope is learned before its baseline is pinned.
	LearnFor time.Duration `json:"learn_for"`
	// Baselines are what was learned before. With Distrust they could not be
	// read: nothing is pinned until an operator accepts it.
	Baselines []Baseline `json:"baselines,omitempty"`
	Distrust  bool       `json:"distrust,omitempty"`
	// LeapTable tells what grandmasters may say of UTC; nil is the table built in.
	LeapTable *leap.Table `json:"leap_table,omitempty"`
	// Alerts changes alerts by name.
	Alerts map[string]AlertConfig `json:"alerts,omitempty"`

	settings map[string]*settings // of all alerts, complete
}

// Timescale is what a stamping clock tells: auto, utc, tai or arbitrary.
type Timescale = delay.Timescale

// Limits bounds every table, so that no stranger's packets can exhaust memory.
type Limits struct {
	Domains     int `json:"domains"` // scopes: (network, domain, sdoId)
	Clocks      int `json:"clocks"`  // grandmasters
	Ports       int `json:"ports"`
	Pending     int `json:"pending"`      // messages that wait for their other half
	TimingPorts int `json:"timing_ports"` // ports whose delays are measured
}

// The defaults.
const (
	DefaultDomains     = 256
	DefaultClocks      = 16384
	DefaultPorts       = 16384
	DefaultPending     = 262144
	DefaultTimingPorts = 1024
	DefaultForgetAfter = 10 * time.Minute
	DefaultLearnFor    = 5 * time.Second
)

// DomainConfig is what the operator says of a domain. With no Network it
// applies to every network.
type DomainConfig struct {
	Network      string              `json:"network,omitempty"`
	DomainNumber uint8               `json:"domain"`
	SdoID        ptp.SdoID           `json:"sdo_id"`
	Profile      string              `json:"profile"`
	Grandmasters []GrandmasterConfig `json:"grandmasters,omitempty"`
	Baseline     BaselineMode        `json:"baseline,omitempty"`  // "" is BaselinePin
	LearnFor     time.Duration       `json:"learn_for,omitempty"` // 0 is Config.LearnFor
	// Compliance is the rule that it is held to, ComplianceLimit the limit of it;
	// 0 is the rule's default.
	Compliance      string        `json:"compliance,omitempty"`
	ComplianceLimit time.Duration `json:"compliance_limit,omitempty"`
	// Alerts replaces what Config.Alerts says of these.
	Alerts map[string]AlertConfig `json:"alerts,omitempty"`

	settings map[string]*settings
}

// GrandmasterConfig is a grandmaster that the operator accepts.
type GrandmasterConfig struct {
	Identity ptp.ClockIdentity `json:"identity"`
	Name     string            `json:"name,omitempty"`
	MAC      packet.MAC        `json:"mac,omitzero"` // zero when any will do
	IP       netip.Addr        `json:"ip,omitzero"`  // invalid when any will do
	// LeastDelay is what each direction between it and the tap takes at least;
	// CommissionedDelay, the mean path delay when the way was put into service. 0
	// where nobody says.
	LeastDelay        time.Duration `json:"least_delay,omitzero"`
	CommissionedDelay time.Duration `json:"commissioned_delay,omitzero"`
}

func (c Config) withDefaults() Config {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&c.Limits.Domains, DefaultDomains)
	set(&c.Limits.Clocks, DefaultClocks)
	set(&c.Limits.Ports, DefaultPorts)
	set(&c.Limits.Pending, DefaultPending)
	set(&c.Limits.TimingPorts, DefaultTimingPorts)
	if c.LearnFor <= 0 {
		c.LearnFor = DefaultLearnFor
	}
	if c.ForgetAfter <= 0 {
		c.ForgetAfter = DefaultForgetAfter
	}
	c.settings = newSettings(c.Alerts)
	c.Domains = slices.Clone(c.Domains)
	for i := range c.Domains {
		d := &c.Domains[i]
		d.settings = c.settings
		if len(d.Alerts) > 0 {
			d.settings = newSettings(c.Alerts, d.Alerts)
		}
	}
	return c
}

// domain finds what the operator said of a scope; an entry that names the
// network goes before one that applies to all.
func (c *Config) domain(s Scope) DomainConfig {
	found := DomainConfig{Profile: "auto", settings: c.settings}
	for _, d := range c.Domains {
		if d.DomainNumber != s.DomainNumber || d.SdoID != s.SdoID {
			continue
		}
		if d.Network == s.Network {
			found = d
			break
		}
		if d.Network == "" {
			found = d
		}
	}
	if found.LearnFor <= 0 {
		found.LearnFor = c.LearnFor
	}
	return found
}

// baseline is what was learned of a scope before.
func (c *Config) baseline(s Scope) (Baseline, bool) {
	for _, b := range c.Baselines {
		if b.Scope == s {
			return b, true
		}
	}
	return Baseline{}, false
}

func (d DomainConfig) grandmaster(id ptp.ClockIdentity) (GrandmasterConfig, bool) {
	for _, g := range d.Grandmasters {
		if g.Identity == id {
			return g, true
		}
	}
	return GrandmasterConfig{}, false
}
