package simulate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// The truth's delays are what a tap of perfect stamps measures in a network of
// perfect clocks without other traffic, to the nanosecond: of everything that
// is measured there, and of nothing else.
func TestPathsAreExact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text string }{
		{"end-to-end", `
clocks:
  - {name: gm, role: grandmaster, PERFECT}
  - {name: boundary, role: boundary, PERFECT}
  - {name: client, role: client, asymmetry: 40ns, PERFECT}
switches:
  - {name: near, transparent: true, two_step: STEPS, PERFECT}
  - {name: plain, residence: 3us}
  - {name: far, transparent: true, PERFECT}
links:
  - {between: [gm, near], delay: 300ns, asymmetry: 30ns}
  - {between: [near, plain], delay: 5us, asymmetry: -70ns}
  - {between: [plain, far], delay: 700ns}
  - {between: [far, boundary], delay: 200ns, asymmetry: 10ns}
  - {between: [boundary, client], delay: 900ns}
taps:
  - {name: eth0, link: gm-near, position: 10 %, PERFECT}
  - {name: eth1, link: near-plain, PERFECT}
  - {name: eth2, link: far-boundary, PERFECT}
  - {name: eth3, link: boundary-client, position: 90 %, PERFECT}
  - {name: eth4, mirror: near, delay: 1us, PERFECT}
  - {name: eth5, mirror: plain, delay: 1us, PERFECT}
`},
		{"peer-to-peer on Ethernet", `
profile: power
clocks:
  - {name: gm, role: grandmaster, two_step: STEPS, PERFECT}
  - {name: client, role: client, asymmetry: 40ns, two_step: STEPS, PERFECT}
switches:
  - {name: near, transparent: true, two_step: STEPS, PERFECT}
  - {name: far, transparent: true, PERFECT}
links:
  - {between: [gm, near], delay: 300ns, asymmetry: 30ns}
  - {between: [near, far], delay: 5us, asymmetry: -70ns}
  - {between: [client, far], delay: 200ns, asymmetry: 10ns}
taps:
  - {name: eth0, link: gm-near, position: 10 %, PERFECT}
  - {name: eth1, link: near-far, PERFECT}
  - {name: eth2, link: client-far, position: 0 %, PERFECT}
`},
		{"peer-to-peer on UDP", `
profile: default
clocks:
  - {name: gm, role: grandmaster, delay_mechanism: p2p, two_step: STEPS, PERFECT}
  - {name: client, role: client, delay_mechanism: p2p, asymmetry: 40ns, two_step: STEPS, PERFECT}
switches:
  - {name: near, transparent: true, delay_mechanism: p2p, two_step: STEPS, PERFECT}
  - {name: far, transparent: true, delay_mechanism: p2p, PERFECT}
links:
  - {between: [gm, near], delay: 300ns, asymmetry: 30ns}
  - {between: [near, far], delay: 5us, asymmetry: -70ns}
  - {between: [client, far], delay: 200ns, asymmetry: 10ns}
taps:
  - {name: eth0, link: gm-near, position: 10 %, PERFECT}
  - {name: eth1, link: near-far, PERFECT}
  - {name: eth2, link: client-far, position: 0 %, PERFECT}
`},
		{"peer-to-peer through a bridge", `
profile: default
clocks:
  - {name: gm, role: grandmaster, delay_mechanism: p2p, two_step: STEPS, PERFECT}
  - {name: client, role: client, delay_mechanism: p2p, two_step: STEPS, PERFECT}
switches:
  - {name: plain, residence: 3us}
  - {name: near, transparent: true, delay_mechanism: p2p, two_step: STEPS, PERFECT}
links:
  - {between: [gm, plain], delay: 300ns, asymmetry: 30ns}
  - {between: [plain, near], delay: 5us, asymmetry: -70ns}
  - {between: [client, near], delay: 200ns, asymmetry: 10ns}
taps:
  - {name: eth0, link: gm-plain, PERFECT}
  - {name: eth1, link: plain-near, PERFECT}
  - {name: eth2, link: client-near, PERFECT}
  - {name: eth3, mirror: plain, delay: 1us, PERFECT}
`},
		{"SPTP", `
clocks:
  - {name: gm, role: grandmaster, profile: sptp, PERFECT}
  - {name: client, role: client, profile: sptp, masters: [gm], asymmetry: 40ns, PERFECT}
switches:
  - {name: near, transparent: true, profile: sptp, PERFECT}
  - {name: plain, residence: 3us}
links:
  - {between: [gm, near], delay: 300ns, asymmetry: 30ns}
  - {between: [near, plain], delay: 5us, asymmetry: -70ns}
  - {between: [client, plain], delay: 200ns, asymmetry: 10ns}
taps:
  - {name: eth0, link: gm-near, position: 10 %, PERFECT}
  - {name: eth1, link: near-plain, PERFECT}
  - {name: eth2, link: client-plain, PERFECT}
  - {name: eth3, mirror: near, delay: 1us, PERFECT}
`},
		{"802.1AS", `
clocks:
  - {name: gm, role: grandmaster, profile: gptp, PERFECT}
  - {name: relay, role: boundary, profile: gptp, PERFECT}
  - {name: client, role: client, profile: gptp, PERFECT}
links:
  - {between: [gm, relay], delay: 300ns}
  - {between: [relay, client], delay: 5us, asymmetry: -70ns}
taps:
  - {name: eth0, link: gm-relay, position: 10 %, PERFECT}
  - {name: eth1, link: relay-client, PERFECT}
`},
		{"unicast through a router", `
clocks:
  - {name: gm, role: grandmaster, profile: g8275.2, two_step: STEPS, PERFECT}
  - {name: client, role: client, profile: g8275.2, masters: [gm], PERFECT}
routers:
  - {name: router, residence: 7us}
links:
  - {between: [gm, router], delay: 300us, asymmetry: 30us}
  - {between: [router, client], delay: 5us, asymmetry: -70ns}
taps:
  - {name: eth0, link: gm-router, position: 10 %, PERFECT}
  - {name: eth1, link: router-client, PERFECT}
`},
	} {
		for _, steps := range []string{"true", "false"} {
			if steps == "false" && !strings.Contains(c.text, "STEPS") {
				continue
			}
			t.Run(fmt.Sprintf("%s two-step %s", c.name, steps), func(t *testing.T) {
				const head = "name: test\ndescription: Perfect and quiet.\nduration: 90s\nwarmup: 120s\n"
				text := strings.NewReplacer("STEPS", steps, "PERFECT", "oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns").Replace(c.text)
				all, tr, _ := play(t, parsed(t, head+text), 1)
				checkPaths(t, all, tr)
			})
		}
	}
}

