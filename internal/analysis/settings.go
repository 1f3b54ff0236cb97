package analysis

import (
	"maps"
	"time"
)

// AlertConfig changes one alert.
type AlertConfig struct {
	Disabled bool `json:"disabled,omitempty"`
	// Severity takes the place of the alert's usual one. Where the alert is
	// raised with a lesser one, this is the most it may be. "" changes nothing.
	Severity Severity `json:"severity,omitempty"`
	// Thresholds by name: counts, and times in nanoseconds. Those that are
	// missing have their defaults.
	Thresholds map[string]int64 `json:"thresholds,omitempty"`
}

// settings are how one alert is set in one scope, with nothing left open.
type settings struct {
	definition *Definition
	disabled   bool
	severity   Severity
	thresholds map[string]int64
}

// newSettings makes those of all alerts; a later layer goes before an earlier.
func newSettings(layers ...map[string]AlertConfig) map[string]*settings {
	all := make(map[string]*settings, len(Definitions))
	for i := range Definitions {
		d := &Definitions[i]
		s := &settings{definition: d, severity: d.Severities[0], thresholds: make(map[string]int64)}
		for _, t := range d.Thresholds {
			s.thresholds[t.Name] = t.Default()
		}
		for n := len(layers) - 1; n >= 0; n-- {
			if c, ok := layers[n][d.Name]; ok {
				s.change(c)
				break
			}
		}
		all[d.Name] = s
	}
	return all
}

func (s *settings) change(c AlertConfig) {
	s.disabled = c.Disabled
	if c.Severity != "" {
		s.severity = c.Severity
	}
	maps.Copy(s.thresholds, c.Thresholds)
}

// Default is the default of either kind, as in AlertConfig.
func (t Threshold) Default() int64 {
	if t.Time > 0 {
		return int64(t.Time)
	}
	return int64(t.Count)
}

// grade is the severity of an alert that its raiser gives the severity own; ""
// is the usual one.
func (s *settings) grade(own Severity) Severity {
	if own == "" || own == s.definition.Severities[0] || own.rank() > s.severity.rank() {
		return s.severity
	}
	return own
}

// severities are all that the alert can be raised with, the gravest first.
func (s *settings) severities() []Severity {
	var list []Severity
	for _, own := range s.definition.Severities {
		if g := s.grade(own); len(list) == 0 || list[len(list)-1] != g {
			list = append(list, g)
		}
	}
	return list
}

// count and time are the threshold of that name.
func (s *settings) count(threshold string) int64 { return s.thresholds[threshold] }

func (s *settings) time(threshold string) time.Duration {
	return time.Duration(s.thresholds[threshold])
}

// everySettings are those of all scopes.
func (c *Config) everySettings() []map[string]*settings {
	list := []map[string]*settings{c.settings}
	for i := range c.Domains {
		list = append(list, c.Domains[i].settings)
	}
	return list
}

// alert is how an alert is set in a domain.
func (d *DomainConfig) alert(name string) *settings { return d.settings[name] }
