package analysis

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/facebook/time/ptp/protocol"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// relayedBy makes an Announce come from another port than the grandmaster's.
func relayedBy(p ptp.PortIdentity, m ptp.Message, steps uint16) ptp.Message {
	m.SourcePortIdentity, m.Announce.StepsRemoved = p, steps
	return m
}

func withClass(m ptp.Message, class uint8) ptp.Message {
	m.Announce.GrandmasterClockQuality.ClockClass = protocol.ClockClass(class)
	return m
}

var (
	gmC    = port1(0x9F) // lower than A and B: it wins on identity
	bridge = port1(0xD0)
	listA  = DomainConfig{Grandmasters: []GrandmasterConfig{{Identity: gmA.ClockIdentity}}}
)

func domainOf(edit func(*DomainConfig)) Config {
	c := DomainConfig{}
	edit(&c)
	return Config{Domains: []DomainConfig{c}}
}

// What is learned, who is held to be acceptable, and when it is said.
func TestAcceptance(t *testing.T) {
	a, b, c := announceFrom(gmA, 128), announceFrom(gmB, 100), announceFrom(gmC, 128)
	worse := announceFrom(gmB, 200)
	profiled := func(name string) Config { return domainOf(func(d *DomainConfig) { d.Profile = name }) }
	type phase struct {
		seconds  int
		speakers []ptp.Message
	}
	tests := []struct {
		name   string
		cfg    Config
		phases []phase
		want   []string
	}{
		{"better priority1 is told by its first Announce", Config{}, []phase{{6, []ptp.Message{a}}, {2, []ptp.Message{a, b}}}, []string{
			"0s grandmaster_appeared 0>a0 #1", "1s grandmaster_changed 0>a0 #2", "5s baseline_pinned 0>a0",
			"6s grandmaster_appeared 0>b0 #8", "6s raised PTPRogueGrandmaster takeover certain #8", "7s grandmaster_changed a0>b0 #10",
		}},
		{"so is a copy that wins on its identity", Config{}, []phase{{6, []ptp.Message{a}}, {1, []ptp.Message{a, c}}}, []string{
			"0s grandmaster_appeared 0>a0 #1", "1s grandmaster_changed 0>a0 #2", "5s baseline_pinned 0>a0",
			"6s grandmaster_appeared 0>9f #8", "6s raised PTPRogueGrandmaster takeover certain #8",
		}},
		{"a takeover ends learning", Config{}, []phase{{3, []ptp.Message{a}}, {2, []ptp.Message{a, b}}}, []string{
			"0s grandmaster_appeared 0>a0 #1", "1s grandmaster_changed 0>a0 #2",
			"3s grandmaster_appeared 0>b0 #5", "3s baseline_pinned 0>a0", "3s raised PTPRogueGrandmaster takeover certain #5", "4s grandmaster_changed a0>b0 #7",
		}},
		{"a failover while learning is learned", Config{LearnFor: 8 * time.Second}, []phase{{2, []ptp.Message{a}}, {6, []ptp.Message{worse}}}, []string{
			"0s grandmaster_appeared 0>a0 #1", "1s grandmaster_changed 0>a0 #2", "2s grandmaster_appeared 0>b0 #3",
			"5s grandmaster_changed a0>b0", "5s raised PTPGrandmasterChanged failover certain", "8s baseline_pinned 0>b0",
		}},
		{"holdover is not learned beside a sound clock", Config{}, []phase{{3, []ptp.Message{withClass(announceFrom(gmA, 128), 7)}}, {4, []ptp.Message{withClass(announceFrom(gmA, 128), 7), announceFrom(gmB, 128)}}}, []string{
			"0s grandmaster_appeared 0>a0 #1", "0s raised PTPGrandmasterHoldover holdover certain #1", "1s grandmaster_changed 0>a0 #2",
			"3s grandmaster_appeared 0>b0 #5", "4s grandmaster_changed a0>b0 #7", "4s raised PTPGrandmasterChanged takeover certain #7", "5s baseline_pinned 0>b0",
			"5s raised PTPUnknownGrandmaster unlisted certain #8",
		}},
		{"one that does not win is a warning until it does", Config{}, []phase{{6, []ptp.Message{a}}, {2, []ptp.Message{a, worse}}, {6, []ptp.Message{worse}}}, []string{
			"0s grandmaster_appeared 0>a0 #1", "1s grandmaster_changed 0>a0 #2", "5s baseline_pinned 0>a0",
			"6s grandmaster_appeared 0>b0 #8", "6s raised PTPUnknownGrandmaster unlisted certain #8",
			"11s grandmaster_changed a0>b0", "11s resolved PTPUnknownGrandmaster unlisted certain #8", "11s raised PTPRogueGrandmaster failover certain",
		}},
		{"who is listed is acceptable though never heard", known, []phase{{6, []ptp.Message{a}}, {2, []ptp.Message{a, b}}}, []string{
			"0s grandmaster_appeared 0>a0 #1", "1s grandmaster_changed 0>a0 #2",
			"6s grandmaster_appeared 0>b0 #8", "7s grandmaster_changed a0>b0 #10", "7s raised PTPGrandmasterChanged takeover certain #10",
		}},
		{"off judges nobody", domainOf(func(d *DomainConfig) { *d = listA; d.Baseline = BaselineOff }), []phase{{6, []ptp.Message{a}}, {2, []ptp.Message{a, b}}}, []string{
			"0s grandmaster_appeared 0>a0 #1", "1s grandmaster_changed 0>a0 #2",
			"6s grandmaster_appeared 0>b0 #8", "7s grandmaster_changed a0>b0 #10", "7s raised PTPGrandmasterChanged takeover certain #10",
		}},
		{"a list is waited for", domainOf(func(d *DomainConfig) { *d = listA; d.Baseline = BaselineListed }), []phase{{3, []ptp.Message{worse}}, {3, []ptp.Message{worse, a}}}, []string{
			"0s grandmaster_appeared 0>b0 #1", "1s grandmaster_changed 0>b0 #2",
			"3s grandmaster_appeared 0>a0 #5", "4s grandmaster_changed b0>a0 #7", "5s raised PTPUnknownGrandmaster unlisted certain #8",
		}},
		{"but not for ever", domainOf(func(d *DomainConfig) { *d = listA; d.Baseline = BaselineListed }), []phase{{6, []ptp.Message{b}}}, []string{
			"0s grandmaster_appeared 0>b0 #1", "1s grandmaster_changed 0>b0 #2", "5s raised PTPRogueGrandmaster present certain #6",
		}},
		{"behind a boundary clock the grandmaster counts", Config{}, []phase{
			{6, []ptp.Message{relayedBy(bridge, a, 1)}}, {2, []ptp.Message{relayedBy(bridge, b, 1)}},
		}, []string{
			"0s grandmaster_appeared 0>a0 #1", "1s grandmaster_changed 0>a0 #2", "5s baseline_pinned 0>a0",
			"6s grandmaster_appeared 0>b0 #7", "6s grandmaster_changed a0>b0 #7", "6s raised PTPRogueGrandmaster takeover certain #7",
		}},
		{"802.1AS does not wait for a second Announce", profiled("gptp"), []phase{{6, []ptp.Message{a}}, {1, []ptp.Message{a, b}}}, []string{
			"0s grandmaster_appeared 0>a0 #1", "0s grandmaster_changed 0>a0 #1", "5s baseline_pinned 0>a0",
			"6s grandmaster_appeared 0>b0 #8", "6s grandmaster_changed a0>b0 #8", "6s raised PTPRogueGrandmaster takeover certain #8",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bench := newBench(t, tt.cfg)
			for _, p := range tt.phases {
				bench.seconds(p.seconds, p.speakers...)
			}
			bench.expect(tt.want...)
			for _, a := range bench.View().Alerts {
				if a.Expected == "" || a.Observed == "" || a.Reason == "" || a.Summary == "" || len(a.References) == 0 {
					t.Errorf("%s leaves out what was expected, observed, why or a reference: %+v", a.Name, a)
				}
			}
		})
	}
}

