package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

// TestDefaultsAgree: the configuration's defaults are the analysis's, and its
// reference has every alert there is.
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
		got, ok := c.Detectors[d.Name]
		if want := (config.Detector{Enabled: true, Severity: string(d.Severity), After: d.After}); !ok || got != want {
			t.Errorf("%s: got %+v, want %+v", d.Name, got, want)
		}
		if !strings.Contains(config.Reference, "\n  "+d.Name+":\n") {
			t.Errorf("the reference lacks detectors.%s", d.Name)
		}
	}
}
