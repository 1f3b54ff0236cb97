package analysis

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var (
	epoch  = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	group  = netip.MustParseAddrPort("224.0.1.129:320")
	source = netip.MustParseAddrPort("192.0.2.1:320")
	gmA    = port1(0xA0)
	gmB    = port1(0xB0)
	client = port1(0xC0)
)

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func port1(id ptp.ClockIdentity) ptp.PortIdentity {
	return ptp.PortIdentity{ClockIdentity: id, PortNumber: 1}
}

// bench feeds a Tracker and writes down what it finds, a line each.
type bench struct {
	*Tracker
	t       testing.TB
	at      time.Time
	frame   uint64
	seq     uint16
	network string
	domain  uint8
	log     []string
}

func newBench(t testing.TB, cfg Config) *bench {
	return &bench{Tracker: New(cfg), t: t, at: epoch, network: "eth0"}
}

func (b *bench) emit(f Finding) {
	if f.Incident != nil {
		return // incidents_test.go is about them
	}
	if f.Event == AlertRaised {
		checkEvidence(b.t, f)
	}
	line := fmt.Sprintf("%s %s", f.At.Sub(epoch), f.Event)
	if f.Alert != nil {
		line += fmt.Sprintf(" %s %s %s", f.Alert.Name, f.Alert.Reason, f.Alert.Certainty)
	} else {
		line += fmt.Sprintf(" %x>%x", uint64(f.Previous), uint64(f.Grandmaster))
	}
	if f.Frame.Number > 0 {
		line += fmt.Sprintf(" #%d", f.Frame.Number)
	}
	b.log = append(b.log, strings.Join(strings.Fields(line), " "))
}

func (b *bench) observation(m ptp.Message) *packet.Observation {
	b.frame++
	m.VersionPTP, m.MinorVersionPTP, m.DomainNumber = 2, 1, b.domain
	return &packet.Observation{
		At: b.at, Stamp: b.at, StampSource: packet.StampCapture, Frame: packet.Frame{Number: b.frame},
		Interface: "eth0", Tap: "eth0", Network: b.network, Transport: packet.UDPv4,
		Source: source, Destination: group, Message: m,
	}
}

func (b *bench) send(m ptp.Message) { b.Handle(b.observation(m), b.emit) }

// sleep lets time pass in silence.
func (b *bench) sleep(d time.Duration) {
	b.at = b.at.Add(d)
	b.HandleTick(b.at, b.emit)
}

func announceFrom(p ptp.PortIdentity, priority1 uint8) ptp.Message {
	return ptp.Message{
		Type: ptp.AnnounceMessage, SourcePortIdentity: p,
		Announce: ptp.Announce{
			GrandmasterPriority1: priority1, GrandmasterPriority2: 128, GrandmasterIdentity: p.ClockIdentity,
			GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4E5D},
			TimeSource:              ptp.TimeSourceGNSS,
		},
	}
}

func syncFrom(p ptp.PortIdentity, seq uint16) ptp.Message {
	return ptp.Message{Type: ptp.Sync, SourcePortIdentity: p, SequenceID: seq}
}

// expect compares what was found since the last call.
func (b *bench) expect(want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.log); diff != "" {
		b.t.Errorf("findings (-want +got):\n%s", diff)
	}
	b.log = nil
}

func TestFirstGrandmasterIsNoChange(t *testing.T) {
	b := newBench(t, Config{})
	b.send(announceFrom(gmA, 128))
	b.expect("0s grandmaster_appeared 0>a0 #1")
	b.sleep(time.Second)
	b.send(announceFrom(gmA, 128))
	b.expect("1s grandmaster_changed 0>a0 #2")
	if v := b.View(); v.Domains[0].Best != gmA.ClockIdentity || v.Domains[0].GrandmasterChanges != 0 {
		t.Errorf("best %s after %d changes, want a0 after none", v.Domains[0].Best, v.Domains[0].GrandmasterChanges)
	}
}

