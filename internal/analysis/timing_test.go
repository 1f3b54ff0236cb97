package analysis

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// timingRoom is what measuring may take in memory, with a thousand clients;
// masterRoom what it may take for one port that gives time and measures all that
// there is.
const (
	timingRoom = 50 << 20
	masterRoom = 128 << 10
)

// A thousand clients, each measured by its requests, of one stream of Syncs or of
// a stream for each; and a thousand ports that answer for their links, each
// measured by itself. More than a day of it: all records are full.
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
	t.Run("unicast", func(t *testing.T) {
		before := live()
		l := newLink(t, 1000)
		master := l.out.Source
		l.roomOf(t, before, func() {
			l.seq++
			for i, c := range l.clients {
				address := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 319)
				to := func(after time.Duration, m ptp.Message, from, to netip.AddrPort) {
					m.Flags |= ptp.FlagUnicast
					l.out.Source, l.out.Destination = from, to
					l.pass(after, m)
				}
				seq := l.seq + uint16(i) // each has its own
				to(10*time.Microsecond, twoStep(syncFrom(gmA, seq)), master, address)
				f := followUp(gmA, seq)
				f.Timestamp = ptp.NewTimestamp(l.at.UnixNano() - 500)
				to(time.Microsecond, f, master, address)
				to(time.Microsecond, delayReq(c, l.seq), address, master)
				r := response(ptp.DelayResp, gmA, c, l.seq)
				r.Timestamp = ptp.NewTimestamp(l.at.UnixNano() + 500)
				to(time.Microsecond, r, master, address)
			}
		}, 600)
		v := l.View().Domains[0].Ports
		for i := range v {
			if len(v[i].Timings) == 0 && len(v[i].Paths) != 1 {
				t.Fatalf("%v is not measured", v[i].Port)
			}
		}
	})
	t.Run("masters", func(t *testing.T) { // nobody has a thousand: all streams there can be, with what judges them
		before := live()
		l := newLink(t, 250)
		l.roomOf(t, before, func() {
			l.seq++
			for _, c := range l.clients {
				master := c
				master.PortNumber = 2
				l.pass(10*time.Microsecond, twoStep(syncFrom(master, l.seq)))
				f := followUp(master, l.seq)
				f.Timestamp = ptp.NewTimestamp(l.at.UnixNano() - 500)
				l.pass(time.Microsecond, f)
				l.pass(time.Microsecond, delayReq(c, l.seq))
				r := response(ptp.DelayResp, master, c, l.seq)
				r.Timestamp = ptp.NewTimestamp(l.at.UnixNano() + 500)
				l.pass(time.Microsecond, r)
			}
		}, 600)
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

// roomOf checks what the tracker takes in memory, timing and all, after 26 hours
// and so many rounds.
func (l *link) roomOf(t *testing.T, before uint64, round func(), rounds int) {
	t.Helper()
	for range 26 * 12 { // a few every five minutes
		l.at = l.at.Add(5 * time.Minute)
		for range 3 {
			round()
		}
	}
	for range rounds { // a second each
		l.at = l.at.Add(time.Second)
		round()
	}
	grown := int64(live()) - int64(before)
	t.Logf("%d ports at %d taps grow by %d KiB", len(l.ports.entries), l.timingPorts, grown>>10)
	if each := grown / int64(len(l.clients)); grown > timingRoom || each > masterRoom {
		t.Errorf("%d KiB for %d clients", grown>>10, len(l.clients))
	}
}

// A link of 500 ns to a responder that takes 10 us: whatever else comes by, that
// is what is measured, or nothing.
func TestPeerDelay(t *testing.T) {
	const link, turn = 500, 10_000
	asker, responder, other := client, gmA, gmB
	type message struct {
		ptp.Message
		after time.Duration
		edit  func(o *packet.Observation)
	}
	req := message{Message: ptp.Message{Type: ptp.PdelayReq, SourcePortIdentity: asker}}
	resp := message{Message: twoStep(response(ptp.PdelayResp, responder, asker, 0)), after: 2*link + turn}
	up := message{Message: response(ptp.PdelayRespFollowUp, responder, asker, 0)}
	oneStep := message{Message: response(ptp.PdelayResp, responder, asker, 0), after: 2*link + turn}
	oneStep.CorrectionField = turn << 16
	late := message{Message: resp.Message, after: 50 * time.Microsecond}
	from := func(m message, p ptp.PortIdentity) message { m.SourcePortIdentity = p; return m }
	by := func(m message, edit func(o *packet.Observation)) message { m.edit = edit; return m }
	nic := func(o *packet.Observation) { o.StampSource, o.StampClock = packet.StampHardware, "ptp1" }
	own := func(o *packet.Observation) { o.Egress, o.StampSource = true, packet.StampSoftware }
	soft := func(o *packet.Observation) { o.StampSource = packet.StampSoftware }
	hard := func(o *packet.Observation) { o.Egress, o.StampSource = true, packet.StampHardware }
	for _, tt := range []struct {
		name     string
		messages []message
		count    uint64
		own      bool
	}{
		{"two-step", []message{req, resp, up}, 9, false}, // the rate is known from the second on
		{"one-step", []message{req, oneStep}, 10, false},
		{"no answer", []message{req}, 0, false},
		{"no Follow_Up", []message{req, resp}, 0, false},
		{"the answer twice", []message{req, resp, late, up}, 9, false},
		{"the Follow_Up twice", []message{req, resp, up, up}, 9, false},
		{"another answers too", []message{req, resp, from(late, other), up}, 9, false},
		{"another tells the end", []message{req, resp, from(up, other)}, 0, false},
		{"legs on two clocks", []message{req, by(resp, nic), up}, 0, false},
		{"the host asks", []message{by(req, own), by(resp, soft), by(up, soft)}, 9, true},
		{"the host asks, stamped by its NIC", []message{by(req, hard), by(resp, func(o *packet.Observation) { o.StampSource = packet.StampHardware }), up}, 9, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			for round := range uint16(10) {
				start := b.at
				for _, m := range tt.messages {
					m.SequenceID = round
					if m.Type != ptp.PdelayReq && m.Flags.Has(ptp.FlagTwoStep) {
						m.Timestamp = ptp.NewTimestamp(start.UnixNano() + link)
					} else if m.Type == ptp.PdelayRespFollowUp {
						m.Timestamp = ptp.NewTimestamp(start.UnixNano() + link + turn)
					}
					b.at = start.Add(m.after)
					o := b.observation(m.Message)
					if m.edit != nil {
						m.edit(o)
					}
					b.Handle(o, b.emit)
				}
				b.at = start
				b.sleep(time.Second)
			}
			var got TimingView
			for _, p := range b.View().Domains[0].Ports {
				for _, v := range p.Timings {
					if p.Port != responder {
						t.Errorf("the way to %v: %+v", p.Port, v)
					}
					got = v
				}
			}
			if d := got.MeanLinkDelay; d.Count != tt.count || d.Count > 0 && (d.Min != link*1e-9 || d.Max != link*1e-9) || got.EgressLink != tt.own {
				t.Errorf("mean link delay %+v, own %v; want %d of %d ns, %v", d, got.EgressLink, tt.count, link, tt.own)
			}
			if got.MeanPathDelay.Count+got.Offset.Count > 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// exchanged sends n Syncs and requests, with what may be done to each.
func exchanged(b *bench, n int, edit func(o *packet.Observation)) {
	for i := range n {
		for _, m := range []ptp.Message{syncFrom(gmA, uint16(i)), delayReq(client, uint16(i)), response(ptp.DelayResp, gmA, client, uint16(i))} {
			m.Timestamp = ptp.NewTimestamp(b.at.UnixNano())
			o := b.observation(m)
			edit(o)
			b.Handle(o, b.emit)
		}
		b.sleep(125 * time.Millisecond)
	}
}

// What the capturing host sends itself is told apart: stamped before its NIC had
// it, unless the NIC stamped it.
func TestEgressIsMarked(t *testing.T) {
	for _, tt := range []struct {
		source           packet.StampSource
		egress           ptp.MessageType
		forward, reverse bool
	}{
		{packet.StampSoftware, ptp.DelayReq, false, true},
		{packet.StampSoftware, ptp.Sync, true, false},
		{packet.StampSoftware, ptp.DelayResp, false, false},
		{packet.StampHardware, ptp.DelayReq, false, false},
		{packet.StampHardware, ptp.Sync, false, false},
	} {
		b := newBench(t, Config{})
		exchanged(b, 10, func(o *packet.Observation) {
			o.StampSource, o.Egress = tt.source, o.Message.Type == tt.egress
		})
		if v := measured(t, b); v.EgressForward != tt.forward || v.EgressReverse != tt.reverse || v.MeanPathDelay.Count == 0 {
			t.Errorf("%v of %v: forward %v, reverse %v", tt.egress, tt.source, v.EgressForward, v.EgressReverse)
		}
	}
}

// The configuration says what the clock that stamps tells, and is believed.
func TestConfiguredTimescale(t *testing.T) {
	for scale, want := range map[Timescale]time.Duration{"": 0, "auto": 0, "tai": -37 * time.Second, "utc": 0, "arbitrary": -1} {
		b := newBench(t, Config{Timescales: map[string]Timescale{"eth0": scale}})
		a := announceFrom(gmA, 128)
		a.Flags, a.Announce.CurrentUTCOffset = ptp.FlagPTPTimescale|ptp.FlagCurrentUTCOffsetValid, 37
		b.send(a)
		exchanged(b, 10, func(o *packet.Observation) { // TAI, by a tap on UTC
			if o.Message.Type != ptp.DelayReq {
				o.Message.Timestamp = ptp.NewTimestamp(b.at.UnixNano() + 37e9)
			}
		})
		v := measured(t, b)
		switch {
		case want == -1:
			if v.Offset.Count > 0 || !v.Relative || v.MeanPathDelay.Count == 0 {
				t.Errorf("%s: %+v", scale, v)
			}
		case v.Relative || v.Offset.Count == 0 || v.Offset.Min != want.Seconds():
			t.Errorf("%s: offset %+v, relative %v; want %v", scale, v.Offset, v.Relative, want)
		}
	}
}

// Each tap has figures of its own, and each clock that stamps its steps.
func TestTapsAndClocks(t *testing.T) {
	b := newBench(t, Config{})
	for i := range 40 {
		for n, tap := range []string{"west", "east"} {
			o := b.observation(syncFrom(gmA, uint16(i)))
			o.Message.Timestamp = ptp.NewTimestamp(b.at.UnixNano())
			o.Tap, o.Interface = tap, tap
			o.Stamp, o.StampSource, o.StampClock = b.at.Add(time.Duration(n)), packet.StampHardware, tap
			if tap == "east" && i >= 20 {
				o.Stamp = o.Stamp.Add(time.Minute)
			}
			b.Handle(o, b.emit)
		}
		b.sleep(125 * time.Millisecond)
	}
	v := b.View()
	timings := v.Domains[0].Ports[0].Timings
	if len(timings) != 2 || timings[0].Tap != "east" || timings[1].Tap != "west" || timings[1].Forward.Count != 40 {
		t.Errorf("timings %+v", timings)
	}
	// Between the step and the time that it is sure, a second, nothing is used.
	if e := timings[0]; e.ClockSteps != 1 || e.Forward.Count != 12 {
		t.Errorf("east: %d steps, %d since", e.ClockSteps, e.Forward.Count)
	}
	want := []StampClockView{
		{Source: packet.StampHardware, Name: "east", Resolution: 1e-9, Steps: 1, SteppedAt: epoch.Add(3500 * time.Millisecond), Step: 60},
		{Source: packet.StampHardware, Name: "west", Resolution: 1e-3, Steps: 0},
	}
	if diff := cmp.Diff(want, v.StampClocks); diff != "" {
		t.Errorf("stamping clocks (-want +got):\n%s", diff)
	}
}
