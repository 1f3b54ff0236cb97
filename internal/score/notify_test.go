package score

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

func TestNotifications(t *testing.T) {
	raised := func(severity analysis.Severity, from, until float64) Alarm {
		a := alarm("PTPReplay", from)
		if a.Severity, a.Until = severity, at(until); until == 0 {
			a.Until = time.Time{}
		}
		return a
	}
	elsewhere := raised(analysis.Warning, 2, 3)
	elsewhere.Scope.DomainNumber = 5
	const info, warning, critical = analysis.Info, analysis.Warning, analysis.Critical
	for _, c := range []struct {
		name   string
		alarms []Alarm
		want   []float64
	}{
		{"none", nil, nil},
		{"information", []Alarm{raised(info, 1, 2)}, nil},
		{"one of many", []Alarm{raised(warning, 1, 5), raised(warning, 2, 3), raised(warning, 4, 9)}, []float64{1}},
		{"it gets worse, once", []Alarm{raised(warning, 1, 5), raised(critical, 2, 3), raised(warning, 4, 9), raised(critical, 5, 6)}, []float64{1, 2}},
		{"soon after it ended", []Alarm{raised(critical, 1, 5), raised(critical, 305, 306)}, []float64{1}},
		{"long after it ended", []Alarm{raised(critical, 1, 5), raised(critical, 305.1, 306)}, []float64{1, 305.1}},
		{"long after a short one within a longer", []Alarm{raised(critical, 1, 400), raised(warning, 2, 3), raised(critical, 500, 501)}, []float64{1}},
		{"after one that never ends", []Alarm{raised(critical, 1, 0), raised(critical, 9000, 9001)}, []float64{1}},
		{"milder in a new group", []Alarm{raised(critical, 1, 2), raised(warning, 400, 401)}, []float64{1, 400}},
		{"another domain", []Alarm{raised(warning, 1, 5), elsewhere}, []float64{1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []float64
			for _, a := range notifications(c.alarms) {
				got = append(got, a.At.Sub(start).Seconds())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNotificationsOfEpisodes(t *testing.T) {
	tr := told(truth.Episode{Alerts: []string{"PTPReplay"}})
	j := Judge(tr, []Alarm{alarm("PTPTimeStep", 1), alarm("PTPReplay", 110), alarm("PTPReplay", 229), alarm("PTPReplay", 590)})
	if j.Episodes[0].Notifications != 0 || j.Elsewhere != 2 {
		t.Errorf("%d and %d elsewhere, want 0 (told before) and 2", j.Episodes[0].Notifications, j.Elsewhere)
	}
	late := alarm("PTPReplay", 229)
	late.Severity = analysis.Warning
	j = Judge(tr, []Alarm{late, alarm("PTPReplay", 229.5)})
	if j.Episodes[0].Notifications != 2 || j.Elsewhere != 0 {
		t.Errorf("%d and %d elsewhere, want 2 and 0", j.Episodes[0].Notifications, j.Elsewhere)
	}
}
