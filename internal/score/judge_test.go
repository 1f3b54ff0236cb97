package score

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

const (
	gm    = "001d7f.fffe.80024a"
	rogue = "001d7f.fffe.80024b"
)

var start = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)

// at is so many seconds after the start of the capture.
func at(seconds float64) time.Time {
	return start.Add(time.Duration(seconds * float64(time.Second)))
}

// told is ten minutes with one episode, from 100 s to 200 s, whose first frame
// is at 101 s. Its clients' errors rise by 1 us a second from then on.
func told(e truth.Episode) *truth.Truth {
	client := truth.Clock{Name: "client-1", Role: "client", Error: truth.Series{Interval: time.Second}}
	other := truth.Clock{Name: "client-2", Role: "client", Error: truth.Series{Interval: time.Second}}
	for i := range 600 {
		client.Error.Values = append(client.Error.Values, truth.Nanoseconds(-max(0, 1000*(i-101))))
		other.Error.Values = append(other.Error.Values, 20)
	}
	e.Name, e.Start, e.End, e.First = "it", at(100), at(200), at(101)
	e.MaxError = map[string]truth.Nanoseconds{"client-1": 99000, "client-2": 20, "gm": 1e9}
	return &truth.Truth{
		Start: start, Duration: 10 * time.Minute, Episodes: []truth.Episode{e},
		Clocks:     []truth.Clock{{Name: "gm", Role: "grandmaster", Error: truth.Series{Interval: time.Second, Values: make([]truth.Nanoseconds, 600)}}, client, other},
		Interfaces: []truth.Interface{{Name: "eth0", Timescale: "utc"}},
	}
}

// alarm is a critical one.
func alarm(name string, seconds float64, clocks ...string) Alarm {
	return Alarm{Name: name, Severity: analysis.Critical, At: at(seconds), Until: at(seconds + 60), Clocks: clocks, Scope: analysis.Scope{Network: "eth0"}}
}

func TestJudge(t *testing.T) {
	attack := truth.Episode{Clocks: []string{gm}, Direction: "forward", Alerts: []string{"PTPPathAsymmetry", "PTPReplay"}, Tolerated: []string{"PTPTimeStep"}}
	harmless := truth.Episode{Clocks: []string{gm}, Tolerated: []string{"PTPTimeStep"}}
	anybody := truth.Episode{Alerts: []string{"PTPReplay"}}
	both := truth.Episode{Clocks: []string{gm}, Direction: "both", Alerts: []string{"PTPPathAsymmetry"}}
	warned := func(a Alarm) Alarm { a.Severity = analysis.Warning; return a }
	way := func(a Alarm, direction string) Alarm { a.Direction = direction; return a }
	for _, c := range []struct {
		name    string
		episode truth.Episode
		alarm   Alarm
		found   bool
		named   bool
		false   bool
	}{
		{"one of its alerts", attack, alarm("PTPReplay", 110, gm), true, true, false},
		{"on the first moment", attack, alarm("PTPReplay", 100, gm), true, true, false},
		{"before it", attack, alarm("PTPReplay", 99, gm), false, false, true},
		{"30 s after the end", attack, alarm("PTPReplay", 230, gm), true, true, false},
		{"later", attack, alarm("PTPReplay", 230.1, gm), false, false, true},
		{"another alert", attack, alarm("PTPPdelayAnomaly", 110, gm), false, false, true},
		{"a warning is not false", attack, warned(alarm("PTPPdelayAnomaly", 110, gm)), false, false, false},
		{"a warning is an answer", attack, warned(alarm("PTPReplay", 110, gm)), true, true, false},
		{"tolerated", attack, alarm("PTPTimeStep", 110, rogue), false, false, false},
		{"tolerated, but not now", attack, alarm("PTPTimeStep", 300, gm), false, false, true},
		{"another clock", attack, alarm("PTPReplay", 110, rogue), false, true, true},
		{"the clock among others", attack, alarm("PTPReplay", 110, rogue, gm), true, true, false},
		{"the direction", attack, way(alarm("PTPPathAsymmetry", 110, gm), "forward"), true, true, false},
		{"the other direction", attack, way(alarm("PTPPathAsymmetry", 110, gm), "reverse"), false, true, true},
		{"an asymmetry that leaves the direction open", attack, alarm("PTPPathAsymmetry", 110, gm), false, true, false},
		{"and is about another clock", attack, alarm("PTPPathAsymmetry", 110, rogue), false, true, true},
		{"an alert that leaves open whose fault it is", attack, alarm("PTPReplay", 110), false, true, false},
		{"and is not due", attack, alarm("PTPPdelayAnomaly", 110), false, false, true},
		{"both directions, one named", both, way(alarm("PTPPathAsymmetry", 110, gm), "reverse"), true, true, false},
		{"no clock is known", anybody, alarm("PTPReplay", 110), true, true, false},
		{"silence is due", harmless, alarm("PTPReplay", 110, gm), false, false, true},
		{"silence is due, tolerated", harmless, alarm("PTPTimeStep", 110, gm), false, false, false},
		{"an alarm without a name", attack, alarm("", 110, gm), true, true, false},
		{"one without a name, of another clock", attack, alarm("", 110, rogue), false, true, false},
		{"one without a name, silence is due", harmless, alarm("", 110, gm), false, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := Judge(told(c.episode), []Alarm{c.alarm})
			a := j.Episodes[0]
			if a.Found != c.found || a.Named != c.named || a.Right != c.found {
				t.Errorf("found %v, named %v, right %v; want found %v, named %v", a.Found, a.Named, a.Right, c.found, c.named)
			}
			if got := len(j.False) > 0; got != c.false {
				t.Errorf("false %v, want %v", got, c.false)
			}
		})
	}
}

