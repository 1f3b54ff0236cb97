package simulate

import (
	"math"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Taps on one clock share its error, whatever that is, and each has the
// resolution, noise and loss of its own.
func TestTaps(t *testing.T) {
	t.Parallel()
	const text = `
name: test
description: Three taps, two on one clock that runs fast.
duration: 10m
profile: g8275.1
clocks:
  - {name: gm, role: grandmaster, oscillator: perfect}
  - {name: client, role: client}
links:
  - {between: [gm, client], delay: 10us}
taps:
  - {name: eth0, link: gm-client, position: 10 %, oscillator: tcxo, frequency: 5ppm, timestamp_resolution: 1000ns, timestamp_noise: 0ns, timescale: tai}
  - {name: eth1, link: gm-client, position: 90 %, clock_of: eth0, timestamp_resolution: 0ns, timestamp_noise: 40ns}
  - {name: eth2, link: gm-client, position: 90 %, loss: 20 %, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns, timescale: tai}
`
	all, tr, _ := play(t, parsed(t, text), 1)
	stamps := map[string]map[uint16]int64{"eth0": {}, "eth1": {}, "eth2": {}}
	for i := range all {
		if o := &all[i]; o.Message.Type == ptp.Sync {
			stamps[o.tap][o.Message.SequenceID] = o.ns
			if o.tap == "eth0" && o.ns%1000 != 0 {
				t.Fatalf("%s stamps %d, which is no multiple of 1000 ns", o.tap, o.ns)
			}
		}
	}
	total := float64(len(stamps["eth1"]))
	if share := float64(len(stamps["eth2"])) / total; math.Abs(share-0.8) > 0.02 {
		t.Errorf("eth2 sees %.1f %% of what eth1 sees, want 80 %%", 100*share)
	}
	apart, apartSquared, ahead := 0.0, 0.0, 0.0
	for n, ns := range stamps["eth1"] {
		d := float64(ns - stamps["eth0"][n])
		apart += d / total
		apartSquared += d * d / total
		if perfect, seen := stamps["eth2"][n]; seen {
			ahead = max(ahead, float64(ns-perfect))
		}
	}
	// Way between, and half a step that is cut off; noise, and the step's own.
	sigma := math.Sqrt(apartSquared - apart*apart)
	if wantSigma := math.Hypot(40, 1000/math.Sqrt(12)); math.Abs(apart-8500) > 10 || math.Abs(sigma-wantSigma) > 6 {
		t.Errorf("eth1 is %.1f ns behind eth0, with a deviation of %.1f ns, want 8500 and %.1f", apart, sigma, wantSigma)
	}
	if e := float64(tr.Interfaces[1].Error.MaxAbs); ahead < 3e6 || math.Abs(ahead-e) > 6000 {
		t.Errorf("eth1 is ahead of the perfect clock by %.0f ns, and by %.0f ns in the truth", ahead, e)
	}
	if tr.Interfaces[0].Error.MaxAbs != tr.Interfaces[1].Error.MaxAbs {
		t.Errorf("errors of taps on one clock: %v and %v", tr.Interfaces[0].Error.MaxAbs, tr.Interfaces[1].Error.MaxAbs)
	}
}
