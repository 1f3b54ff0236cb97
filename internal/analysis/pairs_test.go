package analysis

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// listen sends what two grandmasters on two networks say in a minute and a
// half, and what they answer a client. The second is ahead by so much; the
// tap's clock began counting when it was switched on, and gains 20 ppm.
func listen(b *bench, ahead time.Duration, flags [2]ptp.Flags, clocks [2]string) {
	theta := func(at time.Duration) time.Duration { return 3*time.Hour + at/50_000 }
	var at time.Duration
	send := func(i int, m ptp.Message, after time.Duration) {
		b.at = epoch.Add(at + after)
		o := b.observation(m)
		o.Interface, o.Network, o.Tap = fmt.Sprintf("eth%d", i), fmt.Sprintf("eth%d", i), fmt.Sprintf("eth%d", i)
		o.Stamp, o.StampClock = b.at.Add(theta(at+after)), clocks[i]
		b.Handle(o, b.emit)
	}
	for seq := range uint16(90 * 4) {
		at = time.Duration(seq) * 250 * time.Millisecond
		for i, gm := range []ptp.PortIdentity{gmA, gmB} {
			offset := ahead * time.Duration(i)
			delay := time.Duration(i+1) * 700 * time.Nanosecond
			a := announceFrom(gm, 128)
			a.Flags, a.SequenceID = flags[i], seq
			send(i, a, 0)
			s := syncFrom(gm, seq)
			s.Timestamp = ptpTime(int64(at + offset))
			send(i, s, delay)
			req := delayReq(client, seq)
			send(i, req, 20*time.Millisecond)
			resp := response(ptp.DelayResp, gm, client, seq)
			resp.Timestamp = ptpTime(int64(at + offset + 20*time.Millisecond + delay))
			send(i, resp, 21*time.Millisecond)
		}
	}
}

func TestPairs(t *testing.T) {
	const tai = ptp.FlagPTPTimescale
	for _, c := range []struct {
		name   string
		ahead  time.Duration
		flags  [2]ptp.Flags
		clocks [2]string
		pairs  int
	}{
		{"the second is ahead", 137 * time.Nanosecond, [2]ptp.Flags{tai, tai}, [2]string{"ptp0", "ptp0"}, 1},
		{"one tells UTC", -37 * time.Second, [2]ptp.Flags{tai, tai}, [2]string{"ptp0", "ptp0"}, 1},
		{"one has a timescale of its own", 137 * time.Nanosecond, [2]ptp.Flags{tai, 0}, [2]string{"ptp0", "ptp0"}, 0},
		{"two clocks", 137 * time.Nanosecond, [2]ptp.Flags{tai, tai}, [2]string{"ptp0", "ptp1"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, Config{})
			listen(b, c.ahead, c.flags, c.clocks)
			got := b.View().Pairs
			if len(got) != c.pairs {
				t.Fatalf("%d pairs, want %d: %+v", len(got), c.pairs, got)
			}
			if c.pairs == 0 {
				return
			}
			p := got[0]
			if p.A.Scope.Network != "eth0" || p.B.Scope.Network != "eth1" || p.A.Grandmaster != gmA.ClockIdentity || p.StampClock != "ptp0" {
				t.Errorf("pair of %+v", p)
			}
			if miss := p.Offset - c.ahead.Seconds(); math.Abs(miss) > 5e-9 || p.Count < 4 {
				t.Errorf("offset %.10g of %d readings, off by %g", p.Offset, p.Count, miss)
			}
			b.sleep(10 * time.Minute)
			if got := b.View().Pairs; len(got) != 0 {
				t.Errorf("ten minutes later: %+v", got)
			}
		})
	}
}
