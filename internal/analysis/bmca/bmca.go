// Package bmca is the best master clock algorithm as a listener can run it:
// the data set comparison of IEEE 1588-2019 9.3.4 over what Announces say.
package bmca

import (
	"cmp"
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Dataset is what the comparison looks at (IEEE 1588-2019 table 27). The
// receiver's identity is left out: a listener has none, and figure 35 needs it
// only to tell "better" from "better by topology".
type Dataset struct {
	Priority1    uint8
	ClockQuality ptp.ClockQuality
	Priority2    uint8
	Grandmaster  ptp.ClockIdentity
	StepsRemoved uint16
	Sender       ptp.PortIdentity
}

// FromAnnounce is the data set that sender announces.
func FromAnnounce(sender ptp.PortIdentity, a ptp.Announce) Dataset {
	return Dataset{
		Priority1:    a.GrandmasterPriority1,
		ClockQuality: a.GrandmasterClockQuality,
		Priority2:    a.GrandmasterPriority2,
		Grandmaster:  a.GrandmasterIdentity,
		StepsRemoved: a.StepsRemoved,
		Sender:       sender,
	}
}

// Field is what decided a comparison.
type Field string

// The deciding fields, in the order in which they are looked at.
const (
	Priority1     Field = "priority1"
	ClockClass    Field = "clock_class"
	ClockAccuracy Field = "clock_accuracy"
	Variance      Field = "offset_scaled_log_variance"
	Priority2     Field = "priority2"
	Identity      Field = "grandmaster_identity"
	StepsRemoved  Field = "steps_removed"
	Sender        Field = "sender_identity"
	Same          Field = "same" // one port compared with itself
)

// Algorithm is how two data sets compare.
type Algorithm uint8

// The algorithms.
const (
	Default      Algorithm = iota // IEEE 1588-2019 9.3.4
	Telecom                       // the alternate algorithm of ITU-T G.8275.1 and G.8275.2, 6.3
	GPTP                          // IEEE 802.1AS-2020 10.3
	QualityLevel                  // ITU-T G.8265.1: no algorithm on the wire, clients choose by quality level
)

// Result orders two data sets.
type Result struct {
	Order int   // negative where the first is better
	By    Field // that decided
	// Hinges says on what the result depends that a listener cannot know:
	// "localPriority" or "topology"; "" where every receiver decides alike.
	Hinges string
}

// Compare orders two data sets as a receiver that runs the algorithm does.
func (alg Algorithm) Compare(a, b Dataset) Result {
	c, by := Compare(a, b)
	return Result{Order: c, By: by}
}

// Of prints the field of a data set; "" for one that is none of it.
func (f Field) Of(d Dataset) string {
	switch f {
	case Priority1:
		return fmt.Sprint(d.Priority1)
	case ClockClass:
		return fmt.Sprint(d.ClockQuality.ClockClass)
	case ClockAccuracy:
		return fmt.Sprintf("0x%02x", uint8(d.ClockQuality.ClockAccuracy))
	case Variance:
		return fmt.Sprintf("0x%04x", d.ClockQuality.OffsetScaledLogVariance)
	case Priority2:
		return fmt.Sprint(d.Priority2)
	case Identity:
		return d.Grandmaster.String()
	case StepsRemoved:
		return fmt.Sprint(d.StepsRemoved)
	case Sender:
		return d.Sender.String()
	}
	return ""
}

// Compare orders two data sets as figures 34 and 35 of IEEE 1588-2019 do: it
// is negative where a is better, and names the field that decided. Identities
// compare as octets.
func Compare(a, b Dataset) (int, Field) {
	if a.Grandmaster == b.Grandmaster {
		return compareTopology(a, b)
	}
	qa, qb := a.ClockQuality, b.ClockQuality
	switch {
	case a.Priority1 != b.Priority1:
		return cmp.Compare(a.Priority1, b.Priority1), Priority1
	case qa.ClockClass != qb.ClockClass:
		return cmp.Compare(qa.ClockClass, qb.ClockClass), ClockClass
	case qa.ClockAccuracy != qb.ClockAccuracy:
		return cmp.Compare(qa.ClockAccuracy, qb.ClockAccuracy), ClockAccuracy
	case qa.OffsetScaledLogVariance != qb.OffsetScaledLogVariance:
		return cmp.Compare(qa.OffsetScaledLogVariance, qb.OffsetScaledLogVariance), Variance
	case a.Priority2 != b.Priority2:
		return cmp.Compare(a.Priority2, b.Priority2), Priority2
	}
	return cmp.Compare(a.Grandmaster, b.Grandmaster), Identity
}

// compareTopology is figure 35: two ways to the same grandmaster.
func compareTopology(a, b Dataset) (int, Field) {
	if a.StepsRemoved != b.StepsRemoved {
		return cmp.Compare(a.StepsRemoved, b.StepsRemoved), StepsRemoved
	}
	if c := a.Sender.Compare(b.Sender); c != 0 {
		return c, Sender
	}
	return 0, Same
}

// MaxStepsRemoved is the first stepsRemoved that no Announce may qualify with
// (IEEE 1588-2019 9.3.2.5).
const MaxStepsRemoved = 255
