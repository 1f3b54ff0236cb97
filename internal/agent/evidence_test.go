package agent

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/evidence"
	"github.com/ptpwatch/ptpwatch/internal/export"
)

// newEvidenceRig is a rig that keeps evidence.
func newEvidenceRig(t *testing.T) *rig {
	r := newRig(t)
	r.config.Evidence = config.Evidence{
		Enabled: true, Dir: filepath.Join(r.config.StateDir, "evidence"), Before: 20 * time.Second, After: 20 * time.Second,
		MaxBytes: 64 << 20, MaxAge: time.Hour, Memory: 1 << 20,
	}
	return r
}

// documents waits for n files of evidence, and reads them.
func (r *rig) documents(n int) (all []*evidence.Document) {
	r.t.Helper()
	var files []string
	for begin := time.Now(); len(files) != n; time.Sleep(time.Millisecond) {
		files, _ = filepath.Glob(filepath.Join(r.config.Evidence.Dir, "*.json"))
		if time.Since(begin) > 20*time.Second {
			r.t.Fatalf("evidence %q, want %d", files, n)
		}
	}
	slices.Sort(files)
	for _, f := range files {
		d, err := evidence.Read(f)
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// raisedAgain are the critical alerts of a replay of evidence, as the journal
// would have them, but for the frames.
func (r *rig) raisedAgain(d *evidence.Document) (events []map[string]any) {
	r.t.Helper()
	_, err := Replay(r.t.Context(), ReplayOptions{
		Captures: []string{filepath.Join(r.config.Evidence.Dir, d.Frames.File)}, Evidence: d,
		OnFinding: func(f analysis.Finding) {
			if f.Event == analysis.AlertRaised && f.Alert.Severity == analysis.Critical {
				text, err := json.Marshal(export.NewEvent(&f))
				if err != nil {
					r.t.Fatal(err)
				}
				events = append(events, unframed(r.t, text))
			}
		},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return events
}

func unframed(t *testing.T, event []byte) (m map[string]any) {
	t.Helper()
	if err := json.Unmarshal(event, &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "frame")
	return m
}

func (r *rig) verified(evidences int) {
	r.t.Helper()
	report, err := evidence.Verify(r.config.Evidence.Dir, filepath.Join(r.config.StateDir, "journal"))
	if err != nil || len(report.Breaks) > 0 || report.Evidence != evidences {
		r.t.Errorf("verified: %v, %+v", err, report)
	}
}

// TestEvidence: each critical alert of an agent is raised again by a replay of
// its evidence, whatever the configuration and the operator did before, and over
// a restart; and journal and evidence are one chain.
func TestEvidence(t *testing.T) {
	r := newEvidenceRig(t)
	r.config.Domains = []config.Domain{{Profile: "auto", Baseline: "pin", LearnFor: 30 * time.Second}}
	r.start()
	r.seconds(40, gm1)
	r.seconds(4, gm1, gm2) // a rogue
	if got := r.ask(BaselineRequest{Act: AcceptBaselines, Reason: "it is ours"}); got.Error != "" {
		t.Fatal(got.Error)
	}
	r.seconds(30, gm2)
	r.seconds(60) // silence
	kept := r.documents(2)
	for begin := time.Now(); r.store.Load().Evidence.Written < 2 && time.Since(begin) < 20*time.Second; {
		r.seconds(1)
	}
	var named []string // by the report, and so by the status page
	for _, a := range export.NewReport(r.store.Load()).Alerts {
		if a.Evidence != "" {
			named = append(named, a.Alert+" "+a.Evidence)
		}
	}
	want := []string{analysis.AlertRogueGrandmaster + " " + kept[0].Frames.File, analysis.AlertGrandmasterLost + " " + kept[1].Frames.File}
	if diff := cmp.Diff(want, named); diff != "" {
		t.Errorf("evidence of alerts: -want +report\n%s", diff)
	}
	r.stop()

	r.start()
	stranger := gm1
	stranger.ClockIdentity -= 3 // better than gm2
	r.seconds(5, stranger)
	r.stop() // in the middle of what it gathers
	docs := r.documents(3)
	for i, want := range []string{analysis.AlertRogueGrandmaster, analysis.AlertGrandmasterLost, analysis.AlertRogueGrandmaster} {
		d := docs[i]
		var events []map[string]any
		for _, a := range d.Alerts {
			events = append(events, unframed(t, a.Event))
		}
		if diff := cmp.Diff(events, r.raisedAgain(d)); diff != "" || events[0]["alert"] != want {
			t.Errorf("%s: -evidence +replay\n%s", d.Frames.File, diff)
		}
	}
	if d := docs[2]; !strings.HasPrefix(d.Frames.Cut, "the agent ended") && !strings.HasPrefix(d.Frames.Cut, "nothing older") {
		t.Errorf("cut %q", d.Frames.Cut)
	}
	r.verified(3)
}

// TestEvidenceCannotBeKept: a folder that cannot be written to, in
// whatever way, is told before there is anything to write and holds up nothing,
// and what was gathered meanwhile is written when it can be.
func TestEvidenceCannotBeKept(t *testing.T) {
	r := newEvidenceRig(t)
	r.config.Evidence.Dir = filepath.Join(t.TempDir(), "evidence")
	if err := os.WriteFile(r.config.Evidence.Dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.awaits("PTPWatchDegraded evidence_unwritable")
	r.seconds(40, gm1)
	r.seconds(4, gm1, gm2)
	r.seconds(60, gm1)
	if s := r.store.Load(); s.Evidence.Errors == 0 || s.Evidence.Written > 0 || s.Evidence.Buffered < 19*time.Second {
		t.Errorf("%+v", s.Evidence)
	}
	if domains := r.store.Load().View.Domains; len(domains) != 1 || len(domains[0].Grandmasters) != 2 {
		t.Errorf("domains %+v", domains)
	}
	if err := os.Remove(r.config.Evidence.Dir); err != nil {
		t.Fatal(err)
	}
	docs := r.documents(1)
	if got := r.raisedAgain(docs[0]); len(got) == 0 || got[0]["alert"] != analysis.AlertRogueGrandmaster {
		t.Errorf("the replay raises %v", got)
	}
	for begin := time.Now(); slices.Contains(r.alerts(), "PTPWatchDegraded evidence_unwritable"); r.seconds(1, gm1) {
		if time.Since(begin) > 20*time.Second {
			t.Fatal("evidence can be written again, and the alert holds")
		}
		time.Sleep(time.Millisecond)
	}
	if s := r.store.Load(); s.Evidence.Written != 1 || s.Evidence.Bytes == 0 || s.Evidence.Lost > 0 {
		t.Errorf("%+v", s.Evidence)
	}
	r.stop()
	r.verified(1)
}

// awaits lets seconds pass until an alert holds.
func (r *rig) awaits(alert string) {
	r.t.Helper()
	for begin := time.Now(); !slices.Contains(r.alerts(), alert); time.Sleep(time.Millisecond) {
		r.at = r.at.Add(time.Second)
		r.source.beat(r.at)
		if time.Since(begin) > 20*time.Second {
			r.t.Fatalf("no %s, but %v", alert, r.alerts())
		}
	}
}
