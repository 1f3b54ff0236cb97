package profile

import (
	"testing"

	"github.com/facebook/time/ptp/protocol"
	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func setClass(a *ptp.Announce, class uint8) {
	a.GrandmasterClockQuality.ClockClass = protocol.ClockClass(class)
}

func named(t *testing.T, name string) *Profile {
	t.Helper()
	p, ok := Lookup(name)
	if !ok {
		t.Fatalf("no profile %q", name)
	}
	return p
}

func TestTableIsConsistent(t *testing.T) {
	var names []string
	for i := range table {
		p := &table[i]
		names = append(names, p.Name)
		if p.Title == "" || p.Source == "" || p.Notes == "" || len(p.Transports) == 0 || p.Addressing == 0 || p.Mechanisms == 0 || len(p.Classes) == 0 {
			t.Errorf("%s: a field is missing: %+v", p.Name, p)
		}
		if !p.Domains.Contains(p.Domain) {
			t.Errorf("%s: the default domain %d is not among %s", p.Name, p.Domain, p.Domains)
		}
		if p.Qualify < 1 || p.ReceiptTimeout < 2 {
			t.Errorf("%s: qualifies by %d Announces, times out after %d", p.Name, p.Qualify, p.ReceiptTimeout)
		}
		for what, i := range map[string]Interval{"Announce": p.Announce, "Sync": p.Sync, "Delay_Req": p.DelayReq, "Pdelay_Req": p.PdelayReq} {
			if i.Allowed && (i.Min > i.Max || !i.Contains(i.Default)) {
				t.Errorf("%s: %s from %d to %d, by default %d", p.Name, what, i.Min, i.Max, i.Default)
			}
		}
		if e2e := p.Mechanisms&EndToEnd != 0; e2e != p.DelayReq.Allowed {
			t.Errorf("%s: end-to-end is %t, but its interval %t", p.Name, e2e, p.DelayReq.Allowed)
		}
		if p2p := p.Mechanisms&PeerToPeer != 0; p2p != p.PdelayReq.Allowed {
			t.Errorf("%s: peer-to-peer is %t, but its interval %t", p.Name, p2p, p.PdelayReq.Allowed)
		}
		for class := range 256 {
			if p.Allows(uint8(class)) && classOf(standardClasses, uint8(class)).Grade == Illegal {
				t.Errorf("%s allows clockClass %d, which the standard reserves", p.Name, class)
			}
		}
	}
	want := []string{"default", "g8275.1", "g8275.2", "g8265.1", "gptp", "enterprise", "st2059-2", "power"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the names of the configuration (-want +got):\n%s", diff)
	}
	if Default().Name != "default" {
		t.Errorf("Default is %s", Default().Name)
	}
	if p, ok := Lookup("auto"); ok {
		t.Errorf("Lookup(auto) = %s: auto is none", p.Name)
	}
}

func TestIntervalContains(t *testing.T) {
	tests := []struct {
		profile string
		typ     ptp.MessageType
		log     ptp.LogInterval
		want    bool
	}{
		{"default", ptp.AnnounceMessage, 1, true}, {"default", ptp.AnnounceMessage, 6, false}, {"default", ptp.AnnounceMessage, 31, false},
		{"default", ptp.Sync, -3, true}, {"default", ptp.Sync, -100, false}, {"default", ptp.Sync, ptp.NoInterval, true},
		{"default", ptp.DelayResp, 22, false},
		{"g8275.1", ptp.AnnounceMessage, -3, true}, {"g8275.1", ptp.AnnounceMessage, -2, false}, {"g8275.1", ptp.FollowUp, -4, true}, {"g8275.1", ptp.PdelayReq, 0, false},
		{"g8275.2", ptp.Sync, -7, true}, {"g8275.2", ptp.Sync, 1, false},
		{"gptp", ptp.Sync, -128, true}, {"gptp", ptp.DelayReq, 0, false},
		{"enterprise", ptp.AnnounceMessage, 1, false},
		{"power", ptp.PdelayReq, 0, true}, {"power", ptp.PdelayReq, -1, false},
	}
	for _, tt := range tests {
		i, ok := named(t, tt.profile).Interval(tt.typ)
		if !ok || i.Contains(tt.log) != tt.want {
			t.Errorf("%s: %s at %d is %t, %t, want %t", tt.profile, tt.typ, tt.log, i.Contains(tt.log), ok, tt.want)
		}
	}
	for _, typ := range []ptp.MessageType{ptp.Signaling, ptp.ManagementMessage, ptp.PdelayResp, ptp.PdelayRespFollowUp} {
		if i, ok := Default().Interval(typ); ok {
			t.Errorf("%s has an interval, %+v", typ, i)
		}
	}
}

func TestGrade(t *testing.T) {
	tests := []struct {
		profile  string
		class    uint8
		want     Grade
		allowed  bool
		degraded bool
	}{
		{"default", 0, Illegal, false, false}, {"default", 1, Illegal, false, false}, {"default", 6, Locked, true, false},
		{"default", 7, Holdover, true, true}, {"default", 9, Illegal, false, false}, {"default", 13, Locked, true, false},
		{"default", 14, Holdover, true, true}, {"default", 52, FreeRun, true, true}, {"default", 58, FreeRun, true, true},
		{"default", 84, Unspecified, true, false}, {"default", 127, Illegal, false, false},
		{"default", 135, Holdover, true, true}, {"default", 165, FreeRun, true, true}, {"default", 140, FreeRun, true, true},
		{"default", 187, FreeRun, true, true}, {"default", 193, FreeRun, true, true}, {"default", 220, Unspecified, true, false},
		{"default", 248, FreeRun, true, false}, {"default", 254, Illegal, false, false}, {"default", 255, SlaveOnly, true, false},
		{"gptp", 248, FreeRun, true, false}, {"st2059-2", 248, FreeRun, true, false}, {"power", 248, FreeRun, true, true},
		{"enterprise", 248, FreeRun, true, true},
		{"g8275.1", 6, Locked, true, false}, {"g8275.1", 7, Holdover, true, true}, {"g8275.1", 135, Holdover, true, true},
		{"g8275.1", 150, FreeRun, true, true}, {"g8275.1", 165, FreeRun, true, true}, {"g8275.1", 248, FreeRun, true, true},
		{"g8275.1", 13, Locked, false, false}, {"g8275.1", 52, FreeRun, false, true}, {"g8275.1", 1, Illegal, false, false},
		{"g8275.2", 160, FreeRun, true, true},
		{"g8265.1", 84, Locked, true, false}, {"g8265.1", 90, Holdover, true, true}, {"g8265.1", 104, FreeRun, true, true},
		{"g8265.1", 110, FreeRun, true, true}, {"g8265.1", 82, Unspecified, true, false}, {"g8265.1", 88, Unspecified, true, false},
		{"g8265.1", 6, Locked, false, false}, {"g8265.1", 248, FreeRun, false, true},
	}
	for _, tt := range tests {
		p := named(t, tt.profile)
		if got := p.Grade(tt.class); got != tt.want {
			t.Errorf("%s: Grade(%d) = %s, want %s", tt.profile, tt.class, got, tt.want)
		}
		if got := p.Allows(tt.class); got != tt.allowed {
			t.Errorf("%s: Allows(%d) = %t, want %t", tt.profile, tt.class, got, tt.allowed)
		}
		if got := p.Degraded(tt.class); got != tt.degraded {
			t.Errorf("%s: Degraded(%d) = %t, want %t", tt.profile, tt.class, got, tt.degraded)
		}
	}
}

func TestMeaning(t *testing.T) {
	tests := []struct {
		profile string
		class   uint8
		want    string
	}{
		{"default", 6, "locked to a primary reference, PTP timescale"},
		{"g8275.1", 6, "T-GM locked to a PRTC"},
		{"default", 165, "T-BC in holdover, out of specification"},
		{"default", 84, "for other profiles"},
		{"g8265.1", 84, "QL-PRC"},
		{"g8265.1", 82, "QL-STU: traceability unknown"},
		{"g8275.1", 52, "was 7, out of specification; follows nobody"},
		{"default", 1, "reserved"},
	}
	for _, tt := range tests {
		if got := named(t, tt.profile).Meaning(tt.class); got != tt.want {
			t.Errorf("%s: Meaning(%d) = %q, want %q", tt.profile, tt.class, got, tt.want)
		}
	}
}

func TestCheck(t *testing.T) {
	const self ptp.ClockIdentity = 0x1000
	sound := ptp.Announce{
		GrandmasterPriority1:    128,
		GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4E5D},
		GrandmasterPriority2:    128, GrandmasterIdentity: self, TimeSource: ptp.TimeSourceGNSS,
	}
	tests := []struct {
		name    string
		profile string
		change  func(*ptp.Announce)
		flags   ptp.Flags
		want    Breach // without the clause
	}{
		{name: "reserved class", profile: "default", change: func(a *ptp.Announce) { setClass(a, 1) }, want: Breach{Reserved, "grandmasterClockQuality.clockClass", "1", "6, 7, 13, 14, 52, 58, 68 to 122, 133 to 170, 187, 193, 216 to 232, 248", ""}},
		{name: "class 0", profile: "gptp", change: func(a *ptp.Announce) { setClass(a, 0) }, want: Breach{Reserved, "grandmasterClockQuality.clockClass", "0", "6, 7, 13, 14, 52, 58, 68 to 122, 133 to 170, 187, 193, 216 to 232, 248", ""}},
		{name: "class of another profile", profile: "g8275.1", change: func(a *ptp.Announce) { setClass(a, 187) }, want: Breach{Forbidden, "grandmasterClockQuality.clockClass", "187", "6, 7, 135, 140, 150, 160, 165, 248", ""}},
		{name: "no quality level", profile: "g8265.1", change: func(*ptp.Announce) {}, want: Breach{Forbidden, "grandmasterClockQuality.clockClass", "6", "80 to 110", ""}},
		{name: "slave-only", profile: "g8275.1", change: func(a *ptp.Announce) { setClass(a, 255) }, want: Breach{Forbidden, "grandmasterClockQuality.clockClass", "255, slave-only", "6, 7, 135, 140, 150, 160, 165, 248", ""}},
		{name: "not grandmaster-capable, but leading", profile: "gptp", change: func(a *ptp.Announce) { setClass(a, 255) }, want: Breach{Forbidden, "grandmasterClockQuality.clockClass", "255, slave-only", "6, 7, 13, 14, 52, 58, 68 to 122, 133 to 170, 187, 193, 216 to 232, 248", ""}},
		{name: "reserved accuracy", profile: "default", change: func(a *ptp.Announce) { a.GrandmasterClockQuality.ClockAccuracy = 0x10 }, want: Breach{Reserved, "grandmasterClockQuality.clockAccuracy", "0x10", "0x17 to 0x31, 0x80 to 0xfe", ""}},
		{name: "accuracy 0xff", profile: "default", change: func(a *ptp.Announce) { a.GrandmasterClockQuality.ClockAccuracy = 0xFF }, want: Breach{Reserved, "grandmasterClockQuality.clockAccuracy", "0xff", "0x17 to 0x31, 0x80 to 0xfe", ""}},
		{name: "accuracy 0x32", profile: "default", change: func(a *ptp.Announce) { a.GrandmasterClockQuality.ClockAccuracy = 0x32 }, want: Breach{Reserved, "grandmasterClockQuality.clockAccuracy", "0x32", "0x17 to 0x31, 0x80 to 0xfe", ""}},
		{name: "reserved time source", profile: "default", change: func(a *ptp.Announce) { a.TimeSource = 0x33 }, want: Breach{Reserved, "timeSource", "0x33", "0x10, 0x20, 0x30, 0x39, 0x40, 0x50, 0x60, 0x90, 0xa0, 0xf0 to 0xfe", ""}},
		{name: "telecom priority1", profile: "g8275.1", change: func(a *ptp.Announce) { a.GrandmasterPriority1 = 127 }, want: Breach{Forbidden, "grandmasterPriority1", "127", "128", ""}},
		{name: "the worst comes first", profile: "g8275.2", change: func(a *ptp.Announce) { a.GrandmasterPriority1 = 1; setClass(a, 3) }, want: Breach{Reserved, "grandmasterClockQuality.clockClass", "3", "6, 7, 135, 140, 150, 160, 165, 248", ""}},
		{name: "removed from itself", profile: "default", change: func(a *ptp.Announce) { a.StepsRemoved = 2 }, want: Breach{Implausible, "stepsRemoved", "2, from the grandmaster itself", "0", ""}},
		{name: "class 6 by an oscillator", profile: "default", change: func(a *ptp.Announce) { a.TimeSource = ptp.TimeSourceInternalOscillator }, want: Breach{Implausible, "timeSource", "INTERNAL_OSCILLATOR with clockClass 6", "a primary reference", ""}},
		{name: "traceable without a reference", profile: "gptp", change: func(a *ptp.Announce) { setClass(a, 248) }, flags: ptp.FlagTimeTraceable, want: Breach{Implausible, "timeTraceable", "set with clockClass 248", "not set", ""}},

		{name: "sound", profile: "default", change: func(*ptp.Announce) {}},
		{name: "traceable", profile: "g8275.1", change: func(*ptp.Announce) {}, flags: ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable | ptp.FlagPTPTimescale},
		{name: "no time flag at all", profile: "g8275.1", change: func(*ptp.Announce) {}},
		{name: "a relay's variance", profile: "g8275.1", change: func(a *ptp.Announce) {
			a.GrandmasterClockQuality.OffsetScaledLogVariance = 0xFFFF
			a.GrandmasterIdentity, a.StepsRemoved = 0x2000, 1
		}},
		{name: "a relay of class 6", profile: "default", change: func(a *ptp.Announce) { a.GrandmasterIdentity, a.StepsRemoved = 0x2000, 3 }},
		{name: "a boundary clock out of specification", profile: "g8275.1", change: func(a *ptp.Announce) {
			setClass(a, 165)
			a.GrandmasterClockQuality.ClockAccuracy, a.TimeSource = 0xFE, ptp.TimeSourceInternalOscillator
		}},
		{name: "class 248 in gPTP", profile: "gptp", change: func(a *ptp.Announce) { setClass(a, 248); a.TimeSource = ptp.TimeSourceInternalOscillator }},
		{name: "class 248 at home", profile: "default", change: func(a *ptp.Announce) { setClass(a, 248) }},
		{name: "not grandmaster-capable", profile: "gptp", change: func(a *ptp.Announce) { setClass(a, 255); a.GrandmasterPriority1 = 255 }},
		{name: "accuracy of 2019", profile: "default", change: func(a *ptp.Announce) { a.GrandmasterClockQuality.ClockAccuracy = 0x17 }},
		{name: "a profile's own accuracy", profile: "default", change: func(a *ptp.Announce) { a.GrandmasterClockQuality.ClockAccuracy = 0x80 }},
		{name: "a profile's own time source", profile: "default", change: func(a *ptp.Announce) { a.TimeSource = 0xFE }},
		{name: "a profile's first own time source", profile: "default", change: func(a *ptp.Announce) { a.TimeSource = 0xF0 }},
		{name: "a quality level nobody here knows", profile: "g8265.1", change: func(a *ptp.Announce) { setClass(a, 94) }},
		{name: "any priority", profile: "default", change: func(a *ptp.Announce) { a.GrandmasterPriority1, a.GrandmasterPriority2 = 0, 255 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := sound
			tt.change(&a)
			got, broken := named(t, tt.profile).Check(ptp.PortIdentity{ClockIdentity: self, PortNumber: 1}, a, tt.flags)
			if broken != (tt.want != Breach{}) || broken && got.Clause == "" {
				t.Errorf("Check = %+v, %t", got, broken)
			}
			got.Clause = ""
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Check (-want +got):\n%s", diff)
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	a := ptp.Announce{GrandmasterPriority1: 128, GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21}, TimeSource: ptp.TimeSourceGNSS}
	for b.Loop() {
		if _, broken := Default().Check(ptp.PortIdentity{}, a, 0); broken {
			b.Fatal("a sound Announce breaks a rule")
		}
	}
}
