package analysis

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// stream sends messages of one flow: one every so often, until seconds have
// passed.
type stream struct {
	every time.Duration
	last  time.Duration
	edit  func(i int, o *packet.Observation) bool // false loses the message
}

func (b *bench) stream(m ptp.Message, s stream) {
	for i := 0; time.Duration(i)*s.every < s.last; i++ {
		m.SequenceID++
		o := b.observation(m)
		if s.edit == nil || s.edit(i, o) {
			b.Handle(o, b.emit)
		}
		b.sleep(s.every)
	}
}

func TestMessageRate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	sync := func(l ptp.LogInterval) ptp.Message {
		m := syncFrom(gmA, 0)
		m.LogMessageInterval = l
		return m
	}
	announce := func(l ptp.LogInterval) ptp.Message {
		m := soundFrom(gmA)
		m.LogMessageInterval = l
		return m
	}
	twice := func(int, *packet.Observation) bool { return true }
	const odd = "warning rate certain a0-1"
	tests := []struct {
		name string
		m    ptp.Message
		s    stream
		want string
	}{
		{"Sync as advertised", sync(-3), stream{every: time.Second / 8, last: time.Minute}, ""},
		{"30 % slower is within the standard", sync(0), stream{every: 1290 * time.Millisecond, last: 2 * time.Minute}, ""},
		{"30 % faster is, too", sync(0), stream{every: 710 * time.Millisecond, last: 2 * time.Minute}, ""},
		{"slower than that", sync(0), stream{every: 1400 * time.Millisecond, last: 2 * time.Minute}, odd},
		{"faster than that", sync(0), stream{every: 600 * time.Millisecond, last: time.Minute}, odd},
		{"8 a second advertised, 1 sent", announce(-3), stream{every: time.Second, last: time.Minute}, odd},
		{"1 a second advertised, one in 5 s sent", announce(0), stream{every: 5 * time.Second, last: 5 * time.Minute}, odd},
		{"one in 16 s, as advertised", announce(4), stream{every: 16 * time.Second, last: 20 * time.Minute}, ""},
		{"one in 8 s instead", announce(4), stream{every: 8 * time.Second, last: 20 * time.Minute}, odd},
		{"0x7F advertises nothing", sync(ptp.NoInterval), stream{every: 100 * time.Millisecond, last: time.Minute}, ""},
		{"jitter of a third", sync(0), stream{every: time.Second, last: 5 * time.Minute, edit: func(_ int, o *packet.Observation) bool {
			o.At = o.At.Add(time.Duration(rng.IntN(333)) * time.Millisecond)
			return true
		}}, ""},
		{"the capture loses half", sync(-3), stream{every: time.Second / 8, last: time.Minute, edit: func(int, *packet.Observation) bool {
			return rng.IntN(2) == 0
		}}, ""},
		{"the capture loses bursts", sync(-3), stream{every: time.Second / 8, last: 5 * time.Minute, edit: func(i int, _ *packet.Observation) bool {
			return i%160 > 80
		}}, ""},
		{"a master that pauses", sync(-3), stream{every: time.Second / 8, last: 5 * time.Minute, edit: func(i int, o *packet.Observation) bool {
			o.Message.SequenceID = uint16(i/160*80 + i%160)
			return i%160 < 80
		}}, ""},
		{"Delay_Req is random", with(delayReq(gmA, 0), func(m *ptp.Message) { m.LogMessageInterval = 0 }),
			stream{every: 500 * time.Millisecond, last: time.Minute, edit: twice}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.stream(tt.m, tt.s)
			if got := strings.Join(b.told(AlertMessageIntervalAnomaly), "; "); got != tt.want {
				t.Errorf("told %q, want %q: %+v", got, tt.want, b.View().Alerts)
			}
			if tt.want == "" {
				return
			}
			d, _ := tt.m.LogMessageInterval.Duration()
			b.stream(tt.m, stream{every: d, last: 10 * time.Minute})
			b.wantTold(AlertMessageIntervalAnomaly, odd+" ended")
		})
	}
}

// Every message doubled, by PRP or a mirror of both directions, is sent once.
func TestDoubledMessagesAreNoRate(t *testing.T) {
	b := newBench(t, Config{})
	for seq := range uint16(200) {
		m := syncFrom(gmA, seq)
		m.LogMessageInterval = -3
		b.send(m)
		b.send(m)
		b.sleep(time.Second / 8)
	}
	b.wantTold(AlertMessageIntervalAnomaly)
	b.wantTold(AlertFlood)
}

// Two taps of one network that hear the same messages measure each for itself.
func TestTwoTapsAreNoRate(t *testing.T) {
	b := newBench(t, Config{})
	for seq := range uint16(200) {
		for _, iface := range []string{"eth0", "eth1"} {
			m := soundFrom(gmA)
			m.SequenceID, m.LogMessageInterval = seq, -3
			o := b.observation(m)
			o.Interface, o.Tap = iface, iface
			b.Handle(o, b.emit)
		}
		b.sleep(time.Second / 8)
	}
	b.wantTold(AlertMessageIntervalAnomaly)
}