// checkPaths holds the truth against the median of what is measured.
func checkPaths(t *testing.T, all []seen, tr *truth.Truth) {
	t.Helper()
	const utc = 37e9
	errorOf := func(identity string) float64 { // of a boundary clock, that sends its own time
		for _, c := range tr.Clocks {
			if v := slices.Clone(c.Error.Values); c.Identity == identity && c.Role == "boundary" {
				slices.Sort(v)
				return float64(v[len(v)/2])
			}
		}
		return 0
	}
	measured := map[string]float64{}
	note := func(tap string, port ptp.PortIdentity, what string, ds []delay, ahead float64) {
		slices.SortFunc(ds, func(a, b delay) int { return cmp.Compare(a.ns, b.ns) })
		if len(ds) > 20 {
			measured[fmt.Sprint(tap, " ", port, " ", what)] = ds[len(ds)/2].ns + ahead
		}
	}
	for _, i := range tr.Interfaces {
		for _, found := range []map[ptp.PortIdentity]*delays{measure(all, i.Name, 0), measureSPTP(all, i.Name)} {
			for port, d := range found {
				off := errorOf(port.ClockIdentity.String())
				note(i.Name, port, "forward", d.a, utc+off)
				note(i.Name, port, "reverse", d.b, -utc-off)
			}
		}
		for port, ds := range measurePeers(all, i.Name) {
			note(i.Name, port, "peer", ds, 0)
		}
	}
	told := map[string]bool{}
	for _, p := range tr.Paths {
		for what, want := range map[string]*truth.Nanoseconds{"forward": &p.Forward, "reverse": p.Reverse, "peer": p.Peer} {
			key := fmt.Sprintf("%s %s-%d %s", p.Interface, p.Identity, p.Port, what)
			told[key] = true
			got, ok := measured[key]
			switch {
			case want == nil && ok:
				t.Errorf("%s: the truth has none of %s, and %.3f ns was measured", key, p.Clock, got)
			case (what == "peer" || p.Clock == "gm") && want != nil && !ok:
				t.Errorf("%s: of %s nothing was measured, want %.3f ns", key, p.Clock, float64(*want))
			case ok && math.Abs(got-float64(*want)) > 1:
				t.Errorf("%s of %s: %.3f ns, want %.3f", key, p.Clock, got, float64(*want))
			case ok:
				t.Logf("%s of %s: %.3f ns, want %.3f", key, p.Clock, got, float64(*want))
			}
		}
	}
	for key, got := range measured {
		if !told[key] {
			t.Errorf("%s: %.3f ns was measured of what the truth does not know", key, got)
		}
	}
	if len(measured) < 4 {
		t.Errorf("%d delays were measured", len(measured))
	}
}

