package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// line is a port that is asked by clients, eight times a second each, over a way
// with a transparent clock, by which a tap sees them. Its clock gains 5 ppm.
type line struct {
	*rand.Rand
	clients int
	load    float64
	tells   bool // there is a transparent clock
	silent  bool // nobody asks
	meddle  func(l *line, m *leg)
	seq     uint16
}

// leg is one message: how long it takes from port to tap, or from tap to port,
// and how much of that a transparent clock tells, ns.
type leg struct {
	client       int // -1: a Sync
	waited, told float64
}

func (l *line) leg(client int) leg {
	m := leg{client: client, waited: 2000}
	if l.Float64() < l.load {
		m.waited += 15e3 * l.ExpFloat64()
	}
	if l.tells {
		m.told = m.waited
	}
	if l.meddle != nil {
		l.meddle(l, &m)
	}
	m.waited += 5000
	return m
}

func correction(ns float64) ptp.Correction { return ptp.Correction(math.Round(ns * 65536)) }

// run sends what a tap sees in an eighth of a second, so many times.
func (l *line) run(b *bench, eighths int) {
	for range eighths {
		b.at = b.at.Add(125 * time.Millisecond)
		now := b.at.Sub(epoch)
		l.seq++
		m := l.leg(-1)
		sync := syncFrom(gmA, l.seq)
		sync.Timestamp, sync.CorrectionField = ptpTime(int64(now)), correction(m.told)
		l.see(b, sync, float64(now)+m.waited)
		for i := range l.clients {
			if l.silent {
				continue
			}
			id := port1(ptp.ClockIdentity(0xC0 + i))
			asked := float64(now) + float64(1+i)*5e6
			m := l.leg(i)
			l.see(b, delayReq(id, l.seq), asked)
			resp := response(ptp.DelayResp, gmA, id, l.seq)
			resp.Timestamp, resp.CorrectionField = ptpTime(int64(asked+m.waited)), correction(m.told)
			l.see(b, resp, asked+1e6)
		}
	}
}

func (l *line) see(b *bench, m ptp.Message, at float64) {
	o := b.observation(m)
	o.At = epoch.Add(time.Duration(at))
	o.Stamp = epoch.Add(time.Duration(math.Floor(at * (1 + 5e-6))))
	o.StampSource, o.StampClock = packet.StampHardware, "ptp0"
	b.Handle(o, b.emit)
}

