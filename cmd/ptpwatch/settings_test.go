package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
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

// TestLogsSayIdentitiesAlike: whichever the format, a log has an identity as
// everything else prints it.
func TestLogsSayIdentitiesAlike(t *testing.T) {
	for format, want := range map[string]string{
		"text": `grandmaster=001d7f.fffe.80024a sdo_id=0x100 after=2s`,
		"json": `"grandmaster":"001d7f.fffe.80024a","sdo_id":"0x100","after":2000000000`,
	} {
		var said strings.Builder
		cmd := &cobra.Command{}
		cmd.SetErr(&said)
		newLogger(cmd, config.Log{Format: format}).Info("best grandmaster",
			"grandmaster", ptp.ClockIdentity(0x001d7ffffe80024a), "sdo_id", ptp.SdoID(0x100), "after", 2*time.Second)
		if !strings.Contains(said.String(), want) {
			t.Errorf("%s: %q lacks %q", format, said.String(), want)
		}
	}
}
