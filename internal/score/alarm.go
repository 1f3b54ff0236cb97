package score

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/score/reference"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// Alarm is what a detector said, as far as it is judged.
type Alarm struct {
	// Name is the alert's; "" of a detector that has no names, only alarms.
	Name     string
	Severity analysis.Severity
	At       time.Time
	Until    time.Time // when it ended; zero while it holds
	// Clocks are the identities that it names: grandmaster and port.
	Clocks    []string
	Direction string
	Scope     analysis.Scope
	Interface string
	Frame     uint64 // that raised it; 0 when silence did
}

// alarmOf is an alert as it was told at a time.
func alarmOf(a *analysis.Alert, at time.Time) Alarm {
	out := Alarm{
		Name: a.Name, Severity: a.Severity, At: at, Direction: a.Direction, Scope: a.Scope, Interface: a.Interface, Frame: a.Frame.Number,
	}
	if a.Grandmaster != 0 {
		out.Clocks = append(out.Clocks, a.Grandmaster.String())
	}
	if p := a.Port.ClockIdentity; p != 0 && p != a.Grandmaster {
		out.Clocks = append(out.Clocks, p.String())
	}
	return out
}

func referenceAlarm(a *reference.Alarm) Alarm {
	return Alarm{
		Severity: analysis.Critical, At: a.At, Until: a.Until, Clocks: []string{a.Port.ClockIdentity.String()},
		Scope: analysis.Scope{Network: a.Network, DomainNumber: a.Domain, SdoID: a.SdoID}, Interface: a.Interface,
	}
}

// utc turns the time of a capture's clock into true time, by the truth about
// the interface: a tap may be wrong, and may show TAI.
func utc(at time.Time, a *Alarm, t *truth.Truth) time.Time {
	i := tapOf(a, t)
	if i == nil {
		return at
	}
	if i.Timescale == "tai" {
		at = at.Add(-taiOffset)
	}
	if e, ok := i.Error.At(at.Sub(t.Start)); ok {
		at = at.Add(-time.Duration(e))
	}
	return at
}

// taiOffset is TAI - UTC since 2017.
const taiOffset = 37 * time.Second

// tapOf is the interface that an alarm is about; the first if it does not say.
func tapOf(a *Alarm, t *truth.Truth) *truth.Interface {
	for i := range t.Interfaces {
		if n := t.Interfaces[i].Name; n == a.Interface || n == a.Scope.Network {
			return &t.Interfaces[i]
		}
	}
	if len(t.Interfaces) > 0 {
		return &t.Interfaces[0]
	}
	return nil
}
