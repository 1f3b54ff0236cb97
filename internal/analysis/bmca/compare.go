package bmca

import (
	"cmp"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Compare orders two data sets as a receiver that runs the algorithm does.
// Identities compare as octets.
func (alg Algorithm) Compare(a, b Dataset) Result {
	switch alg {
	case Telecom:
		return compareTelecom(&a, &b)
	case GPTP:
		return compareGPTP(&a, &b)
	case QualityLevel:
		return compareQualityLevel(&a, &b)
	}
	return compareDefault(&a, &b)
}

// compareDefault is figures 34 and 35 of IEEE 1588-2019.
func compareDefault(a, b *Dataset) Result {
	if a.Grandmaster == b.Grandmaster {
		return compareTopology(a, b)
	}
	if r := comparePriority1(a, b); r.Order != 0 {
		return r
	}
	if r := compareQuality(a, b); r.Order != 0 {
		return r
	}
	return compareIdentity(a, b)
}

// compareTelecom is the alternate data set comparison of ITU-T G.8275.1 and
// G.8275.2 6.3: no priority1, a local priority that is not on the wire, and for
// classes up to 127 the nearest of several grandmasters, whatever its identity.
func compareTelecom(a, b *Dataset) Result {
	r := compareQuality(a, b)
	if r.Order != 0 {
		return r
	}
	if a.Grandmaster != b.Grandmaster && a.ClockQuality.ClockClass > 127 {
		r = compareIdentity(a, b)
	} else {
		r = compareTopology(a, b)
	}
	if r.By != Same && r.By != Own {
		r.Hinges = LocalPriority
	}
	return r
}

// compareGPTP is the order of the priority vectors of IEEE 802.1AS-2020 10.3:
// the systemIdentity first, whatever the grandmasters' identities.
func compareGPTP(a, b *Dataset) Result {
	if r := comparePriority1(a, b); r.Order != 0 {
		return r
	}
	if r := compareQuality(a, b); r.Order != 0 {
		return r
	}
	if r := compareIdentity(a, b); r.Order != 0 {
		return r
	}
	if c := cmp.Compare(a.StepsRemoved, b.StepsRemoved); c != 0 {
		return Result{Order: c, By: StepsRemoved}
	}
	r := compareSenders(a, b)
	r.ByTopology = false
	return r
}

// compareQualityLevel is how a client of ITU-T G.8265.1 6.7.3 chooses: by the
// quality level that the clockClass stands for (table 1), then by the priority
// that it was given for each master. Where only that can tell, the order is
// that of the identities, for the sake of one.
func compareQualityLevel(a, b *Dataset) Result {
	if c := cmp.Compare(a.ClockQuality.ClockClass, b.ClockQuality.ClockClass); c != 0 {
		return Result{Order: c, By: ClockClass}
	}
	r := compareIdentity(a, b)
	if r.Order == 0 {
		r = compareSenders(a, b)
	}
	if r.By != Same {
		r.Hinges = LocalPriority
	}
	return r
}

func comparePriority1(a, b *Dataset) Result {
	return Result{Order: cmp.Compare(a.Priority1, b.Priority1), By: Priority1}
}

func compareIdentity(a, b *Dataset) Result {
	return Result{Order: cmp.Compare(a.Grandmaster, b.Grandmaster), By: Identity}
}

// compareQuality compares what all but one algorithm compare in one row.
func compareQuality(a, b *Dataset) Result {
	qa, qb := a.ClockQuality, b.ClockQuality
	if c := cmp.Compare(qa.ClockClass, qb.ClockClass); c != 0 {
		return Result{Order: c, By: ClockClass}
	}
	if c := cmp.Compare(qa.ClockAccuracy, qb.ClockAccuracy); c != 0 {
		return Result{Order: c, By: ClockAccuracy}
	}
	if c := cmp.Compare(qa.OffsetScaledLogVariance, qb.OffsetScaledLogVariance); c != 0 {
		return Result{Order: c, By: Variance}
	}
	return Result{Order: cmp.Compare(a.Priority2, b.Priority2), By: Priority2}
}

// compareTopology is figure 35: two ways to one grandmaster.
func compareTopology(a, b *Dataset) Result {
	switch diff := int(a.StepsRemoved) - int(b.StepsRemoved); {
	case diff < -1 || diff > 1:
		return Result{Order: diff, By: StepsRemoved}
	case diff < 0:
		return oneStep(diff, b)
	case diff > 0:
		return oneStep(diff, a)
	}
	return compareSenders(a, b)
}

// oneStep is the order of two whose steps differ by one: whether the nearer
// one is better, or only by topology, is for the receiver of the further one.
func oneStep(diff int, further *Dataset) Result {
	r := Result{Order: diff, By: StepsRemoved, ByTopology: true}
	if further.Receiver == (ptp.PortIdentity{}) {
		return r
	}
	switch c := further.Receiver.Compare(further.Sender); {
	case c < 0:
		r.ByTopology = false
	case c == 0:
		return Result{By: Own}
	}
	return r
}

// compareSenders is the last row of figure 35.
func compareSenders(a, b *Dataset) Result {
	if c := a.Sender.Compare(b.Sender); c != 0 {
		return Result{Order: c, By: Sender, ByTopology: true}
	}
	if *a == *b {
		return Result{By: Same}
	}
	none := ptp.PortIdentity{}
	if a.Receiver == none || b.Receiver == none {
		return Result{By: Receiver, Hinges: Topology}
	}
	if c := cmp.Compare(a.Receiver.PortNumber, b.Receiver.PortNumber); c != 0 {
		return Result{Order: c, By: Receiver, ByTopology: true}
	}
	return Result{By: Same}
}
