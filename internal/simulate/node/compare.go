package node

import (
	"cmp"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// dataset is what is compared (IEEE 1588-2019 table 27), and the local
// priority that the telecom profiles add.
type dataset struct {
	Attributes
	grandmaster      ptp.ClockIdentity
	stepsRemoved     uint16
	sender, receiver ptp.PortIdentity
}

// verdict is how one data set stands to another.
type verdict int

const (
	worse verdict = iota - 2
	worseByTopology
	same
	betterByTopology
	better
)

// of makes a verdict of what cmp.Compare says where the lower one wins.
func of(order int, ifLess, ifMore verdict) verdict {
	switch {
	case order < 0:
		return ifLess
	case order > 0:
		return ifMore
	}
	return same
}

// compare says how a stands to b.
func (alg Algorithm) compare(a, b *dataset) verdict {
	switch alg {
	case AlternateBMCA:
		return compareAlternate(a, b)
	case BTCA:
		return compareBTCA(a, b)
	case QualityLevel:
		return compareQualityLevel(a, b)
	}
	if a.grandmaster == b.grandmaster {
		return compareTopology(a, b)
	}
	return of(cmp.Or(
		cmp.Compare(a.Priority1, b.Priority1),
		compareQuality(a, b),
		cmp.Compare(a.Priority2, b.Priority2),
		cmp.Compare(a.grandmaster, b.grandmaster),
	), better, worse)
}

func compareQuality(a, b *dataset) int {
	return cmp.Or(
		cmp.Compare(a.Quality.ClockClass, b.Quality.ClockClass),
		cmp.Compare(a.Quality.ClockAccuracy, b.Quality.ClockAccuracy),
		cmp.Compare(a.Quality.OffsetScaledLogVariance, b.Quality.OffsetScaledLogVariance),
	)
}

// compareAlternate is the data set comparison of the alternate algorithm (ITU-T
// G.8275.1 6.3, G.8275.2 6.7.9): no priority1, a local priority, and several
// grandmasters may stand side by side. Other than IEEE 1588-2019 figure 34 it
// does not ask first whether the grandmaster is the same: the local priority
// chooses between two ways to one grandmaster, too.
func compareAlternate(a, b *dataset) verdict {
	if order := cmp.Or(
		compareQuality(a, b),
		cmp.Compare(a.Priority2, b.Priority2),
		cmp.Compare(a.LocalPriority, b.LocalPriority),
	); order != 0 {
		return of(order, better, worse)
	}
	if a.Quality.ClockClass <= 127 || a.grandmaster == b.grandmaster {
		return compareTopology(a, b)
	}
	return of(cmp.Compare(a.grandmaster, b.grandmaster), better, worse)
}

// compareBTCA compares priority vectors (IEEE 802.1AS-2020 10.3.4, 10.3.5).
func compareBTCA(a, b *dataset) verdict {
	return cmp.Or(
		of(cmp.Or(
			cmp.Compare(a.Priority1, b.Priority1),
			compareQuality(a, b),
			cmp.Compare(a.Priority2, b.Priority2),
			cmp.Compare(a.grandmaster, b.grandmaster),
		), better, worse),
		of(cmp.Or(
			cmp.Compare(a.stepsRemoved, b.stepsRemoved),
			comparePorts(a.sender, b.sender),
			cmp.Compare(a.receiver.PortNumber, b.receiver.PortNumber),
		), betterByTopology, worseByTopology),
	)
}

// compareQualityLevel orders by the quality level that a class stands for, and
// then as the client has been told (ITU-T G.8265.1 6.7.3).
func compareQualityLevel(a, b *dataset) verdict {
	return of(cmp.Or(
		cmp.Compare(a.Quality.ClockClass, b.Quality.ClockClass),
		cmp.Compare(a.LocalPriority, b.LocalPriority),
		cmp.Compare(a.grandmaster, b.grandmaster),
	), better, worse)
}

// compareTopology is IEEE 1588-2019 figure 35.
func compareTopology(a, b *dataset) verdict {
	switch diff := int(a.stepsRemoved) - int(b.stepsRemoved); {
	case diff < -1:
		return better
	case diff > 1:
		return worse
	case diff == -1:
		// B is the further: is its receiver on the way?
		return of(cmp.Compare(b.receiver.ClockIdentity, b.sender.ClockIdentity), better, betterByTopology)
	case diff == 1:
		return of(cmp.Compare(a.receiver.ClockIdentity, a.sender.ClockIdentity), worse, worseByTopology)
	}
	return of(cmp.Or(
		comparePorts(a.sender, b.sender),
		cmp.Compare(a.receiver.PortNumber, b.receiver.PortNumber),
	), betterByTopology, worseByTopology)
}

func comparePorts(a, b ptp.PortIdentity) int {
	return cmp.Or(cmp.Compare(a.ClockIdentity, b.ClockIdentity), cmp.Compare(a.PortNumber, b.PortNumber))
}
