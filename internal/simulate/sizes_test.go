package simulate

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// effects say what scenarios of a size do to a clock: of is its error in ns
// that a size in ns, or a rate in ns/s, has made some seconds after it began.
var effects = []struct {
	scenario string // what the name begins with
	clock    string
	of       func(size, seconds float64) float64
}{
	{"sync-delay", "client-1", func(x, _ float64) float64 { return -x / 2 }},
	{"delay-req-delay", "client-1", func(x, _ float64) float64 { return x / 2 }},
	{"compensated-delay", "client-1", func(x, _ float64) float64 { return -x }},
	{"downstream-delay", "client-1", func(x, _ float64) float64 { return -x / 2 }},
	{"selective-delay-client", "client-2", func(x, _ float64) float64 { return x / 2 }},
	{"rogue-transparent", "client-1", func(x, _ float64) float64 { return x / 2 }},
	{"correction-tamper/sync", "client-1", func(x, _ float64) float64 { return x / 2 }},
	{"correction-tamper/delay-resp", "client-1", func(x, _ float64) float64 { return -x / 2 }},
	{"delay-resp-spoof", "client-1", func(x, _ float64) float64 { return x / 2 }},
	{"gm-step", "client-1", func(x, _ float64) float64 { return x }},
	{"gm-drift", "client-1", func(r, s float64) float64 { return r * s }},
	{"gnss-spoof", "gm-2", func(r, s float64) float64 { return r * s }},
	{"rogue-grandmaster-default", "client-1", func(x, _ float64) float64 { return x }},
	{"rogue-grandmaster-g8275.1", "client-1", func(x, _ float64) float64 { return x }},
	{"rogue-grandmaster-gptp", "talker", func(x, _ float64) float64 { return x }},
	{"rogue-boundary", "client-1", func(x, _ float64) float64 { return x }},
	{"boundary-delay", "client-1", func(x, _ float64) float64 { return -x / 2 }},
}

func TestEffectsHaveScenarios(t *testing.T) {
	for _, c := range effects {
		if !slices.ContainsFunc(List(), func(s *Scenario) bool {
			return strings.HasPrefix(s.Name, c.scenario+"/") || strings.HasPrefix(s.Name, c.scenario+"-")
		}) {
			t.Errorf("no scenario is called %s", c.scenario)
		}
	}
}

// sizeIsReal holds what an episode has done to a clock against what arithmetic
// says, sign and all: a scenario that is called 500 ns is one of 500 ns.
func sizeIsReal(t *testing.T, s *Scenario, tr *truth.Truth) {
	t.Helper()
	size, sized := sizeIn(s.Name)
	for _, c := range effects {
		if !sized || !strings.HasPrefix(s.Name, c.scenario) {
			continue
		}
		e := &tr.Episodes[0]
		at := e.End.Add(-time.Second)
		want := c.of(size, at.Sub(e.Start).Seconds()-9.5) // the middle of the mean
		got := meanError(t, tr, c.clock, at)
		within := 12 + 0.005*math.Abs(want)
		if c.scenario == "delay-resp-spoof" {
			within += 250 // the host is nearer or further than the grandmaster
		}
		if math.Abs(got-want) > within {
			t.Errorf("%s is off by %.1f ns at the end, want %.1f", c.clock, got, want)
		}
		return
	}
}

// sizeIn is the size, in ns or ns/s, that a scenario's name ends with.
func sizeIn(name string) (size float64, ok bool) {
	_, text, _ := strings.Cut(name, "/")
	for _, kind := range []string{"sync-", "delay-resp-"} {
		text = strings.TrimPrefix(text, kind)
	}
	sign := 1.0
	if rest, plus := strings.CutPrefix(text, "+"); plus {
		text = rest
	}
	if n, isRate := strings.CutSuffix(text, "-per-s"); isRate {
		text = n
	}
	var d duration
	if d.set(text) != nil {
		return 0, false
	}
	return sign * float64(d) / float64(event.Nanosecond), true
}

// meanError is the mean of a clock's errors in the 20 s before a time.
func meanError(t *testing.T, tr *truth.Truth, clock string, at time.Time) float64 {
	t.Helper()
	for i := range tr.Clocks {
		if tr.Clocks[i].Name != clock {
			continue
		}
		sum := 0.0
		for back := range 20 {
			v, ok := tr.Clocks[i].Error.At(at.Add(-time.Duration(back) * time.Second).Sub(tr.Start))
			if !ok {
				t.Fatalf("the error of %s at %v is not known", clock, at)
			}
			sum += float64(v) / 20
		}
		return sum
	}
	t.Fatalf("there is no clock %s", clock)
	return 0
}
