package export

import (
	"fmt"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// State is how things are, in one word.
type State string

// The states, the gravest first. Silence is never StateOK: who hears nothing
// cannot vouch for anything.
const (
	StateStalled  State = "stalled"  // the analysis stands still: all that is shown is old
	StateCritical State = "critical" // a critical alert holds
	StateBlind    State = "blind"    // something is not watched: no PTP, or an interface is down
	StateWarning  State = "warning"  // a warning holds
	StateLearning State = "learning" // nobody has said yet which grandmasters are right
	StateOK       State = "ok"       // the best grandmaster of every domain is acceptable
)

// stalledAfter is how old the newest snapshot may be. The engine publishes one
// every second however silent the network is.
const stalledAfter = 5 * time.Second

// Status is how things are in short.
type Status struct {
	State   State       `json:"state"`
	Reasons []string    `json:"reasons"`     // why it is no better, the gravest first; of "ok" what it means
	At      Time        `json:"at"`          // the analysis got so far; null before the first message
	Age     *float64    `json:"age_seconds"` // of all this; null before anything was published
	Version string      `json:"version"`
	Domains int         `json:"domains"`
	Alerts  AlertCounts `json:"alerts"`
}

// AlertCounts counts the alerts that hold.
type AlertCounts struct {
	Critical int `json:"critical"`
	Warning  int `json:"warning"`
	Info     int `json:"info"`
}

// newStatus judges a snapshot that was published some time ago, at the zero time
// if none ever was; ready is why the agent is not.
func newStatus(s *Snapshot, published, now time.Time, ready error) Status {
	v := s.view()
	st := Status{
		State: StateOK, At: Time{v.At}, Version: s.Build.Version,
		Domains: len(v.Domains), Alerts: countAlerts(v.Alerts),
	}
	if !published.IsZero() {
		age := now.Sub(published)
		st.Age = new(age.Seconds())
		if age > stalledAfter {
			st.add(StateStalled, "The analysis has told nothing new for %.0f s: all of this is old.", age.Seconds())
		}
	}
	if n := st.Alerts.Critical; n > 0 {
		st.add(StateCritical, "%s.", holds(n, "critical alert"))
	}
	st.addBlind(s, ready)
	if n := st.Alerts.Warning; n > 0 {
		st.add(StateWarning, "%s.", holds(n, "warning"))
	}
	st.addUndecided(v)
	if st.State == StateOK {
		st.Reasons = append(st.Reasons, "The best grandmaster of every domain is acceptable, and no critical alert or warning holds.")
	}
	return st
}

// add gives one more reason. Reasons come the gravest first, so the first
// decides the state.
func (st *Status) add(state State, format string, args ...any) {
	if len(st.Reasons) == 0 {
		st.State = state
	}
	st.Reasons = append(st.Reasons, fmt.Sprintf(format, args...))
}

// addBlind tells what is not watched.
func (st *Status) addBlind(s *Snapshot, ready error) {
	if ready != nil {
		st.add(StateBlind, "The agent is not ready: %v.", ready)
	}
	if len(s.view().Domains) == 0 {
		st.add(StateBlind, "No PTP message has been seen: there is nothing to vouch for.")
	}
	for _, i := range s.Interfaces {
		if !i.Up {
			st.add(StateBlind, "Interface %s is down.", i.Name)
		}
	}
	for i := range s.view().Domains {
		if d := &s.view().Domains[i]; d.Best == 0 {
			st.add(StateBlind, "No grandmaster is qualified in %s.", scopePhrase(d.Scope))
		}
		if len(st.Reasons) >= maxReasons {
			return
		}
	}
}

// addUndecided tells where the best grandmaster is not, or not yet, judged.
func (st *Status) addUndecided(v *analysis.View) {
	for i := range v.Domains {
		d := &v.Domains[i]
		for j := range d.Grandmasters {
			g := &d.Grandmasters[j]
			switch {
			case !g.Best || g.Verdict == analysis.Acceptable || len(st.Reasons) >= maxReasons:
			case g.Verdict == analysis.Unacceptable:
				st.add(StateWarning, "The best grandmaster of %s is not acceptable.", scopePhrase(d.Scope))
			case d.Baseline == analysis.StateOff:
				st.add(StateLearning, "Nobody judges the grandmasters of %s: its baseline is off.", scopePhrase(d.Scope))
			default:
				st.add(StateLearning, "The baseline of %s is still being learned.", scopePhrase(d.Scope))
			}
		}
	}
}

// maxReasons bounds what a network of many domains makes a status say.
const maxReasons = 8

func countAlerts(list []analysis.Alert) (n AlertCounts) {
	for i := range list {
		if !list[i].Resolved.IsZero() {
			continue
		}
		switch list[i].Severity {
		case analysis.Critical:
			n.Critical++
		case analysis.Warning:
			n.Warning++
		default:
			n.Info++
		}
	}
	return n
}

// holds is "1 warning holds", "2 warnings hold".
func holds(n int, thing string) string {
	return plural(uint64(n), thing) + " hold" + mark(n == 1, "s")
}

func scopePhrase(s analysis.Scope) string {
	return fmt.Sprintf("network %s, domain %d, sdoId %s", s.Network, s.DomainNumber, s.SdoID)
}