// IEEE 1588-2019 9.3.2.5: two Announces within four intervals qualify.
func TestQualification(t *testing.T) {
	tests := []struct {
		name  string
		apart time.Duration
		edit  func(*ptp.Message)
		want  bool
	}{
		{"two in one interval", time.Second, nil, true},
		{"two in four intervals", 4 * time.Second, nil, true},
		{"two in more than four intervals", 4*time.Second + 1, nil, false},
		{"stepsRemoved 254", time.Second, func(m *ptp.Message) { m.Announce.StepsRemoved = 254 }, true},
		{"stepsRemoved 255", time.Second, func(m *ptp.Message) { m.Announce.StepsRemoved = 255 }, false},
		{"alternate master", time.Second, func(m *ptp.Message) { m.Flags = ptp.FlagAlternateMaster }, false},
		{"an interval of 34 does not open the window for ever", 65 * time.Second, func(m *ptp.Message) { m.LogMessageInterval = 34 }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			m := announceFrom(gmA, 128)
			if tt.edit != nil {
				tt.edit(&m)
			}
			b.send(m)
			b.sleep(tt.apart)
			b.send(m)
			if got := b.View().Domains[0].Best != 0; got != tt.want {
				t.Errorf("best chosen: %v, want %v", got, tt.want)
			}
		})
	}
}

// both announces from A, and from B when it speaks, once a second.
func (b *bench) seconds(n int, speakers ...ptp.Message) {
	for range n {
		for _, m := range speakers {
			b.seq++
			m.SequenceID = b.seq
			b.send(m)
		}
		b.sleep(time.Second)
	}
}

// known lists clocks A and B as acceptable.
var known = Config{Domains: []DomainConfig{{
	Baseline: BaselineListed, Grandmasters: []GrandmasterConfig{{Identity: gmA.ClockIdentity}, {Identity: gmB.ClockIdentity}},
}}}

func TestTakeoverThenReturn(t *testing.T) {
	b := newBench(t, known)
	b.seconds(5, announceFrom(gmA, 128))
	b.log = nil
	b.seconds(3, announceFrom(gmA, 128), announceFrom(gmB, 100))
	b.expect(
		"5s grandmaster_appeared 0>b0 #7",
		"6s grandmaster_changed a0>b0 #9",
		"6s raised PTPGrandmasterChanged takeover certain #9",
	)
	b.seconds(10, announceFrom(gmA, 128))
	b.expect(
		"11s grandmaster_changed b0>a0",
		"11s resolved PTPGrandmasterChanged takeover certain #9",
		"11s raised PTPGrandmasterChanged return certain",
	)
	b.seconds(60, announceFrom(gmA, 128))
	b.expect("1m11s resolved PTPGrandmasterChanged return certain")
	v := b.View()
	if got := v.Domains[0].GrandmasterChanges; got != 2 {
		t.Errorf("changes = %d, want 2", got)
	}
	for _, g := range v.Domains[0].Grandmasters {
		if want := map[ptp.ClockIdentity]float64{0xA0: 5 + 67, 0xB0: 5}[g.Identity]; g.BestSeconds != want {
			t.Errorf("%x was best for %g s, want %g", uint64(g.Identity), g.BestSeconds, want)
		}
	}
}

// Whoever begins to listen hears some clock twice first, and it need not be the
// best. A is heard at 0 s and every second, so it leads from 1 s on; B, whose
// interval is the same, is somewhere between.
func TestJoiningIsNoChange(t *testing.T) {
	type said struct {
		at        time.Duration
		from      ptp.PortIdentity
		priority1 uint8
	}
	tests := []struct {
		name string
		said []said
		want uint64 // changes
	}{
		{"B was there", []said{{500 * time.Millisecond, gmB, 100}, {1500 * time.Millisecond, gmB, 100}}, 0},
		{"B was there at the same time", []said{{0, gmB, 100}, {time.Second, gmB, 100}}, 0},
		{"B came later", []said{{1500 * time.Millisecond, gmB, 100}, {2500 * time.Millisecond, gmB, 100}}, 1},
		{"B was there and became better", []said{{500 * time.Millisecond, gmB, 200}, {1500 * time.Millisecond, gmB, 100}}, 1},
		{"B was there and A became worse", []said{{500 * time.Millisecond, gmB, 130}, {1500 * time.Millisecond, gmB, 130}, {2 * time.Second, gmA, 200}}, 1},
		{"B was there once and came back", []said{{500 * time.Millisecond, gmB, 100}, {10 * time.Second, gmB, 100}, {11 * time.Second, gmB, 100}}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, known)
			priority1, until := uint8(128), tt.said[len(tt.said)-1].at
			for at := time.Duration(0); at <= until; at += 500 * time.Millisecond {
				var now []said
				for _, s := range tt.said {
					switch {
					case s.at == at && s.from == gmA:
						priority1 = s.priority1
					case s.at == at:
						now = append(now, s)
					}
				}
				if at%time.Second == 0 {
					b.send(announceFrom(gmA, priority1))
				}
				for _, s := range now {
					b.send(announceFrom(s.from, s.priority1))
				}
				b.sleep(500 * time.Millisecond)
			}
			v := b.View()
			d := v.Domains[0]
			changes := slices.DeleteFunc(v.Alerts, func(a Alert) bool { return a.Name != AlertGrandmasterChanged })
			if d.GrandmasterChanges != tt.want || uint64(len(changes)) != tt.want || d.Best != gmB.ClockIdentity {
				t.Errorf("best %s after %d changes, alerts %+v, want b0 after %d", d.Best, d.GrandmasterChanges, v.Alerts, tt.want)
			}
			for _, g := range d.Grandmasters {
				if g.Identity == gmA.ClockIdentity && (g.BestSeconds > 0) != (tt.want > 0) {
					t.Errorf("A was best for %g s", g.BestSeconds)
				}
			}
		})
	}
}

