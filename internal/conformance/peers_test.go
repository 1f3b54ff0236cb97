package conformance

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// chainOfPeers are peer-to-peer transparent clocks between a grandmaster and a
// client, with a tap before the last.
const chainOfPeers = `
name: test
description: Links measured peer to peer.
duration: 30s
warmup: 30s
profile: PROFILE
clocks:
  - {name: gm, role: grandmaster, two_step: STEPS, MECHANISM CLOCK}
  - {name: client, role: client, two_step: STEPS, MECHANISM CLOCK}
switches:
  - {name: near, transparent: true, jitter: 5us, two_step: STEPS, MECHANISM CLOCK}
  - {name: far, transparent: true, jitter: 5us, two_step: STEPS, MECHANISM CLOCK}
links:
  - {between: [gm, near], delay: 2us, asymmetry: 400ns}
  - {between: [near, far], delay: 5us, asymmetry: -80ns}
  - {between: [far, client], delay: 600ns, asymmetry: 40ns}
taps:
  - {name: down, link: LINK, position: 25 %, direction: there, TAP}
  - {name: up, link: LINK, position: 25 %, direction: back, clock_of: down, CUT}
`

// What joins the directions of the tapped link: how capture came to them.
var joins = []struct {
	name string
	// join changes what the simulator saw. Forwarded is the address of the port
	// that the Syncs come from here.
	join func(o *packet.Observation, forwarded packet.MAC)
	told bool // the ends of the link can be told apart
}{
	{"an optical breakout", func(o *packet.Observation, _ packet.MAC) { o.Tap, o.Network = "link", "link" }, true},
	{"on the client's host", func(o *packet.Observation, _ packet.MAC) {
		o.Tap, o.Network, o.Egress, o.Interface = "link", "link", o.Interface == "up", "eth0"
		o.StampSource = packet.StampHardware
	}, true},
	{"a tap that merges them, behind clocks that forward by their own address", func(o *packet.Observation, forwarded packet.MAC) {
		o.Tap, o.Network, o.Interface = "link", "link", "eth0"
		if m := o.Message.Type; m == ptp.Sync || m == ptp.FollowUp || m == ptp.AnnounceMessage {
			o.SourceMAC = forwarded
		}
	}, true},
	{"a tap that merges them", func(o *packet.Observation, _ packet.MAC) { o.Tap, o.Network, o.Interface = "link", "link", "eth0" }, false},
}

// Behind peer-to-peer transparent clocks the offset is that of the truth by the
// delay of the link that the Syncs come from, where it can be told which of the
// two that answer at the tap that is; else there is none. The clocks take their
// links for even, so that half of what they are not is in it.
func TestOffsetBehindPeerToPeerClocks(t *testing.T) {
	for _, c := range []struct{ profile, mechanism string }{{"power", ""}, {"default", "delay_mechanism: p2p, transport: udpv4,"}} {
		for _, steps := range []string{"true", "false"} {
			for tap, keys := range map[string]string{"TAI": "timescale: tai", "UTC": "timescale: utc", "20 ppm fast": "timescale: tai, frequency: 20ppm"} {
				for link, offset := range map[string]float64{"near-far": 200 - 40*0.25, "far-client": 200 - 40 + 20*0.25} {
					text := strings.NewReplacer("PROFILE", c.profile, "MECHANISM", c.mechanism, "STEPS", steps, "LINK", link, "CLOCK", perfect, "TAP", perfect+", "+keys,
						"CUT", "timestamp_resolution: 0ns, timestamp_noise: 0ns").Replace(chainOfPeers)
					t.Run(fmt.Sprint(c.profile, "/", steps, "/", tap, "/", link), func(t *testing.T) {
						t.Parallel()
						all, tr := played(t, text, 1)
						forwarded := senderOf(t, all, "down")
						for _, j := range joins {
							joined := append([]packet.Observation(nil), all...)
							for i := range joined {
								j.join(&joined[i], forwarded)
							}
							checkOffset(t, j.name, timingOf(tracked(joined, analysis.Config{}), "link", clockNamed(t, tr, "gm")), offset, j.told, keys == "timescale: tai" || keys == "timescale: utc")
						}
					})
				}
			}
		}
	}
}

// senderOf is the address from which Pdelay_Reqs are answered in a direction.
func senderOf(t *testing.T, all []packet.Observation, direction string) packet.MAC {
	t.Helper()
	for i := range all {
		if all[i].Message.Type == ptp.PdelayResp && all[i].Interface == direction {
			return all[i].SourceMAC
		}
	}
	t.Fatalf("nobody answers a Pdelay_Req %s", direction)
	return packet.MAC{}
}

func checkOffset(t *testing.T, name string, got *analysis.TimingView, want float64, told, steady bool) {
	t.Helper()
	switch {
	case got == nil:
		t.Fatalf("%s: nothing was measured", name)
	case !told:
		if got.Offset.Count > 0 {
			t.Errorf("%s: an offset of %g ns by nobody knows which link", name, got.Offset.Median*1e9)
		}
	case got.Offset.Count < 20:
		t.Errorf("%s: %d values", name, got.Offset.Count)
	case steady && math.Abs(got.Offset.Median*1e9-want) > 1:
		t.Errorf("%s: median %.3f ns, want %.3f", name, got.Offset.Median*1e9, want)
	case steady && (math.Abs(got.Offset.Min*1e9-want) > 1.5 || math.Abs(got.Offset.Max*1e9-want) > 1.5):
		t.Errorf("%s: %.3f to %.3f ns, want %.3f", name, got.Offset.Min*1e9, got.Offset.Max*1e9, want)
	}
}