// A listed identity that comes from another address than its own.
func TestImpostor(t *testing.T) {
	tests := []struct {
		name  string
		entry GrandmasterConfig
		want  bool
	}{
		{"the address it should have", GrandmasterConfig{MAC: packet.MAC{2, 0, 0, 0, 0, 1}, IP: netip.MustParseAddr("192.0.2.1")}, false},
		{"another MAC", GrandmasterConfig{MAC: packet.MAC{2, 0, 0, 0, 0, 2}}, true},
		{"another IP", GrandmasterConfig{IP: netip.MustParseAddr("192.0.2.2")}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.entry.Identity = gmA.ClockIdentity
			b := newBench(t, Config{Domains: []DomainConfig{{Baseline: BaselineListed, Grandmasters: []GrandmasterConfig{tt.entry}}}})
			for range 7 {
				o := b.observation(announceFrom(gmA, 128))
				o.SourceMAC = packet.MAC{2, 0, 0, 0, 0, 1}
				b.Handle(o, b.emit)
				b.sleep(time.Second)
			}
			raised := strings.Contains(strings.Join(b.log, "\n"), "raised PTPRogueGrandmaster identity certain")
			if raised != tt.want {
				t.Errorf("raised: %v, want %v: %q", raised, tt.want, b.log)
			}
		})
	}
}

