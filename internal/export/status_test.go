package export

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// calm is the fixture without what is wrong in it.
func calm() *Snapshot {
	s := fixture()
	s.View.Alerts = s.View.Alerts[:1] // which has ended
	return s
}

// Silence is never health: every way not to know something shows.
func TestStatus(t *testing.T) {
	now := at(5 * time.Minute)
	best := func(s *Snapshot) *analysis.GrandmasterView { return &s.View.Domains[0].Grandmasters[1] }
	for _, tt := range []struct {
		name   string
		change func(*Snapshot)
		age    time.Duration
		ready  error
		want   State
		first  string
	}{
		{"all is well", func(*Snapshot) {}, time.Second, nil, StateOK,
			"The best grandmaster of every domain is acceptable, and no critical alert or warning holds."},
		{"a warning", func(s *Snapshot) { s.View.Alerts = fixtureAlerts() }, 0, nil, StateWarning, "1 warning holds."},
		{"critical before blind", func(s *Snapshot) {
			s.View.Alerts = []analysis.Alert{{Severity: analysis.Critical}, {Severity: analysis.Critical}}
			s.Interfaces[0].Up = false
		}, 0, nil, StateCritical, "2 critical alerts hold."},
		{"info is no reason", func(s *Snapshot) { s.View.Alerts = []analysis.Alert{{Severity: analysis.Info}} }, 0, nil, StateOK,
			"The best grandmaster of every domain is acceptable, and no critical alert or warning holds."},
		{"the analysis stands still", func(s *Snapshot) { s.View.Alerts = []analysis.Alert{{Severity: analysis.Critical}} }, time.Minute, nil, StateStalled,
			"The analysis has told nothing new for 60 s: all of this is old."},
		{"not ready", func(*Snapshot) {}, 0, errors.New("interface eth1 is down"), StateBlind, "The agent is not ready: interface eth1 is down."},
		{"an interface is down", func(s *Snapshot) { s.Interfaces[0].Up = false }, 0, nil, StateBlind, "Interface eth0 is down."},
		{"nothing was heard", func(s *Snapshot) { s.View = nil }, 0, nil, StateBlind, "No PTP message has been seen: there is nothing to vouch for."},
		{"nobody is qualified", func(s *Snapshot) { s.View.Domains[0].Best = 0 }, 0, nil, StateBlind, "No grandmaster is qualified in network eth0, domain 24, sdoId 0x000."},
		{"the best is wrong", func(s *Snapshot) { best(s).Verdict = analysis.Unacceptable }, 0, nil, StateWarning,
			"The best grandmaster of network eth0, domain 24, sdoId 0x000 is not acceptable."},
		{"learning", func(s *Snapshot) {
			best(s).Verdict, s.View.Domains[0].Baseline = analysis.Undecided, analysis.StateLearning
		}, 0, nil, StateLearning,
			"The baseline of network eth0, domain 24, sdoId 0x000 is still being learned."},
		{"nobody judges", func(s *Snapshot) { best(s).Verdict, s.View.Domains[0].Baseline = analysis.Undecided, analysis.StateOff }, 0, nil, StateLearning,
			"Nobody judges the grandmasters of network eth0, domain 24, sdoId 0x000: its baseline is off."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := calm()
			tt.change(s)
			got := newStatus(s, now.Add(-tt.age), now, tt.ready)
			if got.State != tt.want || got.Reasons[0] != tt.first {
				t.Errorf("%s: %q, want %s: %q first", got.State, got.Reasons, tt.want, tt.first)
			}
			if *got.Age != tt.age.Seconds() {
				t.Errorf("age %v", *got.Age)
			}
		})
	}
}

func TestStatusBeforeAnythingWasPublished(t *testing.T) {
	got := newStatus(&Snapshot{}, time.Time{}, start, nil)
	want := Status{State: StateBlind, Reasons: []string{"No PTP message has been seen: there is nothing to vouch for."}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestReasonsAreBounded(t *testing.T) {
	s := flood(100, 100)
	if got := newStatus(s, start, start, nil); len(got.Reasons) > maxReasons+1 {
		t.Errorf("%d reasons", len(got.Reasons))
	}
}