func TestIntervalField(t *testing.T) {
	tests := []struct {
		name string
		cfg  Config
		m    ptp.Message
		log  ptp.LogInterval
		want string
	}{
		{"31", Config{}, soundFrom(gmA), 31, "warning interval_field certain a0-1"},
		{"126", Config{}, soundFrom(gmA), 126, "warning interval_field certain a0-1"},
		{"-31", Config{}, syncFrom(gmA, 0), -31, "warning interval_field certain a0-1"},
		{"-128", Config{}, delayReq(gmA, 0), -128, "warning interval_field certain a0-1"},
		{"0x7F, not given", Config{}, soundFrom(gmA), 0x7F, ""},
		{"0x7F in a Delay_Req", Config{}, delayReq(gmA, 0), 0x7F, ""},
		{"4, the slowest of the default profile", profiled("default"), soundFrom(gmA), 4, ""},
		{"6, slower than that", profiled("default"), soundFrom(gmA), 6, "warning interval_profile certain a0-1"},
		{"6, where the profile is a guess", Config{}, soundFrom(gmA), 6, "info interval_profile certain a0-1"},
		{"a Sync as G.8275.1 has it", profiled("g8275.1"), syncFrom(gmA, 0), -4, ""},
		{"one as it has not", profiled("g8275.1"), syncFrom(gmA, 0), 0, "warning interval_profile certain a0-1"},
		{"a message that the profile does not have", profiled("gptp"), delayReq(gmA, 0), 5, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, tt.cfg)
			tt.m.LogMessageInterval = tt.log
			b.send(tt.m)
			if got := strings.Join(b.told(AlertMessageIntervalAnomaly), "; "); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
			if tt.want == "" {
				return
			}
			for range 30 {
				b.sleep(100 * time.Millisecond)
				b.send(tt.m)
			}
			if a := b.alertNamed(AlertMessageIntervalAnomaly); a.Count != 4 || a.Frame.Number != 1 {
				t.Errorf("counted %d times since frame %d, want once a second, 4, since frame 1", a.Count, a.Frame.Number)
			}
			b.sleep(5 * time.Minute)
			b.wantTold(AlertMessageIntervalAnomaly, tt.want+" ended")
		})
	}
}

func TestFloodOfOne(t *testing.T) {
	const flood = "warning rate certain a0-1"
	allows := func(l ptp.LogInterval) func(*bench) {
		return func(b *bench) {
			b.send(delayReq(gmA, 1))
			answer := response(ptp.DelayResp, gmB, gmA, 1)
			answer.LogMessageInterval = l
			b.send(answer)
		}
	}
	silent := func(m ptp.Message) ptp.Message {
		m.LogMessageInterval = ptp.NoInterval
		return m
	}
	asks := func(a ptp.ManagementAction) ptp.Message {
		return silent(ptp.Message{Type: ptp.ManagementMessage, SourcePortIdentity: gmA, Management: ptp.Management{Action: a}})
	}
	tests := []struct {
		name   string
		before func(*bench)
		m      ptp.Message
		s      stream
		want   string
	}{
		{"Announces, ten times as many", nil, soundFrom(gmA), stream{every: time.Second / 10, last: 10 * time.Second}, flood},
		{"Syncs, five times as many", nil, syncFrom(gmA, 0), stream{every: time.Second / 5, last: 10 * time.Second}, flood},
		{"for less than 8 s", nil, syncFrom(gmA, 0), stream{every: time.Second / 100, last: 7 * time.Second}, ""},
		{"twice as many", nil, syncFrom(gmA, 0), stream{every: time.Second / 2, last: 30 * time.Second}, ""},
		{"Delay_Reqs, as many as the master allows", allows(0), silent(delayReq(gmA, 1)), stream{every: time.Second, last: time.Minute}, ""},
		{"ten times as many", allows(0), silent(delayReq(gmA, 1)), stream{every: time.Second / 10, last: 10 * time.Second}, flood},
		{"ten times as many, where the master allows 128", allows(-7), silent(delayReq(gmA, 1)), stream{every: time.Second / 10, last: time.Minute}, ""},
		{"a client that nobody answers", nil, silent(delayReq(gmA, 1)), stream{every: time.Second / 100, last: 30 * time.Second}, ""},
		{"one that sends a thousand a second", nil, silent(delayReq(gmA, 1)), stream{every: time.Millisecond, last: 10 * time.Second}, flood},
		{"a manager who asks twenty times a second", nil, asks(ptp.ActionGet), stream{every: time.Second / 20, last: 10 * time.Second}, flood},
		{"and one who answers so many", nil, asks(ptp.ActionResponse), stream{every: time.Second / 20, last: 10 * time.Second}, ""},
		{"a manager who polls", nil, asks(ptp.ActionGet), stream{every: time.Second / 2, last: time.Minute}, ""},
		{"one that claims 2^30 a second", nil, with(syncFrom(gmA, 0), func(m *ptp.Message) { m.LogMessageInterval = -30 }), stream{every: time.Millisecond, last: 10 * time.Second}, flood},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			if tt.before != nil {
				tt.before(b)
			}
			b.stream(tt.m, tt.s)
			if got := strings.Join(b.told(AlertFlood), "; "); got != tt.want {
				t.Errorf("told %q, want %q: %+v", got, tt.want, b.View().Alerts)
			}
			if tt.want == "" {
				return
			}
			b.stream(tt.m, stream{every: time.Second, last: 80 * time.Second})
			b.wantTold(AlertFlood, tt.want+" ended")
		})
	}
}

