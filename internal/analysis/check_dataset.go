package analysis

import (
	"fmt"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// datasetChanged: a grandmaster says something else of itself than before, in
// whatever field. One that is not acceptable may say what it likes.
func datasetChanged(s *subject) condition {
	g := s.grandmaster
	if g.told == (said{}) || s.verdict == Unacceptable {
		return condition{}
	}
	if own(g.told) == own(s.now) {
		return condition{}
	}
	var was, is []string
	before, now := fieldsOf(g.told), fieldsOf(s.now)
	for i := range now {
		if before[i] != now[i] {
			was, is = append(was, before[i]), append(is, now[i])
		}
	}
	return condition{
		reason:   "changed",
		expected: strings.Join(was, ", "),
		observed: strings.Join(is, ", ") + ", announced by " + s.port.id.String(),
	}
}

// fieldsOf lists what an Announce says of the grandmaster (IEEE 1588-2019
// table 43, but for stepsRemoved, which is the relay's).
func fieldsOf(s said) [14]string {
	a := &s.announce
	flag := func(name string, f ptp.Flags) string { return fmt.Sprintf("%s %t", name, s.flags.Has(f)) }
	return [...]string{
		fmt.Sprintf("grandmasterPriority1 %d", a.GrandmasterPriority1),
		fmt.Sprintf("clockClass %d", a.GrandmasterClockQuality.ClockClass),
		fmt.Sprintf("clockAccuracy %#x", uint8(a.GrandmasterClockQuality.ClockAccuracy)),
		fmt.Sprintf("offsetScaledLogVariance %#04x", a.GrandmasterClockQuality.OffsetScaledLogVariance),
		fmt.Sprintf("grandmasterPriority2 %d", a.GrandmasterPriority2),
		fmt.Sprintf("timeSource %s", a.TimeSource),
		fmt.Sprintf("currentUtcOffset %d", a.CurrentUTCOffset),
		flag("currentUtcOffsetValid", ptp.FlagCurrentUTCOffsetValid),
		flag("leap61", ptp.FlagLeap61),
		flag("leap59", ptp.FlagLeap59),
		flag("ptpTimescale", ptp.FlagPTPTimescale),
		flag("timeTraceable", ptp.FlagTimeTraceable),
		flag("frequencyTraceable", ptp.FlagFrequencyTraceable),
		flag("synchronizationUncertain", ptp.FlagSynchronizationUncertain),
	}
}

// note keeps what the grandmaster's nearest port said.
func (g *grandmaster) note(s *subject, now instant) {
	if own(g.told) != own(s.now) {
		g.toldAt = now
	}
	g.told = s.now
	if class := uint8(s.now.announce.GrandmasterClockQuality.ClockClass); traceable(s.profile, class) {
		g.traceable = class
	}
}
