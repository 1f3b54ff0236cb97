// Package bmca is the best master clock algorithm as a listener can run it:
// the data set comparison of IEEE 1588-2019 9.3.4, and what the profiles put
// in its place, over what Announces say.
package bmca

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Dataset is what the comparison looks at (IEEE 1588-2019 table 27).
type Dataset struct {
	Priority1    uint8
	ClockQuality ptp.ClockQuality
	Priority2    uint8
	Grandmaster  ptp.ClockIdentity
	StepsRemoved uint16
	Sender       ptp.PortIdentity
	// Receiver is the port that heard it; zero for a listener, which has none.
	Receiver ptp.PortIdentity
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
	Receiver      Field = "receiver_port" // two ports of one clock heard the same sender
	Same          Field = "same"          // nothing tells them apart: the standard's error-2
	Own           Field = "own"           // a clock heard itself: the standard's error-1
)

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
	case Receiver:
		return fmt.Sprint(d.Receiver.PortNumber)
	}
	return ""
}

// Algorithm is how two data sets compare.
type Algorithm uint8

// The algorithms.
const (
	Default      Algorithm = iota // IEEE 1588-2019 9.3.4
	Telecom                       // the alternate algorithm of ITU-T G.8275.1 and G.8275.2, 6.3
	GPTP                          // IEEE 802.1AS-2020 10.3
	QualityLevel                  // ITU-T G.8265.1: no algorithm on the wire, clients choose by quality level
)

var algorithmNames = [...]string{
	Default: "IEEE 1588-2019 9.3.4", Telecom: "alternate, ITU-T G.8275.1 and G.8275.2 6.3",
	GPTP: "IEEE 802.1AS-2020 10.3", QualityLevel: "by quality level, ITU-T G.8265.1 6.7",
}

// String names the algorithm by the clause it is in.
func (alg Algorithm) String() string {
	if int(alg) < len(algorithmNames) {
		return algorithmNames[alg]
	}
	return fmt.Sprintf("Algorithm(%#x)", uint8(alg))
}

// Result orders two data sets.
type Result struct {
	Order int   // negative where the first is better
	By    Field // that decided
	// ByTopology says that the better one is only "better by topology": not
	// the clock but the way to it decided (IEEE 1588-2019 figure 35). Where the
	// standard asks for a receiver that is not known, it is true, as then no
	// receiver is sure to say more.
	ByTopology bool
	// Hinges says on what the order depends that a listener cannot know:
	// LocalPriority or Topology; "" where every receiver that hears both
	// decides alike. Order then is that of receivers with the default.
	Hinges string
}

// What an order can hinge on.
const (
	LocalPriority = "localPriority" // that each receiver was given
	Topology      = "topology"      // by which port the receiver hears them
)
