package score

import (
	"fmt"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/simulate"
)

// The slow ramp: one Sync a second, stamps that are noisy, and a way that gets
// longer day by day while it breathes with the temperature.
const slow = `
name: slow-ramp
description: One way becomes longer, slower than any window sees.
variants:
  - {name: still, tap: perfect, way: there, message: sync}
  - {name: forward, tap: ocxo, way: there, message: sync}
  - {name: reverse, tap: ocxo, way: back, message: delay_req}
  - {name: forward-rb, tap: rb, way: there, message: sync}
  - {name: reverse-rb, tap: rb, way: back, message: delay_req}
duration: %[3]ds
profile: default
clocks:
  - {name: gm, role: grandmaster, sync_interval: 1s, delay_interval: 1s}
  - {name: client, role: client, oscillator: ocxo, sync_interval: 1s, delay_interval: 1s}
links:
  - {between: [gm, client], delay: 10us%[6]s}
taps:
  - {name: eth0, link: gm-client, position: 90 %%, oscillator: $tap, timestamp_noise: %[7]s}
config:
  domains:
    - domain: 0
      profile: default
      grandmasters: [{identity: $gm.identity, name: gm}]
events:
  - {at: 0s, for: %[3]ds, episode: weather, delay: {links: [gm-client], direction: both, messages: [sync, delay_req], by: %[1]dps, period: 24h}}
  - {at: %[4]ds, for: %[5]ds, episode: ramp, delay: {links: [gm-client], direction: $way, messages: [$message], by: %[8]dps, ramp: %.12[2]f ns/s}}
truth:
  - {episode: weather, kind: operator, type: weather, clocks: [gm], alerts: []}
  - {episode: ramp, kind: attack, type: sync-delay-ramp, clocks: [gm], direction: forward, alerts: [PTPPathAsymmetry], severity: critical}
`

// TestSlowRamp makes one way longer by the spread of its blocks' floors a day,
// once two days have shown what the weather does to both.
func TestSlowRamp(t *testing.T) {
	const onset = 48 * time.Hour
	for _, c := range []struct {
		name   string
		breath float64       // by so many spreads either way, every day
		ramp   float64       // spreads a day
		days   int           // in all
		within time.Duration // of its onset it is to be told
	}{
		{"a quiet path", 0.5, 1, 5, 48 * time.Hour},
		{"a path that breathes", 2, 1, 9, 6 * 24 * time.Hour},
		{"a path that breathes, and nothing else", 2, 0, 12, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			spread := quiet.stillSpread(t, 1)
			var first time.Time // told
			var told []analysis.Alert
			resolved := 0
			view := replayed(t, quiet.slowRamp(t, 1, spread*c.breath, spread*c.ramp/86400, 10e-6, time.Duration(c.days)*24*time.Hour, onset), 1, agent.ReplayOptions{OnFinding: func(f analysis.Finding) {
				if f.Event == analysis.AlertRaised && f.Alert.Severity != analysis.Info {
					told = append(told, *f.Alert)
				}
				if f.Event == analysis.AlertResolved {
					resolved++
				}
			}})
			begun := view.At.Add(-time.Duration(c.days) * 24 * time.Hour).Add(onset)
			for _, a := range told {
				t.Logf("%v after the onset, at %.1f spreads: %s %s %s %s: %s", a.Raised.Sub(begun), c.ramp*a.Raised.Sub(begun).Hours()/24, a.Severity, a.Name, a.Direction, a.Certainty, a.Observed)
				if first.IsZero() {
					first = a.Raised
				}
			}
			switch {
			case c.ramp == 0 && len(told) > 0:
				t.Errorf("%d alerts of nothing", len(told))
			case c.ramp > 0 && first.IsZero():
				t.Error("it was not told")
			case c.ramp > 0 && (first.Before(begun) || first.Sub(begun) > c.within):
				t.Errorf("first told %v after the onset, want within %v", first.Sub(begun), c.within)
			case c.ramp > 0 && resolved > 0:
				t.Errorf("%d alerts resolved while it goes on", resolved)
			}
		})
	}
}

// slowRamp is the scenario; breath, ramp and the most that it comes to are seconds,
// and seconds a second.
func (s *site) slowRamp(t *testing.T, variant int, breath, ramp, most float64, length, onset time.Duration) *simulate.Scenario {
	t.Helper()
	all, err := simulate.Variants("slow-ramp.yaml", fmt.Appendf(nil, slow, int64(breath*1e12), max(ramp*1e9, 1e-9), int(length.Seconds()), int(onset.Seconds()), int((length-onset).Seconds()), s.load, s.noise, max(1, int64(most*1e12))))
	if err != nil {
		t.Fatal(err)
	}
	return all[variant]
}

// stillSpread is what the floors of the forward delay's blocks spread by when
// nothing happens, by a tap that does not add to it.
func (s *site) stillSpread(t *testing.T, seed uint64) float64 {
	t.Helper()
	return floorSpreads(t, s.slowRamp(t, 0, 0, 0, 0, 2*time.Hour, time.Hour), seed)[0]
}
