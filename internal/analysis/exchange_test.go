package analysis

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func followUp(p ptp.PortIdentity, seq uint16) ptp.Message {
	return ptp.Message{Type: ptp.FollowUp, SourcePortIdentity: p, SequenceID: seq}
}

func twoStep(m ptp.Message) ptp.Message { m.Flags |= ptp.FlagTwoStep; return m }

func delayReq(p ptp.PortIdentity, seq uint16) ptp.Message {
	return ptp.Message{Type: ptp.DelayReq, SourcePortIdentity: p, SequenceID: seq}
}

func response(typ ptp.MessageType, from, to ptp.PortIdentity, seq uint16) ptp.Message {
	return ptp.Message{Type: typ, SourcePortIdentity: from, PortIdentity: to, SequenceID: seq}
}

func TestExchanges(t *testing.T) {
	pdelayReq := ptp.Message{Type: ptp.PdelayReq, SourcePortIdentity: client, SequenceID: 7}
	pdelayResp := response(ptp.PdelayResp, gmA, client, 7)
	pdelayFollowUp := response(ptp.PdelayRespFollowUp, gmA, client, 7)
	tests := []struct {
		name string
		send []ptp.Message
		want []string
	}{
		{"one-step Sync", []ptp.Message{syncFrom(gmA, 1)}, []string{"sync complete 1"}},
		{"two-step Sync", []ptp.Message{twoStep(syncFrom(gmA, 1)), followUp(gmA, 1)}, []string{"sync complete 1"}},
		{"Follow_Up first", []ptp.Message{followUp(gmA, 1), twoStep(syncFrom(gmA, 1))}, []string{"sync complete 1"}},
		{"interleaved", []ptp.Message{twoStep(syncFrom(gmA, 1)), twoStep(syncFrom(gmA, 2)), followUp(gmA, 2), followUp(gmA, 1)}, []string{"sync complete 2"}},
		{"Follow_Up missing", []ptp.Message{twoStep(syncFrom(gmA, 1))}, []string{"sync missing_follow_up 1"}},
		{"Follow_Up of another port", []ptp.Message{twoStep(syncFrom(gmA, 1)), followUp(gmB, 1)}, []string{"sync missing_follow_up 1", "sync unmatched 1"}},
		{"Follow_Up out of nothing", []ptp.Message{followUp(gmA, 1)}, []string{"sync unmatched 1"}},
		{"Sync twice", []ptp.Message{syncFrom(gmA, 1), syncFrom(gmA, 1)}, []string{"sync complete 1", "sync duplicate 1"}},
		{"Follow_Up twice", []ptp.Message{twoStep(syncFrom(gmA, 1)), followUp(gmA, 1), followUp(gmA, 1)}, []string{"sync complete 1", "sync duplicate 1"}},
		{"delay", []ptp.Message{delayReq(client, 9), response(ptp.DelayResp, gmA, client, 9)}, []string{"delay complete 1"}},
		{"delay unanswered", []ptp.Message{delayReq(client, 9)}, []string{"delay missing_response 1"}},
		{"response to nothing", []ptp.Message{response(ptp.DelayResp, gmA, client, 9)}, []string{"delay unmatched 1"}},
		{"response to another request", []ptp.Message{delayReq(client, 9), response(ptp.DelayResp, gmA, client, 8)}, []string{"delay missing_response 1", "delay unmatched 1"}},
		{"two responses", []ptp.Message{delayReq(client, 9), response(ptp.DelayResp, gmA, client, 9), response(ptp.DelayResp, gmB, client, 9)}, []string{"delay complete 1", "delay duplicate 1"}},
		{"pdelay one-step", []ptp.Message{pdelayReq, pdelayResp}, []string{"pdelay complete 1"}},
		{"pdelay two-step", []ptp.Message{pdelayReq, twoStep(pdelayResp), pdelayFollowUp}, []string{"pdelay complete 1"}},
		{"pdelay Follow_Up first", []ptp.Message{pdelayReq, pdelayFollowUp, twoStep(pdelayResp)}, []string{"pdelay complete 1"}},
		{"pdelay Follow_Up missing", []ptp.Message{pdelayReq, twoStep(pdelayResp)}, []string{"pdelay missing_follow_up 1"}},
		{"pdelay unanswered", []ptp.Message{pdelayReq}, []string{"pdelay missing_response 1"}},
		{"pdelay two responders", []ptp.Message{pdelayReq, pdelayResp, response(ptp.PdelayResp, gmB, client, 7)}, []string{"pdelay complete 1", "pdelay duplicate 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			for _, m := range tt.send {
				b.send(m)
			}
			b.sleep(9 * time.Second)
			var got []string
			for _, e := range b.View().Domains[0].Exchanges {
				got = append(got, fmt.Sprintf("%s %s %d", e.Kind, e.Result, e.Count))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("exchanges (-want +got):\n%s", diff)
			}
			if b.pending != 0 {
				t.Errorf("pending = %d at the end, want 0", b.pending)
			}
		})
	}
}

