package analysis

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// desk is a bench whose alerts are raised by hand.
type desk struct {
	*bench
	scope Scope
	lines []string
}

func newDesk(t *testing.T, cfg Config) *desk {
	d := &desk{bench: newBench(t, cfg), scope: Scope{Network: "eth0"}}
	d.wait(0)
	return d
}

// wait lets time pass.
func (d *desk) wait(by time.Duration) {
	d.at = d.at.Add(by)
	d.HandleTick(d.at, d.note)
}

// alert is one with all that a detector fills.
func (d *desk) alert(name string, gm ptp.ClockIdentity) Alert {
	d.frame++
	return Alert{
		Name: name, Raised: d.at, Scope: d.scope, Grandmaster: gm, Reason: "test", Frame: packet.Frame{Number: d.frame},
		Expected: "this", Observed: "that",
	}
}

// note writes a finding down, a line each.
func (d *desk) note(f Finding) {
	line := fmt.Sprintf("%s %s", f.At.Sub(epoch), f.Event)
	switch {
	case f.Incident != nil:
		line += fmt.Sprintf(" %d %s", f.Incident.ID, f.Incident.Severity)
	case f.Alert != nil:
		line += fmt.Sprintf(" %s %s in %d", f.Alert.Name[3:], f.Alert.Severity, f.Alert.Incident)
		if f.Alert.Suppressed {
			line += " suppressed"
		}
	}
	d.lines = append(d.lines, line)
}

func (d *desk) expect(want ...string) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.lines); diff != "" {
		d.t.Errorf("findings (-want +got):\n%s", diff)
	}
	d.lines = nil
}

func (d *desk) suppressed(name string) uint64 {
	for _, c := range d.View().AlertsSuppressed {
		if c.Name == name {
			return c.Count
		}
	}
	return 0
}

func (d *desk) raised(name string, s Severity) uint64 {
	for _, c := range d.View().AlertsRaised {
		if c.Name == name && c.Severity == s {
			return c.Count
		}
	}
	return 0
}

// A clock that flaps a flag 90 times in a minute is one alert with a count.
func TestFlappingFlagIsOneAlert(t *testing.T) {
	d := newDesk(t, Config{})
	for range 90 {
		d.alerts.instance(d.alert(AlertGrandmasterDatasetChanged, 1), d.now)
		d.wait(time.Minute / 90)
	}
	if a := d.View().Alerts; len(a) != 1 || a[0].Count != 90 || !a[0].Resolved.IsZero() || a[0].Frame.Number != 1 {
		t.Fatalf("alerts %+v, want one that holds, met 90 times, of frame 1", a)
	}
	if n := d.suppressed(AlertGrandmasterDatasetChanged); n != 89 {
		t.Errorf("suppressed %d times, want 89", n)
	}
	d.wait(3 * time.Minute)
	d.expect(
		"0s incident_opened 1 warning",
		"0s raised GrandmasterDatasetChanged warning in 1",
		"1m59.333333274s resolved GrandmasterDatasetChanged warning in 1",
		"2m59.333333274s incident_closed 1 warning",
	)
}

// A state that every Announce shows ends HoldDown after the last, whether the
// next ones are sound or none comes; seeing it again is nothing suppressed.
func TestConfirmedStateLapses(t *testing.T) {
	d := newDesk(t, Config{})
	for range 60 {
		d.alerts.confirm(d.alert(AlertIllegalClockQuality, 1), d.now)
		d.wait(2 * time.Second)
	}
	d.wait(time.Hour)
	a := d.View().Alerts[0]
	if held := a.Resolved.Sub(a.Raised); held != 118*time.Second+time.Minute || a.Count != 60 {
		t.Errorf("held %s and met %d times, want 2m58s and 60", held, a.Count)
	}
	if n := d.suppressed(AlertIllegalClockQuality); n != 0 {
		t.Errorf("suppressed %d times, want none", n)
	}
}

