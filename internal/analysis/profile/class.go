package profile

import (
	"fmt"
	"slices"
	"strings"
)

// Grade is what a clockClass says of a grandmaster's time.
type Grade uint8

// The grades.
const (
	Illegal     Grade = iota // reserved by the standard, or not among the profile's
	Locked                   // to a primary reference, or to what the application asked for
	Holdover                 // lost the reference, still within specification
	FreeRun                  // out of specification, or never had a reference
	Unspecified              // left for other profiles to define
	SlaveOnly                // a clock that is never to be a grandmaster
)

var gradeNames = [...]string{
	Illegal: "illegal", Locked: "locked", Holdover: "holdover", FreeRun: "free run",
	Unspecified: "not graded", SlaveOnly: "slave-only",
}

func (g Grade) String() string {
	if int(g) < len(gradeNames) {
		return gradeNames[g]
	}
	return fmt.Sprintf("Grade(%#x)", uint8(g))
}

// Class is a stretch of clockClass values, From to To, of one meaning.
type Class struct {
	From, To uint8
	Grade    Grade
	Meaning  string
}

// standardClasses are those of IEEE 1588-2019 table 4; what is not among them
// is reserved.
var standardClasses = []Class{
	{6, 6, Locked, "locked to a primary reference, PTP timescale"},
	{7, 7, Holdover, "was 6, within holdover specification"},
	{13, 13, Locked, "locked to an application's own reference, ARB timescale"},
	{14, 14, Holdover, "was 13, within holdover specification"},
	{52, 52, FreeRun, "was 7, out of specification; follows nobody"},
	{58, 58, FreeRun, "was 14, out of specification; follows nobody"},
	{68, 122, Unspecified, "for other profiles"},
	{133, 170, Unspecified, "for other profiles"},
	{187, 187, FreeRun, "was 7, out of specification; may follow"},
	{193, 193, FreeRun, "was 14, out of specification; may follow"},
	{216, 232, Unspecified, "for other profiles"},
	{248, 248, FreeRun, "none of the others: the default"},
	{255, 255, SlaveOnly, "slave-only"},
}

// telecomClasses are those of ITU-T G.8275.1 6.4 and G.8275.2 6.4.
var telecomClasses = []Class{
	{6, 6, Locked, "T-GM locked to a PRTC"},
	{7, 7, Holdover, "T-GM in holdover, within specification"},
	{135, 135, Holdover, "T-BC in holdover, within specification"},
	{140, 140, FreeRun, "T-GM in holdover, out of specification, category 1 frequency reference"},
	{150, 150, FreeRun, "T-GM in holdover, out of specification, category 2 frequency reference"},
	{160, 160, FreeRun, "T-GM in holdover, out of specification, category 3 frequency reference"},
	{165, 165, FreeRun, "T-BC in holdover, out of specification"},
	{248, 248, FreeRun, "T-GM or T-BC that never had a reference"},
	{255, 255, SlaveOnly, "T-TSC, slave-only"},
}

// qualityLevels are those of ITU-T G.8265.1 table 1: quality levels of ITU-T
// G.781, those of a primary reference first, of a node clock that lost it, of
// an equipment clock.
var qualityLevels = []Class{
	{80, 80, Locked, "QL-PRS"},
	{82, 82, Unspecified, "QL-STU: traceability unknown"},
	{84, 84, Locked, "QL-PRC"},
	{86, 86, Holdover, "QL-ST2"},
	{90, 90, Holdover, "QL-SSU-A, QL-TNC"},
	{96, 96, Holdover, "QL-SSU-B"},
	{100, 100, Holdover, "QL-ST3E"},
	{102, 102, FreeRun, "QL-ST3, QL-EEC2"},
	{104, 104, FreeRun, "QL-SEC, QL-EEC1"},
	{106, 106, FreeRun, "QL-SMC"},
	{108, 108, Unspecified, "QL-PROV: as the operator says"},
	{110, 110, FreeRun, "QL-DNU, QL-DUS: do not use"},
	{80, 110, Unspecified, "other quality levels"},
	{255, 255, SlaveOnly, "slave-only"},
}

func classOf(classes []Class, class uint8) Class {
	for _, c := range classes {
		if c.From <= class && class <= c.To {
			return c
		}
	}
	return Class{class, class, Illegal, ""}
}

// classList prints the classes that a grandmaster may have: "6, 68 to 122".
func classList(classes []Class) string {
	var parts []string
	for i, c := range classes {
		wider := func(w Class) bool { return w.From <= c.From && c.To <= w.To }
		if c.Grade != SlaveOnly && !slices.ContainsFunc(classes[i+1:], wider) {
			parts = append(parts, Range{c.From, c.To}.String())
		}
	}
	return strings.Join(parts, ", ")
}

// Allows says whether the profile has a clockClass.
func (p *Profile) Allows(class uint8) bool { return classOf(p.Classes, class).Grade != Illegal }

// Grade is what a clockClass says. Where the profile does not say, it is what
// ITU-T G.8275.1 does, as its classes are seen outside of it too, and then
// what the standard does.
func (p *Profile) Grade(class uint8) Grade {
	own := classOf(p.Classes, class)
	if own.Grade != Illegal && own.Grade != Unspecified {
		return own.Grade
	}
	for _, classes := range [...][]Class{telecomClasses, standardClasses} {
		if c := classOf(classes, class); c.Grade != Illegal {
			return c.Grade
		}
	}
	return own.Grade
}

// Meaning is what a clockClass says, in words; "reserved" for one without any.
func (p *Profile) Meaning(class uint8) string {
	for _, classes := range [...][]Class{p.Classes, telecomClasses, standardClasses} {
		if c := classOf(classes, class); c.Grade != Illegal && c.Grade != Unspecified {
			return c.Meaning
		}
	}
	if c := classOf(p.Classes, class); c.Grade == Unspecified {
		return c.Meaning
	}
	return "reserved"
}

// Degraded says whether a clockClass tells of holdover or free run where that
// is not usual.
func (p *Profile) Degraded(class uint8) bool {
	switch p.Grade(class) {
	case Holdover:
		return true
	case FreeRun:
		return class != 248 || !p.FreeRunUsual
	}
	return false
}
