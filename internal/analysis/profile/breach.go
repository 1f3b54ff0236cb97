package profile

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/analysis/bmca"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Breach is a rule that an Announce breaks.
type Breach struct {
	Kind     Kind
	Field    string // as the standard names it: "grandmasterPriority1"
	Observed string // "127"
	Accepted string // "128"
	Clause   string // of the rule: "ITU-T G.8275.1 table A.1"
}

// Kind is how a rule is broken.
type Kind uint8

// The kinds, worst first.
const (
	Reserved    Kind = iota // a value that IEEE 1588 reserves, whatever the profile
	Forbidden               // a value that the profile does not allow
	Implausible             // claims that contradict one another, which careless configuration makes too
)

var kindNames = [...]string{Reserved: "reserved", Forbidden: "forbidden", Implausible: "implausible"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%#x)", uint8(k))
}

// Check returns the worst rule that an Announce from sender breaks, if any. An
// offsetScaledLogVariance breaks none (boundary clocks relay 0xFFFF with class
// 6), nor do time flags that are not set, nor an identity that does not match
// a MAC address.
func (p *Profile) Check(sender ptp.PortIdentity, a ptp.Announce, flags ptp.Flags) (Breach, bool) {
	if b, broken := p.reserved(&a); broken {
		return b, true
	}
	if b, broken := p.forbidden(&a); broken {
		return b, true
	}
	return implausible(sender, &a, flags)
}

const (
	fieldClass    = "grandmasterClockQuality.clockClass"
	fieldAccuracy = "grandmasterClockQuality.clockAccuracy"
)

// reserved looks for values that IEEE 1588 gives no meaning.
func (p *Profile) reserved(a *ptp.Announce) (Breach, bool) {
	class, accuracy := uint8(a.GrandmasterClockQuality.ClockClass), uint8(a.GrandmasterClockQuality.ClockAccuracy)
	switch {
	case classOf(standardClasses, class).Grade == Illegal:
		return Breach{Reserved, fieldClass, fmt.Sprint(class), classList(p.Classes), "IEEE 1588-2019 table 4"}, true
	case accuracyReserved(accuracy):
		return Breach{
			Reserved, fieldAccuracy, fmt.Sprintf("0x%02x", accuracy),
			"0x17 to 0x31, 0x80 to 0xfe", "IEEE 1588-2019 table 5",
		}, true
	case timeSourceReserved(a.TimeSource):
		return Breach{
			Reserved, "timeSource", fmt.Sprintf("0x%02x", uint8(a.TimeSource)),
			"0x10, 0x20, 0x30, 0x39, 0x40, 0x50, 0x60, 0x90, 0xa0, 0xf0 to 0xfe", "IEEE 1588-2019 table 6",
		}, true
	}
	return Breach{}, false
}

// forbidden looks for values that the profile does not have.
func (p *Profile) forbidden(a *ptp.Announce) (Breach, bool) {
	class := uint8(a.GrandmasterClockQuality.ClockClass)
	switch {
	case class == 255 && !p.notCapable(a):
		return Breach{Forbidden, fieldClass, "255, slave-only", classList(p.Classes), p.Title}, true
	case !p.Allows(class):
		return Breach{Forbidden, fieldClass, fmt.Sprint(class), classList(p.Classes), p.Title}, true
	case !p.Priority1.Contains(a.GrandmasterPriority1):
		return Breach{Forbidden, "grandmasterPriority1", fmt.Sprint(a.GrandmasterPriority1), p.Priority1.String(), p.Title}, true
	case !p.Priority2.Contains(a.GrandmasterPriority2):
		return Breach{Forbidden, "grandmasterPriority2", fmt.Sprint(a.GrandmasterPriority2), p.Priority2.String(), p.Title}, true
	}
	return Breach{}, false
}

// implausible looks for claims that contradict one another.
func implausible(sender ptp.PortIdentity, a *ptp.Announce, flags ptp.Flags) (Breach, bool) {
	class := a.GrandmasterClockQuality.ClockClass
	switch {
	case a.StepsRemoved > 0 && sender.ClockIdentity == a.GrandmasterIdentity:
		return Breach{
			Implausible, "stepsRemoved", fmt.Sprintf("%d, from the grandmaster itself", a.StepsRemoved),
			"0", "IEEE 1588-2019 13.5",
		}, true
	case class == 6 && a.TimeSource == ptp.TimeSourceInternalOscillator:
		return Breach{
			Implausible, "timeSource", "INTERNAL_OSCILLATOR with clockClass 6",
			"a primary reference", "IEEE 1588-2019 table 4",
		}, true
	case class == 248 && flags.Has(ptp.FlagTimeTraceable):
		return Breach{Implausible, "timeTraceable", "set with clockClass 248", "not set", "IEEE 1588-2019 8.2.4.6"}, true
	}
	return Breach{}, false
}

// notCapable says that a clock of gPTP announces that it leads nobody.
func (p *Profile) notCapable(a *ptp.Announce) bool {
	return p.Algorithm == bmca.GPTP && a.GrandmasterPriority1 == 255
}

// accuracyReserved says whether a clockAccuracy has no meaning. The values
// from 0x17 to 0x1F came with IEEE 1588-2019.
func accuracyReserved(a uint8) bool { return a < 0x17 || 0x32 <= a && a < 0x80 || a == 0xFF }

// timeSourceReserved says whether a timeSource has no meaning. 0xF0 to 0xFE
// are for other profiles.
func timeSourceReserved(s ptp.TimeSource) bool {
	switch s {
	case ptp.TimeSourceAtomicClock, ptp.TimeSourceGNSS, ptp.TimeSourceTerrestrialRadio, ptp.TimeSourceSerialTimeCode,
		ptp.TimeSourcePTP, ptp.TimeSourceNTP, ptp.TimeSourceHandSet, ptp.TimeSourceOther, ptp.TimeSourceInternalOscillator:
		return false
	}
	return s < 0xF0 || s == 0xFF
}
