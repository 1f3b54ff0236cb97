package analysis

import (
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// distributionOf is how the mean path delays of a grandmaster are spread.
func distributionOf(v *View, id ptp.ClockIdentity) (count uint64, sum float64) {
	for _, d := range v.Domains {
		for _, h := range d.Distributions {
			if h.Grandmaster == id {
				count, sum = count+h.Count, sum+h.Sum
			}
		}
	}
	return count, sum
}

// Every mean path delay is counted once, under the grandmaster whose time it was;
// that the stamping clock steps, or another takes its place, takes nothing back.
func TestDistribution(t *testing.T) {
	l := newLink(t, 2)
	announce := func(id ptp.ClockIdentity) {
		m := announceFrom(gmA, 128)
		m.Announce.GrandmasterIdentity = id
		l.pass(0, m)
	}
	for range 10 {
		l.round()
	}
	measured := func() uint64 { return l.View().Domains[0].Ports[0].Timings[0].MeanPathDelay.Count }
	before, sum := distributionOf(l.View(), 0)
	if before == 0 || before != measured() {
		t.Fatalf("%d counted before the port announced anybody, %d measured", before, measured())
	}
	if mean := sum / float64(before); mean < 400e-9 || mean > 600e-9 {
		t.Errorf("the mean is %g s, want 500e-9", mean)
	}
	announce(gmA.ClockIdentity)
	for range 10 {
		l.round()
	}
	a, _ := distributionOf(l.View(), gmA.ClockIdentity)
	if a == 0 || before+a != measured() {
		t.Errorf("%d under the grandmaster and %d before, of %d", a, before, measured())
	}
	l.out.StampSource, l.out.StampClock = packet.StampHardware, "ptp0" // a better clock: all begins anew
	for range 10 {
		l.round()
	}
	again, _ := distributionOf(l.View(), gmA.ClockIdentity)
	if again != a+measured() || measured() >= before+a {
		t.Errorf("%d of another clock, after %d: %d counted", measured(), a, again)
	}
	announce(gmB.ClockIdentity)
	for range 10 {
		l.round()
	}
	b, _ := distributionOf(l.View(), gmB.ClockIdentity)
	after, _ := distributionOf(l.View(), gmA.ClockIdentity)
	if b == 0 || after < again {
		t.Errorf("%d under the next grandmaster; %d under the one before, which had %d", b, after, again)
	}
	for range 11 {
		l.at = l.at.Add(time.Minute)
		l.round()
	}
	after, _ = distributionOf(l.View(), gmA.ClockIdentity)
	if later, _ := distributionOf(l.View(), gmB.ClockIdentity); after != 0 || later < b {
		t.Errorf("%d of one whose time nobody has given for ten minutes, %d of the other, which had %d", after, later, b)
	}
}

// Invented grandmasters push nothing out that is still measured, and no more
// are kept than there may be timing ports.
func TestDistributionLimit(t *testing.T) {
	l := newLink(t, 1)
	l.Reconfigure(Config{Limits: Limits{TimingPorts: 10}}, l.at, func(Finding) {})
	for range 5 {
		l.round()
	}
	rogue := port1(0xBAD)
	for i := range 100 {
		m := announceFrom(rogue, 200)
		m.Announce.GrandmasterIdentity = ptp.ClockIdentity(0xF000 + i)
		l.pass(0, m)
		l.seq++
		s := syncFrom(rogue, l.seq)
		s.Timestamp = ptp.NewTimestamp(l.at.UnixNano())
		l.pass(0, s)
		l.round()
	}
	if n := len(l.distributions); n > 10 {
		t.Errorf("%d are kept, want 10 at most", n)
	}
	count, _ := distributionOf(l.View(), 0)
	if m := l.View().Domains[0].Ports[0].Timings; len(m) == 0 || count != m[0].MeanPathDelay.Count {
		t.Errorf("%d counted, measured: %+v", count, m)
	}
	for i := range 20 { // while the other is silent
		m := announceFrom(rogue, 200)
		m.Announce.GrandmasterIdentity = ptp.ClockIdentity(0xE000 + i)
		l.pass(0, m)
		l.seq++
		l.pass(0, syncFrom(rogue, l.seq))
	}
	for range 3 {
		l.round()
	}
	if again, _ := distributionOf(l.View(), 0); again == 0 || again >= count {
		t.Errorf("%d counted since it was pushed out at %d", again, count)
	}
	l.sleep(2 * DefaultForgetAfter)
	if v := l.View(); len(v.Domains) > 0 && len(v.Domains[0].Distributions) > 0 {
		t.Errorf("%+v of what is long gone", v.Domains[0].Distributions)
	}
}