func TestWorseNewcomerIsNoChange(t *testing.T) {
	b := newBench(t, known)
	b.seconds(3, announceFrom(gmA, 100))
	b.log = nil
	b.seconds(5, announceFrom(gmA, 100), announceFrom(gmB, 128))
	b.expect("3s grandmaster_appeared 0>b0 #5")
}

func TestDegradation(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(3, announceFrom(gmA, 100), announceFrom(gmB, 128))
	b.log = nil
	b.seconds(1, announceFrom(gmA, 200), announceFrom(gmB, 128))
	b.expect("3s grandmaster_changed a0>b0 #7", "3s raised PTPGrandmasterChanged degradation certain #7",
		"3s raised PTPGrandmasterDatasetChanged changed certain #7")
}

func TestGrandmasterLost(t *testing.T) {
	b := newBench(t, known)
	b.seconds(3, announceFrom(gmA, 128))
	b.log = nil
	b.seconds(20)
	b.expect("12s raised PTPGrandmasterLost silence certain") // 10 s after the last Announce at 2 s
	b.seconds(2, announceFrom(gmA, 128))
	b.expect("24s resolved PTPGrandmasterLost silence certain")
}

func TestGrandmasterLostIsNotRaised(t *testing.T) {
	tests := []struct {
		name  string
		after func(b *bench)
	}{
		{"when another takes over", func(b *bench) { b.seconds(20, announceFrom(gmB, 128)) }},
		{"when it is back within the time", func(b *bench) { b.seconds(8); b.seconds(10, announceFrom(gmA, 128)) }},
		{"when a second port relays the same clock", func(b *bench) {
			m := announceFrom(gmB, 128)
			m.Announce.GrandmasterIdentity, m.Announce.StepsRemoved = gmA.ClockIdentity, 1
			b.seconds(20, m)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.seconds(3, announceFrom(gmA, 128))
			tt.after(b)
			for _, line := range b.log {
				if strings.Contains(line, AlertGrandmasterLost) {
					t.Error(line)
				}
			}
		})
	}
}

// A unicast Announce is silent once its grant has lapsed or is cancelled.
func TestUnicastSilence(t *testing.T) {
	grant := func(seconds uint32) ptp.Message {
		value := binary.BigEndian.AppendUint32([]byte{0xB0, 0}, seconds)
		return ptp.Message{
			Type: ptp.Signaling, SourcePortIdentity: gmA, PortIdentity: client,
			TLVs: ptp.AppendRawTLV(nil, ptp.TLVGrantUnicastTransmission, append(value, 0, 1)),
		}
	}
	cancel := ptp.Message{
		Type: ptp.Signaling, SourcePortIdentity: client, PortIdentity: gmA,
		TLVs: ptp.AppendRawTLV(nil, ptp.TLVCancelUnicastTransmission, []byte{0xB0, 0}),
	}
	unicast := announceFrom(gmA, 128)
	unicast.Flags = ptp.FlagUnicast
	tests := []struct {
		name string
		talk func(b *bench)
		want []string
	}{
		{"the grant runs on", func(b *bench) { b.send(grant(300)); b.seconds(3, unicast) }, []string{"12s raised PTPGrandmasterLost silence certain"}},
		{"the grant lapsed", func(b *bench) { b.send(grant(3)); b.seconds(3, unicast) }, nil},
		{"the client cancelled", func(b *bench) { b.send(grant(300)); b.seconds(3, unicast); b.send(cancel) }, nil},
		{"no grant was seen", func(b *bench) { b.seconds(3, unicast) }, []string{"12s raised PTPGrandmasterLost silence possible"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, known)
			tt.talk(b)
			b.log = nil
			b.seconds(30)
			b.expect(tt.want...)
		})
	}
}