func TestReleaseAndHoldDown(t *testing.T) {
	d := newDesk(t, Config{})
	key := d.alert(AlertRogueGrandmaster, 1)
	d.alerts.raise(key)
	d.wait(time.Hour)
	d.alerts.release(key.key(), d.now)
	d.wait(30 * time.Second)
	d.alerts.release(key.key(), d.now) // once more changes nothing
	d.Tracker = resumed(t, d.State())  // nor does a Tracker that goes on from here
	d.wait(0)
	d.wait(20 * time.Second)
	d.alerts.raise(d.alert(AlertRogueGrandmaster, 1))
	d.wait(time.Hour)
	d.alerts.release(key.key(), d.now)
	d.wait(time.Minute - 1)
	if !d.alerts.holds(key.key()) {
		t.Error("ended before its hold-down")
	}
	d.wait(1)
	if d.alerts.holds(key.key()) {
		t.Error("holds after its hold-down")
	}
	if n := d.suppressed(AlertRogueGrandmaster); n != 1 {
		t.Errorf("suppressed %d times, want 1", n)
	}
}

// While an alert holds it only gets graver, and says so.
func TestEscalation(t *testing.T) {
	d := newDesk(t, Config{})
	mild := d.alert(AlertGrandmasterFreeRun, 1)
	mild.Severity, mild.Reason = Info, "always"
	d.alerts.raise(mild)
	d.wait(time.Second)
	grave := d.alert(AlertGrandmasterFreeRun, 1)
	grave.Certainty = Possible
	d.alerts.raise(grave)
	d.wait(time.Second)
	d.alerts.raise(d.alert(AlertGrandmasterFreeRun, 1)) // certain
	d.wait(time.Second)
	d.alerts.raise(mild)
	d.expect(
		"0s raised GrandmasterFreeRun info in 0",
		"1s incident_opened 1 critical",
		"1s raised GrandmasterFreeRun critical in 1",
		"2s raised GrandmasterFreeRun critical in 1 suppressed",
	)
	want := grave
	want.Severity, want.Certainty, want.Incident, want.Count = Critical, Certain, 1, 4
	want.Raised, want.LastSeen = epoch, epoch
	want.Summary, want.References = definitions[want.Name].Summary, definitions[want.Name].References
	if diff := cmp.Diff([]Alert{want}, d.View().Alerts); diff != "" {
		t.Errorf("alert (-want +got):\n%s", diff)
	}
	for s, want := range map[Severity]uint64{Critical: 1, Info: 1} {
		if got := d.raised(AlertGrandmasterFreeRun, s); got != want {
			t.Errorf("counted %d times as %s, want %d", got, s, want)
		}
	}
}

func TestSeverityOfAlert(t *testing.T) {
	const freeRun, times, flood = AlertGrandmasterFreeRun, AlertTimePropertiesInvalid, AlertFlood
	for _, tc := range []struct {
		name                  string
		configured, own, want Severity
	}{
		{freeRun, "", "", Critical},
		{freeRun, "", Critical, Critical},
		{freeRun, "", Info, Info},
		{freeRun, Warning, "", Warning},
		{freeRun, Warning, Critical, Warning},
		{freeRun, Warning, Info, Info}, // a milder case stays milder
		{freeRun, Info, "", Info},
		{freeRun, Info, Info, Info},
		{times, Info, Warning, Info}, // and is never graver than the usual one
		{flood, Critical, Warning, Critical},
	} {
		d := newDesk(t, Config{Alerts: map[string]AlertConfig{tc.name: {Severity: tc.configured}}})
		a := d.alert(tc.name, 1)
		a.Severity = tc.own
		d.alerts.raise(a)
		if got := d.View().Alerts[0].Severity; got != tc.want {
			t.Errorf("%s configured %q, raised as %q: %s, want %s", tc.name, tc.configured, tc.own, got, tc.want)
		}
	}
}

