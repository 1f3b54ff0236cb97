package analysis

import (
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// crowd lets new senders speak once each.
func (b *bench) crowd(first, n int, every time.Duration, say func(ptp.PortIdentity) ptp.Message) {
	for i := range n {
		b.send(say(port1(ptp.ClockIdentity(first + i))))
		b.sleep(every)
	}
}

func worseFrom(p ptp.PortIdentity) ptp.Message { return announceFrom(p, 200) }
func askFrom(p ptp.PortIdentity) ptp.Message   { return delayReq(p, 1) }

func TestFloodOfNewcomers(t *testing.T) {
	const flood = "warning newcomers certain"
	tests := []struct {
		name string
		play func(*bench)
		want string
	}{
		{"sixteen new clocks in ten seconds", func(b *bench) { b.crowd(0x1000, 16, time.Second/2, worseFrom) }, flood},
		{"fifteen", func(b *bench) { b.crowd(0x1000, 15, time.Second/2, worseFrom) }, ""},
		{"one a second", func(b *bench) { b.crowd(0x1000, 60, time.Second, worseFrom) }, ""},
		{"a hundred new clients where nobody was", func(b *bench) { b.crowd(0x1000, 100, time.Millisecond, askFrom) }, flood},
		{"ninety", func(b *bench) { b.crowd(0x1000, 90, time.Millisecond, askFrom) }, ""},
		{"as many clients as there are, once more", func(b *bench) {
			for range 30 {
				b.crowd(0x1000, 10, 0, askFrom)
				b.sleep(time.Second)
			}
			for i := range 20 {
				b.crowd(0x2000+50*i, 50, 0, askFrom)
				b.sleep(time.Second)
			}
		}, flood},
		{"clients that come one by one", func(b *bench) { b.crowd(0x1000, 1000, time.Second/5, askFrom) }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.seconds(15, soundFrom(gmA))
			tt.play(b)
			if got := strings.Join(b.told(AlertFlood), "; "); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
			b.seconds(75, soundFrom(gmA))
			if tt.want != "" {
				b.wantTold(AlertFlood, tt.want+" ended")
			}
		})
	}
}

// Whoever begins to listen, or goes on after a pause, finds everybody new.
func TestEverybodyIsNewAtFirst(t *testing.T) {
	b := newBench(t, Config{})
	for range 5 {
		b.crowd(0x1000, 500, 0, askFrom)
		b.crowd(0x5000, 200, 0, worseFrom)
		b.send(soundFrom(gmA))
		b.sleep(time.Second)
	}
	b.wantTold(AlertFlood)
	b.sleep(20 * time.Second)
	state := b.State()
	state.Pause(time.Minute)
	b.Tracker = resumed(t, state)
	b.at = b.at.Add(time.Minute)
	for range 5 {
		b.crowd(0x1000, 500, 0, askFrom)
		b.crowd(0x5000, 200, 0, worseFrom)
		b.send(soundFrom(gmA))
		b.sleep(time.Second)
	}
	b.wantTold(AlertFlood)
}

// Boundary clocks that were learned may all come back at once.
func TestLearnedRelaysAreNoNewcomers(t *testing.T) {
	b := newBench(t, Config{})
	relays := func() {
		for i := range 50 {
			b.send(relayedBy(port1(ptp.ClockIdentity(0x1000+i)), soundFrom(gmA), 1))
		}
	}
	for range 10 {
		b.send(soundFrom(gmA))
		relays()
		b.sleep(time.Second)
	}
	b.seconds(15*60, soundFrom(gmA))
	relays()
	b.wantTold(AlertFlood)
}

// In a flood nobody is told of one by one, and whoever was there still is.
func TestFloodIsOneAlert(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(20, soundFrom(gmA))
	for i := range 2000 {
		b.send(withClass(announceFrom(port1(ptp.ClockIdentity(0x1000+i)), 200), 9))
		if i%100 == 0 {
			b.send(soundFrom(gmA))
		}
		b.sleep(time.Second / 100)
	}
	if n := len(b.told(AlertIllegalClockQuality)); n > floodOfAnnouncers {
		t.Errorf("%d alerts about the inventions, want no more than were there before it was a flood", n)
	}
	b.send(withClass(soundFrom(gmA), 9))
	b.wantTold(AlertFlood, "warning newcomers certain")
	if a := b.told(AlertIllegalClockQuality); len(a) == 0 || b.View().Alerts[0].Name == "" {
		t.Error("nothing of the true grandmaster")
	}
	found := false
	for _, a := range b.View().Alerts {
		found = found || a.Name == AlertIllegalClockQuality && a.Grandmaster == gmA.ClockIdentity
	}
	if !found {
		t.Error("the true grandmaster's own fault was not told")
	}
}

// One port that announces ever other names is told of a few times, and of a
// true grandmaster whatever it says.
func TestOneLiarWithManyNames(t *testing.T) {
	b := newBench(t, Config{})
	b.seconds(20, soundFrom(gmA))
	for i := range 200 {
		m := withClass(announceFrom(gmB, 200), 9)
		m.Announce.GrandmasterIdentity = ptp.ClockIdentity(0x1000 + i)
		m.Announce.StepsRemoved = 1
		b.send(m)
		b.send(soundFrom(gmA))
		b.sleep(time.Second / 8)
	}
	if n := len(b.told(AlertIllegalClockQuality)); n != crowd {
		t.Errorf("%d alerts about the inventions, want %d", n, crowd)
	}
	b.send(withClass(soundFrom(gmA), 9))
	if n := len(b.told(AlertIllegalClockQuality)); n != crowd+1 {
		t.Error("the true grandmaster's own fault was not told")
	}
}
