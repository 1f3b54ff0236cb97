package agent

import (
	"context"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/evidence"
	"github.com/ptpwatch/ptpwatch/internal/export"
)

// wantsEvidence says whether evidence is to be kept.
func wantsEvidence(c *config.Config) bool { return c.Evidence.Enabled && c.Evidence.Dir != "" }

func (w *watcher) newRecorder() *evidence.Recorder {
	c := w.config.Evidence
	o := evidence.Options{
		Dir: c.Dir, Before: c.Before, After: c.After, Memory: min(c.Memory, c.MaxBytes/4), MaxBytes: c.MaxBytes, MaxAge: c.MaxAge,
		Agent: "ptpwatch " + Build().Version,
	}
	basis := func() evidence.Basis {
		return evidence.Basis{State: w.tracker.State(), Baselines: w.tracker.Baselines()}
	}
	return evidence.New(o, basis, evidence.Log{Record: w.memory.record, Head: w.memory.head}, w.options.Log)
}

// restartEvidence begins anew with what alerts are evidenced by.
func (w *watcher) restartEvidence(at time.Time) {
	if w.evidence != nil {
		w.evidence.Restart(at, evidence.Settings{Analysis: w.memory.configure(liveSettings(w.config)), Naming: naming(w.config)})
	}
}

// startEvidence runs what writes evidence until stop is called, which lets it
// write what there is by then.
func (w *watcher) startEvidence() (stop func(at time.Time) error) {
	if w.evidence == nil {
		return func(time.Time) error { return nil }
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.evidence.Run(ctx) }()
	return func(at time.Time) error {
		w.evidence.Finish(at)
		cancel()
		return <-ended
	}
}

// evidenceTroubles says why there would be no evidence of an alert.
func (w *watcher) evidenceTroubles() []analysis.Trouble {
	if w.evidence == nil {
		return nil
	}
	if fault := w.evidence.Stats().Fault; fault != "" {
		return []analysis.Trouble{{
			Reason: "evidence_unwritable", Expected: "evidence of critical alerts is kept", Observed: fault,
		}}
	}
	return nil
}

// evidenceStats is how it fares; nil where none is kept.
func (w *watcher) evidenceStats() *export.Evidence {
	if w.evidence == nil {
		return nil
	}
	s := w.evidence.Stats()
	files := make(map[export.EvidenceKey]string)
	for _, k := range w.evidence.Evidenced() {
		files[export.KeyOfEvidence(&k.Alert)] = k.File
	}
	return &export.Evidence{Written: s.Written, Lost: s.Lost, Errors: s.Errors, Bytes: s.Bytes, Buffered: w.evidence.Span(), Files: files}
}

// Rejudge is what an agent with this configuration would have judged by in place
// of the one that wrote the evidence.
func Rejudge(d *evidence.Document, c *config.Config) *evidence.Document {
	other := *d
	other.Settings, other.Naming = liveSettings(c), naming(c)
	other.Settings.Baselines, other.Settings.Distrust = d.Settings.Baselines, d.Settings.Distrust
	return &other
}