// tampered lists the alerts about tampering, in words.
func (b *bench) tampered() (lines []string) {
	for _, a := range b.View().Alerts {
		if a.Name != AlertCorrectionFieldAnomaly && a.Name != AlertSelectiveDelay && a.Reason != reasonBetweenTaps {
			continue
		}
		line := fmt.Sprintf("%s %s %s %s %s", a.Name, a.Severity, a.Reason, a.Direction, a.Certainty)
		if a.Port != (ptp.PortIdentity{}) {
			line += fmt.Sprintf(" %x", uint64(a.Port.ClockIdentity))
		}
		if !a.Resolved.IsZero() {
			line += " ended"
		}
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return lines
}

const learnEighths = 8 * 110 // of 12 blocks, and some

// What is done to messages raises what it should once, within half a minute, and
// ends with it; what it looks like raises nothing.
func TestTampering(t *testing.T) {
	told := func(client bool, by float64) func(*line, *leg) {
		return func(_ *line, m *leg) {
			if (m.client >= 0) == client {
				m.told += by
			}
		}
	}
	for _, c := range []struct {
		name   string
		line   line
		meddle func(*line, *leg)
		want   []string
	}{
		{"nothing", line{clients: 2, load: 0.3, tells: true}, nil, nil},
		{"nothing, and nobody asks", line{load: 0.3, tells: true}, nil, nil},
		{"a negative correction that was always there", line{clients: 2, load: 0.3, tells: true, meddle: told(true, -150)}, told(true, -150), nil},
		{"Syncs are corrected by 100 ns too much", line{clients: 2, load: 0.3, tells: true}, told(false, 100), []string{
			"PTPCorrectionFieldAnomaly critical incoherent forward certain a0",
		}},
		{"requests are corrected by 1 us too much", line{clients: 2, load: 0.3, tells: true}, told(true, 1000), []string{
			"PTPCorrectionFieldAnomaly critical incoherent reverse certain a0",
		}},
		{"more than there is", line{clients: 1, load: 0.3, tells: true}, func(_ *line, m *leg) {
			if m.client < 0 {
				m.waited, m.told = m.waited+5e4, m.told+1e5
			}
		}, []string{
			"PTPCorrectionFieldAnomaly critical exceeds_delay forward certain a0",
		}},
		{"nobody asks, and Syncs are corrected too much", line{load: 0.3, tells: true}, told(false, 300), []string{
			"PTPCorrectionFieldAnomaly critical incoherent forward certain a0",
		}},
		{"Syncs are corrected at random", line{clients: 2, load: 0.3, tells: true}, func(l *line, m *leg) {
			if m.client < 0 {
				m.told += 2000 * l.Float64()
			}
		}, []string{"PTPCorrectionFieldAnomaly critical incoherent forward certain a0"}},
		{"the first correction", line{clients: 2, load: 0.3}, told(false, 2000), []string{
			"PTPCorrectionFieldAnomaly critical no_transparent_clock forward certain a0",
		}},
		{"another way, through another transparent clock", line{clients: 2, load: 0.3, tells: true}, func(_ *line, m *leg) {
			m.waited, m.told = m.waited+3000, m.told+2500
		}, nil},
		{"nobody asks, and Syncs go another way", line{load: 0.3, tells: true}, func(_ *line, m *leg) {
			m.waited, m.told = m.waited+2500, m.told+2500
		}, nil},
		{"a third of the Syncs is held up", line{clients: 2, load: 0.02}, func(l *line, m *leg) {
			if m.client < 0 && l.seq%3 == 0 {
				m.waited += 40e3
			}
		}, []string{"PTPSelectiveDelay warning some_messages forward certain a0"}},
		{"one client's requests are held up", line{clients: 3, load: 0.3, tells: true}, func(_ *line, m *leg) {
			if m.client == 1 {
				m.waited += 500
			}
		}, []string{"PTPSelectiveDelay warning some_messages reverse certain c1"}},
		{"more traffic", line{clients: 3, load: 0.1}, func(l *line, m *leg) { m.waited += 15e3 * l.ExpFloat64() }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, Config{})
			l := c.line
			l.Rand = rand.New(rand.NewPCG(5, 8))
			always := l.meddle
			l.run(b, learnEighths)
			if diff := cmp.Diff([]string(nil), b.tampered()); diff != "" {
				t.Fatalf("before (-want +got):\n%s", diff)
			}
			l.meddle = c.meddle
			l.run(b, 8*34)
			if diff := cmp.Diff(c.want, b.tampered()); diff != "" {
				t.Errorf("alerts (-want +got):\n%s", diff)
			}
			l.meddle = always
			l.run(b, 8*400)
			var ended []string
			for _, w := range c.want {
				ended = append(ended, w+" ended")
			}
			if diff := cmp.Diff(ended, b.tampered()); diff != "" {
				t.Errorf("when it is over (-want +got):\n%s", diff)
			}
		})
	}
}

// What was learned stays until an operator resets the baseline.
func TestTamperingIsLearnedAnew(t *testing.T) {
	b := newBench(t, Config{LearnFor: time.Second})
	l := line{Rand: rand.New(rand.NewPCG(5, 8)), clients: 2, load: 0.3, tells: true}
	b.send(soundFrom(gmA))
	b.sleep(2 * time.Second)
	b.send(soundFrom(gmA))
	l.run(b, learnEighths)
	l.meddle = func(_ *line, m *leg) { m.told += 400 }
	l.run(b, 8*60)
	if len(b.tampered()) == 0 {
		t.Fatal("nothing is found")
	}
	if err := b.ResetBaseline(Scope{Network: "eth0"}, b.at, b.emit); err != nil {
		t.Fatal(err)
	}
	l.run(b, learnEighths+8*400)
	for _, a := range b.tampered() {
		if !strings.HasSuffix(a, "ended") {
			t.Errorf("after the reset: %s", a)
		}
	}
	l.meddle = nil
	l.run(b, 8*60)
	if n := len(b.tampered()); n != 4 {
		t.Errorf("%d alerts, want a second of each direction when it is taken away again: %v", n, b.tampered())
	}
}
