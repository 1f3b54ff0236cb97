package analysis

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// site is a tap that hears grandmasters, one a network, four times a second.
type site struct {
	*bench
	now   time.Duration
	seq   uint16
	ahead []time.Duration // of each grandmaster, of the true time
	way   time.Duration   // of each direction
	slow  time.Duration   // by which Syncs are held up
	tap   time.Duration   // by which the tap's clock is ahead of UTC
	mute  bool            // nobody says anything
}

func newSite(t *testing.T, vouched time.Duration, rule string, limit time.Duration, ahead ...time.Duration) *site {
	cfg := Config{References: map[string]bool{}, ReferenceErrors: map[string]time.Duration{}, Domains: []DomainConfig{{Compliance: rule, ComplianceLimit: limit}}}
	for i := range ahead {
		if vouched > 0 {
			cfg.References[fmt.Sprintf("eth%d", i)], cfg.ReferenceErrors[fmt.Sprintf("eth%d", i)] = true, vouched
		}
	}
	return &site{bench: newBench(t, cfg), ahead: ahead, way: 2 * time.Microsecond}
}

func (s *site) run(d time.Duration) {
	for end := s.now + d; s.now < end; s.now += 250 * time.Millisecond {
		s.seq++
		for i, ahead := range s.ahead {
			gm := port1(ptp.ClockIdentity(0xA0 + i))
			s.send(i, 0, announceFrom(gm, 128), 0)
			sync := syncFrom(gm, s.seq)
			s.send(i, s.way+s.slow, sync, s.now+ahead)
			s.send(i, 20*time.Millisecond, delayReq(client, s.seq), 0)
			s.send(i, 21*time.Millisecond, response(ptp.DelayResp, gm, client, s.seq), s.now+20*time.Millisecond+s.way+ahead)
		}
		if s.mute {
			s.HandleTick(epoch.Add(s.now), s.tell)
		}
	}
}

// send has a message pass the tap so long after the round began, with a time of
// the PTP timescale.
func (s *site) send(i int, after time.Duration, m ptp.Message, stamped time.Duration) {
	if s.mute {
		return
	}
	m.SequenceID = s.seq
	switch m.Type {
	case ptp.AnnounceMessage:
		m.Flags = ptp.FlagPTPTimescale | ptp.FlagCurrentUTCOffsetValid
		m.Announce.CurrentUTCOffset = 37
	case ptp.Sync, ptp.DelayResp:
		m.Timestamp = ptp.NewTimestamp(epoch.Add(37*time.Second + stamped).UnixNano())
	}
	s.at = epoch.Add(s.now + after)
	o := s.observation(m)
	o.Interface = fmt.Sprintf("eth%d", i)
	o.Network, o.Tap, o.StampClock = o.Interface, o.Interface, "ptp0"
	o.Stamp = s.at.Add(s.tap)
	s.Handle(o, s.tell)
}

// tell takes findings about compliance: other tests are about the rest.
func (s *site) tell(f Finding) {
	if f.Alert != nil && f.Alert.Name == AlertComplianceLimit {
		s.emit(f)
	}
}

// told are the alerts about compliance so far.
func (s *site) told() (list []string) {
	for _, line := range s.log {
		if _, alert, ok := strings.Cut(line, AlertComplianceLimit+" "); ok {
			list = append(list, strings.Fields(line)[1]+" "+alert)
		}
	}
	return list
}

// severities of the alerts that hold.
func (s *site) holding() (list []string) {
	for _, a := range s.View().Alerts {
		if a.Name == AlertComplianceLimit && a.Resolved.IsZero() {
			list = append(list, fmt.Sprintf("%s %s %s", a.Severity, a.Reason, a.Certainty))
		}
	}
	return list
}

func (s *site) view(i int) *ComplianceView { return s.View().Domains[i].Compliance }