// SPTP's Sync has no Follow_Up, and its Announce is none for the best master
// algorithm; but what is sent to all is what it looks like.
func TestSPTPIsUnicast(t *testing.T) {
	sync, announce := syncFrom(gmA, 1), announceFrom(gmA, 128)
	sync.Flags, announce.Flags = sptp|ptp.FlagTwoStep, sptp
	for to, want := range map[string]struct {
		exchanges []ExchangeCount
		best      ptp.ClockIdentity
	}{
		"192.0.2.10:319":  {[]ExchangeCount{{"eth0", ExchangeDelay, Unmatched, 1}}, 0}, // nobody was seen to ask
		"224.0.1.129:319": {[]ExchangeCount{{"eth0", ExchangeSync, MissingFollowUp, 1}}, gmA.ClockIdentity},
	} {
		b := newBench(t, Config{})
		for seq := range uint16(4) {
			for _, m := range []ptp.Message{sync, announce} {
				if m.SequenceID = seq + 1; m.Type == ptp.Sync && seq > 0 {
					continue
				}
				o := b.observation(m)
				o.Destination = addrPort(to)
				b.Handle(o, b.emit)
			}
			b.sleep(time.Second)
		}
		best := b.View().Domains[0].Best
		b.sleep(5 * time.Second)
		d := b.View().Domains[0]
		got := slices.DeleteFunc(d.Exchanges, func(e ExchangeCount) bool { return e.Result == Complete })
		if diff := cmp.Diff(want.exchanges, got, cmpopts.EquateEmpty()); diff != "" || best != want.best {
			t.Errorf("to %s: best %v; exchanges (-want +got):\n%s", to, best, diff)
		}
	}
}

// Unicast has a sequence for each destination, and each tap its own view.
func TestHalvesMeetPerDestinationAndTap(t *testing.T) {
	b := newBench(t, Config{})
	for _, to := range []string{"192.0.2.10:319", "192.0.2.11:319"} {
		for _, m := range []ptp.Message{twoStep(syncFrom(gmA, 1)), followUp(gmA, 1)} {
			o := b.observation(m)
			o.Destination = addrPort(to)
			b.Handle(o, b.emit)
		}
	}
	for _, tap := range []string{"left", "right"} {
		for _, m := range []ptp.Message{delayReq(client, 1), response(ptp.DelayResp, gmA, client, 1)} {
			o := b.observation(m)
			o.Tap = tap
			b.Handle(o, b.emit)
		}
	}
	want := []ExchangeCount{{"eth0", ExchangeSync, Complete, 2}, {"eth0", ExchangeDelay, Complete, 2}}
	if diff := cmp.Diff(want, b.View().Domains[0].Exchanges); diff != "" {
		t.Errorf("exchanges (-want +got):\n%s", diff)
	}
}

