package analysis

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// road is two grandmasters and a client as one tap sees them: 500 ns each way,
// stamps good to some ns, ten Syncs a second.
type road struct {
	*link
	rng              *rand.Rand
	forward, reverse time.Duration                      // what is added on the way to the first grandmaster
	ahead            map[ptp.PortIdentity]time.Duration // of the grandmasters' clocks
	tap              time.Duration                      // of the tap's
	masters          []ptp.PortIdentity
	log              []string
}

func newRoad(t *testing.T, masters ...ptp.PortIdentity) *road {
	return &road{
		link: newLink(t, 1), rng: rand.New(rand.NewPCG(1, 2)), masters: masters,
		ahead: map[ptp.PortIdentity]time.Duration{},
	}
}

// say hands over a message that the tap has at a true time. How often it comes is
// not the matter here.
func (r *road) say(at time.Time, m ptp.Message) {
	m.VersionPTP, m.MinorVersionPTP = 2, 1
	r.out.At, r.out.Stamp, r.out.Message = at.Add(r.tap), at.Add(r.tap), m
	r.Handle(&r.out, func(f Finding) {
		if a := f.Alert; a != nil && a.Name != AlertFlood && a.Name != AlertMessageIntervalAnomaly {
			r.log = append(r.log, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s %s %s", f.Event, a.Name, a.Severity, a.Reason, a.Direction, a.Certainty)), " "))
		}
	})
}

// drive goes on for so long.
func (r *road) drive(d time.Duration) {
	noise := func() time.Duration { return time.Duration(4 * r.rng.NormFloat64()) }
	for end := r.at.Add(d); r.at.Before(end); r.at = r.at.Add(100 * time.Millisecond) {
		r.seq++
		for i, gm := range r.masters {
			at := r.at.Add(time.Duration(i) * 10 * time.Millisecond)
			forward, reverse := 500+noise(), 500+noise()
			if i == 0 {
				forward, reverse = forward+r.forward, reverse+r.reverse
			}
			r.say(at, twoStep(syncFrom(gm, r.seq)))
			f := followUp(gm, r.seq)
			f.Timestamp = ptp.NewTimestamp(at.Add(-forward + r.ahead[gm]).UnixNano())
			r.say(at, f)
			asked := at.Add(5 * time.Millisecond)
			r.say(asked, delayReq(r.clients[0], uint16(len(r.masters))*r.seq+uint16(i)))
			p := response(ptp.DelayResp, gm, r.clients[0], uint16(len(r.masters))*r.seq+uint16(i))
			p.Timestamp = ptp.NewTimestamp(asked.Add(reverse + r.ahead[gm]).UnixNano())
			r.say(asked.Add(time.Microsecond), p)
		}
	}
}

func (r *road) expect(want ...string) {
	r.t.Helper()
	if diff := cmp.Diff(want, r.log, cmpopts.EquateEmpty()); diff != "" {
		r.t.Errorf("alerts (-want +got):\n%s", diff)
	}
	r.log = nil
}

// Whatever happens on the way to one of two grandmasters is told, named and ended.
func TestPathAlerts(t *testing.T) {
	for _, tt := range []struct {
		name    string
		masters []ptp.PortIdentity
		change  func(r *road)
		want    []string
		over    []string // when it is undone
	}{
		{
			"Sync delayed", []ptp.PortIdentity{gmA, gmB}, func(r *road) { r.forward += 400 },
			[]string{"raised PTPPathAsymmetry critical step forward certain"}, []string{"resolved PTPPathAsymmetry critical step forward certain"},
		}, {
			"Sync delayed by little", []ptp.PortIdentity{gmA}, func(r *road) { r.forward += 50 },
			[]string{"raised PTPPathAsymmetry warning step forward certain"}, []string{"resolved PTPPathAsymmetry warning step forward certain"},
		}, {
			"Delay_Req delayed", []ptp.PortIdentity{gmA, gmB}, func(r *road) { r.reverse += 400 },
			[]string{"raised PTPPathAsymmetry critical step reverse certain"}, []string{"resolved PTPPathAsymmetry critical step reverse certain"},
		}, {
			"both delayed", []ptp.PortIdentity{gmA}, func(r *road) { r.forward += 400; r.reverse += 400 },
			[]string{"raised PTPPathDelayShift warning step certain"}, []string{"resolved PTPPathDelayShift warning step certain"},
		}, {
			"both delayed by little", []ptp.PortIdentity{gmA}, func(r *road) { r.forward += 100; r.reverse += 100 },
			[]string{"raised PTPPathDelayShift info step certain"}, []string{"resolved PTPPathDelayShift info step certain"},
		}, {
			"one of two grandmasters steps", []ptp.PortIdentity{gmA, gmB}, func(r *road) { r.ahead[gmB] += 300 },
			[]string{"raised PTPTimeStep critical step certain"}, nil,
		}, {
			"the only grandmaster steps", []ptp.PortIdentity{gmA}, func(r *road) { r.ahead[gmA] -= 300 },
			[]string{"raised PTPTimeStep critical step possible"}, nil,
		}, {
			"the tap steps", []ptp.PortIdentity{gmA, gmB}, func(r *road) { r.tap += 3000 },
			[]string{"raised PTPWatchDegraded critical clock_step certain"}, nil,
		}, {
			"the tap steps by much", []ptp.PortIdentity{gmA, gmB}, func(r *road) { r.tap += 5e6 },
			[]string{"raised PTPWatchDegraded critical clock_step certain"}, nil,
		}, {
			"nothing", []ptp.PortIdentity{gmA, gmB}, func(*road) {}, nil, nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRoad(t, tt.masters...)
			r.drive(4 * time.Minute)
			r.expect()
			forward, reverse := r.forward, r.reverse
			tt.change(r)
			r.drive(30 * time.Second)
			r.expect(tt.want...)
			if tt.over != nil {
				r.forward, r.reverse = forward, reverse
				r.drive(2 * time.Minute)
				r.expect(tt.over...)
			}
		})
	}
}

