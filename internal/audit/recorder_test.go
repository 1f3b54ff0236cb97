package audit

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var scope = analysis.Scope{Network: "eth0", DomainNumber: 24}

// shown is a view of a domain of which readings have shown so many seconds to be
// within.
func shown(within time.Duration) *analysis.View {
	c := &analysis.ComplianceView{Profile: "us-cat", Limit: limit}
	c.Shown[analysis.ShownWithin] = within
	return &analysis.View{Domains: []analysis.DomainView{{
		Scope: scope, Best: 0xA0, Compliance: c, Messages: []analysis.MessageCount{{Interface: "eth0"}},
	}}}
}

var listening = []Ear{{Interface: "eth0"}}

// look has a Recorder look for some seconds, of which readings of 16 s show all.
func look(r *Recorder, from, to int, blind bool) (ended []Quarter) {
	for s := from; s < to; s++ {
		ears := []Ear{{Interface: "eth0", Blind: blind}}
		ended = append(ended, r.Look(midnight.Add(time.Duration(s)*time.Second), shown(time.Duration(s/16*16)*time.Second), ears)...)
	}
	return ended
}

// TestQuarters: they begin and end where UTC says, with all that was within.
func TestQuarters(t *testing.T) {
	r := NewRecorder(nil)
	ended := append(look(r, 600, 2000, false), r.Close()...)
	type line struct {
		From, To, Watched, Within float64
	}
	var got []line
	for _, q := range ended {
		d := q.Domains[0]
		got = append(got, line{q.From.Sub(midnight).Seconds(), q.To.Sub(midnight).Seconds(), d.Watched, d.Compliance.Within})
	}
	// What was shown up to the first look is 592 s: of that no more waits than 32.
	want := []line{{600, 900, 300, 300}, {900, 1800, 900, 900}, {1800, 1999, 199, 199}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestNoReadingNoTime: what readings show is booked once, and no more of it than
// has passed; what is not watched, not at all.
func TestNoReadingNoTime(t *testing.T) {
	within := func(list []Quarter) (sum float64) {
		for _, q := range list {
			sum += q.Domains[0].Compliance.Within
		}
		return sum
	}
	r := NewRecorder(nil)
	var ended []Quarter
	for s := range 600 { // one reading comes, and no other
		after := min(s/16, 1)
		ended = append(ended, r.Look(midnight.Add(time.Duration(s)*time.Second), shown(time.Duration(after)*16*time.Second), listening)...)
	}
	if got := within(append(ended, r.Close()...)); got != 16 {
		t.Errorf("%g s within, of one reading", got)
	}
	r = NewRecorder(nil)
	for s := range 100 { // too many come at once
		ended = r.Look(midnight.Add(time.Duration(s)*time.Second), shown(time.Hour), listening)
	}
	if got := within(append(ended, r.Close()...)); got != maxDue {
		t.Errorf("%g s within, of what came at once", got)
	}
	r = NewRecorder(nil)
	if got := within(append(look(r, 0, 100, true), r.Close()...)); got != 0 {
		t.Errorf("%g s within, while nothing was heard", got)
	}
}

// TestLookGoesMissing: when nobody looked, or the clock was set, nobody knows.
func TestLookGoesMissing(t *testing.T) {
	r := NewRecorder(nil)
	ended := look(r, 0, 100, false)
	ended = append(ended, look(r, 130, 200, false)...) // suspended
	ended = append(ended, look(r, 50, 60, false)...)   // set back
	ended = append(ended, r.Close()...)
	var got []float64
	for _, q := range ended {
		got = append(got, q.From.Sub(midnight).Seconds(), q.To.Sub(midnight).Seconds())
	}
	if diff := cmp.Diff([]float64{0, 99, 130, 199, 50, 59}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if list := r.Close(); list != nil {
		t.Errorf("of no time: %+v", list)
	}
}

// TestRuleChanges: what was shown of one limit counts for no other.
func TestRuleChanges(t *testing.T) {
	r := NewRecorder(nil)
	look(r, 0, 100, false)
	if first := r.Close(); len(first) != 1 || first[0].Domains[0].Compliance.Within < 60 {
		t.Fatalf("%+v", first)
	}
	for s := 100; s < 120; s++ {
		v := shown(96 * time.Second)
		v.Domains[0].Compliance.Limit = time.Second
		r.Look(midnight.Add(time.Duration(s)*time.Second), v, listening)
	}
	c := r.Close()[0].Domains[0].Compliance
	if c.Limit != 1 || c.Within != 0 {
		t.Errorf("%+v", c)
	}
}

// TestHeldAndNotHeard: a domain that is held to a rule is on record though nobody
// speaks in it.
func TestHeldAndNotHeard(t *testing.T) {
	r := NewRecorder([]Held{{Network: "eth7", Domain: 3, Profile: "us-cat", Limit: limit}, {Domain: 24, Profile: "us-cat", Limit: limit}})
	look(r, 0, 100, false)
	q := r.Close()[0]
	if len(q.Domains) != 2 || q.Domains[1].Network != "eth7" || q.Domains[1].Watched != 99 || q.Domains[1].Compliance.Within != 0 {
		t.Errorf("%+v", q.Domains)
	}
}

// TestSteps: a clock that steps is counted, and lost frames are.
func TestSteps(t *testing.T) {
	r := NewRecorder(nil)
	for s := range 10 {
		v := shown(0)
		v.StampClocks = []analysis.StampClockView{{Name: "ptp0", Steps: uint64(s / 4), Step: 37}}
		r.Look(midnight.Add(time.Duration(s)*time.Second), v, []Ear{{Interface: "eth0", Drops: 100 + uint64(s)}})
	}
	q := r.Close()[0]
	if len(q.Clocks) != 1 || q.Clocks[0].Steps != 2 || q.Clocks[0].Last != 37 || q.Interfaces[0].Drops != 9 {
		t.Errorf("%+v %+v", q.Clocks, q.Interfaces)
	}
}

// TestStrangersDomains: no flood of domains pushes out the one that is held to a
// rule, nor its grandmaster.
func TestStrangersDomains(t *testing.T) {
	v := shown(0)
	v.Domains[0].Scope.DomainNumber = 255
	for i := range 2 * maxDomains {
		v.Domains = append(v.Domains, analysis.DomainView{Scope: analysis.Scope{Network: "eth0", DomainNumber: uint8(i)}, Best: 0xBAD})
	}
	r := NewRecorder(nil)
	for s := range 3 {
		r.Look(midnight.Add(time.Duration(s)*time.Second), v, listening)
	}
	q := r.Close()[0]
	if n := len(q.Domains); n != maxDomains || q.Omitted != maxDomains+1 || q.Domains[n-1].Domain != 255 {
		t.Errorf("%d domains, %d omitted, the last %d", n, q.Omitted, q.Domains[n-1].Domain)
	}
}

// TestRoom: of more ports than there is room for the best stays, then who is
// acceptable, and the rest is counted.
func TestRoom(t *testing.T) {
	var m stability.Monitor
	m.Base(stability.Offset, 0)
	m.Add(stability.Offset, midnight.UnixNano(), midnight.UnixNano(), 1e-6)
	figures := m.Figures(func(stability.Kind, int64) (float64, bool) { return 0, true })
	d := analysis.DomainView{Scope: scope}
	for i := range 2 * maxPorts {
		id := ptp.PortIdentity{ClockIdentity: ptp.ClockIdentity(i + 1), PortNumber: 1}
		d.Ports = append(d.Ports, analysis.PortView{
			Port: id, Grandmaster: id.ClockIdentity, Timings: []analysis.TimingView{{Tap: "eth0", Statistics: figures}},
		})
		d.BestPort = id // the last
		verdict := analysis.Unacceptable
		if i == 100 {
			verdict = analysis.Acceptable
		}
		d.Grandmasters = append(d.Grandmasters, analysis.GrandmasterView{Identity: id.ClockIdentity, Verdict: verdict})
	}
	list, omitted := portsOf(&analysis.View{Domains: []analysis.DomainView{d}}, midnight)
	if len(list) != maxPorts || omitted != maxPorts {
		t.Fatalf("%d ports, %d omitted", len(list), omitted)
	}
	if list[0].Port != d.BestPort.String() || list[1].Port != d.Ports[100].Port.String() || list[0].Offset.Mean != 1e-6 {
		t.Errorf("first %+v, then %+v", list[0], list[1])
	}
	if list, _ := portsOf(&analysis.View{Domains: []analysis.DomainView{d}}, midnight.Add(time.Hour)); len(list) != 0 {
		t.Errorf("of another hour: %d", len(list))
	}
}
