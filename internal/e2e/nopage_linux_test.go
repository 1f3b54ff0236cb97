package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Twice a second, so that nothing takes long.
var brisk = []string{"--logAnnounceInterval", "-1", "--logSyncInterval", "-1", "--logMinDelayReqInterval", "-1"}

// TestPlannedWorkPagesNobody: what operators do, and what clocks do by
// themselves, raises warnings at most, and no others than these.
func TestPlannedWorkPagesNobody(t *testing.T) {
	t.Parallel()
	for _, work := range []struct {
		name  string
		does  func(*site) *agent
		warns []string
	}{
		{"failover between listed clocks and back", failOver, []string{"PTPGrandmasterChanged"}},
		{"clocks that do not win", join, []string{"PTPUnknownGrandmaster"}},
		{"a restart", restart, nil},
		{"class 6, 7 and 6", holdOver, []string{"PTPGrandmasterDatasetChanged", "PTPGrandmasterHoldover"}},
	} {
		t.Run(work.name, func(t *testing.T) {
			t.Parallel()
			a := work.does(lay(t, 2, brisk, "gm", "standby", "stranger"))
			if sum, found, err := a.shown("alerts_total", `severity="critical"`); sum != 0 || !found || err != nil {
				t.Errorf("%v critical alerts, %v, %v", sum, found, err)
			}
			for _, r := range a.alerts() {
				if r.Severity != "info" && !slices.Contains(work.warns, r.Alert) {
					t.Errorf("%s %s: %s", r.Severity, r.Alert, r.Observed)
				}
			}
		})
	}
}

// failOver stops the best of two clocks, and starts it again.
func failOver(s *site) *agent {
	first := []string{"--clockIdentity", trueClock, "--priority1", "100"}
	gm := s.clock("gm", first...)
	s.clock("standby", "--clockIdentity", otherClock, "--priority1", "110")
	s.follow(trueClock, 0)
	a := s.watched(listed(0, trueClock, otherClock))
	a.best(trueClock)
	gm.Stop()
	if r := a.raises(otherClock, "PTPGrandmasterChanged"); r.Reason != "failover" {
		s.t.Errorf("it is called %s: %s", r.Reason, r.Observed)
	}
	s.follow(otherClock, 0)
	s.clock("gm", first...)
	if r := a.raises(trueClock, "PTPGrandmasterChanged"); r.Reason != "return" {
		s.t.Errorf("it is called %s: %s", r.Reason, r.Observed)
	}
	s.follow(trueClock, 0)
	a.best(trueClock)
	return a
}

// join has two clocks announce themselves that are worse than the best, a
// listed one and a stranger.
func join(s *site) *agent {
	s.clock("gm", "--clockIdentity", trueClock)
	s.follow(trueClock, 0)
	a := s.watched(listed(0, trueClock, otherClock))
	a.best(trueClock)
	s.clock("standby", "--clockIdentity", otherClock, "--priority1", "200", "--masterOnly", "1")
	s.clock("stranger", "--clockIdentity", lowerClock, "--priority1", "200", "--masterOnly", "1")
	a.raises(lowerClock, "PTPUnknownGrandmaster")
	a.announced(otherClock, time.Now().Add(2*time.Second))
	a.announced(lowerClock, time.Now())
	a.best(trueClock)
	return a
}

// restart starts the only grandmaster again.
func restart(s *site) *agent {
	options := []string{"--clockIdentity", trueClock, "--clockClass", "6", "--timeSource", "0x20"}
	gm := s.clock("gm", options...)
	s.follow(trueClock, 0)
	a := s.watched(listed(0, trueClock))
	a.best(trueClock)
	gm.Stop()
	s.clock("gm", options...)
	a.announced(trueClock, time.Now())
	s.follow(trueClock, 0)
	a.best(trueClock)
	return a
}

// holdOver has the grandmaster lose GNSS for a while.
func holdOver(s *site) *agent {
	gm := s.clock("gm", "--clockIdentity", trueClock)
	class := func(class int) {
		s.ask(gm, fmt.Sprintf("SET GRANDMASTER_SETTINGS_NP clockClass %d clockAccuracy 0x21 offsetScaledLogVariance 0x4e5d currentUtcOffset 37 "+
			"leap61 0 leap59 0 currentUtcOffsetValid 1 ptpTimescale 1 timeTraceable 1 frequencyTraceable 1 timeSource 0x20", class),
			"RESPONSE MANAGEMENT GRANDMASTER_SETTINGS_NP")
	}
	class(6)
	s.follow(trueClock, 0)
	a := s.watched(listed(0, trueClock))
	a.best(trueClock)
	for _, c := range []int{7, 6} {
		class(c)
		a.shows(float64(c), "grandmaster_clock_class", `grandmaster="`+trueClock+`"`)
		a.announced(trueClock, time.Now())
	}
	a.best(trueClock)
	return a
}
