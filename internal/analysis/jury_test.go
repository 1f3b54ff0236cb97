package analysis

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/facebook/time/ptp/protocol"
	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// concert is grandmasters, each on a network of its own, that one clock hears.
type concert struct {
	*bench
	theta func(at time.Duration) time.Duration // the clock's, 20 ppm by default
	size  int
	seq   uint16
	// What a grandmaster is ahead, by how much its way there is longer, and that
	// back, and what it says; nil is nothing, a class 6 of 100 ns.
	ahead, longer, back func(i int, at time.Duration) time.Duration
	says                func(i int, at time.Duration, a *ptp.Message)
}

func newConcert(t *testing.T, size int, cfg Config) *concert {
	return &concert{
		bench: newBench(t, cfg), size: size,
		theta: func(at time.Duration) time.Duration { return 3*time.Hour + 1 + at/50_000 },
	}
}

func clockOf(i int) ptp.PortIdentity { return port1(0xec4670fffe000001 + ptp.ClockIdentity(i)<<8) }

// play sends what all say until a time: four Syncs and requests a second.
func (c *concert) play(until time.Duration) {
	value := func(f func(int, time.Duration) time.Duration, i int, at time.Duration) time.Duration {
		if f == nil {
			return 0
		}
		return f(i, at)
	}
	for ; ; c.seq++ {
		at := time.Duration(c.seq) * 250 * time.Millisecond
		if at >= until {
			return
		}
		for i := range c.size {
			gm := clockOf(i)
			send := func(m ptp.Message, after time.Duration) {
				c.at = epoch.Add(at + after)
				o := c.observation(m)
				o.Interface = fmt.Sprintf("eth%d", i)
				o.Network, o.Tap, o.StampClock, o.StampSource = o.Interface, o.Interface, "ptp0", packet.StampHardware
				o.Stamp = c.at.Add(c.theta(at + after))
				c.Handle(o, c.emit)
			}
			ahead, longer := value(c.ahead, i, at), value(c.longer, i, at)
			there, back := 2003*time.Nanosecond+longer, time.Duration(i)*1001*time.Nanosecond+value(c.back, i, at)
			a := announceFrom(gm, 128)
			a.Flags, a.SequenceID = ptp.FlagPTPTimescale|ptp.FlagTimeTraceable, c.seq
			a.Announce.GrandmasterClockQuality = ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21}
			if c.says != nil {
				c.says(i, at, &a)
			}
			send(a, 0)
			s := syncFrom(gm, c.seq)
			s.Timestamp = ptpTime(int64(at + ahead))
			send(s, there)
			req := delayReq(client, c.seq)
			send(req, 20*time.Millisecond)
			resp := response(ptp.DelayResp, gm, client, c.seq)
			resp.Timestamp = ptpTime(int64(at + ahead + 20*time.Millisecond + back))
			send(resp, 21*time.Millisecond)
		}
	}
}

// alerts are those of the jury that were raised: name, network, reason,
// certainty, and whether it names somebody.
func (c *concert) alerts() (list []string) {
	for _, a := range c.View().Alerts {
		switch a.Name {
		case AlertGrandmasterOutvoted, AlertGrandmasterDrift, AlertTraceabilityClaimInconsistent:
			who := "nobody"
			if a.Grandmaster != 0 {
				who = fmt.Sprint(slices.IndexFunc([]int{0, 1, 2, 3}, func(i int) bool { return clockOf(i).ClockIdentity == a.Grandmaster }))
			}
			list = append(list, strings.Join([]string{strings.TrimPrefix(a.Name, "PTP"), a.Scope.Network, who, a.Reason, string(a.Severity), string(a.Certainty)}, " "))
		}
	}
	slices.Sort(list)
	return list
}

func (c *concert) verdicts() (list []string) {
	for _, d := range c.View().Domains {
		for _, g := range d.Grandmasters {
			list = append(list, fmt.Sprintf("%s %s %d", d.Scope.Network, g.Jury.Verdict, g.Jury.Vouched))
		}
	}
	return list
}

const juryStart = 2 * time.Minute

func onlyOne(who int, by func(at time.Duration) time.Duration) func(int, time.Duration) time.Duration {
	return func(i int, at time.Duration) time.Duration {
		if i != who || at < juryStart {
			return 0
		}
		return by(at - juryStart)
	}
}

