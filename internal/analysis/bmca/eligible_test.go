package bmca

import (
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func TestBar(t *testing.T) {
	sound := ptp.Announce{GrandmasterPriority1: 128, GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6}, StepsRemoved: 254}
	with := func(change func(*ptp.Announce)) ptp.Announce {
		a := sound
		change(&a)
		return a
	}
	tests := []struct {
		name       string
		alg        Algorithm
		a          ptp.Announce
		flags      ptp.Flags
		want       Bar
		everywhere bool
	}{
		{name: "sound", a: sound},
		{name: "flags that tell of time", a: sound, flags: ptp.FlagLeap61 | ptp.FlagTwoStep | ptp.FlagUnicast | ptp.FlagSynchronizationUncertain},
		{name: "255 steps", a: with(func(a *ptp.Announce) { a.StepsRemoved = 255 }), want: TooManySteps, everywhere: true},
		{name: "65535 steps", alg: Telecom, a: with(func(a *ptp.Announce) { a.StepsRemoved = 65535 }), want: TooManySteps, everywhere: true},
		{name: "alternate master", a: sound, flags: ptp.FlagAlternateMaster, want: AlternateMaster},
		{name: "what holds everywhere comes first", a: with(func(a *ptp.Announce) { a.StepsRemoved = 255 }), flags: ptp.FlagAlternateMaster, want: TooManySteps, everywhere: true},
		{name: "class 255", a: with(func(a *ptp.Announce) { a.GrandmasterClockQuality.ClockClass = 255 }), want: SlaveOnly},
		{name: "class 254", a: with(func(a *ptp.Announce) { a.GrandmasterClockQuality.ClockClass = 254 })},
		{name: "priority1 255", a: with(func(a *ptp.Announce) { a.GrandmasterPriority1 = 255 })},
		{name: "priority1 255 in gPTP", alg: GPTP, a: with(func(a *ptp.Announce) { a.GrandmasterPriority1 = 255 }), want: NotCapable, everywhere: true},
		{name: "priority1 254 in gPTP", alg: GPTP, a: with(func(a *ptp.Announce) { a.GrandmasterPriority1 = 254 })},
		{name: "class 110", a: with(func(a *ptp.Announce) { a.GrandmasterClockQuality.ClockClass = 110 })},
		{name: "QL-DNU", alg: QualityLevel, a: with(func(a *ptp.Announce) { a.GrandmasterClockQuality.ClockClass = 110 }), want: DoNotUse},
		{name: "QL-PROV", alg: QualityLevel, a: with(func(a *ptp.Announce) { a.GrandmasterClockQuality.ClockClass = 108 })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.alg.Bar(tt.a, tt.flags)
			if got != tt.want || got.Everywhere() != tt.everywhere {
				t.Errorf("Bar = %q, everywhere %t, want %q, %t", got, got.Everywhere(), tt.want, tt.everywhere)
			}
		})
	}
}

func TestNeverSlave(t *testing.T) {
	tests := []struct {
		alg   Algorithm
		class uint8
		want  bool
	}{
		{Default, 0, false}, {Default, 1, true}, {Default, 6, true}, {Default, 127, true}, {Default, 128, false}, {Default, 248, false},
		{Telecom, 7, true}, {Telecom, 135, false}, {Telecom, 255, false},
		{GPTP, 6, false}, {GPTP, 248, false},
		{QualityLevel, 84, true}, {QualityLevel, 255, false},
	}
	for _, tt := range tests {
		if got := tt.alg.NeverSlave(tt.class); got != tt.want {
			t.Errorf("%s: NeverSlave(%d) = %t, want %t", tt.alg, tt.class, got, tt.want)
		}
	}
}
