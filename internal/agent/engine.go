package agent

import (
	"log/slog"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// engine owns the Tracker of a running agent: one goroutine calls it, and it
// publishes what the exporters show.
type engine struct {
	tracker *analysis.Tracker
	store   *export.Store
	stats   func() []packet.CaptureStats
	log     *slog.Logger
	found   bool // since the last publication
}

func (e *engine) handle(o *packet.Observation) {
	e.tracker.Handle(o, e.find)
	if e.found {
		e.publish()
	}
}

func (e *engine) tick(at time.Time) {
	e.tracker.HandleTick(at, e.find)
	e.publish()
}

func (e *engine) publish() {
	e.found = false
	e.store.Publish(&export.Snapshot{View: e.tracker.View(), Captures: e.stats(), Build: Build()})
}

// find logs a finding. Only what the alert book lets through comes here as an
// alert, so a flood of packets cannot swell the log with them.
func (e *engine) find(f analysis.Finding) {
	e.found = true
	where := []any{"network", f.Scope.Network, "domain", f.Scope.DomainNumber, "sdo_id", f.Scope.SdoID}
	switch f.Event {
	case analysis.AlertRaised:
		a := f.Alert
		e.log.Warn("alert raised", append(where, "alert", a.Name, "severity", a.Severity, "grandmaster", a.Grandmaster,
			"reason", a.Reason, "expected", a.Expected, "observed", a.Observed)...)
	case analysis.AlertResolved:
		e.log.Info("alert resolved", append(where, "alert", f.Alert.Name, "grandmaster", f.Alert.Grandmaster)...)
	case analysis.GrandmasterChanged:
		where = append(where, "grandmaster", f.Grandmaster)
		if f.Previous != 0 {
			where = append(where, "previous", f.Previous)
		}
		e.log.Info("best grandmaster", where...)
	default:
		e.log.Debug(string(f.Event), append(where, "grandmaster", f.Grandmaster)...)
	}
}
