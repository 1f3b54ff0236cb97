package analysis

import (
	"math"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Two taps, each a network of its own, with a transparent clock between them
// that takes 5 us and tells it, on 400 ns of cable.
func TestWaysOfTracker(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(i int, o *packet.Observation)
		ways   int
	}{
		{"two taps", func(int, *packet.Observation) {}, 2},
		{"the host's own", func(_ int, o *packet.Observation) { o.Egress = true }, 0},
		{"another sdoId", func(i int, o *packet.Observation) { o.Message.SdoID = ptp.SdoID(i << 8) }, 0},
		{"another clock", func(i int, o *packet.Observation) { o.StampClock = []string{"", "ptp1"}[i] }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, Config{})
			send := func(i int, m ptp.Message, at time.Duration) {
				b.at = epoch.Add(at)
				o := b.observation(m)
				o.Interface = []string{"eth0", "eth1"}[i]
				o.Network, o.Tap, o.StampSource = o.Interface, o.Interface, packet.StampSoftware
				c.change(i, o)
				b.Handle(o, b.emit)
			}
			const took = 5400 * time.Nanosecond
			for seq := range uint16(40) {
				at := time.Duration(seq) * 125 * time.Millisecond
				s := syncFrom(gmA, seq)
				s.Timestamp = ptpTime(int64(at))
				send(0, s, at+500)
				s.CorrectionField = 5000 << 16
				send(1, s, at+500+took)

				at += 10 * time.Millisecond
				r := delayReq(client, seq)
				send(1, r, at)
				r.CorrectionField = 5000 << 16
				send(0, r, at+took)
				resp := response(ptp.DelayResp, gmA, client, seq)
				resp.Timestamp, resp.CorrectionField = ptpTime(int64(at+took+500)), 5000<<16
				send(0, resp, at+time.Millisecond)
				send(1, resp, at+time.Millisecond+took)
			}
			got := b.View().Ways
			if len(got) != c.ways {
				t.Fatalf("%d ways: %+v", len(got), got)
			}
			for _, w := range got {
				if w.Count < 38 || math.Abs(w.Transit.Centre-5400e-9) > 1e-12 || math.Abs(w.Residence.Centre-5000e-9) > 1e-12 ||
					math.Abs(w.Unexplained.Centre-400e-9) > 1e-12 || !w.HasAsymmetry || math.Abs(w.Asymmetry) > 1e-12 || w.Age > 1 {
					t.Errorf("%+v", w)
				}
			}
		})
	}
}
