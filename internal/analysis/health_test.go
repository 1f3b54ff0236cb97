package analysis

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// health tells the tracker, and what it finds is written down.
func (b *bench) health(h Health) {
	if h.Interface == "" {
		h.Interface = "eth0"
	}
	b.HandleHealth(h, b.at, b.emit)
}

var heard = Health{Up: true}

// TestDegraded: each way in which an interface fails to be heard is told at
// once, and its end a minute after.
func TestDegraded(t *testing.T) {
	for _, c := range []struct {
		reason string
		health Health
	}{
		{"interface_down", Health{}},
		{"interface_gone", Health{Gone: true}},
		{"capture_fault", Health{Up: true, Fault: "bind: no buffer space"}},
		{"no_timestamps", Health{Up: true, NoStamps: "eth0 has no hardware clock"}},
		{"drops", Health{Up: true, Frames: 1000, Drops: 2}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			b := newBench(t, Config{})
			b.health(heard)
			b.sleep(10 * time.Second)
			for range 3 {
				b.health(c.health)
				b.sleep(time.Second)
			}
			b.expect("10s raised PTPWatchDegraded " + c.reason + " certain")
			a := b.View().Alerts[0]
			if a.Severity != Critical || a.Interface != "eth0" || a.Count != 3 || a.Summary == "" || a.Expected == "" || a.Observed == "" || a.Scope != (Scope{}) {
				t.Errorf("%+v", a)
			}
			b.at = epoch.Add(30 * time.Second)
			c.health.Up, c.health.Gone, c.health.Fault, c.health.NoStamps = true, false, "", ""
			b.health(c.health)
			b.sleep(time.Hour)
			b.expect("1m30s resolved PTPWatchDegraded " + c.reason + " certain")
		})
	}
}

// TestReasonsAreApart: one interface may have several, and another interface
// its own.
func TestReasonsAreApart(t *testing.T) {
	b := newBench(t, Config{})
	b.health(Health{Up: true, Fault: "f", NoStamps: "n"})
	b.health(Health{Interface: "eth1"})
	b.expect(
		"0s raised PTPWatchDegraded capture_fault certain",
		"0s raised PTPWatchDegraded no_timestamps certain",
		"0s raised PTPWatchDegraded interface_down certain",
	)
	b.sleep(time.Second)
	b.ForgetInterface("eth1", b.at, b.emit)
	b.expect("1s resolved PTPWatchDegraded interface_down certain")
	b.health(heard)
	b.sleep(time.Hour)
	b.expect(
		"1m1s resolved PTPWatchDegraded capture_fault certain",
		"1m1s resolved PTPWatchDegraded no_timestamps certain",
	)
}

// TestDrops: by the share of the last ten seconds, with hysteresis.
func TestDrops(t *testing.T) {
	for _, c := range []struct {
		name  string
		drops func(second int) uint64 // in that second, beside 1000 frames read
		want  []string
	}{
		{"none", func(int) uint64 { return 0 }, nil},
		{"one in a thousand", func(int) uint64 { return 1 }, nil},
		{"two in a thousand", func(int) uint64 { return 2 }, []string{"1s raised PTPWatchDegraded drops certain"}},
		{"a burst of 9", func(s int) uint64 { return spike(s, 100, 9) }, nil},
		{"a burst of 11", func(s int) uint64 { return spike(s, 100, 11) }, []string{
			// in the tenth second after it there is none left in the window
			"1m40s raised PTPWatchDegraded drops certain", "2m50s resolved PTPWatchDegraded drops certain",
		}},
		{"a burst, then two in ten seconds: neither over nor raised anew", func(s int) uint64 {
			if s > 100 && s%5 == 0 {
				return 1
			}
			return spike(s, 100, 11)
		}, []string{"1m40s raised PTPWatchDegraded drops certain"}},
		{"two in ten seconds", func(s int) uint64 { return spike(s%5, 0, 1) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, Config{})
			h := heard
			b.health(h)
			for s := 1; s <= 600; s++ {
				b.sleep(time.Second)
				h.Frames += 1000
				h.Drops += c.drops(s)
				b.health(h)
			}
			b.expect(c.want...)
		})
	}
}

func spike(second, at int, n uint64) uint64 {
	if second == at {
		return n
	}
	return 0
}