// What is read of one grandmaster by a clock that is vouched for, and what that
// shows of 100 µs.
func TestAssessmentByReference(t *testing.T) {
	const us = time.Microsecond
	for _, c := range []struct {
		name       string
		ahead, tap time.Duration
		way, slow  time.Duration
		want       Showing
		err, bound time.Duration
	}{
		{"right", 0, 0, 2 * us, 0, ShownWithin, 0, 2100},
		{"30 µs ahead", 30 * us, 0, 2 * us, 0, ShownWithin, 30 * us, 2100},
		{"30 µs behind", -30 * us, 0, 2 * us, 0, ShownWithin, -30 * us, 2100},
		{"the tap is ahead", 0, 30 * us, 2 * us, 0, ShownWithin, -30 * us, 2100},
		{"97.8 µs and 2.1 of bound", 97800, 0, 2 * us, 0, ShownWithin, 97800, 2100},
		{"98 µs and 2.1 of bound", 98 * us, 0, 2 * us, 0, NotShown, 98 * us, 2100},
		{"102 µs and 2.1 of bound", 102 * us, 0, 2 * us, 0, NotShown, 102 * us, 2100},
		{"103 µs and 2.1 of bound", 103 * us, 0, 2 * us, 0, ShownExceeded, 103 * us, 2100},
		{"Syncs are held up", 0, 0, 2 * us, 60 * us, ShownWithin, -30 * us, 32*us + 100},
		{"a leased line", 0, 0, 150 * us, 0, NotShown, 0, 150*us + 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, 100, "eu-2025-1155", 0, c.ahead)
			s.way, s.slow, s.tap = c.way, c.slow, c.tap
			s.run(2*time.Minute + 5*time.Second)
			v := s.view(0)
			a := v.Last
			if a.Basis != BasisReference || a.Grandmaster != 0xA0 || a.Tap != "eth0" || a.Count != 1 {
				t.Fatalf("%+v", a)
			}
			if math.Abs(a.Error-c.err.Seconds()) > 2e-9 || math.Abs(a.Bound-c.bound.Seconds()) > 2e-9 {
				t.Errorf("%g give or take %g, want %s give or take %s", a.Error, a.Bound, c.err, c.bound)
			}
			if got := a.Shows(v.Limit.Seconds()); got != c.want || v.Limit != 100*us {
				t.Errorf("%s of %s, want %s", got, v.Limit, c.want)
			}
			var want [Showings]time.Duration
			want[c.want] = 96 * time.Second // seven readings of 16 s, of which the first may be of less; the eighth is not over
			if diff := cmp.Diff(want, v.Shown); diff != "" {
				t.Errorf("shown -want +got\n%s", diff)
			}
			if v.Pair != [Showings]time.Duration{} {
				t.Errorf("by pairs: %v", v.Pair)
			}
		})
	}
}

// A length of the way that an operator knows makes the bound small, and one
// that cannot be makes it none at all.
func TestAssessmentBound(t *testing.T) {
	for _, c := range []struct {
		least time.Duration
		bound float64
	}{{1900, 100e-9 + 100e-9}, {2100, 0}} {
		s := newSite(t, 100, "g8271", 0, 0)
		cfg := s.cfg
		cfg.Domains[0].Grandmasters = []GrandmasterConfig{{Identity: 0xA0, LeastDelay: c.least}}
		s.Reconfigure(cfg, epoch, s.tell)
		s.run(time.Minute)
		if a := s.view(0).Last; math.Abs(a.Bound-c.bound) > 2e-9 || (a.Basis == "") != (c.bound == 0) {
			t.Errorf("%s: %+v, want a bound of %g", c.least, a, c.bound)
		}
	}
}

// Only what was read from its begin to its end counts: nothing of the first 16 s,
// nor of those in which it falls silent and in which it speaks again.
func TestShownTimeHasNoHoles(t *testing.T) {
	s := newSite(t, 100, "eu-2025-1155", 0, 0)
	expect := func(when string, seconds time.Duration) {
		t.Helper()
		if got := s.view(0).Shown[ShownWithin]; got != seconds*time.Second {
			t.Errorf("%s: %s within, want %d s", when, got, seconds)
		}
	}
	s.run(70 * time.Second)
	s.mute = true
	s.run(3 * time.Second)
	expect("after 70 s", 48)
	s.run(37 * time.Second)
	expect("after 40 s of silence", 48)
	s.mute = false
	s.run(15 * time.Second)
	expect("14 s later", 48)
	s.run(12 * time.Second)
	expect("when 16 s are over that followed others", 64)
}

// A clock is a reference if it is independent and somebody says how good it is.
func TestReferences(t *testing.T) {
	for _, c := range []struct {
		independent bool
		off         time.Duration
		want        Basis
	}{{true, 100, BasisReference}, {false, 100, ""}, {true, 0, ""}} {
		s := newSite(t, c.off, "eu-2025-1155", 0, 0)
		cfg := s.cfg
		cfg.References = map[string]bool{"eth0": c.independent}
		s.Reconfigure(cfg, epoch, s.tell)
		s.run(time.Minute)
		if got := s.view(0).Last.Basis; got != c.want {
			t.Errorf("independent %t, error %s: basis %q, want %q", c.independent, c.off, got, c.want)
		}
	}
}

// Grandmasters against each other, where nobody vouches for the tap, which may
// be off by hours.
func TestAssessmentByPairs(t *testing.T) {
	const us = time.Microsecond
	for _, c := range []struct {
		name  string
		ahead []time.Duration
		want  []float64 // errors of each, µs; NaN is not measured
	}{
		{"one", []time.Duration{7 * us}, []float64{math.NaN()}},
		{"two", []time.Duration{7 * us, 10 * us}, []float64{-3, 3}},
		{"the first of three is off", []time.Duration{50 * us, 0, 1 * us}, []float64{49, -1, 0}},
		{"the last of three is off", []time.Duration{0, 1 * us, 50 * us}, []float64{-1, 0, 49}},
		{"four", []time.Duration{0, 1 * us, 2 * us, 90 * us}, []float64{-2, -1, 1, 89}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, 0, "eu-2025-1155", 0, c.ahead...)
			s.tap = 3 * time.Hour
			s.run(90 * time.Second)
			for i, want := range c.want {
				v := s.view(i)
				a := v.Last
				if math.IsNaN(want) {
					if a.Basis != "" || v.Shown != [Showings]time.Duration{} {
						t.Errorf("%d: %+v", i, v)
					}
					continue
				}
				if a.Basis != BasisPair || a.Count != len(c.ahead) || math.Abs(a.Error-want*1e-6) > 2e-9 || math.Abs(a.Bound-4e-6) > 2e-9 {
					t.Errorf("%d: %+v, want %g µs", i, a, want)
				}
				if v.Shown != v.Pair || v.Shown[ShownWithin] != 64*time.Second {
					t.Errorf("%d: shown %v, by pairs %v", i, v.Shown, v.Pair)
				}
			}
		})
	}
}