// What a host does to stamps that it makes itself is told of no path; more is.
func TestPathOfSoftwareStamps(t *testing.T) {
	r := newRoad(t, gmA)
	r.out.StampSource = packet.StampSoftware
	r.drive(3 * time.Minute)
	r.forward = 40 * time.Microsecond
	r.drive(2 * time.Minute)
	r.forward = 0
	r.drive(2 * time.Minute)
	r.expect()
	r.forward = 200 * time.Microsecond
	r.drive(time.Minute)
	r.expect("raised PTPPathAsymmetry critical step forward certain")
}

// An agent that starts again knows at once what a path is like, with or without
// what is adaptive, and ends the alerts of the one before.
func TestPathAlertsOutliveTheTracker(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*State)
		wait   time.Duration
	}{
		{"by the same build", func(*State) {}, 5 * time.Second},
		{"by another", func(s *State) { s.Layout = "" }, 3 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRoad(t, gmA)
			r.drive(4 * time.Minute)
			r.forward += 400
			r.drive(30 * time.Second)
			r.expect("raised PTPPathAsymmetry critical step forward certain")
			s := r.State()
			c.change(s)
			r.Tracker = resumed(t, s)
			r.drive(c.wait)
			r.expect()
			r.forward -= 400
			r.drive(2 * time.Minute)
			r.expect("resolved PTPPathAsymmetry critical step forward certain")
			r.reverse += 400
			r.drive(10 * time.Second)
			r.expect("raised PTPPathAsymmetry critical step reverse certain")
		})
	}
}

// The baseline of a path outlives the Tracker, and an operator moves it.
func TestPathBaseline(t *testing.T) {
	r := newRoad(t, gmA)
	r.drive(4 * time.Minute)
	r.forward += 400
	r.drive(30 * time.Second)
	r.expect("raised PTPPathAsymmetry critical step forward certain")
	before := r.State().Domains[0].Paths
	if len(before) != 1 || before[0].Frozen == nil || before[0].Moved["forward"] == 0 {
		t.Fatalf("%+v, want one path that has moved", before)
	}
	resumed, err := Resume(Config{}, r.State())
	if err != nil {
		t.Fatal(err)
	}
	r.Tracker = resumed
	r.drive(4 * time.Minute)
	r.expect()
	after := resumed.State().Domains[0].Paths
	if len(after) != 1 || *after[0].Frozen != *before[0].Frozen {
		t.Fatalf("%+v, want the baseline %+v", after, *before[0].Frozen)
	}
	err = resumed.ResetBaseline(Scope{Network: "eth0"}, r.at, func(f Finding) {
		if f.Alert != nil {
			r.log = append(r.log, string(f.Event)+" "+f.Alert.Name)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	r.expect("resolved PTPPathAsymmetry")
	r.drive(4 * time.Minute)
	r.expect()
	anew := resumed.State().Domains[0].Paths
	if len(anew) != 1 || anew[0].Frozen == nil || anew[0].Frozen.Mean < before[0].Frozen.Mean+190e-9 {
		t.Errorf("%+v, want a baseline 200 ns above %+v", anew, *before[0].Frozen)
	}
}

// A step is certain only where nothing else looks like it: not where Syncs are
// measured one way, and not without a witness.
func TestDoubtStep(t *testing.T) {
	for _, tt := range []struct {
		who   owner
		link  bool
		doubt string // a word of it
	}{
		{theirs, false, ""},
		{theirsOrOurs, false, "tap's clock did"},
		{stillAsking, false, "tap's clock did"},
		{theirs, true, "held up"},
		{theirsOrOurs, true, "tap's clock jumped"},
	} {
		if got := doubtStep(tt.who, tt.link); (got == "") != (tt.doubt == "") || !strings.Contains(got, tt.doubt) {
			t.Errorf("%v, peer delay %v: %q", tt.who, tt.link, got)
		}
	}
}
