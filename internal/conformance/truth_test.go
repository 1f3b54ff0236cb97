package conformance

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// perfect is an oscillator without any error, and stamps that are cut down to
// the nanosecond of a timestamp and of a capture, no further.
const perfect = "oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns"

// near is within a nanosecond of the truth, in seconds.
const near = 1e-9

// want is what is measured at a tap of a clock, in ns; NaN is nothing at all.
type want struct {
	tap, clock         string
	mean, link, offset float64
}

var none = math.NaN()

// chains are a grandmaster and a client three links apart, with a tap on the
// first and the last: every profile over every transport by every addressing,
// of one step and two, with switches that know nothing of PTP and with
// transparent clocks of one step and two. The links are uneven, as that is what
// the offset shows. Transparent clocks have full queues besides.
func chains() (all []chain) {
	for _, profile := range []string{"default", "enterprise", "g8275.1", "g8275.2", "g8265.1", "st2059-2", "sptp"} {
		for _, transport := range []string{"ieee802.3", "udpv4", "udpv6"} {
			for _, addressing := range []string{"multicast", "hybrid", "unicast"} {
				if transport == "ieee802.3" && addressing != "multicast" || profile == "sptp" && addressing != "unicast" {
					continue // unicast is negotiated by IP address; SPTP is unicast
				}
				for _, gm := range []string{"true", "false"} {
					for _, switches := range []string{"plain", "true", "false"} {
						if profile == "sptp" && switches == "true" {
							continue // there are no Follow_Ups in which to tell residence times
						}
						all = append(all, chain{profile, transport, addressing, gm, switches})
					}
				}
			}
		}
	}
	return all
}

// chain is one of them; its switches are plain, or transparent and of two steps
// or not.
type chain struct{ profile, transport, addressing, twoStep, switches string }

func (c chain) scenario(tap string) string {
	clock := fmt.Sprintf("%s, transport: %s, addressing: %s, two_step: %s, sync_interval: 125ms, delay_interval: 125ms", perfect, c.transport, c.addressing, c.twoStep)
	masters, kind, load := "", "jitter: 0ns", ""
	if c.addressing == "unicast" {
		masters = ", masters: [gm]"
	}
	if c.switches != "plain" {
		kind, load = fmt.Sprintf("transparent: true, two_step: %s, jitter: 5us, %s", c.switches, perfect), ", load: {mean: 60 %}"
	}
	return fmt.Sprintf(`
name: test
description: Three hops.
duration: 20s
warmup: 30s
profile: %s
clocks:
  - {name: gm, role: grandmaster, %[2]s}
  - {name: client, role: client, %[2]s%[3]s}
switches:
  - {name: near, %[4]s}
  - {name: far, %[4]s}
links:
  - {between: [gm, near], delay: 2us, asymmetry: 400ns}
  - {between: [near, far], delay: 5us, asymmetry: -80ns%[5]s}
  - {between: [far, client], delay: 600ns, asymmetry: 30ns}
taps:
  - {name: first, link: gm-near, %[6]s}
  - {name: last, link: far-client, position: 25 %%, %[6]s}
`, c.profile, clock, masters, kind, load, tap)
}

// With stamps without noise, the mean path delay and the offset are those of
// the truth to the nanosecond.
func TestEndToEndTruth(t *testing.T) {
	for _, c := range chains() {
		t.Run(strings.Join([]string{c.profile, c.transport, c.addressing, c.twoStep, c.switches}, "/"), func(t *testing.T) {
			t.Parallel()
			all, tr := played(t, c.scenario(perfect+", timescale: tai"), 1)
			v := tracked(all, analysis.Config{})
			for _, tap := range []string{"first", "last"} {
				p := way(t, tr, tap, "gm")
				check(t, want{tap, "gm", (float64(p.Forward) + float64(*p.Reverse)) / 2, none, (float64(p.Forward) - float64(*p.Reverse)) / 2}, timingOf(v, tap, clockNamed(t, tr, "gm")))
			}
		})
	}
}

// check holds a measurement against what is wanted: each value is within a
// nanosecond. An offset by peer delay has three stamps that are cut down to the
// nanosecond, two of them halved: there the median is.
func check(t *testing.T, w want, got *analysis.TimingView) {
	t.Helper()
	if got == nil {
		t.Fatalf("nothing was measured of %s at %s", w.clock, w.tap)
	}
	for _, m := range []struct {
		name string
		want float64
		got  analysis.Summary
	}{{"mean path delay", w.mean, got.MeanPathDelay}, {"mean link delay", w.link, got.MeanLinkDelay}, {"offset", w.offset, got.Offset}} {
		ns, most := m.want*1e-9, near
		if m.name == "offset" && math.IsNaN(w.mean) {
			most = 1.5 * near
		}
		switch {
		case math.IsNaN(m.want):
			if m.got.Count > 0 {
				t.Errorf("%s at %s of %s: %+v, want none", m.name, w.tap, w.clock, m.got)
			}
		case m.got.Count < 8:
			t.Errorf("%s at %s of %s: %d values", m.name, w.tap, w.clock, m.got.Count)
		case math.Abs(m.got.Median-ns) > near:
			t.Errorf("%s at %s of %s: median %.3f ns, want %.3f", m.name, w.tap, w.clock, m.got.Median*1e9, m.want)
		case math.Abs(m.got.Min-ns) > most || math.Abs(m.got.Max-ns) > most:
			t.Errorf("%s at %s of %s: %.3f to %.3f ns, want %.3f", m.name, w.tap, w.clock, m.got.Min*1e9, m.got.Max*1e9, m.want)
		}
	}
}

