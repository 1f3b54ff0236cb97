package reference

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var (
	master = ptp.PortIdentity{ClockIdentity: 0x001d7ffffe80024a, PortNumber: 1}
	client = ptp.PortIdentity{ClockIdentity: 0x001d7ffffe800001, PortNumber: 1}
	start  = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
)

// wire makes the observations of a grandmaster and a client, seen by a tap
// whose clock is an hour off: a Sync and a delay exchange each second.
type wire struct {
	watch   *Watch
	twoStep bool
	noise   *rand.Rand
	seq     uint16
}

func newWire() *wire { return &wire{watch: NewWatch(), noise: rand.New(rand.NewPCG(1, 2))} }

func (w *wire) send(at time.Time, m ptp.Message) {
	o := packet.Observation{At: at, Stamp: at.Add(time.Hour), Interface: "eth0", Network: "eth0", Message: m}
	w.watch.Handle(&o)
}

// second has the delays of one second, in ns, and a correctionField that is
// part of each.
func (w *wire) second(n int, forward, reverse float64) {
	const correction = 300
	at := start.Add(time.Duration(n) * time.Second)
	after := func(ns float64) time.Time { return at.Add(time.Duration(math.Round(ns))) }
	sync := ptp.Message{Type: ptp.Sync, SourcePortIdentity: master, SequenceID: w.seq, CorrectionField: correction << 16}
	if t1 := ptp.NewTimestamp(at.UnixNano()); w.twoStep {
		sync.Flags, sync.CorrectionField = ptp.FlagTwoStep, 100<<16
		w.send(after(forward+correction), sync)
		w.send(after(forward+1e6), ptp.Message{Type: ptp.FollowUp, SourcePortIdentity: master, SequenceID: w.seq, Timestamp: t1, CorrectionField: 200 << 16})
	} else {
		sync.Timestamp = t1
		w.send(after(forward+correction), sync)
	}
	request := after(2e8)
	w.send(request, ptp.Message{Type: ptp.DelayReq, SourcePortIdentity: client, SequenceID: w.seq, CorrectionField: 50 << 16})
	t4 := request.Add(time.Duration(math.Round(reverse + 40)))
	w.send(after(2e8+1e6), ptp.Message{
		Type: ptp.DelayResp, SourcePortIdentity: master, PortIdentity: client, SequenceID: w.seq,
		Timestamp: ptp.NewTimestamp(t4.UnixNano()), CorrectionField: (50 + 40) << 16,
	})
	w.seq++
}

// alarms are the seconds of each detector's alarms.
func (w *wire) alarms() map[string][]int {
	all := map[string][]int{}
	for _, a := range w.watch.Alarms() {
		all[a.Detector] = append(all[a.Detector], int(a.At.Sub(start).Seconds()))
	}
	return all
}

func TestDelay(t *testing.T) {
	for _, twoStep := range []bool{false, true} {
		w := newWire()
		w.twoStep = twoStep
		w.second(0, 2000, 3000)
		d := w.watch.delays[source{"eth0", "eth0", 0, 0, master}]
		if got := d.sum / float64(d.count); d.count != 1 || got != 2500 {
			t.Errorf("two-step %v: %d exchanges, mean path delay %g ns, want 2500", twoStep, d.count, got)
		}
	}
}

func TestDetectors(t *testing.T) {
	const began, ends, noise = 300, 4 * 3600, 40
	for _, c := range []struct {
		name  string
		more  func(n float64) float64 // ns that Sync takes longer, n seconds after it began
		soon  []string                // who finds it within a minute
		later []string                // and who in the end
	}{
		{"nothing", func(float64) float64 { return 0 }, nil, nil},
		{"a large step", func(float64) float64 { return 4000 }, []string{StaticLimit, Slope, EWMA}, []string{StaticLimit, Slope, EWMA}},
		{"a small step", func(float64) float64 { return 800 }, []string{Slope, EWMA}, []string{Slope, EWMA}},
		{"a ramp, which an average follows", func(n float64) float64 { return 4 * n }, []string{Slope}, []string{StaticLimit, Slope}},
		{"a slow ramp, until it is past the limit", func(n float64) float64 { return 0.2 * n }, nil, []string{StaticLimit}},
		{"a slow ramp of less", func(n float64) float64 { return 0.05 * n }, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWire()
			for n := range ends {
				forward := 2000 + noise*w.noise.NormFloat64()
				if n >= began {
					forward += c.more(float64(n - began))
				}
				w.second(n, forward, 2000+noise*w.noise.NormFloat64())
			}
			var soon, later []string
			alarms := w.alarms()
			for _, d := range Detectors {
				switch at := alarms[d]; {
				case len(at) == 0:
				case at[0] < began:
					t.Errorf("%s at %d s, before anything happened", d, at[0])
				case at[0] <= began+60:
					soon = append(soon, d)
					fallthrough
				default:
					later = append(later, d)
				}
			}
			if diff := cmp.Diff(c.soon, soon); diff != "" {
				t.Errorf("within a minute (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.later, later); diff != "" {
				t.Errorf("in the end (-want +got):\n%s", diff)
			}
		})
	}
}