// TestUndatedDrops, of which a capture tells at its end, are held against all of
// it.
func TestUndatedDrops(t *testing.T) {
	for drops, want := range map[uint64][]string{
		400: nil,
		800: {"10m0s raised PTPWatchDegraded drops certain"},
	} {
		b := newBench(t, Config{})
		h := heard
		for range 600 {
			b.health(h)
			b.sleep(time.Second)
			h.Frames += 1000
		}
		h.Drops, h.Undated = drops, true
		b.health(h)
		b.expect(want...)
	}
}

// TestCountsBeginAnew, when an interface was made anew: no share is negative or
// huge.
func TestCountsBeginAnew(t *testing.T) {
	b := newBench(t, Config{})
	for _, h := range []Health{{Up: true, Frames: 100000, Drops: 50}, {Up: true, Frames: 10}, {Up: true, Frames: 1000, Drops: 0}} {
		b.health(h)
		b.sleep(time.Second)
	}
	b.expect()
}

// TestBlindIsNotLost: a grandmaster that is silent while its interface cannot be
// heard is not lost, nor is the one behind it promoted; the wait begins when the
// interface is back.
func TestBlindIsNotLost(t *testing.T) {
	deaf := map[string]Health{
		"down": {}, "gone": {Gone: true}, "fault": {Up: true, Fault: "f"}, "most frames lost": {Up: true, Frames: 90, Drops: 1000},
	}
	for name, h := range deaf {
		for _, back := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, back %t", name, back), func(t *testing.T) {
				b := newBench(t, Config{})
				best, standby := announceFrom(gmA, 100), announceFrom(gmB, 128)
				b.health(heard)
				b.seconds(20, best, standby)
				b.log = nil
				for range 40 {
					if h.Drops > 0 {
						h.Drops += 1000
					}
					b.health(h)
					b.sleep(time.Second)
				}
				well := Health{Up: true, Frames: h.Frames, Drops: h.Drops}
				for range 9 { // until the loss is seen to be over
					if h.Drops > 0 {
						b.health(well)
						b.sleep(time.Second)
					}
				}
				b.health(well)
				b.log = nil // that it is degraded
				if back {
					b.seconds(20, standby, best) // the standby is heard first
					b.expect()
					return
				}
				began := b.at.Sub(epoch)
				b.sleep(10 * time.Second)
				b.log = slices.DeleteFunc(b.log, func(l string) bool { return strings.Contains(l, "resolved") })
				b.expect((began + 10*time.Second).String() + " raised PTPGrandmasterLost silence certain")
			})
		}
	}
}

// TestAnotherInterfaceIsBlind: that is no excuse.
func TestAnotherInterfaceIsBlind(t *testing.T) {
	b := newBench(t, Config{})
	b.health(heard)
	b.seconds(20, announceFrom(gmA, 100))
	b.log = nil
	b.health(Health{Interface: "eth1"})
	b.health(Health{Up: true, Frames: 1000, Drops: 30}) // eth0 loses, but not most
	b.log = nil
	b.sleep(15 * time.Second)
	b.expect("29s raised PTPGrandmasterLost silence certain")
}

// TestTroubles: what ails the agent itself.
func TestTroubles(t *testing.T) {
	b := newBench(t, Config{})
	damaged := Trouble{"state_damaged", "a state file as it was written", "baselines.json is damaged"}
	full := Trouble{"journal_unwritable", "records on the disk", "no space left on device"}
	b.HandleTroubles([]Trouble{damaged, full}, b.at, b.emit)
	b.health(heard)
	b.sleep(time.Second)
	b.HandleTroubles([]Trouble{damaged}, b.at, b.emit)
	b.sleep(time.Hour)
	b.expect(
		"0s raised PTPWatchDegraded state_damaged certain",
		"0s raised PTPWatchDegraded journal_unwritable certain",
		"1m1s resolved PTPWatchDegraded journal_unwritable certain",
	)
	b.HandleTroubles(nil, b.at, b.emit)
	b.ForgetInterface("", b.at, b.emit) // there is none of that name
	b.sleep(time.Hour)
	b.expect("1h1m1s resolved PTPWatchDegraded state_damaged certain")
}

// TestInterfacesAreBounded: a capture file may invent them.
func TestInterfacesAreBounded(t *testing.T) {
	b := newBench(t, Config{})
	for i := range 2 * maxInterfaces {
		b.health(Health{Interface: fmt.Sprint("if", i), Up: true})
	}
	if len(b.Tracker.health) > maxInterfaces {
		t.Errorf("%d interfaces", len(b.Tracker.health))
	}
}
