package agent

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

// forgetInReplay is as good as never: a report tells of all that was heard.
const forgetInReplay = 10 * 365 * 24 * time.Hour

// settings is what a configuration says to the analysis.
func settings(c *config.Config) analysis.Config {
	s := analysis.Config{
		Limits: analysis.Limits{
			Domains: c.Limits.Domains, Clocks: c.Limits.Clocks, Ports: c.Limits.Ports,
			Pending: c.Limits.Pending, TimingPorts: c.Limits.TimingPorts,
		},
		Alerts:     detectors(c.Detectors),
		LeapTable:  c.LeapTable,
		Timescales: make(map[string]analysis.Timescale, len(c.Interfaces)),
		References: make(map[string]bool, len(c.Interfaces)), ReferenceErrors: make(map[string]time.Duration),
	}
	for _, i := range c.Interfaces {
		s.Timescales[i.Name] = analysis.Timescale(i.Timescale)
		s.References[i.Name] = i.Reference == "independent"
		if s.References[i.Name] && i.ReferenceError > 0 {
			s.ReferenceErrors[i.Name] = i.ReferenceError
		}
	}
	for _, d := range c.Domains {
		s.Domains = append(s.Domains, domain(d))
	}
	return s
}

// learnLive is how long a live network is learned when nobody says. In a replay
// it is what the analysis has for a default.
const learnLive = 10 * time.Minute

// liveSettings is what it says for a live network.
func liveSettings(c *config.Config) analysis.Config {
	s := settings(c)
	s.LearnFor = learnLive
	return s
}

func domain(c config.Domain) analysis.DomainConfig {
	d := analysis.DomainConfig{Network: c.Network, DomainNumber: c.DomainNumber, SdoID: c.SdoID, Profile: c.Profile}
	d.Baseline, d.LearnFor = analysis.BaselineMode(c.Baseline), c.LearnFor
	d.Alerts, d.Compliance, d.ComplianceLimit = detectors(c.Detectors), c.Compliance, c.ComplianceLimit
	for _, g := range c.Grandmasters {
		d.Grandmasters = append(d.Grandmasters, analysis.GrandmasterConfig{Identity: g.Identity, Name: g.Name, MAC: g.MAC, IP: g.IP, LeastDelay: g.LeastDelay, CommissionedDelay: g.CommissionedDelay})
	}
	return d
}

func detectors(c map[string]config.Detector) map[string]analysis.AlertConfig {
	alerts := make(map[string]analysis.AlertConfig, len(c))
	for name, d := range c {
		a := analysis.AlertConfig{
			Disabled: !d.Enabled, Severity: analysis.Severity(d.Severity), Thresholds: make(map[string]int64),
		}
		for threshold, v := range d.Thresholds {
			switch v := v.(type) {
			case int:
				a.Thresholds[threshold] = int64(v)
			case time.Duration:
				a.Thresholds[threshold] = int64(v)
			}
		}
		alerts[name] = a
	}
	return alerts
}

// interfaces is what a configuration says about listening.
func interfaces(c *config.Config) []capture.LiveInterface {
	list := make([]capture.LiveInterface, len(c.Interfaces))
	for i, n := range c.Interfaces {
		list[i] = capture.LiveInterface{
			Name: n.Name, Promiscuous: n.Promiscuous,
			StampOptions: capture.StampOptions{
				Timestamping: capture.Timestamping(n.Timestamping), HWTstamp: capture.HWTstamp(n.HWTstamp),
			},
		}
	}
	return list
}

// naming is what a configuration says about taps and networks.
func naming(c *config.Config) capture.Naming {
	n := capture.Naming{Taps: make(map[string]string)}
	for _, i := range c.Interfaces {
		if i.Tap != "" {
			n.Taps[i.Name] = i.Tap
		}
	}
	for _, w := range c.Networks {
		n.Networks = append(n.Networks, capture.NamedNetwork{Name: w.Name, Interfaces: w.Interfaces, VLANs: w.VLANs})
	}
	return n
}

// Alerts lists the alerts that a configuration may name.
func Alerts() []config.Alert {
	alerts := make([]config.Alert, len(analysis.Definitions))
	for i, d := range analysis.Definitions {
		alerts[i] = config.Alert{Name: d.Name, Severity: string(d.Severities[0])}
		for _, t := range d.Thresholds {
			var value any = t.Count
			if t.Time > 0 {
				value = t.Time
			}
			alerts[i].Thresholds = append(alerts[i].Thresholds, config.Threshold{Name: t.Name, Default: value})
		}
	}
	return alerts
}
