package audit_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/audit"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/journal"
	"github.com/ptpwatch/ptpwatch/internal/simulate"
)

// watched is a scenario of ten minutes as an agent has it in its journal, from
// the wire to the report of the quarter of an hour that it is in. From away on
// the agent is down for so long.
func watched(t *testing.T, scenario string, away, down time.Duration) *audit.Report {
	t.Helper()
	s, err := simulate.Load(scenario)
	if err != nil {
		t.Fatal(err)
	}
	var capture bytes.Buffer
	truth, err := s.Run(t.Context(), 1, &capture)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := config.Parse("config of the truth", []byte(truth.Config), agent.Alerts())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "journal")
	j := journal.New(journal.Options{Dir: dir, MaxAge: 1e6 * time.Hour, MaxBytes: 1 << 30}, slog.New(slog.DiscardHandler))
	recorder := audit.NewRecorder(nil)
	record := func(list []audit.Quarter) {
		for i := range list {
			j.Post(list[i].To, journal.Quarter, &list[i])
		}
	}
	if _, err := agent.Replay(t.Context(), agent.ReplayOptions{
		Captures: []string{"-"}, Stdin: &capture, Config: settings, Every: time.Second,
		OnView: func(at time.Time, v *analysis.View) {
			if after := at.Sub(truth.Start); after < away || after >= away+down {
				record(recorder.Look(at, v, []audit.Ear{{Interface: "eth0"}}))
			}
		},
		OnFinding: func(f analysis.Finding) {
			switch f.Event {
			case analysis.AlertRaised, analysis.AlertResolved:
				j.Post(f.At, journal.Event, export.NewEvent(&f))
			}
		},
	}); err != nil {
		t.Fatal(err)
	}
	record(recorder.Close())
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // it writes what it was given, and ends
	if err := j.Run(ctx); err != nil {
		t.Fatal(err)
	}
	report, err := audit.Read(dir, truth.Start, truth.Start.Add(audit.QuarterLength))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestScenarios: a breach of a rule's limit is an incident of the report, of the
// right domain and with figures; the rest of the quarter of an hour, of which
// nothing is on record, is shown to be nothing.
func TestScenarios(t *testing.T) {
	type raised struct {
		Severity, Reason, Certainty string
		Domain                      uint8
		Expected                    string
	}
	const tenth, half = "a time error of at most 10 µs, which is 10 % of the 100 µs of uk-rts25", "a time error of at most 50 µs, which is 50 % of the 100 µs of uk-rts25"
	for _, c := range []struct {
		scenario string
		want     *raised
		word     string
		from, to float64 // where the largest error lies, without its sign
	}{
		{"compliance-within", nil, audit.WordNotShown, 5.5e-6, 6.5e-6},
		{"compliance-uk-rts25/warning", &raised{"warning", "reference", "certain", 0, tenth}, audit.WordNotShown, 29e-6, 31e-6},
		{"compliance-uk-rts25/critical", &raised{"critical", "reference", "certain", 0, half}, audit.WordNotShown, 79e-6, 82e-6},
		{"compliance-uk-rts25/exceeded", &raised{"critical", "reference", "certain", 0, half}, audit.WordExceeded, 150e-6, 157e-6},
		{"compliance-g8271/warning", &raised{"warning", "pair", "possible", 24, "a time error of at most 110 ns, which is 10 % of the 1.1 µs of g8271"}, audit.WordNotShown, 270e-9, 330e-9},
		{"compliance-g8271/critical", &raised{"critical", "pair", "possible", 24, "a time error of at most 550 ns, which is 50 % of the 1.1 µs of g8271"}, audit.WordNotShown, 870e-9, 930e-9},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			t.Parallel()
			r := watched(t, c.scenario, time.Hour, 0)
			var got *raised
			for _, a := range r.Alerts {
				if a.Alert == analysis.AlertComplianceLimit {
					got = &raised{a.Severity, a.Reason, a.Certainty, *a.Domain, a.Expected}
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if c.want == nil && len(r.Alerts) > 0 {
				t.Errorf("alerts: %+v", r.Alerts)
			}
			v := &r.Domains[0].Verdicts[0]
			if most := max(v.Error.Max, -v.Error.Min); most < c.from || most > c.to {
				t.Errorf("the largest error is %g s", most)
			}
			if v.Word() != c.word || v.NotShown() < 300 || v.Within+v.Exceeded+v.NotShown() != r.Seconds() {
				t.Errorf("%s: %+v", v.Word(), v)
			}
			var text strings.Builder
			if err := audit.WriteText(&text, r); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(text.String(), analysis.AlertComplianceLimit) != (c.want != nil) {
				t.Errorf("the report says:\n%s", text.String())
			}
		})
	}
}

// TestAway: the time in which an agent was down is not shown, though all was well
// before and after.
func TestAway(t *testing.T) {
	t.Parallel()
	there := watched(t, "compliance-within", time.Hour, 0).Domains[0].Verdicts[0]
	away := watched(t, "compliance-within", 3*time.Minute, 2*time.Minute).Domains[0].Verdicts[0]
	if less := there.Within - away.Within; there.Within < 500 || less < 120 || less > 160 {
		t.Errorf("%g s within, %g s where the agent was down for two minutes", there.Within, away.Within)
	}
	if away.Unheard-there.Unheard < 120 {
		t.Errorf("%g s not watched, and %g s", there.Unheard, away.Unheard)
	}
}