func TestFlapping(t *testing.T) {
	b := newBench(t, known)
	b.seconds(3, announceFrom(gmA, 128), announceFrom(gmB, 200))
	for i := range 4 {
		b.log = nil
		b.seconds(10, announceFrom(gmA, 128), announceFrom(gmB, []uint8{100, 200}[i%2]))
		raised := strings.Contains(strings.Join(b.log, "\n"), "raised PTPGrandmasterFlapping changes certain")
		if raised != (i == 2) {
			t.Errorf("change %d: flapping raised: %v", i+1, raised)
		}
	}
	b.log = nil
	b.seconds(601, announceFrom(gmA, 128), announceFrom(gmB, 200))
	if !strings.Contains(strings.Join(b.log, "\n"), "resolved PTPGrandmasterFlapping") {
		t.Errorf("still flapping after ten quiet minutes: %q", b.log)
	}
}

// The reasons that grade a change between acceptable clocks.
func TestChangeReasons(t *testing.T) {
	a, b := announceFrom(gmA, 128), announceFrom(gmB, 200)
	tests := []struct {
		name string
		then func(*bench)
		want string
	}{
		{"the best says that it is worse", func(b *bench) { b.seconds(1, withClass(a, 187), announceFrom(gmB, 128)) }, "degradation certain"},
		{"a known clock improves itself", func(b *bench) { b.seconds(1, a, announceFrom(gmB, 100)) }, "dataset certain"},
		{"the best falls silent", func(x *bench) { x.seconds(5, b) }, "failover certain"},
		{"the best is restarted and comes back worse", func(x *bench) {
			x.seconds(2, b)
			x.seq = 0
			x.seconds(1, withClass(announceFrom(gmA, 250), 248), b)
		}, "restart certain"},
		{"another port brings it", func(b *bench) {
			b.seconds(2, a, relayedBy(bridge, a, 1))
			b.seconds(5, relayedBy(bridge, a, 1))
		}, "relay possible"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bench := newBench(t, known)
			bench.seconds(6, a, b)
			bench.log = nil
			tt.then(bench)
			if got := strings.Join(bench.log, "\n"); !strings.Contains(got, "raised PTPGrandmasterChanged "+tt.want) {
				t.Errorf("want %s, got\n%s", tt.want, got)
			}
		})
	}
}

// An operator accepts what is heard, or lets a scope be learned anew, and what
// was pinned outlives the Tracker.
func TestBaselineActs(t *testing.T) {
	a, b := announceFrom(gmA, 128), announceFrom(gmB, 100)
	s := Scope{Network: "eth0"}
	bench := newBench(t, Config{})
	bench.seconds(6, a)
	bench.seconds(3, a, b)
	bench.log = nil
	if err := bench.AcceptBaseline(s, bench.at, bench.emit); err != nil {
		t.Fatal(err)
	}
	bench.expect("9s baseline_pinned 0>b0", "9s resolved PTPRogueGrandmaster takeover certain #8")
	got := bench.Baselines()
	if len(got) != 1 || len(got[0].Grandmasters) != 2 || len(got[0].Senders) != 2 || got[0].Senders[0].Address != source.Addr() {
		t.Fatalf("baseline %+v, want both clocks and where they were heard", got)
	}

	next := newBench(t, Config{Baselines: got})
	next.seconds(6, b)
	next.expect("0s grandmaster_appeared 0>b0 #1", "1s grandmaster_changed 0>b0 #2")
	next.seconds(1, b, announceFrom(gmC, 1))
	next.expect("6s grandmaster_appeared 0>9f #8", "6s raised PTPRogueGrandmaster takeover certain #8")
	if diff := cmp.Diff(got, next.Baselines(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("the baseline changed (-before +after):\n%s", diff)
	}

	if err := next.ResetBaseline(s, next.at, next.emit); err != nil {
		t.Fatal(err)
	}
	if v := next.View().Domains[0]; v.Baseline != StateLearning {
		t.Errorf("baseline is %s after a reset, want learning", v.Baseline)
	}
	if err := next.ResetBaseline(Scope{Network: "eth9"}, next.at, next.emit); !errors.Is(err, ErrUnknownScope) {
		t.Errorf("reset of an unknown scope: %v", err)
	}
	listed := newBench(t, known)
	listed.seconds(2, a)
	if err := listed.AcceptBaseline(s, listed.at, listed.emit); err == nil || !strings.Contains(err.Error(), "baseline: listed") {
		t.Errorf("accepting where a list decides: %v", err)
	}
}

// With a damaged state file nothing that is heard is trusted.
func TestDistrust(t *testing.T) {
	b := newBench(t, Config{Distrust: true})
	b.seconds(60, announceFrom(gmA, 128))
	if v := b.View().Domains[0]; v.Baseline != StateLearning || len(b.Baselines()) != 0 {
		t.Errorf("baseline is %s", v.Baseline)
	}
	if err := b.AcceptBaseline(Scope{Network: "eth0"}, b.at, b.emit); err != nil || len(b.Baselines()) != 1 {
		t.Errorf("accept: %v, %d baselines", err, len(b.Baselines()))
	}
}
