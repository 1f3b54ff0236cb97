package analysis

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// stretch is the way between two taps that one clock stamps, with a transparent
// clock on it.
type stretch struct {
	*rand.Rand
	added   [2]float64 // ns, to Syncs and to requests
	claimed float64    // of Syncs, ns too much
	busy    float64    // the part that waits, told
	stepped time.Duration
	twin    bool // another clock stamps at the far tap
	seq     uint16
}

func (s *stretch) run(b *bench, eighths int) {
	for range eighths {
		b.at = b.at.Add(125 * time.Millisecond)
		now := b.at.Sub(epoch)
		s.seq++
		took, told := s.takes()
		sync := syncFrom(gmA, s.seq)
		sync.Timestamp = ptpTime(int64(now))
		s.see(b, 0, sync, now+500)
		sync.CorrectionField = correction(told + s.claimed)
		s.see(b, 1, sync, now+500+time.Duration(took+s.added[0]))

		took, told = s.takes()
		asked := now + 10*time.Millisecond
		r := delayReq(client, s.seq)
		s.see(b, 1, r, asked)
		r.CorrectionField = correction(told)
		came := asked + time.Duration(took+s.added[1])
		s.see(b, 0, r, came)
		resp := response(ptp.DelayResp, gmA, client, s.seq)
		resp.Timestamp, resp.CorrectionField = ptpTime(int64(came+500)), r.CorrectionField
		s.see(b, 0, resp, came+time.Millisecond)
		s.see(b, 1, resp, came+2*time.Millisecond)
	}
}

func (s *stretch) takes() (took, told float64) {
	told = 5000
	if s.Float64() < s.busy {
		told += 15e3 * s.ExpFloat64()
	}
	return told + 400, told
}

func (s *stretch) see(b *bench, tap int, m ptp.Message, at time.Duration) {
	o := b.observation(m)
	o.Interface = []string{"eth0", "eth1"}[tap]
	o.Network, o.Tap = o.Interface, o.Interface
	o.At = epoch.Add(at)
	o.Stamp, o.StampSource, o.StampClock = o.At.Add(s.stepped), packet.StampHardware, "ptp0"
	if s.twin && tap == 1 {
		o.StampClock = "ptp1"
	}
	b.Handle(o, b.emit)
}

// What changes between two taps is found by them alone: by one tap the same
// exchanges would be somebody's word.
func TestTwoTaps(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*stretch)
		twin   bool
		want   []string
	}{
		{"nothing", func(*stretch) {}, false, nil},
		{"200 ns are added to Syncs", func(s *stretch) { s.added[0] = 200 }, false, []string{
			"PTPPathAsymmetry critical between_taps forward certain: eth0 to eth1",
		}},
		{"200 ns are added to requests", func(s *stretch) { s.added[1] = 200 }, false, []string{
			"PTPPathAsymmetry critical between_taps reverse certain: eth1 to eth0",
		}},
		{"100 ns too much are claimed", func(s *stretch) { s.claimed = 100 }, false, []string{
			"PTPCorrectionFieldAnomaly critical residence forward certain: eth0 to eth1",
		}},
		{"more is claimed than there is", func(s *stretch) { s.claimed = 1000 }, false, []string{
			"PTPCorrectionFieldAnomaly critical residence forward certain: eth0 to eth1",
		}},
		{"another way", func(s *stretch) { s.added = [2]float64{700, 700} }, false, nil},
		{"more traffic", func(s *stretch) { s.busy = 0.9 }, false, nil},
		{"the clock of both taps steps", func(s *stretch) { s.stepped = 5 * time.Millisecond }, false, nil},
		{"two clocks", func(s *stretch) { s.added[0] = 200 }, true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, Config{})
			s := &stretch{Rand: rand.New(rand.NewPCG(2, 9)), busy: 0.2, twin: c.twin}
			s.run(b, 8*100)
			c.change(s)
			s.run(b, 8*35)
			var got []string
			for _, a := range b.View().Alerts {
				if a.Reason == reasonBetweenTaps || a.Reason == reasonResidence {
					got = append(got, a.Name+" "+string(a.Severity)+" "+a.Reason+" "+a.Direction+" "+string(a.Certainty)+": "+a.Interface)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("alerts (-want +got):\n%s", diff)
			}
			if n := len(b.spans); n > 2 {
				t.Errorf("%d ways are judged", n)
			}
		})
	}
}

// A transparent clock that has always claimed more than there is learns nobody
// anything: messages cannot take less than no time there and back.
func TestTwoTapsFromTheBeginning(t *testing.T) {
	b := newBench(t, Config{})
	s := &stretch{Rand: rand.New(rand.NewPCG(2, 9)), busy: 0.2, claimed: 1000}
	s.run(b, 8*140)
	var got []string
	for _, a := range b.View().Alerts {
		if a.Reason == reasonResidence {
			got = append(got, a.Direction+": "+a.Observed[:3]+a.Observed[4:])
		}
	}
	// The cable takes 400 ns each way.
	if diff := cmp.Diff([]string{"forward: -20 ns left there and back between eth0 and eth1"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
