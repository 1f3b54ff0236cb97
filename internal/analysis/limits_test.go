package analysis

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// live is the heap in use after a collection, in bytes.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestTenThousandPortsInSixtyFourDomains(t *testing.T) {
	before := live()
	b := newBench(t, Config{})
	for round := range 3 {
		for i := range 10000 {
			b.domain = uint8(i % 64)
			p := port1(ptp.ClockIdentity(i))
			b.send(announceFrom(p, 128))
			b.send(twoStep(syncFrom(p, uint16(round))))
			b.send(followUp(p, uint16(round)))
			b.send(delayReq(p, uint16(round)))
			b.send(response(ptp.DelayResp, p, p, uint16(round)))
		}
		b.log = nil
		b.sleep(time.Second)
	}
	v := b.View()
	ports := 0
	for _, d := range v.Domains {
		ports += len(d.Ports)
	}
	if len(v.Domains) != 64 || ports != 10000 {
		t.Fatalf("tracked %d ports in %d domains, want 10000 in 64", ports, len(v.Domains))
	}
	if used := live() - before; used > 100<<20 {
		t.Errorf("state takes %d MiB, want under 100", used>>20)
	} else {
		t.Logf("state takes %.1f MiB", float64(used)/(1<<20))
	}
	runtime.KeepAlive(b)
}

// A clock invented in every Announce must not push out those that were there
// first, whether the inventions are better or worse than the best.
func TestInventedClocks(t *testing.T) {
	for name, priority1 := range map[string]uint8{"worse": 200, "better": 1} {
		t.Run(name, func(t *testing.T) {
			before := live()
			b := newBench(t, Config{})
			b.seconds(5, announceFrom(gmA, 128), announceFrom(gmB, 129))
			for i := range inventions {
				if i%(inventions/100) == 0 {
					b.send(announceFrom(gmA, 128))
					b.send(announceFrom(gmB, 129))
					b.log = nil
				}
				b.at = b.at.Add(20 * time.Second / inventions)
				o := b.observation(announceFrom(port1(0xF000000000000000-ptp.ClockIdentity(i)), priority1))
				b.Handle(o, func(Finding) {})
			}
			if used := live() - before; used > 100<<20 {
				t.Errorf("state takes %d MiB, want under 100", used>>20)
			}
			v := b.View()
			d := v.Domains[0]
			if d.Best != gmA.ClockIdentity {
				t.Errorf("best is %s, want %s: no invention was heard twice", d.Best, gmA.ClockIdentity)
			}
			if len(d.Ports) > DefaultPorts || len(d.Grandmasters) > DefaultClocks {
				t.Errorf("%d ports, %d grandmasters: beyond the limits", len(d.Ports), len(d.Grandmasters))
			}
			for _, p := range []ptp.PortIdentity{gmA, gmB} {
				if e := b.ports.get(portKey{b.scopes[d.Scope], p}); e == nil || e.value.messages[ptp.AnnounceMessage] != 105 {
					t.Errorf("port %s: %+v, want it tracked with 105 Announces", p, e)
				}
			}
			floods := slices.DeleteFunc(b.told(AlertFlood), func(l string) bool { return !strings.Contains(l, " newcomers ") })
			if len(floods) != 1 {
				t.Errorf("told of %d floods of newcomers, want one: %q", len(floods), floods)
			}
			if len(v.Alerts) > 100 {
				t.Errorf("%d alerts", len(v.Alerts))
			}
			b.send(withClass(announceFrom(gmA, 128), 7))
			b.wantTold(AlertGrandmasterHoldover, "warning holdover certain")
			if v.Tables[3].Evictions == 0 {
				t.Error("the eviction counter did not count")
			}
			runtime.KeepAlive(b)
		})
	}
}

