package simulate

import (
	"fmt"
	"io"
	"math"
	"slices"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// The load that a scenario gives a link is what a tap behind it sees: the share
// of frames that wait longer than each time, and whether neighbours do.
func TestDelaysAreAsConfigured(t *testing.T) {
	t.Parallel()
	const text = `
name: test
description: A loaded link.
duration: 6h
profile: g8275.1
clocks:
  - {name: gm, role: grandmaster, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns, two_step: false}
  - {name: client, role: client}
links:
  - {between: [gm, client], delay: 10us, load: {mean: 50 %, packet: 6us, correlation: 200ms, limit: 5ms}}
taps:
  - {name: eth0, link: gm-client, position: 100 %, oscillator: perfect, timestamp_resolution: 0ns, timestamp_noise: 0ns, timescale: tai}
`
	const load, packet, correlation, interval = 0.5, 6e3, 0.2, 1.0 / 16
	s := parsed(t, text)
	m, err := s.open(1, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var waits []float64 // ns
	m.writer.seen = func(f *network.Frame) {
		if f.Message.Type == ptp.Sync {
			t1, _ := ptp.Nanoseconds(f.Message.Timestamp)
			waits = append(waits, float64(m.writer.record.Time-t1)-10e3)
		}
	}
	if _, err := m.play(t.Context(), s, nil); err != nil {
		t.Fatal(err)
	}
	// So many are independent of each other: the rest are near others.
	independent := float64(len(waits)) * interval / (2 * correlation)
	for _, x := range []float64{0.5, 5e3, 20e3, 100e3, 200e3} {
		over := 0
		for _, w := range waits {
			if w > x {
				over++
			}
		}
		want := load / math.Pow(1+x*(1-load)/packet, 2)
		got := float64(over) / float64(len(waits))
		sigma := math.Sqrt(want / independent)
		t.Logf("%.5f of %d wait longer than %.1f us, want %.5f", got, len(waits), x/1e3, want)
		if math.Abs(got-want) > 3*sigma {
			t.Errorf("%.4f of %d wait longer than %.1f us, want %.4f, sigma %.4f", got, len(waits), x/1e3, want, sigma)
		}
	}
	for _, lag := range []int{1, 3, 8, 32} {
		both := 0
		for i := range len(waits) - lag {
			if waits[i] > 0.5 && waits[i+lag] > 0.5 {
				both++
			}
		}
		// Sheppard's formula for a Gaussian process and its median.
		want := 0.25 + math.Asin(math.Exp(-float64(lag)*interval/correlation))/(2*math.Pi)
		got := float64(both) / float64(len(waits))
		t.Logf("%d apart, both wait in %.4f, want %.4f", lag, got, want)
		if math.Abs(got-want) > 0.01 {
			t.Errorf("%d apart, both wait in %.4f, want %.4f", lag, got, want)
		}
	}
}

// combinations are every profile over every transport that it could use, by
// one step and two, with each addressing: a grandmaster and a client on a link
// that is 400 ns longer one way.
func combinations(t *testing.T) (all []*Scenario) {
	t.Helper()
	for _, profile := range node.ProfileNames() {
		p, _ := node.ProfileNamed(profile)
		transports, addressings := []string{"ieee802.3", "udpv4", "udpv6"}, []string{"multicast", "hybrid", "unicast"}
		switch {
		case p.Algorithm == node.BTCA: // IEEE 802.1AS has one
			transports, addressings = transports[:1], addressings[:1]
		case p.Mechanism == node.PeerToPeer:
			addressings = addressings[:1]
		case p.Mechanism == node.SPTP:
			transports, addressings = transports[1:], addressings[2:]
		}
		for _, transport := range transports {
			for _, addressing := range addressings {
				if transport == "ieee802.3" && addressing != "multicast" {
					continue // unicast is negotiated by IP address
				}
				for _, steps := range []bool{false, true} {
					all = append(all, combined(t, profile, transport, addressing, steps))
				}
			}
		}
	}
	return all
}

func combined(t *testing.T, profile, transport, addressing string, twoStep bool) *Scenario {
	t.Helper()
	masters := ""
	if addressing == "unicast" {
		masters = ", masters: [gm]"
	}
	return parsed(t, fmt.Sprintf(`
name: combined/%[1]s-%[2]s-%[3]s-two-step-%[4]v
description: A grandmaster and a client.
duration: 90s
warmup: 600s
profile: %[1]s
clocks:
  - {name: gm, role: grandmaster, oscillator: perfect, transport: %[2]s, addressing: %[3]s, two_step: %[4]v}
  - {name: client, role: client, oscillator: ocxo, transport: %[2]s, addressing: %[3]s, two_step: %[4]v%[5]s}
links:
  - {between: [gm, client], delay: 2us, asymmetry: 400ns}
taps:
  - {name: eth0, link: gm-client}
`, profile, transport, addressing, twoStep, masters))
}

// halfOff checks that the client is off by half of the asymmetry.
func halfOff(t *testing.T, tr *truth.Truth) {
	t.Helper()
	values := tr.Clocks[slices.IndexFunc(tr.Clocks, func(c truth.Clock) bool { return c.Name == "client" })].Error.Values
	mean := 0.0
	for _, v := range values {
		mean += float64(v) / float64(len(values))
	}
	if math.Abs(mean+200) > 6 {
		t.Errorf("the client is off by %.1f ns, want -200", mean)
	}
}
