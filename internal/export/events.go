package export

import (
	"io"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// EventWriter writes findings as JSON, one a line, in the order they come.
type EventWriter struct{ w io.Writer }

// NewEventWriter returns an EventWriter to w.
func NewEventWriter(w io.Writer) *EventWriter { return &EventWriter{w} }

// AlertEvent is one line about an alert: "raised" or "resolved".
type AlertEvent struct {
	Event string `json:"event"`
	At    Time   `json:"at"`
	AlertReport
}

// IncidentEvent is one line about an incident: "incident_opened" or
// "incident_closed". One about the monitor itself has no network, domain and
// sdo_id.
type IncidentEvent struct {
	Event    string  `json:"event"`
	At       Time    `json:"at"`
	Incident uint64  `json:"incident"`
	Network  *string `json:"network"`
	Domain   *uint8  `json:"domain"`
	SdoID    *string `json:"sdo_id"`
	Severity string  `json:"severity"` // the gravest so far
	Opened   Time    `json:"opened"`
	Closed   Time    `json:"closed"` // null while it is open
	Alerts   uint64  `json:"alerts"` // raised in it so far
}

// ChangeEvent is one line about anything else: "grandmaster_changed",
// "grandmaster_appeared", ...
type ChangeEvent struct {
	Event       string        `json:"event"`
	At          Time          `json:"at"`
	Network     string        `json:"network"`
	Domain      uint8         `json:"domain"`
	SdoID       string        `json:"sdo_id"`
	Grandmaster *string       `json:"grandmaster"`
	Previous    *string       `json:"previous"`
	Port        *string       `json:"port"`
	Frame       *packet.Frame `json:"frame"`
}

// Write writes one finding.
func (e *EventWriter) Write(f *analysis.Finding) error { return writeJSON(e.w, NewEvent(f), "") }

// NewEvent is a finding as EventWriter writes it: an AlertEvent, IncidentEvent or
// ChangeEvent.
func NewEvent(f *analysis.Finding) any {
	if f.Alert != nil {
		return AlertEvent{string(f.Event), Time{f.At}, newAlertReport(f.Alert)}
	}
	if i := f.Incident; i != nil {
		line := IncidentEvent{
			Event: string(f.Event), At: Time{f.At}, Incident: i.ID, Severity: string(i.Severity),
			Opened: Time{i.Opened}, Closed: Time{i.Closed}, Alerts: i.Alerts,
		}
		line.Network, line.Domain, line.SdoID = scopeFields(i.Scope)
		return line
	}
	return ChangeEvent{
		Event: string(f.Event), At: Time{f.At},
		Network: f.Scope.Network, Domain: f.Scope.DomainNumber, SdoID: f.Scope.SdoID.String(),
		Grandmaster: known(clockWord(f.Grandmaster)), Previous: known(clockWord(f.Previous)),
		Port: known(portWord(f.Port)), Frame: known(f.Frame),
	}
}