// What happens amid a million invented clocks with random identities is told all
// the same: the flood itself, what the true grandmasters do, and a rogue by its
// second Announce, that is before clients follow it.
func TestInventedClocksHideNothing(t *testing.T) {
	for _, flood := range []struct {
		name      string
		priority1 uint8
		gap       time.Duration
	}{
		{"worse", 200, 20 * time.Second / inventions},
		{"better", 1, 100 * time.Second / inventions}, // any of them might be the rogue
	} {
		t.Run(flood.name, func(t *testing.T) {
			b := newBench(t, Config{Domains: []DomainConfig{{Grandmasters: []GrandmasterConfig{{Identity: gmA.ClockIdentity}, {Identity: gmB.ClockIdentity}}}}})
			raised := make(map[string]time.Duration)
			emit := func(f Finding) {
				if f.Event == AlertRaised {
					raised[fmt.Sprintf("%s %x", f.Alert.Name, uint64(f.Alert.Grandmaster))] = f.At.Sub(epoch)
				}
			}
			random, calm := rand.New(rand.NewPCG(1, 2)), 5*time.Second
			for at := time.Duration(0); at < calm+inventions*flood.gap; at += flood.gap {
				var said []ptp.Message
				if at%time.Second == 0 {
					said = amidTheFlood(int(at / time.Second))
				}
				if at >= calm {
					said = append(said, announceFrom(port1(ptp.ClockIdentity(random.Uint64())), flood.priority1))
				}
				b.at = epoch.Add(at)
				for _, m := range said {
					m.Announce.TimeSource = 0x20
					b.Handle(b.observation(m), emit)
				}
			}
			b.HandleTick(epoch.Add(2*time.Minute), emit)
			for about, want := range map[string]time.Duration{
				"PTPFlood 0":                      calm + floodAtFirst*flood.gap,
				"PTPRogueGrandmaster abcd":        11 * time.Second,
				"PTPGrandmasterDatasetChanged a0": 18 * time.Second,
				"PTPGrandmasterChanged b0":        18 * time.Second,
				"PTPGrandmasterLost b0":           29 * time.Second,
			} {
				if got, told := raised[about]; !told || got > want {
					t.Errorf("%s is raised at %v, %v, want it at %v", about, got, told, want)
				}
			}
		})
	}
}

// amidTheFlood is what clocks that there are announce in a second.
func amidTheFlood(second int) (all []ptp.Message) {
	a, b, rogue := announceFrom(gmA, 128), announceFrom(gmB, 128), announceFrom(port1(0xABCD), 100)
	switch {
	case second < 18:
		all = append(all, a, b)
	case second < 20:
		all = append(all, withClass(a, 7), b)
	}
	if second >= 10 && second < 13 {
		all = append(all, rogue)
	}
	return all
}

// When strangers have filled every table and hold on, a takeover is still seen.
func TestTakeoverThroughFullTables(t *testing.T) {
	b := newBench(t, Config{Limits: Limits{Ports: 100, Clocks: 100}})
	crowd := func() {
		for i := range 200 {
			b.send(announceFrom(port1(ptp.ClockIdentity(0x1000+i)), 200))
		}
		b.send(announceFrom(gmA, 128))
	}
	for range 5 {
		crowd()
		b.sleep(time.Second)
	}
	b.log = nil
	for range 2 {
		crowd()
		b.send(announceFrom(gmB, 100))
		b.sleep(time.Second)
	}
	if got := b.View().Domains[0].Best; got != gmB.ClockIdentity {
		t.Errorf("best is %s, want the newcomer %s", got, gmB.ClockIdentity)
	}
}

func TestScopeLimit(t *testing.T) {
	b := newBench(t, Config{Limits: Limits{Domains: 2}})
	for i := range 5 {
		b.domain = uint8(i)
		b.send(syncFrom(gmA, 1))
	}
	v := b.View()
	if len(v.Domains) != 2 || len(v.Untracked) != 1 || v.Untracked[0].Count != 3 || v.Tables[1].Evictions != 3 {
		t.Errorf("%d domains, untracked %+v, table %+v", len(v.Domains), v.Untracked, v.Tables[1])
	}
}

