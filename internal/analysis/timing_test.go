package analysis

import (
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// link is a grandmaster and its clients as a tap at the grandmaster's port sees
// them: Syncs of two steps, and each client's request a moment later.
type link struct {
	*bench
	clients []ptp.PortIdentity
	seq     uint16
	out     packet.Observation
}

func newLink(t *testing.T, clients int) *link {
	l := &link{bench: newBench(t, Config{})}
	for i := range clients {
		l.clients = append(l.clients, port1(ptp.ClockIdentity(0xC000+i)))
	}
	l.out = *l.observation(ptp.Message{})
	return l
}

func (l *link) pass(after time.Duration, m ptp.Message) {
	l.at = l.at.Add(after)
	m.VersionPTP, m.MinorVersionPTP = 2, 1
	l.out.At, l.out.Stamp, l.out.Message = l.at, l.at, m
	l.Handle(&l.out, func(Finding) {})
}

// round is one Sync, and a request of every client.
func (l *link) round() {
	l.seq++
	l.pass(10*time.Millisecond, twoStep(syncFrom(gmA, l.seq)))
	f := followUp(gmA, l.seq)
	f.Timestamp = ptp.NewTimestamp(l.at.UnixNano() - 500)
	l.pass(time.Microsecond, f)
	for _, c := range l.clients {
		l.pass(time.Microsecond, delayReq(c, l.seq))
		r := response(ptp.DelayResp, gmA, c, l.seq)
		r.Timestamp = ptp.NewTimestamp(l.at.UnixNano() + 500)
		l.pass(time.Microsecond, r)
	}
}

// After a while no exchange allocates anything.
func TestExchangesAllocateNothing(t *testing.T) {
	l := newLink(t, 3)
	for range 2000 {
		l.round()
	}
	if n := testing.AllocsPerRun(1000, l.round); n > 0 {
		t.Errorf("%v allocations in a Sync and three delay exchanges", n)
	}
	if v := l.View().Domains[0].Ports[0].Timings[0]; v.MeanPathDelay.Count < 6000 {
		t.Errorf("%d mean path delays", v.MeanPathDelay.Count)
	}
}

// timingRoom is what measuring may take in memory, with a thousand clients.
const timingRoom = 50 << 20

// A thousand clients, each measured by its requests; and a thousand ports that
// answer for their links, each measured by itself.
func TestTimingMemory(t *testing.T) {
	t.Run("delay", func(t *testing.T) {
		before := live()
		l := newLink(t, 1000)
		l.roomOf(t, before, l.round, 600)
		v := l.View().Domains[0].Ports
		for i := range v {
			if len(v[i].Timings) == 0 && len(v[i].Paths) != 1 {
				t.Fatalf("%v is not measured", v[i].Port)
			}
		}
	})
	t.Run("pdelay", func(t *testing.T) {
		before := live()
		l := newLink(t, 1000)
		l.roomOf(t, before, func() {
			l.seq++
			for i, c := range l.clients {
				asker := c
				asker.PortNumber = 2
				l.out.Tap = "tap"
				l.pass(time.Microsecond, ptp.Message{Type: ptp.PdelayReq, SourcePortIdentity: asker, SequenceID: l.seq})
				r := response(ptp.PdelayResp, c, asker, l.seq)
				r.CorrectionField = ptp.Correction(int64(i) << 10)
				l.pass(time.Microsecond, r)
			}
		}, 600)
		if v := l.View().Domains[0].Ports[0].Timings; len(v) != 1 || v[0].MeanLinkDelay.Count == 0 {
			t.Errorf("%+v", v)
		}
	})
}

// roomOf checks what the tracker takes in memory, timing and all, after so many
// rounds.
func (l *link) roomOf(t *testing.T, before uint64, round func(), rounds int) {
	t.Helper()
	for range rounds {
		round()
	}
	grown := int64(live()) - int64(before)
	t.Logf("%d ports at %d taps grow by %d KiB", len(l.ports.entries), l.timingPorts, grown>>10)
	if grown > timingRoom {
		t.Errorf("%d KiB for %d clients", grown>>10, len(l.clients))
	}
}
