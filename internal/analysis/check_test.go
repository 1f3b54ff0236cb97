package analysis

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis/profile"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// told lists the alerts of one name, oldest first: severity, reason, certainty,
// the port if it is about one, and "ended".
func (b *bench) told(name string) (lines []string) {
	for _, a := range b.View().Alerts {
		if a.Name != name {
			continue
		}
		line := fmt.Sprintf("%s %s %s", a.Severity, a.Reason, a.Certainty)
		if a.Port != (ptp.PortIdentity{}) {
			line += fmt.Sprintf(" %x-%d", uint64(a.Port.ClockIdentity), a.Port.PortNumber)
		}
		if !a.Resolved.IsZero() {
			line += " ended"
		}
		lines = append(lines, line)
	}
	return lines
}

// wantTold compares the alerts of one name.
func (b *bench) wantTold(name string, want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.told(name)); diff != "" {
		b.t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// alertNamed is the only alert of that name.
func (b *bench) alertNamed(name string) Alert {
	b.t.Helper()
	all := slices.DeleteFunc(b.View().Alerts, func(a Alert) bool { return a.Name != name })
	if len(all) != 1 {
		b.t.Fatalf("%d alerts %s, want one", len(all), name)
	}
	return all[0]
}

const soundFlags = ptp.FlagPTPTimescale | ptp.FlagCurrentUTCOffsetValid | ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable

// soundFrom is what a grandmaster with a GNSS receiver says in 2026.
func soundFrom(p ptp.PortIdentity) ptp.Message {
	m := announceFrom(p, 128)
	m.Flags, m.Announce.CurrentUTCOffset = soundFlags, 37
	return m
}

func with(m ptp.Message, edits ...func(*ptp.Message)) ptp.Message {
	for _, edit := range edits {
		edit(&m)
	}
	return m
}

func utcOffset(s int16) func(*ptp.Message) {
	return func(m *ptp.Message) { m.Announce.CurrentUTCOffset = s }
}

func flagged(f ptp.Flags) func(*ptp.Message)   { return func(m *ptp.Message) { m.Flags |= f } }
func unflagged(f ptp.Flags) func(*ptp.Message) { return func(m *ptp.Message) { m.Flags &^= f } }

func profiled(name string) Config {
	return domainOf(func(d *DomainConfig) { d.Profile = name })
}

// An Announce that says nothing new is not judged again; one on which other
// grounds bear is.
func TestJudgedOnceOnly(t *testing.T) {
	judged := 0
	old := announceChecks
	defer func() { announceChecks = old }()
	announceChecks = []check{{AlertUnexpectedTopology, aboutPort, func(*subject) condition { judged++; return condition{} }}}
	b := newBench(t, Config{LearnFor: 3 * time.Second})
	steps := []struct {
		name string
		act  func()
		want int
	}{
		{"the first, the one that makes it acceptable, and the first of the baseline", func() { b.seconds(10, soundFrom(gmA)) }, 3},
		{"the same", func() { b.seconds(10, soundFrom(gmA)) }, 0},
		{"a flag", func() { b.seconds(5, with(soundFrom(gmA), flagged(ptp.FlagSynchronizationUncertain))) }, 1},
		{"another season", func() {
			b.at = time.Date(2027, time.June, 1, 0, 0, 0, 0, time.UTC)
			b.seconds(5, with(soundFrom(gmA), flagged(ptp.FlagSynchronizationUncertain)))
		}, 1},
		{"another profile", func() {
			b.Reconfigure(profiled("power"), b.at, b.emit)
			b.seconds(5, with(soundFrom(gmA), flagged(ptp.FlagSynchronizationUncertain)))
		}, 1},
	}
	for _, s := range steps {
		judged = 0
		s.act()
		if judged != s.want {
			t.Errorf("%s: judged %d times, want %d", s.name, judged, s.want)
		}
	}
}

func TestIllegalQuality(t *testing.T) {
	accuracy := func(a uint8) func(*ptp.Message) {
		return func(m *ptp.Message) { m.Announce.GrandmasterClockQuality.ClockAccuracy = ptp.ClockAccuracy(a) }
	}
	priority := func(m *ptp.Message) { m.Announce.GrandmasterPriority1 = 100 }
	source := func(m *ptp.Message) { m.Announce.TimeSource = ptp.TimeSourceInternalOscillator }
	tests := []struct {
		name string
		cfg  Config
		say  ptp.Message
		want []string
	}{
		{"a reserved class", Config{}, withClass(soundFrom(gmA), 9), []string{"critical reserved certain"}},
		{"a reserved accuracy", Config{}, with(soundFrom(gmA), accuracy(0x10)), []string{"critical reserved certain"}},
		{"an accuracy of 2019", Config{}, with(soundFrom(gmA), accuracy(0x1F)), nil},
		{"slave-only", Config{}, withClass(soundFrom(gmA), 255), []string{"critical forbidden possible"}},
		{"a priority1 that G.8275.1 does not have", profiled("g8275.1"), with(soundFrom(gmA), priority), []string{"critical forbidden certain"}},
		{"one that the default profile has", profiled("default"), with(soundFrom(gmA), priority), nil},
		{"class 6 by an oscillator of its own", Config{}, with(soundFrom(gmA), source), []string{"info implausible certain"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, tt.cfg)
			b.send(tt.say)
			b.wantTold(AlertIllegalClockQuality, tt.want...)
			b.seconds(9, tt.say)
			b.seconds(58, soundFrom(gmA))
			b.wantTold(AlertIllegalClockQuality, tt.want...)
			b.seconds(2, soundFrom(gmA))
			for i := range tt.want {
				tt.want[i] += " ended"
			}
			b.wantTold(AlertIllegalClockQuality, tt.want...)
		})
	}
}

