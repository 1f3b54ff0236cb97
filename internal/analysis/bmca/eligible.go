package bmca

import "github.com/ptpwatch/ptpwatch/internal/ptp"

// MaxStepsRemoved is the first stepsRemoved that no Announce may qualify with
// (IEEE 1588-2019 9.3.2.5).
const MaxStepsRemoved = 255

// Bar is why an Announce does not make its sender a candidate; "" is no reason.
// A receiver's acceptable master table (IEEE 1588-2019 17.5), which may bar
// clocks or give them another priority1, is never on the wire: as most receivers
// have none, none is assumed.
type Bar string

// The reasons.
const (
	TooManySteps    Bar = "steps_removed"    // 255 and more (IEEE 1588-2019 9.3.2.5)
	NotCapable      Bar = "priority1"        // 255: not grandmaster-capable (IEEE 802.1AS-2020 8.6.2.1)
	AlternateMaster Bar = "alternate_master" // a backup that shows itself (IEEE 1588-2019 17.3)
	SlaveOnly       Bar = "clock_class"      // 255: the class of clocks that never lead (IEEE 1588-2019 table 4)
	DoNotUse        Bar = "quality_level"    // QL-DNU, QL-DUS (ITU-T G.8265.1 table 1)
)

// Everywhere says whether every receiver refuses such an Announce. Not all
// implementations refuse the others: linuxptp, for one, does not look at
// alternateMasterFlag, and only linuxptp looks at class 255. So an attack by one
// of those may well succeed.
func (b Bar) Everywhere() bool { return b == TooManySteps || b == NotCapable }

// Bar says why receivers that run the algorithm do not take an Announce into
// their comparison, the reasons that hold everywhere first.
func (alg Algorithm) Bar(a ptp.Announce, flags ptp.Flags) Bar {
	class := a.GrandmasterClockQuality.ClockClass
	switch {
	case a.StepsRemoved >= MaxStepsRemoved:
		return TooManySteps
	case alg == GPTP && a.GrandmasterPriority1 == 255:
		return NotCapable
	case flags.Has(ptp.FlagAlternateMaster):
		return AlternateMaster
	case class == 255:
		return SlaveOnly
	case alg == QualityLevel && class == classDNU:
		return DoNotUse
	}
	return ""
}

// classDNU is the clockClass of QL-DNU and QL-DUS.
const classDNU = 110

// NeverSlave says that a clock which has such a class of its own follows
// nobody: where it hears a better one, its port becomes PASSIVE, not SLAVE
// (IEEE 1588-2019 figure 33, decision P1), and falls silent. The masters of
// ITU-T G.8265.1 neither follow nor fall silent; those of IEEE 802.1AS follow
// whatever their class.
func (alg Algorithm) NeverSlave(class uint8) bool {
	switch alg {
	case GPTP:
		return false
	case QualityLevel:
		return class != 255
	}
	return 1 <= class && class <= 127
}
