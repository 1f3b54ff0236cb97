package analysis

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each play is of steps: wait, then raise, or end with a minus, what is named.
func TestIncidents(t *testing.T) {
	type step struct {
		wait time.Duration
		what string
	}
	const rogue, clone, unknown, free = AlertRogueGrandmaster, AlertClockIdentityClone, AlertUnknownGrandmaster, AlertGrandmasterFreeRun
	for _, tc := range []struct {
		name  string
		steps []step
		want  []string
	}{
		{"a warning, then an attack, are told twice", []step{{0, unknown}, {1, rogue}, {1, clone}, {10, "-" + rogue}, {0, "-" + clone}, {0, "-" + unknown}, {100, ""}}, []string{
			"0s incident_opened 1 warning",
			"0s raised UnknownGrandmaster warning in 1",
			"1s raised RogueGrandmaster critical in 1",
			"2s raised ClockIdentityClone critical in 1 suppressed",
			"12s resolved RogueGrandmaster critical in 1",
			"12s resolved ClockIdentityClone critical in 1 suppressed",
			"12s resolved UnknownGrandmaster warning in 1",
			"1m12s incident_closed 1 critical",
		}},
		{"what follows within a minute belongs to it", []step{{0, rogue}, {5, "-" + rogue}, {59, clone}, {5, "-" + clone}, {100, ""}}, []string{
			"0s incident_opened 1 critical",
			"0s raised RogueGrandmaster critical in 1",
			"5s resolved RogueGrandmaster critical in 1",
			"1m4s raised ClockIdentityClone critical in 1 suppressed",
			"1m9s resolved ClockIdentityClone critical in 1 suppressed",
			"2m9s incident_closed 1 critical",
		}},
		{"what follows after a minute does not", []step{{0, rogue}, {5, "-" + rogue}, {60, clone}}, []string{
			"0s incident_opened 1 critical",
			"0s raised RogueGrandmaster critical in 1",
			"5s resolved RogueGrandmaster critical in 1",
			"1m5s incident_closed 1 critical",
			"1m5s incident_opened 2 critical",
			"1m5s raised ClockIdentityClone critical in 2",
		}},
		{"a warning that stands does not swallow the second attack", []step{{0, unknown}, {1, rogue}, {1, "-" + rogue}, {600, clone}}, []string{
			"0s incident_opened 1 warning",
			"0s raised UnknownGrandmaster warning in 1",
			"1s raised RogueGrandmaster critical in 1",
			"2s resolved RogueGrandmaster critical in 1",
			"10m2s raised ClockIdentityClone critical in 1",
		}},
		{"one that stands for an hour is a matter of its own", []step{{0, clone}, {3601, rogue}, {9, "-" + clone}, {9, "-" + rogue}, {100, ""}}, []string{
			"0s incident_opened 1 critical",
			"0s raised ClockIdentityClone critical in 1",
			"1h0m1s incident_opened 2 critical",
			"1h0m1s raised RogueGrandmaster critical in 2",
			"1h0m10s resolved ClockIdentityClone critical in 1",
			"1h0m19s resolved RogueGrandmaster critical in 2",
			"1h1m10s incident_closed 1 critical",
			"1h1m19s incident_closed 2 critical",
		}},
		{"what follows an old one within a minute belongs to that", []step{{0, clone}, {3601, rogue}, {1, "-" + rogue}, {70, "-" + clone}, {10, unknown}}, []string{
			"0s incident_opened 1 critical",
			"0s raised ClockIdentityClone critical in 1",
			"1h0m1s incident_opened 2 critical",
			"1h0m1s raised RogueGrandmaster critical in 2",
			"1h0m2s resolved RogueGrandmaster critical in 2",
			"1h1m2s incident_closed 2 critical",
			"1h1m12s resolved ClockIdentityClone critical in 1",
			"1h1m22s raised UnknownGrandmaster warning in 1 suppressed",
		}},
		{"of two it belongs to the newer", []step{{0, clone}, {3601, rogue}, {1, "-" + clone}, {1, unknown}}, []string{
			"0s incident_opened 1 critical",
			"0s raised ClockIdentityClone critical in 1",
			"1h0m1s incident_opened 2 critical",
			"1h0m1s raised RogueGrandmaster critical in 2",
			"1h0m2s resolved ClockIdentityClone critical in 1",
			"1h0m3s raised UnknownGrandmaster warning in 2 suppressed",
		}},
		{"information is no incident, and keeps none open", []step{{0, free}, {10, rogue}, {1, "-" + free}, {1, free}, {1, "-" + rogue}, {100, ""}}, []string{
			"0s raised GrandmasterFreeRun info in 0",
			"10s incident_opened 1 critical",
			"10s raised RogueGrandmaster critical in 1",
			"11s resolved GrandmasterFreeRun info in 0",
			"12s raised GrandmasterFreeRun info in 1 suppressed",
			"13s resolved RogueGrandmaster critical in 1",
			"1m13s incident_closed 1 critical",
		}},
	} {
		for _, resume := range []bool{false, true} { // a Tracker that begins anew at each step does the same
			name := tc.name
			if resume {
				name += ", resumed"
			}
			t.Run(name, func(t *testing.T) {
				d := newDesk(t, Config{})
				for _, s := range tc.steps {
					d.wait(s.wait * time.Second)
					if resume {
						before := d.alerts.kinds
						d.Tracker = resumed(t, d.State())
						d.wait(0)
						if diff := cmp.Diff(before, d.alerts.kinds, cmp.AllowUnexported(alertKind{})); diff != "" {
							t.Fatalf("alerts by kind (-before +resumed):\n%s", diff)
						}
					}
					switch {
					case s.what == "":
					case s.what[0] == '-':
						d.alerts.resolve(alertKey{name: s.what[1:], scope: d.scope, grandmaster: 1}, d.now)
					default:
						a := d.alert(s.what, 1)
						if s.what == free {
							a.Severity = Info
						}
						d.alerts.raise(a)
					}
				}
				d.expect(tc.want...)
			})
		}
	}
}

// Two networks share no incident.
func TestIncidentsKeepToTheirScope(t *testing.T) {
	d := newDesk(t, Config{})
	d.alerts.raise(d.alert(AlertRogueGrandmaster, 1))
	d.scope.Network = "eth1"
	d.alerts.raise(d.alert(AlertRogueGrandmaster, 1))
	d.expect(
		"0s incident_opened 1 critical",
		"0s raised RogueGrandmaster critical in 1",
		"0s incident_opened 2 critical",
		"0s raised RogueGrandmaster critical in 2",
	)
}

// The finding that closes an incident sums it up.
func TestClosedIncident(t *testing.T) {
	d := newDesk(t, Config{})
	d.alerts.raise(d.alert(AlertUnknownGrandmaster, 1))
	d.alerts.raise(d.alert(AlertRogueGrandmaster, 1))
	var got *Incident
	d.alerts.endAll(d.now, func(*activeAlert) bool { return true })
	d.at = d.at.Add(time.Hour)
	d.HandleTick(d.at, func(f Finding) { got = f.Incident })
	want := &Incident{ID: 1, Scope: d.scope, Opened: epoch, Closed: epoch.Add(incidentGap), Severity: Critical, Alerts: 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("incident (-want +got):\n%s", diff)
	}
}
