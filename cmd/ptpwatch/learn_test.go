package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

// TestLearnIsAccepted: what real clocks teach is a configuration without a
// problem or a warning, under it every grandmaster is acceptable, and the same
// traffic raises nothing but what these clocks really did.
func TestLearnIsAccepted(t *testing.T) {
	captures, _ := filepath.Glob("../../testdata/captures/*.pcap*")
	if len(captures) < 10 {
		t.Fatalf("%d captures", len(captures))
	}
	really := map[string][]string{
		"boundary.pcapng": {analysis.AlertGrandmasterChanged, analysis.AlertGrandmasterFreeRun},
		"domains.pcapng":  {analysis.AlertGrandmasterFreeRun},
		"gptp.pcapng":     {analysis.AlertGrandmasterFreeRun},
		"takeover.pcapng": {analysis.AlertGrandmasterChanged, analysis.AlertIllegalClockQuality},
		"unicast.pcapng":  {analysis.AlertGrandmasterChanged, analysis.AlertMessageIntervalAnomaly},
	}
	for _, file := range captures {
		t.Run(filepath.Base(file), func(t *testing.T) {
			root := newRoot()
			var learned, said bytes.Buffer
			root.SetOut(&learned)
			root.SetErr(&said)
			if got := execute(t.Context(), root, []string{"learn", file}); got != statusDone {
				t.Fatalf("learn: status %d: %s", got, said.String())
			}
			c, err := config.Load(write(t, "learned.yaml", learned.String()), config.Options{Alerts: agent.Alerts()})
			if err != nil {
				t.Fatalf("%v\n%s", err, learned.String())
			}
			if len(c.Warnings) > 0 {
				t.Errorf("warnings: %v", c.Warnings)
			}
			result, err := agent.Replay(t.Context(), agent.ReplayOptions{Captures: []string{file}, Stdin: strings.NewReader(""), Config: c})
			if err != nil {
				t.Fatal(err)
			}
			seen := 0
			for _, d := range result.View.Domains {
				for _, g := range d.Grandmasters {
					seen++
					if g.Verdict != analysis.Acceptable {
						t.Errorf("%v: %v is not acceptable", d.Scope, g.Identity)
					}
				}
			}
			for _, a := range result.View.Alerts {
				if !slices.Contains(really[filepath.Base(file)], a.Name) {
					t.Errorf("%s (%s) is raised: %s", a.Name, a.Reason, a.Observed)
				}
			}
			if seen == 0 {
				t.Error("no grandmaster was seen")
			}
		})
	}
}