// FuzzTracker feeds a Tracker anything. Whatever comes, it stays inside its
// limits, two Trackers agree, findings are in order, every alert that is
// resolved was raised, and one that holds is raised again only if it got worse.
func FuzzTracker(f *testing.F) {
	f.Add([]byte("\x00\x0b\x01\x10\x00\x00\x0b\x01\x10\x0f\x00\x00\x01\x10\x7f"))
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg := Config{Limits: Limits{Domains: 3, Clocks: 8, Ports: 8, Pending: 16, TimingPorts: 2}, ForgetAfter: time.Minute}
		run := func() *bench {
			b := newBench(t, cfg)
			open := make(map[alertKey]Alert)
			last := time.Time{}
			emit := func(f Finding) {
				at := f.At.Add(b.skew) // the source's clock may be set back
				if at.Before(last) {
					t.Fatalf("%s comes after %s", at, last)
				}
				last = at
				if a := f.Alert; a != nil {
					old, told := open[a.key()]
					worse := a.Severity.Compare(old.Severity) > 0 || a.Certainty == Certain && old.Certainty == Possible
					if told == (f.Event == AlertRaised) && !(told && worse) {
						t.Fatalf("%s %s %s: before it %+v", f.Event, a.Severity, a.Name, old)
					}
					open[a.key()] = *a
					if f.Event == AlertResolved {
						delete(open, a.key())
					}
				}
				b.emit(f)
			}
			for rest := data; len(rest) >= 8; rest = rest[8:] {
				o := b.observation(fuzzMessage(rest))
				b.at = b.at.Add(time.Duration(int8(rest[7])) * 100 * time.Millisecond)
				o.Message.DomainNumber = rest[6] & 3
				b.Handle(o, emit)
				b.inside()
			}
			b.HandleTick(b.timeOf(b.now).Add(time.Hour), emit)
			if len(b.timers.heap) != 0 || len(b.scopes) != 0 || b.pending != 0 || b.timingPorts != 0 {
				t.Fatalf("after an hour of silence: %d timers, %d scopes, %d pending, %d timing",
					len(b.timers.heap), len(b.scopes), b.pending, b.timingPorts)
			}
			return b
		}
		x, y := run(), run()
		if diff := cmp.Diff(x.log, y.log); diff != "" {
			t.Fatalf("two runs differ:\n%s", diff)
		}
		if diff := cmp.Diff(x.View(), y.View()); diff != "" {
			t.Fatalf("two views differ:\n%s", diff)
		}
	})
}

// fuzzMessage makes a message of few identities, so that they meet.
func fuzzMessage(b []byte) ptp.Message {
	p := ptp.PortIdentity{ClockIdentity: ptp.ClockIdentity(b[1] & 0x0F), PortNumber: uint16(b[1]>>4) & 1}
	m := announceFrom(p, b[2])
	m.Type = ptp.MessageType(b[0] & 0x0F)
	m.Flags = ptp.Flags(binary.BigEndian.Uint16(b[2:])) & (ptp.FlagTwoStep | ptp.FlagUnicast | ptp.FlagAlternateMaster | ptp.FlagProfileSpecific1)
	m.SequenceID = uint16(b[3])
	m.LogMessageInterval = ptp.LogInterval(b[4])
	m.PortIdentity = port1(ptp.ClockIdentity(b[5] & 0x0F))
	m.Announce.StepsRemoved = uint16(b[5])
	m.Announce.GrandmasterIdentity = ptp.ClockIdentity(b[5] >> 4)
	m.TLVs = ptp.AppendRawTLV(nil, ptp.TLVType(b[2]), b[:8])
	return m
}

func (b *bench) inside() {
	b.t.Helper()
	l := b.cfg.Limits
	if len(b.ports.entries) > l.Ports || len(b.clocks.entries) > l.Clocks || len(b.scopes) > l.Domains ||
		b.pending > l.Pending || b.pending < 0 || b.timingPorts > l.TimingPorts || b.timingPorts < 0 {
		b.t.Fatalf("beyond the limits: %d ports, %d clocks, %d scopes, %d pending, %d timing",
			len(b.ports.entries), len(b.clocks.entries), len(b.scopes), b.pending, b.timingPorts)
	}
	for _, d := range b.scopes {
		for _, p := range d.candidates {
			if p.announcing == nil || !p.announcing.qualified || b.ports.get(portKey{d, p.id}) == nil {
				b.t.Fatalf("candidate %s is not a tracked, qualified port", p.id)
			}
		}
	}
}