func TestAnnounceTimeout(t *testing.T) {
	sync := syncFrom(gmA, 0)
	tests := []struct {
		name string
		talk func(b *bench)
		want []string
	}{
		{"Syncs go on, Announces come back", func(b *bench) { b.seconds(4, sync); b.seconds(1, sync, announceFrom(gmA, 128)) }, []string{
			"5s raised PTPAnnounceTimeout silence certain", "7s resolved PTPAnnounceTimeout silence certain"}},
		{"Syncs end later", func(b *bench) { b.seconds(4, sync); b.seconds(4) }, []string{
			"5s raised PTPAnnounceTimeout silence certain", "9.000000001s resolved PTPAnnounceTimeout silence certain"}},
		{"both end", func(b *bench) { b.seconds(8) }, nil},
		{"Syncs come back a little before Announces", func(b *bench) {
			b.seconds(6)
			b.seconds(2, sync)
			b.seconds(3, sync, announceFrom(gmA, 128))
		}, nil},
		{"Syncs come back alone", func(b *bench) { b.seconds(5); b.seconds(5, sync) }, []string{
			"11s raised PTPAnnounceTimeout silence certain"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.seconds(3, sync, announceFrom(gmA, 128))
			b.log = nil
			tt.talk(b)
			var got []string
			for _, line := range b.log {
				if strings.Contains(line, AlertAnnounceTimeout) {
					got = append(got, line)
				}
			}
			b.log = got
			b.expect(tt.want...)
		})
	}
}

// Networks and domains do not compete, and a port in two of them is two.
func TestScopesAreApart(t *testing.T) {
	b := newBench(t, Config{})
	for range 5 {
		b.network, b.domain = "eth0", 0
		b.send(announceFrom(gmA, 128))
		b.network = "eth1"
		b.send(announceFrom(gmB, 100))
		b.domain = 24
		b.send(announceFrom(gmB, 100))
		b.sleep(time.Second)
	}
	v := b.View()
	var got []string
	for _, d := range v.Domains {
		got = append(got, fmt.Sprintf("%s %d %x %d", d.Scope.Network, d.Scope.DomainNumber, uint64(d.Best), d.GrandmasterChanges))
	}
	want := []string{"eth0 0 a0 0", "eth1 0 b0 0", "eth1 24 b0 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("domains (-want +got):\n%s", diff)
	}
	if len(v.Alerts) > 0 {
		t.Errorf("alerts: %+v", v.Alerts)
	}
}

// Findings do not depend on when ticks come.
func TestTicksDoNotMatter(t *testing.T) {
	run := func(step time.Duration) []string {
		b := newBench(t, Config{})
		b.seconds(4, announceFrom(gmA, 128), syncFrom(gmA, 1))
		b.seconds(6, syncFrom(gmA, 2))
		end := b.at.Add(15 * time.Second)
		for step > 0 && b.at.Add(step).Before(end) {
			b.sleep(step)
		}
		b.at = end
		b.seconds(3, announceFrom(gmB, 128))
		return b.log
	}
	want := run(0)
	for _, step := range []time.Duration{time.Second / 3, time.Second, 7 * time.Second} {
		if diff := cmp.Diff(want, run(step)); diff != "" {
			t.Errorf("ticks every %s change the findings (-none +some):\n%s", step, diff)
		}
	}
}

func TestSilentStateIsForgotten(t *testing.T) {
	b := newBench(t, Config{ForgetAfter: time.Minute})
	b.seconds(3, announceFrom(gmA, 128))
	b.log = nil
	b.seconds(90)
	b.expect(
		"5s baseline_pinned 0>a0",
		"12s raised PTPGrandmasterLost silence certain",
		"1m2s grandmaster_forgotten 0>a0",
		"1m3s resolved PTPGrandmasterLost silence certain",
	)
	b.log = nil
	b.seconds(60)
	if v := b.View(); len(v.Domains) != 0 || v.Tables[3].Entries != 0 || len(b.timers.heap) != 0 {
		t.Errorf("left: %d domains, %d ports, %d timers", len(v.Domains), v.Tables[3].Entries, len(b.timers.heap))
	}
}

