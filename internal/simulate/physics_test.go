package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// Whatever stands between a grandmaster and a tap, what is left of a message's
// way when everything that is told has been subtracted is the links that
// nobody tells, to the nanosecond: with queues everywhere.
func TestCorrectionsAddUp(t *testing.T) {
	t.Parallel()
	const chain = `
name: test
description: Perfect clocks and full queues.
duration: 60s
profile: PROFILE
clocks:
  - {name: gm, role: grandmaster, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns, two_step: GM, sync_interval: 125ms, delay_interval: 125ms}
  - {name: client, role: client, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns, two_step: GM, sync_interval: 125ms, delay_interval: 125ms}
  - {name: other, role: client, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns, two_step: GM, sync_interval: 125ms, delay_interval: 125ms}
switches:
  - {name: near, transparent: true, two_step: TC, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns, jitter: 5us}
  - {name: far, transparent: true, two_step: TC, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns, jitter: 5us}
links:
  - {between: [gm, near], delay: 300ns, asymmetry: 0ns}
  - {between: [near, far], delay: 5us, load: {mean: 60 %}}
  - {between: [far, client], delay: 200ns, load: {mean: 60 %}, load_back: {mean: 0 %}}
  - {between: [far, other], delay: 900ns, load: {mean: 60 %}, load_back: {mean: 0 %}}
taps:
  - {name: eth0, link: far-client, position: 50 %, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns, timescale: tai}
`
	const relays = `
name: test
description: Perfect clocks.
duration: 60s
profile: gptp
clocks:
  - {name: gm, role: grandmaster, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns}
  - {name: near, role: boundary, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns}
  - {name: far, role: boundary, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns}
  - {name: client, role: client, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns}
links:
  - {between: [gm, near], delay: 120ns}
  - {between: [near, far], delay: 400ns}
  - {between: [far, client], delay: 200ns}
taps:
  - {name: eth0, link: far-client, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns, timescale: tai}
`
	type chained struct {
		name, text   string
		wantA, wantB float64 // of B 0: none are sent
	}
	fill := func(of ...string) string { return strings.NewReplacer(of...).Replace(chain) }
	cases := []chained{
		{"gptp", relays, 100, 0},
		{"gptp one-step", strings.Replace(relays, "role: grandmaster", "role: grandmaster, two_step: false", 1), 100, 0},
		{"sptp", fill("PROFILE", "sptp", "GM", "true", "TC", "false", "role: client", "role: client, masters: [gm]"), 5400, 5400},
	}
	for _, gm := range []string{"true", "false"} {
		for _, tc := range []string{"true", "false"} {
			steps := fmt.Sprintf("two-step %s, transparent %s", gm, tc)
			cases = append(cases,
				chained{"default " + steps, fill("PROFILE", "default", "GM", gm, "TC", tc), 5400, 5400},
				chained{"power " + steps, fill("PROFILE", "power", "GM", gm, "TC", tc), 100, 0},
				chained{"default by peer delay " + steps, fill("PROFILE", "default", "GM,", gm+", delay_mechanism: p2p,", "TC,", tc+", delay_mechanism: p2p,", "GM", gm), 100, 0})
		}
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			all, tr, _ := play(t, parsed(t, c.text), 1)
			measured := measure(all, "eth0", identityIn(tr, "client"))
			if c.name == "sptp" {
				measured = measureSPTP(all, "eth0")
			}
			for port, d := range measured {
				if len(d.a) < 400 || c.wantB != 0 && len(d.b) < 300 || c.wantB == 0 && len(d.b) > 0 {
					t.Fatalf("%v: %d Syncs, %d Delay_Reqs", port, len(d.a), len(d.b))
				}
				worst := 0.0
				for _, a := range d.a {
					worst = max(worst, math.Abs(a.ns-c.wantA))
					if math.Abs(a.ns-c.wantA) > 1 {
						t.Fatalf("a Sync took %.3f ns, want %.0f", a.ns, c.wantA)
					}
				}
				for _, b := range d.b {
					worst = max(worst, math.Abs(b.ns-c.wantB))
					if math.Abs(b.ns-c.wantB) > 1 {
						t.Fatalf("a Delay_Req took %.3f ns, want %.0f", b.ns, c.wantB)
					}
				}
				t.Logf("%d Syncs and %d Delay_Reqs, off by %.3f ns at most", len(d.a), len(d.b), worst)
			}
			for _, clock := range tr.Clocks {
				if math.Abs(float64(clock.Error.MaxAbs)) > 1 {
					t.Errorf("%s is off by %.3f ns", clock.Name, float64(clock.Error.MaxAbs))
				}
			}
		})
	}
}

// In a benign network a client is off by half of the asymmetry of its way, and
// not at all once it knows.
func TestClientOffset(t *testing.T) {
	t.Parallel()
	const text = `
name: test
description: An asymmetric link.
duration: 10m
profile: g8275.1
clocks:
  - {name: gm, role: grandmaster, oscillator: perfect}
  - {name: naive, role: client, oscillator: ocxo}
  - {name: told, role: client, oscillator: ocxo, asymmetry: 400ns}
switches: [{name: switch}]
links:
  - {between: [gm, switch], delay: 1us, asymmetry: 200ns}
  - {between: [switch, naive], delay: 2us, asymmetry: 600ns}
  - {between: [switch, told], delay: 2us, asymmetry: 600ns}
taps: [{name: eth0, link: gm-switch}]
`
	_, tr, _ := play(t, parsed(t, text), 1)
	for _, clock := range tr.Clocks {
		want := map[string]float64{"gm": 0, "naive": -400, "told": 0}[clock.Name]
		mean := 0.0
		for _, v := range clock.Error.Values {
			mean += float64(v) / float64(len(clock.Error.Values))
		}
		t.Logf("%s is off by %.2f ns on average, want %.0f", clock.Name, mean, want)
		if math.Abs(mean-want) > 1.5 {
			t.Errorf("%s is off by %.2f ns on average, want %.0f", clock.Name, mean, want)
		}
	}
}