// A domain's own settings go before those for all; what another domain or
// network does is not its business.
func TestAlertsByDomain(t *testing.T) {
	d := newDesk(t, Config{
		Alerts: map[string]AlertConfig{
			AlertFlood:               {Severity: Info},
			AlertGrandmasterFlapping: {Thresholds: map[string]int64{ThresholdChanges: 4}},
		},
		Domains: []DomainConfig{{
			Network: "eth0", DomainNumber: 24,
			Alerts: map[string]AlertConfig{
				AlertGrandmasterChanged:  {Disabled: true},
				AlertFlood:               {Severity: Critical},
				AlertGrandmasterFlapping: {Thresholds: map[string]int64{ThresholdChanges: 9}},
			},
		}},
	})
	for _, scope := range []Scope{{"eth0", 24, 0}, {"eth1", 24, 0}, {"eth0", 25, 0}} {
		d.domain, d.network = scope.DomainNumber, scope.Network
		d.send(ptp.Message{Type: ptp.Signaling, SourcePortIdentity: gmA})
		d.scope = scope
		d.alerts.raise(d.alert(AlertGrandmasterChanged, 1))
		d.alerts.raise(d.alert(AlertFlood, 1))
	}
	type line struct {
		Name     string
		Scope    Scope
		Severity Severity
	}
	var got []line
	for _, a := range d.View().Alerts {
		got = append(got, line{a.Name, a.Scope, a.Severity})
	}
	want := []line{
		{AlertFlood, Scope{"eth0", 24, 0}, Critical},
		{AlertFlood, Scope{"eth0", 25, 0}, Info},
		{AlertFlood, Scope{"eth1", 24, 0}, Info},
		{AlertGrandmasterChanged, Scope{"eth0", 25, 0}, Warning},
		{AlertGrandmasterChanged, Scope{"eth1", 24, 0}, Warning},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
	for scope, want := range map[Scope]int64{{"eth0", 24, 0}: 9, {"eth1", 24, 0}: 4, {"never", 1, 0}: 4} {
		s := d.alerts.settings(AlertGrandmasterFlapping, scope)
		if got := s.count(ThresholdChanges); got != want {
			t.Errorf("%v: %d changes, want %d", scope, got, want)
		}
		if got := s.time(ThresholdWindow); got != 10*time.Minute {
			t.Errorf("%v: window %s, want the default", scope, got)
		}
	}
	// What may be counted is there at 0: one severity for all, one for the domain.
	for _, s := range []Severity{Info, Critical} {
		if n := d.raised(AlertFlood, s); n == 0 {
			t.Errorf("PTPFlood is not counted as %s", s)
		}
	}
	d.Reconfigure(Config{Alerts: map[string]AlertConfig{AlertFlood: {Disabled: true}}}, d.at, d.note)
	for _, a := range d.View().Alerts {
		if a.Resolved.IsZero() == (a.Name == AlertFlood) {
			t.Errorf("%s on %s: resolved %v", a.Name, a.Scope.Network, a.Resolved)
		}
	}
}

// Alerts without number keep out only more of their own kind: graver ones, the
// first of another name or scope and those about listed clocks have room.
func TestFullBook(t *testing.T) {
	own := ptp.ClockIdentity(0xA)
	d := newDesk(t, Config{Domains: []DomainConfig{{Grandmasters: []GrandmasterConfig{{Identity: own}}}}})
	d.send(syncFrom(gmA, 1)) // the domain is there
	flood := func(name string, s Severity, n int) {
		for i := range n {
			a := d.alert(name, ptp.ClockIdentity(0x1000+i))
			a.Severity = s
			d.alerts.raise(a)
		}
	}
	flood(AlertGrandmasterFreeRun, Info, 2000)
	flood(AlertUnknownGrandmaster, Warning, 2000)
	flood(AlertRogueGrandmaster, Critical, 100_000)
	if n := len(d.alerts.active); n != 1024 {
		t.Errorf("%d alerts hold, want 1024", n)
	}
	if n := d.suppressed(AlertRogueGrandmaster); n < 100_000-1024 {
		t.Errorf("%d suppressed: the refused are not counted", n)
	}

	blind := d.alert(AlertWatchDegraded, 0)
	blind.Scope, blind.Interface = Scope{}, "eth0"
	d.alerts.raise(blind)
	elsewhere := Scope{Network: "eth1"}
	for _, tc := range []struct {
		name  string
		scope Scope
		gm    ptp.ClockIdentity
		want  bool
	}{
		{AlertAnnounceTimeout, d.scope, 7, true},                 // the first of its name here
		{AlertFlood, d.scope, 7, true},                           // a warning too
		{AlertRogueGrandmaster, elsewhere, 7, true},              // the first of its scope
		{AlertRogueGrandmaster, elsewhere, 8, false},             // the second is not
		{AlertRogueGrandmaster, d.scope, own, true},              // about a listed clock
		{AlertIllegalClockQuality, d.scope, own, true},           //
		{AlertWatchDegraded, Scope{}, 0, true},                   // about the monitor itself
		{AlertIllegalClockQuality, d.scope, own + 0x2000, false}, // about a stranger
	} {
		scope := d.scope
		d.scope = tc.scope
		a := d.alert(tc.name, tc.gm)
		d.alerts.raise(a)
		if got := d.alerts.holds(a.key()); got != tc.want {
			t.Errorf("%s about %x on %s: %v, want %v", tc.name, uint64(tc.gm), tc.scope.Network, got, tc.want)
		}
		d.scope = scope
	}
	told := 0
	for _, a := range d.View().Alerts {
		if !a.Suppressed && a.Severity != Info {
			told++
		}
	}
	if told != 4 {
		t.Errorf("people are told %d times, want twice here, once on eth1 and once of the monitor", told)
	}
	if v := d.View().Tables[len(d.View().Tables)-1]; v.Name != "alerts" || v.Evictions == 0 {
		t.Errorf("table %+v does not say what was refused", v)
	}
}

// What ended is kept by its weight: ten thousand warnings do not push the one
// critical alert out.
func TestHistoryKeepsTheGrave(t *testing.T) {
	d := newDesk(t, Config{})
	end := func(name string, n int) {
		for i := range n {
			a := d.alert(name, ptp.ClockIdentity(i))
			d.alerts.raise(a)
			d.alerts.resolve(a.key(), d.now)
			d.wait(time.Millisecond)
		}
	}
	end(AlertRogueGrandmaster, 1)
	end(AlertUnknownGrandmaster, 3*maxEndedAlerts)
	v := d.View()
	if len(v.Alerts) > maxEndedAlerts || v.Alerts[0].Name != AlertRogueGrandmaster {
		t.Errorf("%d alerts, the first is %s, want at most %d and %s", len(v.Alerts), v.Alerts[0].Name, maxEndedAlerts, AlertRogueGrandmaster)
	}
}

// Every alert is counted from the start, with each severity it may have.
func TestEveryAlertIsCountedFromTheStart(t *testing.T) {
	v := newDesk(t, Config{}).View()
	var want []AlertCount
	for _, d := range Definitions {
		for _, s := range d.Severities {
			want = append(want, AlertCount{Name: d.Name, Severity: s})
		}
	}
	if diff := cmp.Diff(want, v.AlertsRaised); diff != "" {
		t.Errorf("raised (-want +got):\n%s", diff)
	}
	if len(v.AlertsSuppressed) != len(Definitions) {
		t.Errorf("%d alerts have a count of suppressions, want %d", len(v.AlertsSuppressed), len(Definitions))
	}
}

// How long silence must last is a domain's own matter.
func TestAfterByDomain(t *testing.T) {
	slow := func(name string) map[string]AlertConfig {
		return map[string]AlertConfig{name: {Thresholds: map[string]int64{ThresholdAfter: int64(30 * time.Second)}}}
	}
	for _, tc := range []struct {
		alert string
		talk  []ptp.Message // after the Announces have ended
		want  [2]string     // in domain 0 and in domain 1
	}{
		{AlertGrandmasterLost, nil, [2]string{"14s", "34s"}},
		{AlertAnnounceTimeout, []ptp.Message{syncFrom(gmA, 1)}, [2]string{"7s", "34s"}},
	} {
		for domain, want := range tc.want {
			b := newBench(t, Config{Domains: []DomainConfig{{DomainNumber: 0}, {DomainNumber: 1, Alerts: slow(tc.alert)}}})
			b.domain = uint8(domain)
			b.seconds(5, announceFrom(gmA, 128), syncFrom(gmA, 1))
			b.seconds(60, tc.talk...)
			got := ""
			for _, a := range b.View().Alerts {
				if a.Name == tc.alert {
					got = a.Raised.Sub(epoch).String()
				}
			}
			if got != want {
				t.Errorf("%s in domain %d: raised at %q, want %s", tc.alert, domain, got, want)
			}
		}
	}
}
