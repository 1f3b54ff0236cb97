package score

import (
	"runtime"
	"testing"
	"time"
)

// pathScenarios are those in which delays, clocks and correctionFields move, and
// those in which they seem to.
var pathScenarios = []string{
	"boundary-delay", "compensated-delay", "compensated-delay-jury", "compensated-delay-slow", "compensated-delay-slow-jury",
	"congestion", "correction-tamper", "delay-req-delay",
	"downstream-delay", "gm-drift", "gm-step", "gnss-spoof", "healthy-three-g8275.1", "jury-drift", "jury-step", "reroute",
	"rogue-transparent", "selective-delay", "selective-delay-client", "sync-delay", "sync-delay-ramp", "tap-step",
	"two-grandmasters", "two-taps-delay", "two-taps-load", "two-taps-residence",
}

// On no attack on delays does a detector that one writes in an afternoon find
// more, or cry less for nothing; each of them is worse somewhere at both. Only
// what takes no longer than an hour is played here.
func TestAgainst(t *testing.T) {
	all, err := Corpus(pathScenarios, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	var cases []Case
	for _, c := range all {
		if c.Work <= int64(time.Hour) {
			cases = append(cases, c)
		}
	}
	b := NewBoard(run(t, cases, runtime.GOMAXPROCS(0)), nil)
	if d := &b.Detectors[0]; len(d.Types) < 50 || b.Silent < 5 || len(b.Against) != len(Detectors)-1 {
		t.Errorf("%d types of episodes, %d to be silent about, against %d detectors", len(d.Types), b.Silent, len(b.Against))
	}
	for _, a := range b.Against {
		for what, worse := range map[string][]Category{"found more": a.Lower, "cried less for nothing": a.MoreFalse} {
			for _, c := range worse {
				t.Errorf("%s %s of %s %s", a.Detector, what, c.Type, c.Size)
			}
		}
		// Numbers of sequences are no delays: who looks at these alone is silent here.
		if len(a.Higher) == 0 || len(a.FewerFalse) == 0 && b.detector(a.Detector).FalseAlarms.Count > 0 {
			t.Errorf("%s is nowhere worse: %+v", a.Detector, a)
		}
	}
	for _, m := range b.Missed {
		t.Errorf("missed: %s", m.Capture)
	}
	for _, f := range b.False {
		t.Errorf("false: %s in %s at %v", f.Alert, f.Capture, f.First)
	}
}

func (b *Board) detector(name string) *Score {
	for i := range b.Detectors {
		if b.Detectors[i].Detector == name {
			return &b.Detectors[i]
		}
	}
	return &Score{}
}