// An alarm ends a minute after it was last seen, and is raised again only then.
func TestAlarmEnds(t *testing.T) {
	w := newWire()
	for n := range 600 {
		forward := 2000.0
		if n >= 200 && n < 210 || n >= 250 && n < 260 || n >= 500 && n < 510 {
			forward += 40000
		}
		w.second(n, forward+20*w.noise.NormFloat64(), 2000)
	}
	var got [][2]int
	for _, a := range w.watch.Alarms() {
		if a.Detector == StaticLimit {
			got = append(got, [2]int{int(a.At.Sub(start).Seconds()), int(a.Until.Sub(start).Seconds())})
		}
	}
	if diff := cmp.Diff([][2]int{{201, 320}, {501, 570}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSequence(t *testing.T) {
	syncs := func(to packet.MAC, ids ...uint16) []packet.Observation {
		var all []packet.Observation
		for i, id := range ids {
			all = append(all, packet.Observation{
				At: start.Add(time.Duration(i) * time.Second), DestinationMAC: to,
				Message: ptp.Message{Type: ptp.Sync, SourcePortIdentity: master, SequenceID: id},
			})
		}
		return all
	}
	run := func(from, n int) (ids []uint16) {
		for i := range n {
			ids = append(ids, uint16(from+i))
		}
		return ids
	}
	for _, c := range []struct {
		name string
		sent []packet.Observation
		want int
	}{
		{"in order", syncs(packet.MAC{}, 1, 2, 3, 4), 0},
		{"one is lost, and the sequence wraps", syncs(packet.MAC{}, 65533, 65535, 0, 1), 0},
		{"an old one", syncs(packet.MAC{}, 1, 2, 3, 2, 4), 1},
		{"the same again", syncs(packet.MAC{}, 1, 2, 2, 3), 0},
		{"a restart with others", syncs(packet.MAC{}, 100, 101, 7, 8), 0},
		{"an old one, a thousand later", append(syncs(packet.MAC{}, run(5, 1000)...), syncs(packet.MAC{}, 5)...), 1},
		{"one forgotten", append(syncs(packet.MAC{}, run(5, 1001)...), syncs(packet.MAC{}, 5)...), 0},
		{"two destinations", append(syncs(packet.MAC{1}, 1, 2, 3), syncs(packet.MAC{2}, 1, 2, 3)...), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := NewWatch()
			for i := range c.sent {
				w.Handle(&c.sent[i])
			}
			if got := len(w.Alarms()); got != c.want {
				t.Errorf("%d alarms, want %d", got, c.want)
			}
		})
	}
}

// A stranger may invent ports: what is kept of them is bounded.
func TestTablesAreBounded(t *testing.T) {
	w := newWire()
	for i := range 3 * most {
		invented := ptp.PortIdentity{ClockIdentity: ptp.ClockIdentity(i), PortNumber: 1}
		w.send(start, ptp.Message{Type: ptp.Sync, SourcePortIdentity: invented})
		w.send(start, ptp.Message{Type: ptp.DelayReq, SourcePortIdentity: invented})
	}
	if len(w.watch.delays) != most || len(w.watch.requests) != most || len(w.watch.flows) != most {
		t.Errorf("%d, %d and %d entries, want %d", len(w.watch.delays), len(w.watch.requests), len(w.watch.flows), most)
	}
}
