package conformance

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// runs is how many runs a median is of.
const runs = 10

// free is a tap whose clock nobody disciplines: it begins 20 ppm off, and the
// air conditioner warms it.
const free = "oscillator: tcxo, frequency: 20ppm"

// loaded are grandmasters three hops from a client, half of the capacity of
// each link taken by others, and a tap before the last hop. Stamps are of 8 ns.
func loaded(clocks, links, switches, taps, events string) string {
	return fmt.Sprintf(`
name: test
description: Three hops, half loaded.
duration: 5m
profile: default
clocks:
  - {name: gm, role: grandmaster, oscillator: perfect, master_only: true}
%s
  - {name: client, role: client, count: 2}
switches:
  - {name: near%[2]s}
  - {name: mid%[2]s}
  - {name: far%[2]s}
links:
  - {between: [gm, near], delay: 350ns}
  - {between: [near, mid], delay: 2us, load: {mean: 50 %%}, load_back: {mean: 50 %%}}
  - {between: [mid, far], delay: 5us, load: {mean: 50 %%}, load_back: {mean: 50 %%}}
  - {between: [client, far], delay: 600ns, load: {mean: 50 %%}, load_back: {mean: 50 %%}}
%[3]s
taps:
%[4]s
%[5]s
`, clocks, switches, links, taps, events)
}

// medianOf is the median of what ten runs of a scenario are off by, in ns.
func medianOf(t *testing.T, text string, miss func(v *analysis.View, tr *truth.Truth) float64) float64 {
	t.Helper()
	var all []float64
	for seed := range uint64(runs) {
		observed, tr := played(t, text, seed)
		all = append(all, math.Abs(miss(tracked(observed, analysis.Config{}), tr)))
	}
	slices.Sort(all)
	t.Logf("off by %.1f to %.1f ns, median %.1f", all[0], all[runs-1], all[runs/2])
	return all[runs/2]
}

// The difference between two grandmasters is right to 5 ns, through a tap that
// runs free.
func TestPairUnderLoad(t *testing.T) {
	text := loaded("  - {name: other, role: grandmaster, oscillator: perfect, master_only: true, offset: 150ns}",
		"  - {between: [other, near], delay: 950ns}", "", "  - {name: tap, link: mid-far, position: 90 %, "+free+"}", "")
	off := medianOf(t, text, func(v *analysis.View, tr *truth.Truth) float64 {
		if len(v.Pairs) != 1 {
			t.Fatalf("%d pairs", len(v.Pairs))
		}
		ahead := 150.0
		if v.Pairs[0].B.Grandmaster != clockNamed(t, tr, "other") {
			ahead = -ahead
		}
		return v.Pairs[0].Offset*1e9 - ahead
	})
	if off > 5 {
		t.Errorf("off by %.1f ns", off)
	}
}

// Two taps by one clock find 200 ns that a device adds to one direction, and
// 100 ns that a transparent clock tells too much, to 20 ns.
func TestWaysUnderLoad(t *testing.T) {
	taps := "  - {name: up, link: near-mid, position: 50 %, " + free + "}\n  - {name: down, link: mid-far, position: 50 %, clock_of: up}"
	const cable = 1000 + 2500
	for _, c := range []struct {
		name, switches, event  string
		there, back, asymmetry float64 // ns
	}{
		{"as it should be", "", "", cable + 2000, cable + 2000, 0},
		{"Syncs later", "", "events:\n  - {at: 0s, delay: {links: [near-mid], direction: there, position: 80 %, messages: [sync], by: 200ns}}", cable + 2200, cable + 2000, 200},
		{"a transparent clock", ", transparent: true", "", cable, cable, 0},
		{"it tells too much of Syncs", ", transparent: true", "events:\n  - {at: 0s, correct: {switch: mid, by: 100ns}}", cable - 100, cable, -100},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := loaded("", "", c.switches, taps, c.event)
			off := medianOf(t, text, func(v *analysis.View, _ *truth.Truth) float64 {
				if len(v.Ways) != 2 || v.Ways[0].From != "down" || v.Ways[1].From != "up" {
					t.Fatalf("%d ways: %+v", len(v.Ways), v.Ways)
				}
				back, there := v.Ways[0], v.Ways[1]
				got := [...]float64{there.Floor.Centre, back.Floor.Centre, there.Asymmetry}
				if c.switches != "" { // queues are told, too: nothing is left of them
					got[0], got[1] = there.Unexplained.Centre, back.Unexplained.Centre
				}
				return max(math.Abs(got[0]*1e9-c.there), math.Abs(got[1]*1e9-c.back), math.Abs(got[2]*1e9-c.asymmetry))
			})
			if off > 20 {
				t.Errorf("off by %.1f ns", off)
			}
		})
	}
}
