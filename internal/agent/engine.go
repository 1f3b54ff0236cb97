package agent

import (
	"log/slog"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// engine owns the Tracker of a running agent: one goroutine calls it, and it
// publishes what the exporters show.
type engine struct {
	tracker    *analysis.Tracker
	store      *export.Store
	stats      func() []packet.CaptureStats
	interfaces func() []export.Interface // nil where there are none
	memory     func() *export.Memory     // likewise
	evidenced  func() *export.Evidence   // likewise
	sockets    func() []export.ClientSocket
	note       func(analysis.Finding) // is told of every finding; may be nil
	reload     export.Reload
	log        *throttle

	found bool      // something, since the last publication
	told  time.Time // when a finding was the reason for one
}

// publishEvery bounds what a flood of findings costs: a picture of full tables
// takes milliseconds. The first finding in a while is published at once, however
// short ago the last tick was: clients may follow a rogue an eighth of a second
// after it.
const publishEvery = 100 * time.Millisecond

func (e *engine) handle(o *packet.Observation) {
	e.tracker.Handle(o, e.find)
	if e.found && o.At.Sub(e.told).Abs() >= publishEvery {
		e.told = o.At
		e.publish()
	}
}

func (e *engine) tick(at time.Time) {
	e.tracker.HandleTick(at, e.find)
	e.publish()
}

func (e *engine) publish() {
	e.found = false
	s := &export.Snapshot{View: e.tracker.View(), Captures: e.stats(), Reload: e.reload, Build: Build()}
	if e.interfaces != nil {
		s.Interfaces = e.interfaces()
	}
	if e.memory != nil {
		s.Memory = e.memory()
	}
	if e.evidenced != nil {
		s.Evidence = e.evidenced()
	}
	if e.sockets != nil {
		s.Sockets = e.sockets()
	}
	e.store.Publish(s)
}

// find logs a finding.
func (e *engine) find(f analysis.Finding) {
	e.found = true
	if e.note != nil {
		e.note(f)
	}
	where := []any{"network", f.Scope.Network, "domain", f.Scope.DomainNumber, "sdo_id", f.Scope.SdoID}
	switch f.Event {
	case analysis.AlertRaised:
		a := f.Alert
		level := slog.LevelWarn
		if a.Suppressed || a.Severity == analysis.Info {
			level = slog.LevelInfo
		}
		e.log.record(f.At, level, "alert raised", a.Name, append(where, "alert", a.Name, "severity", a.Severity, "incident", a.Incident,
			"grandmaster", a.Grandmaster, "interface", a.Interface, "direction", a.Direction, "reason", a.Reason, "expected", a.Expected, "observed", a.Observed)...)
	case analysis.AlertResolved:
		e.log.record(f.At, slog.LevelInfo, "alert resolved", f.Alert.Name, append(where, "alert", f.Alert.Name, "grandmaster", f.Alert.Grandmaster)...)
	case analysis.IncidentOpened, analysis.IncidentClosed:
		e.log.record(f.At, slog.LevelInfo, strings.ReplaceAll(string(f.Event), "_", " "), "",
			append(where, "incident", f.Incident.ID, "severity", f.Incident.Severity, "alerts", f.Incident.Alerts)...)
	case analysis.GrandmasterChanged:
		where = append(where, "grandmaster", f.Grandmaster)
		if f.Previous != 0 {
			where = append(where, "previous", f.Previous)
		}
		e.log.record(f.At, slog.LevelInfo, "best grandmaster", "", where...)
	default:
		e.log.record(f.At, slog.LevelDebug, string(f.Event), "", append(where, "grandmaster", f.Grandmaster)...)
	}
}