// PTPComplianceLimit: raised by the third reading beyond a threshold, graver
// when it is, ended by the third that is well below; whatever silence does not.
func TestComplianceLimit(t *testing.T) {
	const us = time.Microsecond
	s := newSite(t, 100, "eu-2025-1155", 0, 0)
	expect := func(what string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, s.holding()); diff != "" {
			t.Errorf("%s: -want +got\n%s", what, diff)
		}
	}
	s.run(10 * time.Minute)
	expect("right")
	s.ahead[0] = 9 * us
	s.run(10 * time.Minute)
	expect("9 % of the limit")
	s.ahead[0] = 11 * us
	s.run(45 * time.Second)
	expect("11 %, for two readings")
	s.run(25 * time.Second)
	expect("11 %: it may be asymmetry", "warning reference possible")
	s.ahead[0] = 20 * us
	s.run(80 * time.Second)
	expect("20 %: it cannot be", "warning reference certain")
	s.ahead[0] = 9 * us
	s.run(20 * time.Minute)
	expect("9 %: between where it ends and where it begins", "warning reference certain")
	s.ahead[0] = -60 * us
	s.run(80 * time.Second)
	expect("60 %", "critical reference certain")
	s.mute = true
	s.run(9 * time.Minute)
	expect("silence ends nothing", "critical reference certain")
	s.mute, s.ahead[0] = false, 0
	s.run(40 * time.Second)
	expect("two readings that are right", "critical reference certain")
	s.run(time.Minute + 5*time.Minute)
	expect("right for longer than the hold-down")
	want := []string{
		"raised reference possible", "raised reference certain", "raised reference certain", "resolved reference certain",
	}
	if diff := cmp.Diff(want, s.told()); diff != "" {
		t.Errorf("told -want +got\n%s", diff)
	}
}

// Two grandmasters that disagree: either may be right.
func TestComplianceLimitOfPairs(t *testing.T) {
	const us = time.Microsecond
	for _, c := range []struct {
		ahead []time.Duration
		want  []string
	}{
		{[]time.Duration{0, 30 * us}, []string{"warning pair possible", "warning pair possible"}},
		{[]time.Duration{0, 30 * us, 1 * us}, []string{"warning pair certain"}},
		{[]time.Duration{0, 300 * us, 1 * us}, []string{"critical pair certain"}},
		{[]time.Duration{0, 2 * us, 1 * us}, nil},
	} {
		s := newSite(t, 0, "eu-2025-1155", 0, c.ahead...)
		s.run(3 * time.Minute)
		if diff := cmp.Diff(c.want, s.holding()); diff != "" {
			t.Errorf("%v: -want +got\n%s", c.ahead, diff)
		}
	}
}

// Nothing is judged where nobody asks for it, by a limit that leaves room, or
// with the alert switched off; and what holds ends when nobody asks any more.
func TestComplianceSettings(t *testing.T) {
	off := 30 * time.Microsecond
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   []string
	}{
		{"as it is", func(*Config) {}, []string{"warning reference certain"}},
		{"no rule", func(c *Config) { c.Domains[0].Compliance = "none" }, nil},
		{"another limit", func(c *Config) { c.Domains[0].ComplianceLimit = time.Millisecond }, nil},
		{"another threshold", func(c *Config) {
			c.Alerts = map[string]AlertConfig{AlertComplianceLimit: {Thresholds: map[string]int64{ThresholdWarningPercent: 40}}}
		}, nil},
		{"both", func(c *Config) {
			c.Alerts = map[string]AlertConfig{AlertComplianceLimit: {Thresholds: map[string]int64{ThresholdCriticalPercent: 20}}}
		}, []string{"critical reference certain"}},
		{"off", func(c *Config) { c.Alerts = map[string]AlertConfig{AlertComplianceLimit: {Disabled: true}} }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, 100, "eu-2025-1155", 0, off)
			cfg := s.cfg
			c.change(&cfg)
			s.Reconfigure(cfg, epoch, s.tell)
			s.run(3 * time.Minute)
			if diff := cmp.Diff(c.want, s.holding()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			cfg.Domains[0].Compliance = "none"
			s.Reconfigure(cfg, s.at, s.tell)
			if got := s.holding(); got != nil || s.view(0) != nil {
				t.Errorf("held to nothing: %v, %+v", got, s.view(0))
			}
		})
	}
}