// measurePeers works out D = (r_resp - r_req - turnaround) / 2 by the port that
// answers.
func measurePeers(all []seen, tap string) map[ptp.PortIdentity][]delay {
	type key struct {
		port     ptp.PortIdentity // that asks
		sequence uint16
	}
	requests, answers := map[key]*seen{}, map[key]*seen{}
	found := map[ptp.PortIdentity][]delay{}
	note := func(q, r *seen, turnaround float64) {
		port := r.Message.SourcePortIdentity
		turnaround += cf(r) - cf(q)
		found[port] = append(found[port], delay{(float64(r.ns-q.ns) - turnaround) / 2, q.At})
	}
	for i := range all {
		o := &all[i]
		if o.tap != tap {
			continue
		}
		m := &o.Message
		k := key{m.PortIdentity, m.SequenceID}
		switch q := requests[k]; {
		case m.Type == ptp.PdelayReq:
			requests[key{m.SourcePortIdentity, m.SequenceID}] = o
		case m.Type == ptp.PdelayResp && q != nil && m.Flags.Has(ptp.FlagTwoStep):
			answers[k] = o
		case m.Type == ptp.PdelayResp && q != nil:
			note(q, o, 0)
		case m.Type == ptp.PdelayRespFollowUp && q != nil && answers[k] != nil:
			note(q, answers[k], float64(stamp(o)-stamp(answers[k]))+cf(o))
		}
	}
	return found
}

// measureSPTP works out A = s - t1 - cf(Sync) and B = t4 - r - (cf(Announce) -
// cf(Delay_Req)), where the Announce has t1 and the Sync t4.
func measureSPTP(all []seen, tap string) map[ptp.PortIdentity]*delays {
	type key struct {
		port     ptp.PortIdentity // that answers
		sequence uint16
	}
	requests, syncs := map[uint16]*seen{}, map[key]*seen{}
	found := map[ptp.PortIdentity]*delays{}
	for i := range all {
		o := &all[i]
		m := &o.Message
		if o.tap != tap || !m.Flags.Has(ptp.FlagUnicast|ptp.FlagProfileSpecific1) {
			continue
		}
		k := key{m.SourcePortIdentity, m.SequenceID}
		switch {
		case m.Type == ptp.DelayReq:
			requests[m.SequenceID] = o
		case m.Type == ptp.Sync:
			syncs[k] = o
		case m.Type == ptp.AnnounceMessage && syncs[k] != nil && requests[m.SequenceID] != nil:
			s, q := syncs[k], requests[m.SequenceID]
			if found[k.port] == nil {
				found[k.port] = &delays{}
			}
			d := found[k.port]
			d.a = append(d.a, delay{float64(s.ns-stamp(o)) - cf(s), s.At})
			d.b = append(d.b, delay{float64(stamp(s)-q.ns) - (cf(o) - cf(q)), q.At})
		}
	}
	return found
}

func stamp(o *seen) int64 { ns, _ := ptp.Nanoseconds(o.Message.Timestamp); return ns }

func cf(o *seen) float64 { return float64(o.Message.CorrectionField) / 65536 }