// The way of a Sync and of a Delay_Req through two transparent clocks, one on
// each side of the tap, worked out by hand in nanoseconds:
//
//	t1 = 1000, 300 wire + 50 residence to the tap: s = 1350, cf(Sync) = 50, and
//	the same 62.5 ms later: in between the tap's clock is known
//	r = 9000 with 20 of residence behind it: cf(Delay_Req) = 20
//	400 wire + 70 residence to the grandmaster: t4 = 9470, cf(Delay_Resp) = 90
func TestDelaysByHand(t *testing.T) {
	for _, theta := range []time.Duration{0, 250 * time.Nanosecond, -37 * time.Second, 40 * 365 * 24 * time.Hour} {
		t.Run(theta.String(), func(t *testing.T) {
			b := newBench(t, Config{})
			a := announceFrom(gmA, 128)
			a.Flags, a.Announce.CurrentUTCOffset = ptp.FlagPTPTimescale, 37
			send := func(m ptp.Message, tapTime int64) {
				b.at = epoch.Add(time.Duration(tapTime))
				o := b.observation(m)
				o.Stamp = b.at.Add(theta)
				b.Handle(o, b.emit)
			}
			send(a, 0)
			sync := func(seq uint16, t1 int64) {
				m := twoStep(syncFrom(gmA, seq))
				m.CorrectionField = ptp.Correction(30<<16 + 1<<15)
				send(m, t1+350)
				fu := followUp(gmA, seq)
				fu.CorrectionField, fu.Timestamp = ptp.Correction(19<<16+1<<15), ptpTime(t1)
				send(fu, t1+1000)
			}
			sync(1, 1000)
			req := delayReq(client, 1)
			req.CorrectionField = 20 << 16
			send(req, 9000)
			resp := response(ptp.DelayResp, gmA, client, 1)
			resp.CorrectionField, resp.Timestamp = 90<<16, ptpTime(9470)
			send(resp, 9500)
			sync(2, 62_501_000)

			got := measured(t, b)
			one := func(ns float64) Summary {
				s := ns * 1e-9
				return Summary{Count: 1, Min: s, Median: s, P99: s, Max: s, Last: s}
			}
			want := TimingView{Tap: "eth0", StampSource: packet.StampCapture, MeanPathDelay: one(350)}
			if theta.Abs() < time.Hour {
				off := float64(theta)
				if theta == -37*time.Second {
					off = 0 // the tap tells UTC
				}
				want.Forward, want.Reverse, want.Offset = one(300+off), one(400-off), one(-50+off)
				want.Forward.Count = 2
			}
			// A float64 of 37 s resolves 7 fs; of an offset in the sum, 0.1 ps is plenty.
			if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-13), cmpopts.IgnoreFields(Summary{}, "Age"), cmpopts.IgnoreFields(TimingView{}, "Statistics", "Path")); diff != "" {
				t.Errorf("timing (-want +got):\n%s", diff)
			}
		})
	}
}

