package export

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func TestAlertActiveLifeCycle(t *testing.T) {
	const absent = -1
	for _, tc := range []struct {
		name     string
		resolved time.Duration // after it was raised; 0 while it holds
		seenAt   time.Duration // likewise
		want     float64
	}{
		{"just raised", 0, 0, 1},
		{"holds for a day", 0, 24 * time.Hour, 1},
		{"2 s event, 15 s later", 2 * time.Second, 15 * time.Second, 1},
		{"2 s event, just before 60 s", 2 * time.Second, 60*time.Second - 1, 1},
		{"2 s event, at 60 s", 2 * time.Second, 60 * time.Second, 0},
		{"2 s event, just before 16 min", 2 * time.Second, 16*time.Minute - 1, 0},
		{"2 s event, at 16 min", 2 * time.Second, 16 * time.Minute, absent},
		{"10 min event, just before its end", 10 * time.Minute, 10*time.Minute - 1, 1},
		{"10 min event, at its end", 10 * time.Minute, 10 * time.Minute, 0},
		{"10 min event, at 25 min", 10 * time.Minute, 25 * time.Minute, absent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := analysis.Alert{Name: "PTPSyncLoss", Severity: analysis.Warning, Raised: start, Scope: fixtureScope}
			if tc.resolved > 0 {
				a.Resolved = at(tc.resolved)
			}
			page := scrape(t, &Snapshot{View: &analysis.View{At: at(tc.seenAt), Alerts: []analysis.Alert{a}}})
			got := float64(absent)
			if lines := samples(page, "alert_active"); len(lines) > 0 {
				got = sum(t, lines)
			}
			if got != tc.want {
				t.Errorf("alert_active is %v, want %v (-1 is absent)", got, tc.want)
			}
		})
	}
}

// An alert raised again has the labels of the one that ended: one series, and
// it shows that the alert holds.
func TestAlertRaisedAgain(t *testing.T) {
	ended := analysis.Alert{Name: "PTPSyncLoss", Severity: analysis.Warning, Raised: start, Resolved: at(time.Minute), Scope: fixtureScope}
	holds := analysis.Alert{Name: "PTPSyncLoss", Severity: analysis.Warning, Raised: at(4 * time.Minute), Scope: fixtureScope}
	for _, alerts := range [][]analysis.Alert{{ended, holds}, {holds, ended}} {
		page := scrape(t, &Snapshot{View: &analysis.View{At: at(5 * time.Minute), Alerts: alerts}})
		want := []string{`ptpwatch_alert_active{alert="PTPSyncLoss",domain="24",grandmaster="",interface="",network="eth0",port="",sdo_id="0x000",severity="warning"} 1`}
		if diff := cmp.Diff(want, samples(page, "alert_active")); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestAlertAboutTheMonitorHasNoScope(t *testing.T) {
	s := &Snapshot{View: &analysis.View{Alerts: []analysis.Alert{{Name: "PTPWatchDegraded", Severity: analysis.Critical, Raised: start, Interface: "eth0"}}}}
	want := []string{`ptpwatch_alert_active{alert="PTPWatchDegraded",domain="",grandmaster="",interface="eth0",network="",port="",sdo_id="",severity="critical"} 1`}
	if diff := cmp.Diff(want, samples(scrape(t, s), "alert_active")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A flood of lesser alerts hides neither the critical one that came last nor
// that further alerts hold.
func TestAlertFlood(t *testing.T) {
	var alerts []analysis.Alert
	raise := func(n int, name string, severity analysis.Severity, resolved time.Time) {
		for i := range n {
			alerts = append(alerts, analysis.Alert{
				Name: name, Severity: severity, Raised: start, Resolved: resolved, Scope: fixtureScope, Grandmaster: ptp.ClockIdentity(i + 1),
			})
		}
	}
	raise(500, "PTPFlood", analysis.Warning, at(2*time.Minute))
	raise(500, "PTPUnknownGrandmaster", analysis.Warning, time.Time{})
	raise(500, "PTPMalformed", analysis.Info, time.Time{})
	raise(1, "PTPRogueGrandmaster", analysis.Critical, time.Time{})
	page := scrape(t, &Snapshot{View: &analysis.View{At: at(3 * time.Minute), Alerts: alerts}})

	// 4 kinds: 196 by name (1 critical, 195 warnings that hold), the rest joined.
	if n := len(samples(page, "alert_active")); n > maxAlerts {
		t.Errorf("%d series", n)
	}
	if n := len(samples(page, "alert_active", "PTPUnknownGrandmaster", `network="eth0"`)); n != 195 {
		t.Errorf("%d warnings by name, want 195", n)
	}
	if len(samples(page, "alert_active", "PTPRogueGrandmaster", `grandmaster="000000.0000.000001"`, "} 1")) != 1 {
		t.Error("the critical alert is not there by name")
	}
	for kind, value := range map[string]string{"PTPUnknownGrandmaster": "} 1", "PTPMalformed": "} 1", "PTPFlood": "} 0"} {
		got := samples(page, "alert_active", kind, `grandmaster="other"`)
		if len(got) != 1 || !strings.HasSuffix(got[0], value) {
			t.Errorf("%s beyond the cap: %q, want one series with %q", kind, got, value)
		}
	}
}