func TestJury(t *testing.T) {
	step := func(by time.Duration) func(time.Duration) time.Duration {
		return func(time.Duration) time.Duration { return by }
	}
	drift := func(at time.Duration) time.Duration { return at / 1e9 } // 1 ns/s
	reference := Config{References: map[string]bool{"eth0": true}}
	class := func(who int, class protocol.ClockClass, accuracy ptp.ClockAccuracy, flags ptp.Flags) func(int, time.Duration, *ptp.Message) {
		return func(i int, at time.Duration, m *ptp.Message) {
			if i == who {
				m.Announce.GrandmasterClockQuality = ptp.ClockQuality{ClockClass: class, ClockAccuracy: accuracy}
				m.Flags = flags
			}
		}
	}
	for _, tt := range []struct {
		name  string
		size  int
		cfg   Config
		set   func(*concert)
		until time.Duration
		want  []string
		says  []string
	}{
		{
			"three agree", 3, Config{}, func(*concert) {}, 5 * time.Minute, nil,
			[]string{"eth0 agrees 2", "eth1 agrees 2", "eth2 agrees 2"},
		},
		{
			"one alone", 1, Config{}, func(*concert) {}, 5 * time.Minute, nil,
			[]string{"eth0 unvouched 0"},
		},
		{
			"the second of three steps", 3, Config{}, func(c *concert) { c.ahead = onlyOne(1, step(300*time.Nanosecond)) }, 4 * time.Minute,
			[]string{
				"GrandmasterOutvoted eth1 1 moved critical certain",
				"TraceabilityClaimInconsistent eth1 1 moved critical certain",
			},
			[]string{"eth0 agrees 1", "eth1 outvoted 0", "eth2 agrees 1"},
		},
		{
			"the third of three drifts", 3, Config{}, func(c *concert) { c.ahead = onlyOne(2, drift) }, 9 * time.Minute,
			[]string{
				"GrandmasterDrift eth2 2 drift critical certain",
				"GrandmasterOutvoted eth2 2 moved critical certain",
				"TraceabilityClaimInconsistent eth2 2 moved critical certain",
			},
			[]string{"eth0 agrees 1", "eth1 agrees 1", "eth2 outvoted 0"},
		},
		{
			"one of two steps", 2, Config{}, func(c *concert) { c.ahead = onlyOne(1, step(300*time.Nanosecond)) }, 4 * time.Minute,
			[]string{
				"TraceabilityClaimInconsistent eth0 nobody one_of_two critical possible",
				"TraceabilityClaimInconsistent eth1 nobody one_of_two critical possible",
			},
			[]string{"eth0 disagrees 0", "eth1 disagrees 0"},
		},
		{
			"one of two drifts", 2, Config{}, func(c *concert) { c.ahead = onlyOne(1, drift) }, 5 * time.Minute,
			[]string{
				"GrandmasterDrift eth0 nobody one_of_two warning possible",
				"GrandmasterDrift eth1 nobody one_of_two warning possible",
			},
			[]string{"eth0 agrees 1", "eth1 agrees 1"},
		},
		{
			"one drifts alone", 1, Config{}, func(c *concert) { c.theta, c.ahead = step(1), onlyOne(0, drift) }, 9 * time.Minute, nil,
			[]string{"eth0 unvouched 0"},
		},
		{
			"one drifts from a tap that knows", 1, reference, func(c *concert) { c.theta, c.ahead = step(1), onlyOne(0, drift) }, 9 * time.Minute,
			[]string{
				"GrandmasterDrift eth0 0 drift critical possible",
				"TraceabilityClaimInconsistent eth0 0 moved critical possible",
			},
			[]string{"eth0 disagrees 0"},
		},
		{
			"a tap that is said to know and runs free", 1, reference, func(*concert) {}, 5 * time.Minute, nil,
			[]string{"eth0 unvouched 0"},
		},
		{
			"the tap's clock steps", 3, Config{}, func(c *concert) {
				c.theta = func(at time.Duration) time.Duration {
					if at > juryStart {
						return 3*time.Hour + at/50_000 + 7*time.Millisecond
					}
					return 3*time.Hour + at/50_000
				}
			}, 5 * time.Minute, nil,
			[]string{"eth0 agrees 2", "eth1 agrees 2", "eth2 agrees 2"},
		},
		{
			"one way is held up", 3, Config{}, func(c *concert) { c.longer = onlyOne(1, step(40*time.Microsecond)) }, 5 * time.Minute, nil,
			[]string{"eth0 agrees 2", "eth1 agrees 2", "eth2 agrees 2"},
		},
		{
			"one tells UTC from the start", 3, Config{}, func(c *concert) {
				c.ahead = func(i int, _ time.Duration) time.Duration { return time.Duration(i/2) * -37 * time.Second }
			}, 3 * time.Minute,
			[]string{
				"GrandmasterOutvoted eth2 2 apart critical possible",
				"TraceabilityClaimInconsistent eth2 2 apart critical possible",
			},
			[]string{"eth0 agrees 1", "eth1 agrees 1", "eth2 outvoted 0"},
		},
		{
			"one has a timescale of its own", 3, Config{}, func(c *concert) {
				c.ahead = func(i int, _ time.Duration) time.Duration { return time.Duration(i/2) * time.Hour }
				c.says = class(2, 13, 0x21, 0)
			}, 3 * time.Minute, nil,
			[]string{"eth0 agrees 1", "eth1 agrees 1", "eth2 unvouched 0"},
		},
		{
			"one runs free and says so", 3, Config{}, func(c *concert) {
				c.ahead = func(i int, at time.Duration) time.Duration { return time.Duration(i/2) * at / 1000 }
				c.says = class(2, 248, 0xFE, ptp.FlagPTPTimescale)
			}, 3 * time.Minute, nil,
			[]string{"eth0 agrees 1", "eth1 agrees 1", "eth2 unvouched 0"},
		},
		{
			"one does not know how good it is", 3, Config{}, func(c *concert) {
				c.ahead = onlyOne(2, step(3*time.Microsecond))
				c.says = class(2, 6, 0xFE, ptp.FlagPTPTimescale)
			}, 4 * time.Minute,
			[]string{
				"GrandmasterOutvoted eth2 2 moved critical certain",
				"TraceabilityClaimInconsistent eth2 2 moved critical certain",
			},
			[]string{"eth0 agrees 1", "eth1 agrees 1", "eth2 outvoted 0"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newConcert(t, tt.size, tt.cfg)
			tt.set(c)
			c.play(tt.until)
			if diff := cmp.Diff(tt.want, c.alerts()); diff != "" {
				t.Errorf("alerts (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.says, c.verdicts()); diff != "" {
				t.Errorf("verdicts (-want +got)\n%s", diff)
			}
		})
	}
}

// Strangers have no vote, however many agree.
func TestStrangersHaveNoVote(t *testing.T) {
	listed := func(i int) DomainConfig {
		return DomainConfig{Network: fmt.Sprintf("eth%d", i), Baseline: BaselineListed, Grandmasters: []GrandmasterConfig{{Identity: clockOf(0).ClockIdentity}}}
	}
	c := newConcert(t, 4, Config{Domains: []DomainConfig{listed(0), listed(1), listed(2), listed(3)}})
	c.ahead = func(i int, _ time.Duration) time.Duration { return time.Duration(min(i, 1)) * time.Millisecond }
	c.play(3 * time.Minute)
	if got := c.alerts(); len(got) > 0 {
		t.Errorf("%q", got)
	}
	if got := c.verdicts()[0]; got != "eth0 unvouched 0" {
		t.Errorf("%q", got)
	}
}

// What paths add is kept over a restart, and forgotten by an operator's reset.
func TestJuryIsKept(t *testing.T) {
	play := func(between func(c *concert)) *concert {
		c := newConcert(t, 3, Config{})
		c.longer = func(i int, _ time.Duration) time.Duration { return time.Duration(i) * 400 * time.Nanosecond }
		c.play(juryStart)
		between(c)
		c.ahead = onlyOne(1, func(time.Duration) time.Duration { return -300 * time.Nanosecond })
		c.play(juryStart + 100*time.Second)
		return c
	}
	restarted := play(func(c *concert) {
		s := c.State()
		again, err := Resume(Config{}, s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s.Juries, again.State().Juries); diff != "" || len(s.Juries) != 1 || len(s.Juries[0].Known) != 3 {
			t.Errorf("-before +after\n%s", diff)
		}
		c.Tracker = again
	})
	if diff := cmp.Diff([]string{"eth0 agrees 1", "eth1 outvoted 0", "eth2 agrees 1"}, restarted.verdicts()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	reset := play(func(c *concert) {
		for i := range 3 {
			if err := c.ResetBaseline(Scope{Network: fmt.Sprintf("eth%d", i)}, c.at, c.emit); err != nil {
				t.Fatal(err)
			}
		}
	})
	if got := reset.alerts(); len(got) > 0 {
		t.Errorf("after a reset: %q", got)
	}
}

// To a multicast request every master of a segment responds. Each is measured by
// its own answer, once, whoever was first.
func TestEveryMasterThatAnswersIsMeasured(t *testing.T) {
	b := newBench(t, Config{})
	masters := []ptp.PortIdentity{clockOf(0), clockOf(1), clockOf(2)}
	for seq := range uint16(40) {
		for i, gm := range masters {
			s := syncFrom(gm, seq)
			s.Timestamp = ptpTime(b.at.Sub(epoch).Nanoseconds() - int64(i+1)*1000)
			b.send(s)
		}
		req := delayReq(client, seq)
		b.send(req)
		for n := range masters {
			i := (n + int(seq)) % len(masters)
			r := response(ptp.DelayResp, masters[i], client, seq)
			r.Timestamp = ptpTime(b.at.Sub(epoch).Nanoseconds() + int64(i+1)*1000)
			b.send(r)
			b.send(r) // and once more
		}
		b.at = b.at.Add(100 * time.Millisecond)
	}
	for _, p := range b.View().Domains[0].Ports {
		i := slices.Index(masters, p.Port)
		if i < 0 {
			continue
		}
		if len(p.Timings) != 1 || p.Timings[0].Reverse.Count != 40 {
			t.Errorf("master %d: %+v", i, p.Timings)
			continue
		}
		if want := float64(i+1) * 1e-6; p.Timings[0].Reverse.Median != want {
			t.Errorf("master %d: reverse delay %g, want %g", i, p.Timings[0].Reverse.Median, want)
		}
	}
}