// A stranger's illegal Announce is told too, and by its first one.
func TestIllegalQualityOfAStranger(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(10, soundFrom(gmA))
	b.send(withClass(soundFrom(gmB), 1))
	a := b.alertNamed(AlertIllegalClockQuality)
	if a.Grandmaster != gmB.ClockIdentity || a.Frame.Number != 11 || !strings.Contains(a.Observed, "clockClass 1, announced by "+gmB.String()) {
		t.Errorf("%+v", a)
	}
}

// What all relays repeat is told once, and what one of them makes up is told of
// that one, when it has had time to catch up.
func TestRelaysAreNotAccusedOfTheirSource(t *testing.T) {
	bad := withClass(soundFrom(gmA), 9)
	b := newBench(t, Config{})
	relay, other := port1(0xD0), port1(0xD1)
	b.seconds(10, soundFrom(gmA), relayedBy(relay, soundFrom(gmA), 1), relayedBy(other, soundFrom(gmA), 1))
	b.seconds(3, bad, relayedBy(relay, soundFrom(gmA), 1), relayedBy(other, soundFrom(gmA), 1)) // they lag
	b.seconds(10, bad, relayedBy(relay, bad, 1), relayedBy(other, bad, 1))
	b.seconds(3, soundFrom(gmA), relayedBy(relay, bad, 1), relayedBy(other, bad, 1))
	b.wantTold(AlertIllegalClockQuality, "critical reserved certain")
	b.seconds(10, soundFrom(gmA), relayedBy(relay, soundFrom(gmA), 1), relayedBy(other, bad, 1))
	b.wantTold(AlertIllegalClockQuality, "critical reserved certain", "critical reserved certain d1-1")
}

func TestGrades(t *testing.T) {
	class := func(c uint8) ptp.Message { return withClass(soundFrom(gmA), c) }
	pinned := func(c uint8) Config {
		return Config{Baselines: []Baseline{{
			Scope: Scope{Network: "eth0"}, Pinned: epoch.AddDate(0, -1, 0),
			Grandmasters: []BaselineGrandmaster{{Identity: gmA.ClockIdentity, Dataset: class(c).Announce, Flags: soundFlags}},
		}}}
	}
	tests := []struct {
		name              string
		cfg               Config
		say               []ptp.Message
		holdover, freeRun []string
	}{
		{"class 6, 7, 6", Config{}, []ptp.Message{class(6), class(7), class(6)}, []string{"warning holdover certain ended"}, nil},
		{"class 13 is locked, 14 is not", Config{}, []ptp.Message{class(13), class(14)}, []string{"warning holdover certain"}, nil},
		{"a boundary clock in holdover", profiled("g8275.1"), []ptp.Message{class(6), class(135)}, []string{"warning holdover certain"}, nil},
		{"always 248 where that is usual", Config{}, []ptp.Message{class(248)}, nil, []string{"info never_traceable certain"}},
		{"always 248 where it is not", profiled("g8275.1"), []ptp.Message{class(248)}, nil, []string{"critical untraceable certain"}},
		{"248 after better times", Config{}, []ptp.Message{class(6), class(248)}, nil, []string{"critical degraded certain"}},
		{"holdover, then out of specification", Config{}, []ptp.Message{class(6), class(7), class(52)}, []string{"warning holdover certain ended"}, []string{"critical degraded certain"}},
		{"it was better when it was learned", pinned(6), []ptp.Message{class(248)}, nil, []string{"critical degraded certain"}},
		{"it was no better when it was learned", pinned(248), []ptp.Message{class(248)}, nil, []string{"info never_traceable certain"}},
		{"248 until it has found its reference", Config{}, []ptp.Message{class(248), class(6)}, nil, []string{"info never_traceable certain ended"}},
		{"back from free run", Config{}, []ptp.Message{class(6), class(193), class(6)}, nil, []string{"critical degraded certain ended"}},
		{"info first, grave later", Config{}, []ptp.Message{class(248), class(6), class(248)}, nil, []string{"info never_traceable certain ended", "critical degraded certain"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, tt.cfg)
			for _, m := range tt.say {
				b.seconds(70, m)
			}
			b.wantTold(AlertGrandmasterHoldover, tt.holdover...)
			b.wantTold(AlertGrandmasterFreeRun, tt.freeRun...)
		})
	}
}

// Each grade is what the profile makes of the class, for every profile.
func TestGradesOfEveryClass(t *testing.T) {
	for _, name := range []string{"default", "g8275.1", "g8275.2", "g8265.1", "gptp", "enterprise", "st2059-2", "power"} {
		p, ok := profile.Lookup(name)
		if !ok {
			t.Fatalf("no profile %s", name)
		}
		for class := range 256 {
			b := newBench(t, profiled(name))
			b.send(withClass(soundFrom(gmA), uint8(class)))
			grade := p.Grade(uint8(class))
			if got := len(b.told(AlertGrandmasterHoldover)) > 0; got != (grade == profile.Holdover) {
				t.Errorf("%s: class %d of grade %d: holdover told: %v", name, class, grade, got)
			}
			if got := len(b.told(AlertGrandmasterFreeRun)) > 0; got != (grade == profile.FreeRun) {
				t.Errorf("%s: class %d of grade %d: free run told: %v", name, class, grade, got)
			}
		}
	}
}

// Whoever is not acceptable may be as bad as it likes.
func TestGradesOfAStranger(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(10, soundFrom(gmA))
	b.seconds(10, soundFrom(gmA), withClass(soundFrom(gmB), 248), withClass(soundFrom(gmC), 7))
	b.wantTold(AlertGrandmasterFreeRun)
	b.wantTold(AlertGrandmasterHoldover)
}