// A tap measures the same whatever its clock tells and however fast it runs;
// the offset is that of its clock.
func TestTruthByAnyClock(t *testing.T) {
	chains := []chain{
		{"default", "udpv4", "multicast", "true", "plain"}, {"g8275.1", "ieee802.3", "multicast", "true", "true"},
		{"g8275.2", "udpv6", "unicast", "false", "false"}, {"sptp", "udpv6", "unicast", "true", "false"},
	}
	for _, tap := range []struct {
		name, keys string
		offset     float64 // ns beside that of the path; NaN: not to be told
	}{
		{"UTC", "timescale: utc", 0},
		{"TAI", "timescale: tai", 0},
		{"ahead", "timescale: utc, offset: 3ms", 3e6},
		{"of another season", "timescale: tai, offset: -2000h", none},
		{"20 ppm fast", "timescale: tai, frequency: 20ppm", none}, // it is not the same for long
		{"100 ppm slow", "timescale: utc, frequency: -100ppm", none},
	} {
		for _, c := range chains {
			t.Run(tap.name+"/"+c.profile, func(t *testing.T) {
				t.Parallel()
				all, tr := played(t, c.scenario(perfect+", "+tap.keys), 1)
				v := tracked(all, analysis.Config{})
				for _, name := range []string{"first", "last"} {
					p := way(t, tr, name, "gm")
					got := *timingOf(v, name, clockNamed(t, tr, "gm"))
					if strings.Contains(tap.keys, "frequency") {
						got.Offset = analysis.Summary{} // it grows
					}
					check(t, want{name, "gm", (float64(p.Forward) + float64(*p.Reverse)) / 2, none, (float64(p.Forward)-float64(*p.Reverse))/2 + tap.offset}, &got)
				}
			})
		}
	}
}

// peers are where delays are measured peer to peer, with a tap in the first
// link and one in the last, a quarter of the way down.
var peers = map[string]string{
	"relays": `
profile: gptp
clocks:
  - {name: gm, role: grandmaster, CLOCK}
  - {name: near, role: boundary, CLOCK}
  - {name: far, role: boundary, CLOCK}
  - {name: client, role: client, CLOCK}
`,
	"transparent": `
profile: power
clocks:
  - {name: gm, role: grandmaster, two_step: STEPS, CLOCK}
  - {name: client, role: client, two_step: STEPS, CLOCK}
switches:
  - {name: near, transparent: true, jitter: 5us, two_step: STEPS, CLOCK}
  - {name: far, transparent: true, jitter: 5us, two_step: STEPS, CLOCK}
`,
	"direct": `
profile: PROFILE
clocks:
  - {name: gm, role: grandmaster, transport: TRANSPORT, delay_mechanism: p2p, two_step: STEPS, CLOCK}
  - {name: client, role: client, transport: TRANSPORT, delay_mechanism: p2p, two_step: STEPS, CLOCK}
`}

// Of peer delay, the delay to the responder is that of the truth; with the
// Syncs of the same port the offset, too. A mean path delay there is none.
func TestPeerToPeerTruth(t *testing.T) {
	const start, chain, tail = "name: test\ndescription: Links.\nduration: 30s\nwarmup: 30s", `links:
  - {between: [gm, near], delay: 2us, asymmetry: 400ns}
  - {between: [near, far], delay: 5us, asymmetry: -80ns}
  - {between: [far, client], delay: 600ns, asymmetry: 40ns}
taps:
  - {name: first, link: gm-near, position: 25 %, TAP}
  - {name: last, link: far-client, position: 25 %, TAP}
`, `links:
  - {between: [gm, client], delay: 2us, asymmetry: 400ns}
taps:
  - {name: first, link: gm-client, position: 25 %, TAP}
`
	type test struct{ name, text string }
	var tests []test
	for kind, text := range peers {
		text = start + text
		if kind != "direct" {
			text += chain
		} else {
			text += tail
		}
		for _, steps := range []string{"true", "false"} {
			for _, profile := range []string{"default", "enterprise", "st2059-2", "g8275.1"} {
				for _, transport := range []string{"ieee802.3", "udpv4", "udpv6"} {
					with := strings.NewReplacer("STEPS", steps, "PROFILE", profile, "TRANSPORT", transport).Replace(text)
					if n := len(tests); n == 0 || tests[n-1].text != with {
						tests = append(tests, test{strings.Join([]string{kind, steps, profile, transport}, "/"), with})
					}
				}
			}
		}
	}
	for _, tt := range tests {
		for tap, keys := range map[string]string{"TAI": "timescale: tai", "UTC": "timescale: utc", "20 ppm fast": "timescale: tai, frequency: 20ppm"} {
			t.Run(tt.name+"/"+tap, func(t *testing.T) {
				t.Parallel()
				all, tr := played(t, strings.NewReplacer("CLOCK", perfect, "TAP", perfect+", "+keys).Replace(tt.text), 1)
				v := tracked(all, analysis.Config{})
				of := func(tap, clock string, link, offset float64) {
					got := *timingOf(v, tap, clockNamed(t, tr, clock))
					if keys != "timescale: tai" && keys != "timescale: utc" {
						offset, got.Offset = none, analysis.Summary{}
					}
					check(t, want{tap, clock, none, link, offset}, &got)
				}
				of("first", "gm", 500, 50)
				switch {
				case strings.Contains(tt.name, "direct"):
					of("first", "client", 1500, none)
				case strings.Contains(tt.name, "relays"):
					of("first", "near", 1500, none)
					of("last", "far", 150, 5+200-40) // the relays take their links for even
					of("last", "client", 450, none)
				default:
					of("last", "client", 450, none)
					of("last", "gm", none, none) // it does not answer there
				}
			})
		}
	}
}
