package conformance

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// heldUp is a tap behind three hops that hold up half of all frames, and stamps
// that are multiples of 8 ns.
const heldUp = `
name: test
description: Three hops with much other traffic.
duration: 600s
warmup: 30s
profile: g8275.1
clocks:
  - {name: gm, role: grandmaster, oscillator: perfect}
  - {name: client, role: client, oscillator: ocxo}
switches:
  - {name: near}
  - {name: between}
  - {name: far}
links:
  - {between: [gm, near], delay: 2us, asymmetry: 300ns, load: {mean: 50 %%}}
  - {between: [near, between], delay: 5us, load: {mean: 50 %%}}
  - {between: [between, far], delay: 900ns, load: {mean: 50 %%}}
  - {between: [far, client], delay: 600ns}
taps:
  - {name: eth0, link: far-client, %s}
`

// With half the frames held up at each of three hops, stamps of 8 ns and a tap
// whose clock is steered, or runs free by 20 ppm and as warm as the room is, the
// floor of the mean path delay is the delay without waiting: the median over ten
// runs of ten minutes within 10 ns.
func TestFloorOfALoadedPath(t *testing.T) {
	for _, tap := range []struct{ name, keys string }{
		{"steered", "oscillator: gnss"}, {"free", "oscillator: tcxo, frequency: 20ppm"},
	} {
		t.Run(tap.name, func(t *testing.T) {
			t.Parallel()
			var off, plain []float64
			for seed := range uint64(10) {
				all, tr := played(t, fmt.Sprintf(heldUp, tap.keys), seed+1)
				p := way(t, tr, "eth0", "gm")
				truth := (float64(p.Forward) + float64(*p.Reverse)) / 2
				v := timingOf(tracked(all, analysis.Config{}), "eth0", clockNamed(t, tr, "gm"))
				if v.Statistics.Floor.Count < 35 {
					t.Fatalf("seed %d: a floor of %d stretches of 16 s", seed+1, v.Statistics.Floor.Count)
				}
				off = append(off, v.Statistics.Floor.MeanPathDelay*1e9-truth)
				plain = append(plain, v.MeanPathDelay.Median*1e9-truth)
			}
			slices.Sort(off)
			slices.Sort(plain)
			middle := (off[4] + off[5]) / 2
			t.Logf("the floor is off by %.1f ns, %.1f to %.1f; the median of all by %.0f ns", middle, off[0], off[9], plain[5])
			if math.Abs(middle) > 10 {
				t.Errorf("the floor is off by %.1f ns in the median of ten runs: %.1f", middle, off)
			}
			if plain[0] < 1000 {
				t.Errorf("the median of all is off by %.0f ns only: there is no load", plain[0])
			}
		})
	}
}
