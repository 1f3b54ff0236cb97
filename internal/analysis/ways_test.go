package analysis

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Two taps, each a network of its own, with a transparent clock between them
// that takes 5 us and tells it, on 400 ns of cable.
func TestWaysOfTracker(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(i int, o *packet.Observation)
		read   bool // the clocks ptp0 and ptp1 are, the latter an hour ahead
		ways   int
		within float64
	}{
		{"two taps", func(int, *packet.Observation) {}, false, 2, 0},
		{"the host's own", func(_ int, o *packet.Observation) { o.Egress = true }, false, 0, 0},
		{"another sdoId", func(i int, o *packet.Observation) { o.Message.SdoID = ptp.SdoID(i << 8) }, false, 0, 0},
		{"another clock", func(i int, o *packet.Observation) { o.StampClock = []string{"", "ptp1"}[i] }, true, 0, 0},
		{"two clocks", func(i int, o *packet.Observation) { byNIC(i, o) }, false, 0, 0},
		{"two clocks that are read", func(i int, o *packet.Observation) { byNIC(i, o) }, true, 2, 1e-6},
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
			for seq := range uint16(72) {
				at := time.Duration(seq) * 125 * time.Millisecond
				if c.read && seq%8 == 0 {
					readClocks(b, epoch.Add(at))
				}
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
				if w.Within.Count > 0 && c.within == 0 || math.Abs(w.Within.Centre-c.within) > 1e-6 {
					t.Errorf("within %+v", w.Within)
				}
				if w.Count < 38 || math.Abs(w.Transit.Centre-5400e-9) > 1e-12 || math.Abs(w.Residence.Centre-5000e-9) > 1e-12 ||
					math.Abs(w.Unexplained.Centre-400e-9) > 1e-12 || !w.HasAsymmetry || math.Abs(w.Asymmetry) > 1e-12 || w.Age > 2 {
					t.Errorf("%+v", w)
				}
			}
		})
	}
}

// byNIC has another NIC stamp at each tap.
func byNIC(i int, o *packet.Observation) {
	o.StampSource, o.StampClock = packet.StampHardware, []string{"ptp0", "ptp1"}[i]
	o.Stamp = o.Stamp.Add(time.Duration(i) * time.Hour)
}

func readClocks(b *bench, at time.Time) {
	for i, name := range []string{"ptp0", "ptp1"} {
		b.HandleClock(packet.ClockReading{
			At: at, Clock: name, Hardware: at.Add(time.Duration(i) * time.Hour), System: at, Steady: at.Sub(epoch) + time.Hour, Window: time.Microsecond,
		})
	}
}

// A clock that cannot be read is shown, and why; what it told before goes stale.
func TestClockCannotBeRead(t *testing.T) {
	b := newBench(t, Config{})
	readClocks(b, epoch.Add(-time.Hour)) // before there is a time
	b.HandleTick(epoch, b.emit)
	readClocks(b, epoch)
	b.HandleClock(packet.ClockReading{At: epoch.Add(time.Second), Clock: "ptp1", Fault: "permission denied"})
	b.sleep(10 * time.Second)
	b.HandleTick(b.at, b.emit)
	want := []StampClockView{
		{Source: packet.StampHardware, Name: "ptp0", Readings: 1, Window: 1e-6, Age: 10},
		{Source: packet.StampHardware, Name: "ptp1", Readings: 1, Faults: 1, Fault: "permission denied", Offset: 3600, Window: 1e-6, Age: 10},
	}
	if diff := cmp.Diff(want, b.View().StampClocks); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
