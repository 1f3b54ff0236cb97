package analysis

import (
	"github.com/ptpwatch/ptpwatch/internal/analysis/profile"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// subject is an Announce that is judged: all that a check may look at.
type subject struct {
	domain      *domain
	profile     *profile.Profile
	port        *port        // that announces
	grandmaster *grandmaster // that it announces; nil when there was no room
	verdict     Verdict      // on the grandmaster
	observation *packet.Observation
	now         ptp.Announce
	flags       ptp.Flags
	first       bool         // the port's first Announce, else ...
	before      ptp.Announce // ... what it said before
	beforeFlags ptp.Flags
}

// condition is what a check found. Texts are needed only where it holds.
type condition struct {
	holds              bool
	severity           Severity // "" is the alert's own
	certainty          Certainty
	reason             string
	summary            string
	expected, observed string
}

// check is one rule that every Announce is held against.
type check struct {
	alert  string
	byPort bool // the alert is about the port, not only the grandmaster
	judge  func(*subject) condition
}

// announceChecks lists every rule about what an Announce says.
var announceChecks = []check{}

// judge holds an Announce against every rule, raises what it breaks and
// releases what it no longer breaks.
func (t *Tracker) judge(s *subject) {
	for i := range announceChecks {
		c := &announceChecks[i]
		key := alertKey{name: c.alert, scope: s.domain.scope, grandmaster: s.now.GrandmasterIdentity}
		if c.byPort {
			key.port = s.port.id
		}
		found := c.judge(s)
		if !found.holds {
			t.alerts.release(key, t.now)
			continue
		}
		t.alerts.raise(Alert{
			Name: c.alert, Severity: found.severity, Raised: t.timeOf(t.now), Scope: s.domain.scope,
			Grandmaster: key.grandmaster, Port: s.port.id, Interface: s.port.iface, Frame: s.observation.Frame,
			Certainty: found.certainty, Reason: found.reason,
			Summary: found.summary, Expected: found.expected, Observed: found.observed,
		})
	}
}