func TestAlertConfig(t *testing.T) {
	b := newBench(t, Config{Alerts: map[string]AlertConfig{
		AlertGrandmasterLost:    {Thresholds: map[string]int64{ThresholdAfter: int64(20 * time.Second)}, Severity: Info},
		AlertGrandmasterChanged: {Disabled: true},
	}})
	b.seconds(3, announceFrom(gmA, 128))
	b.seconds(5, announceFrom(gmB, 100))
	b.log = nil
	b.seconds(40)
	b.expect("27s raised PTPGrandmasterLost silence certain")
	for _, a := range b.View().Alerts {
		if a.Name == AlertGrandmasterLost && a.Severity != Info {
			t.Errorf("severity %s, want info", a.Severity)
		}
	}
}

// A rate is the mean over the recent past, and a pause is not an interval.
func TestMeasuredInterval(t *testing.T) {
	tests := []struct {
		name string
		talk func(b *bench)
		want IntervalView
	}{
		{"as advertised", func(b *bench) { b.seconds(20, syncFrom(gmA, 1)) }, IntervalView{ptp.Sync, 1, 1}},
		{"one message tells nothing", func(b *bench) { b.seconds(1, syncFrom(gmA, 1)) }, IntervalView{ptp.Sync, 0, 1}},
		{"twice as fast as advertised", func(b *bench) {
			m := syncFrom(gmA, 1)
			m.LogMessageInterval = 1
			b.seconds(20, m)
		}, IntervalView{ptp.Sync, 1, 2}},
		{"not given", func(b *bench) {
			m := syncFrom(gmA, 1)
			m.LogMessageInterval = ptp.NoInterval
			b.seconds(20, m)
		}, IntervalView{ptp.Sync, 1, 0}},
		{"a pause of a minute", func(b *bench) {
			b.seconds(20, syncFrom(gmA, 1))
			b.seconds(60)
			b.seconds(2, syncFrom(gmA, 1))
		}, IntervalView{ptp.Sync, 1, 1}},
		{"one in 16 s", func(b *bench) {
			m := syncFrom(gmA, 1)
			m.LogMessageInterval = 4
			for range 5 {
				b.send(m)
				b.sleep(16 * time.Second)
			}
		}, IntervalView{ptp.Sync, 16, 16}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			tt.talk(b)
			got := b.View().Domains[0].Ports[0].Intervals
			if diff := cmp.Diff([]IntervalView{tt.want}, got); diff != "" {
				t.Errorf("intervals (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReconfigureKeepsWhatWasLearned(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(3, announceFrom(gmA, 128))
	b.seconds(12)
	b.log = nil
	b.Reconfigure(Config{
		Domains: []DomainConfig{{Grandmasters: []GrandmasterConfig{{Identity: gmA.ClockIdentity, Name: "roof"}}}},
		Alerts:  map[string]AlertConfig{AlertGrandmasterLost: {Disabled: true}},
	}, b.at, b.emit)
	b.expect("15s resolved PTPGrandmasterLost silence certain")
	g := b.View().Domains[0].Grandmasters[0]
	if g.Name != "roof" || g.Verdict != Acceptable || g.BestSeconds == 0 {
		t.Errorf("grandmaster %+v, want it named, acceptable and its time as best kept", g)
	}
	b.seconds(3, announceFrom(gmA, 128))
	b.seconds(20)
	b.expect()
}

// A capturing host whose clock is set back does not stop the timers, and times
// are told as that clock does.
func TestClockSetBack(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(3, announceFrom(gmA, 128))
	b.at = b.at.Add(-time.Hour)
	b.seconds(3, announceFrom(gmA, 128))
	b.log = nil
	b.seconds(20)
	b.expect("-59m45s raised PTPGrandmasterLost silence certain")
	want := epoch.Add(-time.Hour + 5*time.Second)
	if got := b.View().Domains[0].Grandmasters[0].LastSeen; !got.Equal(want) {
		t.Errorf("last seen %s, want %s", got, want)
	}
}

// Messages a little out of order are no step.
func TestLateMessages(t *testing.T) {
	b := newBench(t, Config{})
	for range 5 {
		b.send(announceFrom(gmA, 128))
		b.at = b.at.Add(-500 * time.Millisecond)
		b.send(announceFrom(gmB, 129))
		b.at = b.at.Add(1500 * time.Millisecond)
	}
	if b.skew != 0 {
		t.Errorf("skew %s, want none", b.skew)
	}
}
