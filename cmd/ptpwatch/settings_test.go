package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

// TestDefaultsAgree: the configuration's defaults are the analysis's.
func TestDefaultsAgree(t *testing.T) {
	c := config.Default(agent.Alerts())
	want := config.Limits{
		Domains: analysis.DefaultDomains, Clocks: analysis.DefaultClocks, Ports: analysis.DefaultPorts,
		Pending: analysis.DefaultPending, TimingPorts: analysis.DefaultTimingPorts,
	}
	if diff := cmp.Diff(want, c.Limits); diff != "" {
		t.Errorf("limits: -analysis +configuration\n%s", diff)
	}
	for _, d := range analysis.Definitions {
		want := config.Detector{Enabled: true, Severity: string(d.Severities[0]), Thresholds: map[string]any{}}
		for _, th := range d.Thresholds {
			want.Thresholds[th.Name] = th.Count
			if th.Time > 0 {
				want.Thresholds[th.Name] = th.Time
			}
		}
		if diff := cmp.Diff(want, c.Detectors[d.Name]); diff != "" {
			t.Errorf("%s: -analysis +configuration\n%s", d.Name, diff)
		}
	}
}