// A NIC that misses a stamp leaves the frame with the kernel's, and what the
// host sends may have no other: two clocks make no figure together. Responses
// are general messages, which few NICs stamp.
func TestStampsOfTwoClocksNeverMeet(t *testing.T) {
	type clock struct {
		name  string
		ahead time.Duration
	}
	system, nic, other := clock{"", 0}, clock{"ptp0", time.Millisecond}, clock{"ptp1", 2 * time.Millisecond}
	type exchange struct{ sync, request clock } // one a second, over a path without delay
	last := func(count uint64, value time.Duration) Summary {
		return Summary{Count: count, Last: value.Seconds()}
	}
	ms := time.Millisecond
	tests := []struct {
		name      string
		exchanges []exchange
		want      TimingView // counts and last values
	}{
		{"one clock", []exchange{{nic, nic}, {nic, nic}}, TimingView{
			StampSource: packet.StampHardware, StampClock: "ptp0", Forward: last(2, ms), Reverse: last(2, -ms), MeanPathDelay: last(2, 0), Offset: last(2, ms)}},
		{"a stamp missed", []exchange{{nic, nic}, {system, nic}, {nic, nic}}, TimingView{
			StampSource: packet.StampHardware, StampClock: "ptp0", Forward: last(2, ms), Reverse: last(3, -ms), MeanPathDelay: last(3, 0), Offset: last(3, ms)}},
		{"no transmit stamps", []exchange{{nic, system}, {nic, system}}, TimingView{
			StampSource: packet.StampHardware, StampClock: "ptp0", Forward: last(2, ms), Reverse: last(2, 0)}},
		{"legs on two NICs", []exchange{{nic, other}, {nic, other}}, TimingView{
			StampSource: packet.StampHardware, StampClock: "ptp0", Forward: last(2, ms), Reverse: last(2, -2*ms)}},
		{"switched on", []exchange{{system, system}, {nic, nic}}, TimingView{
			StampSource: packet.StampHardware, StampClock: "ptp0", Forward: last(1, ms), Reverse: last(1, -ms), MeanPathDelay: last(1, 0), Offset: last(1, ms)}},
		{"switched off", append(slices.Repeat([]exchange{{nic, nic}}, 3), slices.Repeat([]exchange{{system, system}}, 12)...), TimingView{
			StampSource: packet.StampSoftware, Forward: last(3, 0), Reverse: last(3, 0), MeanPathDelay: last(3, 0), Offset: last(3, 0)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.send(announceFrom(gmA, 128))
			send := func(m ptp.Message, by clock) {
				o := b.observation(m)
				o.Stamp, o.StampSource, o.StampClock = b.at.Add(by.ahead), packet.StampSoftware, by.name
				if by != system {
					o.StampSource = packet.StampHardware
				}
				b.Handle(o, b.emit)
			}
			for i, e := range tt.exchanges {
				now := ptpTime(int64(b.at.Sub(epoch)))
				sync := syncFrom(gmA, uint16(i))
				sync.Timestamp = now
				send(sync, e.sync)
				send(delayReq(client, uint16(i)), e.request)
				resp := response(ptp.DelayResp, gmA, client, uint16(i))
				resp.Timestamp = now
				send(resp, system)
				b.sleep(time.Second)
			}
			got := measured(t, b)
			for _, s := range []*Summary{&got.Forward, &got.Reverse, &got.MeanPathDelay, &got.Offset} {
				*s = Summary{Count: s.Count, Last: s.Last}
			}
			got.Resolution, got.Statistics, got.Path = 0, nil, nil
			tt.want.Tap = "eth0"
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(0, 1e-13)); diff != "" {
				t.Errorf("timing (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoDelayWithoutGoodNumbers(t *testing.T) {
	tooBig := syncFrom(gmA, 1)
	tooBig.CorrectionField = math.MaxInt64
	tooBig.Timestamp = ptpTime(0)
	farFuture := syncFrom(gmA, 2)
	farFuture.Timestamp.Seconds = [6]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	b := newBench(t, Config{})
	b.send(tooBig)
	b.send(farFuture)
	if got := b.View().Domains[0].Ports[0].Timings; got != nil {
		t.Errorf("timing = %+v, want none", got)
	}
}

func TestOneDirectionGivesNoMean(t *testing.T) {
	b := newBench(t, Config{})
	for i := range 10 {
		m := syncFrom(gmA, uint16(i))
		m.Timestamp = ptpTime(int64(b.at.Sub(epoch)) - 500)
		b.send(m)
		b.sleep(time.Second)
	}
	got := measured(t, b)
	if got.Forward.Count != 10 || got.MeanPathDelay.Count != 0 || got.Offset.Count != 0 {
		t.Errorf("timing = %+v, want ten forward delays and nothing else", got)
	}
}

// measured is what was measured of the first port.
func measured(t *testing.T, b *bench) TimingView {
	t.Helper()
	all := b.View().Domains[0].Ports[0].Timings
	if len(all) != 1 {
		t.Fatalf("timings of %d taps, want one", len(all))
	}
	return all[0]
}

// ptpTime is a PTP timestamp so many nanoseconds after epoch.
func ptpTime(ns int64) ptp.Timestamp {
	at := epoch.Add(time.Duration(ns))
	s := uint64(at.Unix())
	return ptp.Timestamp{
		Seconds:     [6]byte{byte(s >> 40), byte(s >> 32), byte(s >> 24), byte(s >> 16), byte(s >> 8), byte(s)},
		Nanoseconds: uint32(at.Nanosecond()),
	}
}

// Whom a client takes time from is who answers it first: not an echo, nor a
// response to nothing.
func TestAnsweredBy(t *testing.T) {
	for _, tt := range []struct {
		name string
		send []ptp.Message
		want ptp.PortIdentity
	}{
		{"nobody", []ptp.Message{delayReq(client, 9)}, ptp.PortIdentity{}},
		{"the responder", []ptp.Message{delayReq(client, 9), response(ptp.DelayResp, gmA, client, 9)}, gmA},
		{"the first of two", []ptp.Message{delayReq(client, 9), response(ptp.DelayResp, gmA, client, 9), response(ptp.DelayResp, gmB, client, 9)}, gmA},
		{"the last in time", []ptp.Message{delayReq(client, 9), response(ptp.DelayResp, gmA, client, 9), delayReq(client, 10), response(ptp.DelayResp, gmB, client, 10)}, gmB},
		{"nobody asked", []ptp.Message{delayReq(client, 9), response(ptp.DelayResp, gmB, client, 8)}, ptp.PortIdentity{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			for _, m := range tt.send {
				b.send(m)
			}
			for _, p := range b.View().Domains[0].Ports {
				if p.Port == client && p.AnsweredBy != tt.want {
					t.Errorf("answered by %v, want %v", p.AnsweredBy, tt.want)
				}
			}
		})
	}
}