// The queue-free delays of the truth are the floor of what is measured at the
// taps, once the tap's own error is taken off.
func TestPaths(t *testing.T) {
	t.Parallel()
	// The tap moves within a second, clocks are off by some ns, and stamps have
	// steps of 8 ns.
	const near = 80
	for _, name := range []string{
		"healthy-default/short", "healthy-g8275.1/short", "healthy-g8275.2/short", "healthy-gptp/short", "healthy-power/short",
		"healthy-transparent/short", "healthy-peer-delay", "healthy-boundary/short", "routed-taps", "two-grandmasters", "ab-networks",
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			all, tr, _ := play(t, s, 1)
			checked := 0
			for _, i := range tr.Interfaces {
				// A switch floods what others ask to a client's link, too.
				asks := identityIn(tr, strings.TrimSuffix(i.Link, "-far"))
				for port, d := range measure(all, i.Name, asks) {
					p := pathOf(tr, i.Name, port.ClockIdentity)
					if p == nil {
						continue
					}
					checked++
					if got := floor(tr, &i, d.a, -1); math.Abs(got-float64(p.Forward)) > near {
						t.Errorf("from %s to %s: %.1f ns, want %.1f", p.Clock, i.Name, got, float64(p.Forward))
					}
					switch {
					case len(d.b) == 0 && i.Name != "eth0":
					case len(d.b) == 0 && p.Reverse != nil && s.file.Profile != "gptp":
						t.Errorf("from %s to %s no request was seen", i.Name, p.Clock)
					case len(d.b) > 0 && p.Reverse == nil:
						t.Errorf("from %s to %s there is a reverse path", i.Name, p.Clock)
					case len(d.b) > 0:
						if got := floor(tr, &i, d.b, 1); math.Abs(got-float64(*p.Reverse)) > near {
							t.Errorf("from %s to %s: %.1f ns, want %.1f", i.Name, p.Clock, got, float64(*p.Reverse))
						}
					}
				}
			}
			if checked == 0 {
				t.Error("no path was measured")
			}
		})
	}
}

// After a change of route the truth's delays are those of the new one.
func TestReroutedPaths(t *testing.T) {
	t.Parallel()
	s, err := Load("reroute/longer-uneven")
	if err != nil {
		t.Fatal(err)
	}
	all, tr, _ := play(t, s, 1)
	i := &tr.Interfaces[0]
	measured := measure(all, i.Name, 0)
	for n, p := range tr.Paths {
		until := tr.Start.Add(tr.Duration)
		for _, q := range tr.Paths[n+1:] {
			if q.Clock == p.Clock && q.Interface == p.Interface {
				until = q.From
				break
			}
		}
		var during []delay
		for port, d := range measured {
			for _, a := range d.a {
				if port.ClockIdentity.String() == p.Identity && a.at.After(p.From) && a.at.Before(until) {
					during = append(during, a)
				}
			}
		}
		if p.Clock == "gm" && len(during) < 1000 {
			t.Fatalf("%d Syncs from %v to %v", len(during), p.From, until)
		} else if p.Clock != "gm" {
			continue // nobody asks the standby for Syncs
		}
		if got := floor(tr, i, during, -1); math.Abs(got-float64(p.Forward)) > 25 {
			t.Errorf("since %v: %.1f ns, want %.1f", p.From, got, float64(p.Forward))
		}
	}
	if len(tr.Paths) != 4 || float64(tr.Paths[2].Forward-tr.Paths[0].Forward) != 50_030 {
		t.Errorf("paths: %+v", tr.Paths)
	}
}

func pathOf(tr *truth.Truth, tap string, id ptp.ClockIdentity) *truth.Path {
	for n := range tr.Paths {
		if p := &tr.Paths[n]; p.Interface == tap && p.Identity == id.String() {
			return p
		}
	}
	return nil
}

// floor is the least delay, with the tap's error added with a sign. At a
// mirror, where requests seem to come late that had to wait for others, it is
// the median.
func floor(tr *truth.Truth, i *truth.Interface, ds []delay, sign float64) float64 {
	leap := 0.0
	if i.Timescale == "utc" {
		leap = 37e9
	}
	var all []float64
	for _, d := range ds {
		if e, ok := i.Error.At(d.at.Sub(tr.Start)); ok {
			all = append(all, d.ns+sign*(float64(e)-leap))
		}
	}
	slices.Sort(all)
	if i.Switch != "" {
		return all[len(all)/2]
	}
	return all[0]
}

// identityIn is the identity of a clock.
func identityIn(tr *truth.Truth, name string) ptp.ClockIdentity {
	for _, c := range tr.Clocks {
		if c.Name == name {
			id, _ := ptp.ParseClockIdentity(c.Identity)
			return id
		}
	}
	return 0
}
