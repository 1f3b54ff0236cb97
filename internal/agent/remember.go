package agent

import (
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/journal"
)

// The analysis is saved so often when it has found something, and so often when
// it has not.
const (
	rememberSoon = 10 * time.Second
	rememberLate = time.Minute
)

// noted is what is not saved yet.
type noted struct {
	baselines bool // some were pinned or reset
	findings  bool
	saved     time.Time // when the analysis was
}

// note has a finding recorded, and what it changed saved.
func (w *watcher) note(f analysis.Finding) {
	switch f.Event {
	case analysis.GrandmasterAppeared, analysis.GrandmasterForgotten, analysis.GrandmasterChanged:
		return // anybody can bring these about; what matters of it is an alert
	case analysis.BaselinePinned, analysis.BaselineReset:
		w.noted.baselines = true
	}
	w.noted.findings = true
	event := export.NewEvent(&f)
	w.memory.record(f.At, journal.Event, event)
	if w.evidence != nil && f.Event == analysis.AlertRaised {
		w.evidence.Raised(f.At, f.Alert, event)
	}
}

// remember saves what has changed.
func (w *watcher) remember(at time.Time, last bool) {
	if w.noted.baselines && !w.memory.saved.Distrust { // then an operator has them saved
		w.saveBaselines(at)
	}
	if w.memory.dir == nil {
		return
	}
	since := at.Sub(w.noted.saved)
	if last || since >= rememberLate || since < 0 || w.noted.findings && since >= rememberSoon {
		w.noted.findings, w.noted.saved = false, at
		w.memory.tracker.put(savedTracker{w.tracker.State()})
	}
}

// saveBaselines has them saved as they are now, and returns the number to wait
// for.
func (w *watcher) saveBaselines(at time.Time) uint64 {
	w.noted.baselines = false
	w.settleDistrust(at)
	w.memory.saved.Baselines = w.tracker.Baselines()
	if w.memory.baselines == nil {
		return 0
	}
	return w.memory.baselines.put(w.memory.saved)
}

// settleDistrust ends it when all that is heard has been accepted.
func (w *watcher) settleDistrust(at time.Time) {
	learning := func(d analysis.DomainView) bool { return d.Baseline == analysis.StateLearning }
	if m := w.memory; m.saved.Distrust && !slices.ContainsFunc(w.tracker.View().Domains, learning) {
		m.saved.Distrust, m.damage = false, nil
		w.configure(at)
	}
}

// resume makes what the last agent left go with the configuration of this one.
func (w *watcher) resume(at time.Time) {
	if w.memory.resumed == nil {
		return
	}
	w.configure(at)
	for _, a := range w.memory.resumed.Alerts {
		i := a.Alert.Interface
		if a.Alert.Name == analysis.AlertWatchDegraded && !slices.ContainsFunc(w.config.Interfaces, func(c config.Interface) bool { return c.Name == i }) {
			w.tracker.ForgetInterface(i, at, w.find)
		}
	}
}

// started is the journal's record of a start.
type started struct {
	Version    string   `json:"version"`
	Interfaces []string `json:"interfaces"`
	Baselines  int      `json:"baselines"` // learned before
	Resumed    bool     `json:"resumed"`   // alerts that held at the last end may still hold
	Distrust   bool     `json:"distrust,omitempty"`
}

func (w *watcher) recordStart(at time.Time) {
	m := w.memory
	s := started{Version: Build().Version, Baselines: len(m.saved.Baselines), Resumed: m.resumed != nil, Distrust: m.saved.Distrust}
	for _, i := range w.config.Interfaces {
		s.Interfaces = append(s.Interfaces, i.Name)
	}
	m.record(at, journal.Start, s)
}

// reloaded is the journal's record of a reload.
type reloaded struct {
	Accepted bool     `json:"accepted"`
	Errors   []string `json:"errors,omitempty"`
}

func (w *watcher) recordReload(at time.Time, err error) {
	r := reloaded{Accepted: err == nil}
	if err != nil {
		for _, reason := range reasons(err) {
			r.Errors = append(r.Errors, reason.Error())
		}
	}
	w.memory.record(at, journal.Reload, r)
}

// stopped is the journal's record of an end.
type stopped struct {
	Error string `json:"error,omitempty"` // why, when nobody asked for it
}

func (w *watcher) recordStop(at time.Time, err error) {
	var s stopped
	if err != nil {
		s.Error = err.Error()
	}
	w.memory.record(at, journal.Stop, s)
}
