package score

import (
	"fmt"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// Variants of the slow ramp: which way, and what the tap's clock is.
const (
	rampOCXO = 1 // and the other way
	rampRb   = 3
)

// TestSlopes makes one way longer evenly, over minutes to a day, and then leaves
// it there for half an hour. That is found, and no other way is ever named. Over
// minutes the direction is told by a tap with an OCXO, over an hour by one with a
// rubidium standard; over a day the grandmaster's own wander is as much.
func TestSlopes(t *testing.T) {
	const hold = 30 * time.Minute
	for _, c := range []struct {
		onset, over time.Duration
		total       float64 // in spreads
		tap         int
		named       bool
	}{
		{time.Hour, 10 * time.Minute, 12, rampOCXO, true},
		{3 * time.Hour, time.Hour, 24, rampRb, true},
		{rampOnset, 6 * time.Hour, 12, rampOCXO, false},
		{rampOnset, 24 * time.Hour, 12, rampOCXO, false},
	} {
		for k, direction := range []string{"forward", "reverse"} {
			t.Run(fmt.Sprintf("%g spreads in %v %s", c.total, c.over, direction), func(t *testing.T) {
				t.Parallel()
				total := c.total * quiet.stillSpread(t, 1)
				s := quiet.slowRamp(t, c.tap+k, 0, total/c.over.Seconds(), total, c.onset+c.over+hold, c.onset)
				o := watched(t, s, 1, c.onset, direction, total)
				t.Logf("%.0f ns: detected %v, named %v, after %v", total*1e9, o.detected, o.named, o.after)
				if !o.detected || o.after > c.over+hold/2 || o.wrong || c.named && !o.named {
					t.Errorf("%+v", o)
				}
			})
		}
	}
}

// A ramp is a warning until the mean path delay is off by the guard, and critical
// then: not before, and no later than one more alert's worth.
func TestRampPassesGuard(t *testing.T) {
	const (
		guard, total = 125e-9, 600e-9 // of the mean, of one way
		over         = 12 * time.Hour
	)
	begun := start.Add(rampOnset)
	off := func(at time.Time) float64 { return total / 2 * at.Sub(begun).Seconds() / over.Seconds() }
	var warned, paged time.Time
	s := quiet.slowRamp(t, rampOCXO, 0, total/over.Seconds(), total, rampOnset+over, rampOnset)
	replayed(t, s, 1, agent.ReplayOptions{OnFinding: func(f analysis.Finding) {
		switch {
		case f.Event != analysis.AlertRaised || f.Alert.Name != analysis.AlertPathAsymmetry:
		case f.Alert.Severity == analysis.Warning && warned.IsZero():
			warned = f.At
		case f.Alert.Severity == analysis.Critical && paged.IsZero():
			paged = f.At
		}
	}})
	if warned.Before(begun) || off(warned) > guard/2 {
		t.Errorf("warned at %v, when the mean was off by %.0f ns, want some time before the guard", warned, off(warned)*1e9)
	}
	if off(paged) < 0.9*guard || off(paged) > 1.3*guard {
		t.Errorf("critical at %v, when the mean was off by %.0f ns, want %.0f ns", paged, off(paged)*1e9, guard*1e9)
	}
	t.Logf("warned at %.0f ns, critical at %.0f ns", off(warned)*1e9, off(paged)*1e9)
}