// What is known of an episode that was found: by the first alarm that answers
// it, though another spoke of the wrong clock before.
func TestAnswer(t *testing.T) {
	e := truth.Episode{Clocks: []string{gm}, Alerts: []string{"PTPReplay"}, Kind: truth.Attack}
	for _, c := range []struct {
		name   string
		alarms []Alarm
		want   Answer
	}{
		{"found at once", []Alarm{alarm("PTPReplay", 101, gm), alarm("PTPReplay", 120, gm)},
			Answer{Due: true, Found: true, Named: true, Right: true, Error: 20, Notifications: 1}},
		{"late", []Alarm{alarm("PTPReplay", 131.5, gm)},
			Answer{Due: true, Found: true, Named: true, Right: true, Latency: 30500 * time.Millisecond, Error: 30 * time.Microsecond, Notifications: 1}},
		{"ahead of the first frame", []Alarm{alarm("PTPReplay", 100.5, gm)},
			Answer{Due: true, Found: true, Named: true, Right: true, Error: 20, Notifications: 1}},
		{"a wrong one first", []Alarm{alarm("PTPReplay", 111, rogue), alarm("PTPReplay", 121, gm)},
			Answer{Due: true, Found: true, Named: true, Latency: 20 * time.Second, Error: 20 * time.Microsecond, Notifications: 1}},
		{"missed", nil, Answer{Due: true, Error: 99 * time.Microsecond}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := told(e)
			c.want.Episode = &tr.Episodes[0]
			if diff := cmp.Diff(c.want, Judge(tr, c.alarms).Episodes[0]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Without a client, or knowledge of it, no error is known.
func TestAnswerWithoutClients(t *testing.T) {
	tr := told(truth.Episode{Alerts: []string{"PTPReplay"}})
	tr.Clocks, tr.Interfaces = nil, nil
	for _, alarms := range [][]Alarm{{alarm("PTPReplay", 110)}, nil} {
		if a := Judge(tr, alarms).Episodes[0]; a.Error >= 0 || a.Found != (alarms != nil) {
			t.Errorf("%+v", a)
		}
	}
}

// One alarm can answer two episodes at a time, and an episode that never
// touched a frame counts from its start.
func TestEpisodesAtOnce(t *testing.T) {
	tr := told(truth.Episode{Alerts: []string{"PTPReplay"}})
	second := tr.Episodes[0]
	second.Start, second.First = at(105), time.Time{}
	tr.Episodes = append(tr.Episodes, second)
	j := Judge(tr, []Alarm{alarm("PTPReplay", 110)})
	if got, want := []time.Duration{j.Episodes[0].Latency, j.Episodes[1].Latency}, []time.Duration{9 * time.Second, 5 * time.Second}; !slices.Equal(got, want) || len(j.False) > 0 {
		t.Errorf("%v, want %v; %d false", got, want, len(j.False))
	}
}

// The capture's times are those of the clock that stamps.
func TestTapTime(t *testing.T) {
	tr := told(truth.Episode{Alerts: []string{"PTPReplay"}})
	fast := truth.Series{Interval: time.Second}
	for range 600 {
		fast.Values = append(fast.Values, 2e9)
	}
	tr.Interfaces = []truth.Interface{
		{Name: "eth0", Timescale: "utc"}, {Name: "eth1", Timescale: "tai"}, {Name: "eth2", Timescale: "utc", Error: fast},
	}
	for iface, ahead := range map[string]float64{"eth0": 0, "eth1": 37, "eth2": 2, "": 0} {
		for _, by := range []string{"interface", "network"} {
			a := alarm("PTPReplay", 111+ahead)
			if a.Scope.Network = iface; by == "interface" {
				a.Scope.Network, a.Interface = "plant", iface
			}
			if got := Judge(tr, []Alarm{a}).Episodes[0].Latency; got != 10*time.Second {
				t.Errorf("%s %q: %v after the first frame, want 10s", by, iface, got)
			}
		}
	}
}
