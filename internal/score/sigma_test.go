package score

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/simulate"
)

// sigmas is how many spreads of the floors of its blocks one way is delayed by.
const sigmas = 3

// held is what became of a delay of one way.
type held struct {
	Seed      uint64  `json:"seed"`
	Direction string  `json:"direction"`
	Spread    float64 `json:"floor_spread_seconds"` // of the direction that is delayed
	Named     bool    `json:"rightly_named"`
	Wrong     string  `json:"wrong,omitempty"` // what was told instead, or besides
}

// TestThreeSigma delays one way by three times the spread of its blocks' floors,
// as measured on the same path when nothing happens, with the tap in the path.
// It is to be told, and to be called by its name. SIGMA_RUNS is how many seeds,
// SIGMA_SEED the first, SIGMA_RESULT where the outcome goes.
func TestThreeSigma(t *testing.T) {
	runs, first := 10, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("SIGMA_RUNS")); err == nil {
		runs = n
	}
	if n, err := strconv.ParseUint(os.Getenv("SIGMA_SEED"), 10, 64); err == nil {
		first = n
	}
	var mu sync.Mutex
	var all []held
	t.Run("seeds", func(t *testing.T) {
		for i := range uint64(runs) {
			t.Run(strconv.FormatUint(first+i, 10), func(t *testing.T) {
				t.Parallel()
				for _, h := range holdUp(t, first+i) {
					mu.Lock()
					all = append(all, h)
					mu.Unlock()
				}
			})
		}
	})
	right, others := 0, []held{}
	for _, h := range all {
		if h.Named && h.Wrong == "" {
			right++
		} else {
			others = append(others, h)
			t.Logf("seed %d: %s by %.0f ns: named %v, wrong %q", h.Seed, h.Direction, sigmas*h.Spread*1e9, h.Named, h.Wrong)
		}
	}
	t.Logf("%d of %d were rightly named", right, len(all))
	if len(all) != 2*runs || 100*right < 99*len(all) {
		t.Errorf("%d of %d were rightly named, want 99 %%", right, len(all))
	}
	if path := os.Getenv("SIGMA_RESULT"); path != "" {
		result, err := json.Marshal(map[string]any{"sigmas": sigmas, "delays": len(all), "rightly_named": right, "others": others})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, result, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// site is what makes the floors of a path's blocks spread.
type site struct {
	Name  string
	load  string // of the link
	noise string // of the tap's stamps
}

// At a quiet site stamps are noisy, and nothing else; at a loaded one others fill
// the link, too.
var (
	quiet  = site{"quiet", "", "40ns"}
	loaded = site{"loaded", ", load: {mean: 20 %, packet: 1us, correlation: 100ms}", "40ns"}
)

// oneWay holds one way up. What floors spread by is measured by a tap whose clock
// is perfect, so that its rate is not in it; those who judge have none.
const oneWay = `
name: one-way
description: One way is held up.
variants:
  - {name: quiet, duration: 6m, at: 5m50s, for: 5s, tap: perfect, way: there, message: sync, by: 1ns}
  - {name: forward, duration: 12m, at: 6m, for: 6m, tap: ocxo, way: there, message: sync, by: %[1]dps}
  - {name: reverse, duration: 12m, at: 6m, for: 6m, tap: ocxo, way: back, message: delay_req, by: %[2]dps}
duration: $duration
profile: g8275.1
clocks:
  - {name: gm, role: grandmaster}
  - {name: client, role: client, oscillator: ocxo}
switches:
  - {name: switch}
links:
  - {between: [gm, switch], delay: 10us%[3]s}
  - {between: [client, switch], delay: 500ns}
taps:
  - {name: eth0, link: gm-switch, position: 90 %%, oscillator: $tap, timestamp_noise: %[4]s}
config:
  domains:
    - {domain: 24, profile: g8275.1, grandmasters: [{identity: $gm.identity, name: gm}]}
events:
  - {at: $at, for: $for, episode: held-up, delay: {links: [gm-switch], direction: $way, messages: [$message], by: $by}}
truth:
  - episode: held-up
    kind: attack
    type: delay
    clocks: [gm]
    direction: forward
    alerts: [PTPPathAsymmetry]
    severity: critical
`

// holdUp measures the spreads under a seed, and delays either way.
func holdUp(t *testing.T, seed uint64) []held {
	spreads := floorSpreads(t, loaded.oneWay(t, 0, [2]float64{}), seed)
	var out []held
	for k, direction := range []string{"forward", "reverse"} {
		h := held{Seed: seed, Direction: direction, Spread: spreads[k]}
		replayed(t, loaded.oneWay(t, 1+k, [2]float64{sigmas * spreads[0], sigmas * spreads[1]}), seed, agent.ReplayOptions{OnFinding: func(f analysis.Finding) {
			if f.Event != analysis.AlertRaised || f.Alert.Severity == analysis.Info {
				return
			}
			if a := f.Alert; a.Name == "PTPPathAsymmetry" && a.Direction == direction {
				h.Named = true
			} else {
				h.Wrong = a.Name + " " + a.Direction + " " + a.Reason
			}
		}})
		out = append(out, h)
	}
	return out
}

// floorSpreads are what the floors of blocks of both directions spread by, in the
// mean over all spans of as many blocks as a view sums up.
func floorSpreads(t *testing.T, s *simulate.Scenario, seed uint64) (spreads [2]float64) {
	t.Helper()
	n, last := 0, uint64(0)
	replayed(t, s, seed, agent.ReplayOptions{Every: time.Second, OnView: func(_ time.Time, v *analysis.View) {
		for _, d := range v.Domains {
			for _, p := range d.Ports {
				for _, tm := range p.Timings {
					if f := tm.Statistics; f != nil && tm.MeanPathDelay.Count > 0 && f.Blocks[0].Floor.Count >= last+32 {
						last = f.Blocks[0].Floor.Count
						n++
						for k := range spreads {
							spreads[k] += (f.Blocks[k].Floor.Spread - spreads[k]) / float64(n)
						}
					}
				}
			}
		}
	}})
	if spreads[0] <= 0 || spreads[1] <= 0 {
		t.Fatalf("the floors spread by %v", spreads)
	}
	return spreads
}

// oneWay is a variant of the scenario, with delays of the ways there and back in
// seconds.
func (s *site) oneWay(t *testing.T, variant int, by [2]float64) *simulate.Scenario {
	t.Helper()
	ps := func(k int) int64 { return max(1, int64(math.Round(by[k]*1e12))) }
	all, err := simulate.Variants("one-way.yaml", fmt.Appendf(nil, oneWay, ps(0), ps(1), s.load, s.noise))
	if err != nil {
		t.Fatal(err)
	}
	return all[variant]
}

// replayed plays a scenario to the analysis, with its own configuration.
func replayed(t *testing.T, s *simulate.Scenario, seed uint64, o agent.ReplayOptions) *analysis.View {
	t.Helper()
	view, err := replayedWhile(t.Context(), t, s, seed, o)
	if err != nil {
		t.Fatal(err)
	}
	return view
}

// replayedWhile does until ctx ends, and then gives its cause.
func replayedWhile(ctx context.Context, t *testing.T, s *simulate.Scenario, seed uint64, o agent.ReplayOptions) (*analysis.View, error) {
	t.Helper()
	text, err := s.Config(seed)
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse("config", []byte(text), agent.Alerts())
	if err != nil {
		t.Fatal(err)
	}
	from, to := io.Pipe()
	go func() {
		buffered := bufio.NewWriterSize(to, 1<<16)
		_, err := s.Run(ctx, seed, buffered)
		to.CloseWithError(errors.Join(err, buffered.Flush()))
	}()
	o.Captures, o.Stdin, o.Config = []string{"-"}, from, c
	r, err := agent.Replay(ctx, o)
	from.CloseWithError(err)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	return r.View, nil
}

// TestFoundLate is of delays that are found late, for they are small: the first
// blocks that show them name them, from where they began.
func TestFoundLate(t *testing.T) {
	for _, seed := range []uint64{70182, 70220, 42239714, 42239781} {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			for _, h := range holdUp(t, seed) {
				if !h.Named || h.Wrong != "" {
					t.Errorf("%s by %.0f ns: named %v, wrong %q", h.Direction, sigmas*h.Spread*1e9, h.Named, h.Wrong)
				}
			}
		})
	}
}

// TestTwoLateBlocks is of a site at which four Syncs in a row wait for others'
// packets, about as long each: two blocks, and one before that shows nothing, are
// no delay.
func TestTwoLateBlocks(t *testing.T) {
	const seed = 9016
	s := loaded.slowRamp(t, 1, loaded.stillSpread(t, seed)*rampBreath, 0, 10e-6, time.Hour, 30*time.Minute)
	replayed(t, s, seed, agent.ReplayOptions{OnFinding: func(f analysis.Finding) {
		if f.Event == analysis.AlertRaised && f.Alert.Severity != analysis.Info {
			t.Errorf("after %v: %s %s: %s", f.At.Sub(start), f.Alert.Severity, f.Alert.Name, f.Alert.Observed)
		}
	}})
}
