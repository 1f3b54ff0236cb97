package profile

import (
	"fmt"

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

// rule is what an Announce's data set must be like.
type rule struct {
	kind   Kind
	field  string
	clause func(*Profile) string
	broken func(*claim) bool
	show   func(*claim) (observed, accepted string)
}

// claim is an Announce that is held against the rules of a profile.
type claim struct {
	profile *Profile
	sender  ptp.PortIdentity
	ptp.Announce
	class    uint8
	accuracy uint8
	flags    ptp.Flags
}

// Check returns the worst rule that an Announce from sender breaks, if any. An
// offsetScaledLogVariance breaks none (boundary clocks relay 0xFFFF with class
// 6), nor do time flags that are not set, nor an identity that does not match
// a MAC address.
func (p *Profile) Check(sender ptp.PortIdentity, a ptp.Announce, flags ptp.Flags) (Breach, bool) {
	c := claim{
		profile: p, sender: sender, Announce: a, flags: flags,
		class: uint8(a.GrandmasterClockQuality.ClockClass), accuracy: uint8(a.GrandmasterClockQuality.ClockAccuracy),
	}
	for i := range rules {
		if r := &rules[i]; r.broken(&c) {
			b := Breach{Kind: r.kind, Field: r.field, Clause: r.clause(p)}
			b.Observed, b.Accepted = r.show(&c)
			return b, true
		}
	}
	return Breach{}, false
}

func standard(clause string) func(*Profile) string {
	return func(*Profile) string { return "IEEE 1588-2019 " + clause }
}

func own(p *Profile) string { return p.Title }

// rules are in the order of their kinds.
var rules = []rule{
	{
		kind: Reserved, field: "grandmasterClockQuality.clockClass", clause: standard("table 4"),
		broken: func(c *claim) bool { return classOf(standardClasses, c.class).Grade == Illegal },
		show:   showClass,
	},
	{
		kind: Reserved, field: "grandmasterClockQuality.clockAccuracy", clause: standard("table 5"),
		broken: func(c *claim) bool { return accuracyReserved(c.accuracy) },
		show: func(c *claim) (string, string) {
			return fmt.Sprintf("0x%02x", c.accuracy), "0x17 to 0x31, 0x80 to 0xfe"
		},
	},
	{
		kind: Reserved, field: "timeSource", clause: standard("table 6"),
		broken: func(c *claim) bool { return timeSourceReserved(c.TimeSource) },
		show: func(c *claim) (string, string) {
			return fmt.Sprintf("0x%02x", uint8(c.TimeSource)), "0x10, 0x20, 0x30, 0x39, 0x40, 0x50, 0x60, 0x90, 0xa0, 0xf0 to 0xfe"
		},
	},
	{
		kind: Forbidden, field: "grandmasterClockQuality.clockClass", clause: own,
		broken: func(c *claim) bool { return !c.profile.Allows(c.class) || c.slaveOnly() },
		show:   showClass,
	},
	{
		kind: Forbidden, field: "grandmasterPriority1", clause: own,
		broken: func(c *claim) bool { return !c.profile.Priority1.Contains(c.GrandmasterPriority1) },
		show: func(c *claim) (string, string) {
			return fmt.Sprint(c.GrandmasterPriority1), c.profile.Priority1.String()
		},
	},
	{
		kind: Forbidden, field: "grandmasterPriority2", clause: own,
		broken: func(c *claim) bool { return !c.profile.Priority2.Contains(c.GrandmasterPriority2) },
		show: func(c *claim) (string, string) {
			return fmt.Sprint(c.GrandmasterPriority2), c.profile.Priority2.String()
		},
	},
	{
		kind: Implausible, field: "stepsRemoved", clause: standard("13.5"),
		broken: func(c *claim) bool {
			return c.StepsRemoved > 0 && c.sender.ClockIdentity == c.GrandmasterIdentity
		},
		show: func(c *claim) (string, string) {
			return fmt.Sprintf("%d, from the grandmaster itself", c.StepsRemoved), "0"
		},
	},
	{
		kind: Implausible, field: "timeSource", clause: standard("table 4"),
		broken: func(c *claim) bool { return c.class == 6 && c.TimeSource == ptp.TimeSourceInternalOscillator },
		show: func(c *claim) (string, string) {
			return c.TimeSource.String() + " with clockClass 6", "a primary reference"
		},
	},
	{
		kind: Implausible, field: "timeTraceable", clause: standard("8.2.4.6"),
		broken: func(c *claim) bool { return c.class == 248 && c.flags.Has(ptp.FlagTimeTraceable) },
		show:   func(*claim) (string, string) { return "set with clockClass 248", "not set" },
	},
}

// slaveOnly says that a clock which is never to lead announces itself as
// grandmaster. In gPTP one that is not grandmaster-capable may say so.
func (c *claim) slaveOnly() bool {
	return c.class == 255 && !(c.profile.SdoID == gptpSdoID && c.GrandmasterPriority1 == 255)
}

func showClass(c *claim) (observed, accepted string) {
	observed = fmt.Sprint(c.class)
	if c.class == 255 {
		observed += ", slave-only"
	}
	return observed, classList(c.profile.Classes)
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