// What is too much, and for how long, is the operator's to set.
func TestFloodThresholds(t *testing.T) {
	b := newBench(t, Config{Alerts: map[string]AlertConfig{
		AlertFlood: {Thresholds: map[string]int64{ThresholdFactor: 20, ThresholdAfter: int64(time.Minute)}},
	}})
	m := syncFrom(gmA, 0)
	b.stream(m, stream{every: time.Second / 15, last: 2 * time.Minute})
	b.wantTold(AlertFlood)
	b.stream(m, stream{every: time.Second / 30, last: 50 * time.Second})
	b.wantTold(AlertFlood)
	b.stream(m, stream{every: time.Second / 30, last: 30 * time.Second})
	b.wantTold(AlertFlood, "warning rate certain a0-1")
}

// A master that serves many clients alike sends a lot, and to each what was
// agreed.
func TestManyClientsAreNoFlood(t *testing.T) {
	b := newBench(t, Config{})
	for seq := range uint16(60) {
		for c := range byte(100) {
			m := syncFrom(gmA, seq)
			o := b.observation(m)
			o.Destination = netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, c}), 319)
			b.Handle(o, b.emit)
		}
		b.sleep(time.Second)
	}
	b.wantTold(AlertFlood)
	b.wantTold(AlertMessageIntervalAnomaly)
}

// A client that asks as often as each of its masters wants, one after the other,
// floods neither: what it did before is held against what was agreed then.
func TestTakeoverIsNoFlood(t *testing.T) {
	for _, tt := range []struct {
		name          string
		before, after ptp.LogInterval
	}{{"a longer interval", -3, 1}, {"a shorter one", 1, -3}, {"as long as before", -3, -3}} {
		for _, first := range []time.Duration{3 * time.Second, 7 * time.Second, 31 * time.Second} {
			t.Run(fmt.Sprintf("%s after %s", tt.name, first), func(t *testing.T) {
				b := newBench(t, Config{})
				seq := uint16(0)
				asks := func(l ptp.LogInterval, last time.Duration) {
					every, _ := l.Duration()
					for range last / every {
						seq++
						b.send(with(delayReq(gmA, seq), func(m *ptp.Message) { m.LogMessageInterval = ptp.NoInterval }))
						b.send(with(response(ptp.DelayResp, gmB, gmA, seq), func(m *ptp.Message) { m.LogMessageInterval = l }))
						b.sleep(every)
					}
				}
				asks(tt.before, first)
				asks(tt.after, time.Minute)
				b.wantTold(AlertFlood)
			})
		}
	}
}

// Two masters that want different intervals, asked in turn, are not flooded.
func TestTwoMastersAreNoFlood(t *testing.T) {
	b := newBench(t, Config{})
	for i := range uint16(8 * 60) {
		l := ptp.LogInterval(-3)
		if i%8 == 7 {
			l = 0
		}
		b.send(with(delayReq(gmA, i), func(m *ptp.Message) { m.LogMessageInterval = ptp.NoInterval }))
		b.send(with(response(ptp.DelayResp, gmB, gmA, i), func(m *ptp.Message) { m.LogMessageInterval = l }))
		b.sleep(time.Second / 8)
	}
	b.wantTold(AlertFlood)
}

// A flood whose interval field is never the same is one all the same.
func TestFloodThatChangesItsField(t *testing.T) {
	b := newBench(t, Config{})
	m := syncFrom(gmA, 0)
	b.stream(m, stream{every: time.Second / 50, last: 20 * time.Second, edit: func(i int, o *packet.Observation) bool {
		o.Message.LogMessageInterval = ptp.LogInterval(i % 2)
		return true
	}})
	b.wantTold(AlertFlood, "warning rate certain a0-1")
}

// A sender that keeps changing its interval, and says so, keeps to it.
func TestIntervalThatChanges(t *testing.T) {
	b := newBench(t, Config{})
	for i := range uint16(300) {
		l := ptp.LogInterval(-int(i / 5 % 2))
		b.send(with(syncFrom(gmA, i), func(m *ptp.Message) { m.LogMessageInterval = l }))
		every, _ := l.Duration()
		b.sleep(every)
	}
	b.wantTold(AlertMessageIntervalAnomaly)
}
