package tamper

import (
	"math"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Sample is one message of one direction, as a tap saw it.
type Sample struct {
	At         int64            // when it was at the tap, by the tap's clock, ns
	Delay      float64          // corrected, less a base, ns
	Correction float64          // that it was corrected by, ns
	From       ptp.PortIdentity // the client that sent it; zero for a Sync
}

// Size is how many messages are a block.
const Size = 64

// part is the part of a block, at its start and at its end, by which the line of
// the least delays is laid, and lowest the rank in it that is taken for least.
const (
	part   = Size / 4
	lowest = 2
)

// Shape is what a block comes to. Delays are corrected ones, less the line of the
// least.
type Shape struct {
	// Floor is the line's value at At, the middle of the block by the tap's clock:
	// less the base of the samples.
	At    int64
	Floor float64
	// Core is by how much the first quarter exceeds the floor, Half the median.
	Core, Half float64
	// Late are the delays far beyond the core, less the floor, in order of time,
	// and LateFrom whose they are. Both are good until the next block.
	Late     []float64
	LateFrom []ptp.PortIdentity
	LateRuns int // how many runs of late messages there are, in order of time
	// Corrections in the block: the floor is the fourth least of 64.
	Least, CorrectionFloor, CorrectionMedian, Most float64
	Corrected                                      int // how many have one
	// All messages, and the half of them that is corrected least: most of those
	// that waited for nobody.
	all, quiet moments
}

// moments are of delays and corrections, less their medians.
type moments struct {
	n                            int
	delays, corrections, product float64 // sums of squares
}

func (m *moments) add(delay, correction float64) {
	m.n++
	m.delays += delay * delay
	m.corrections += correction * correction
	m.product += delay * correction
}

// correlation of delays with corrections; 0 where one of them does not vary.
func (m *moments) correlation() float64 {
	if d := math.Sqrt(m.delays * m.corrections); d > 0 {
		return m.product / d
	}
	return 0
}

// beta is by how much the raw delay grows with the correction: 1 where that
// tells the truth.
func (m *moments) beta() float64 {
	if m.corrections == 0 {
		return 1
	}
	return 1 + m.product/m.corrections
}

// bench is room to work in, and the rate at which delays grew in the last block.
type bench struct {
	rate               float64 // per ns
	begun              bool
	rest, ranked, late [Size]float64
	from               [Size]ptp.PortIdentity
}

// shape makes one of a full block. Resolution is the step of stamps.
func (b *bench) shape(samples *[Size]Sample, resolution float64) Shape {
	var s Shape
	s.At = samples[Size/2].At
	middle := b.flatten(samples, s.At)
	b.ranked = b.rest
	half := rank(b.ranked[:], Size/2)
	core := rank(b.ranked[:Size/2], Size/4)
	rank(b.ranked[:Size/4], 3)
	rank(b.ranked[:3], 0)
	floor := (b.ranked[1] + b.ranked[2] + b.ranked[3]) / 3
	s.Floor = middle + floor
	s.Core, s.Half = core-floor, half-floor
	b.takeLate(&s, samples, floor, max(lateCore*s.Core, lateLeast, 4*resolution))
	b.corrections(&s, samples, floor)
	return s
}

// turns is how often the line is laid anew.
const turns = 2

// flatten takes the line of the least delays off them, which is returned as it
// is at a time. It begins with the rate at which the block before went: over a
// quarter of a block, a clock that runs free gains more than messages wait.
func (b *bench) flatten(samples *[Size]Sample, at int64) float64 {
	middle := samples[0].Delay
	first := float64(samples[part/2].At - at)
	last := float64(samples[Size-part/2].At - at)
	n := turns
	if !b.begun {
		b.begun, n = true, 8*turns
		b.rate = (samples[Size-1].Delay - samples[0].Delay) / max(float64(samples[Size-1].At-samples[0].At), 1)
	}
	for range n {
		for i := range samples {
			b.rest[i] = samples[i].Delay - middle - b.rate*float64(samples[i].At-at)
		}
		low, high := b.least(b.rest[:part]), b.least(b.rest[Size-part:])
		if last > first {
			b.rate += (high - low) / (last - first)
		}
	}
	for i := range samples {
		b.rest[i] = samples[i].Delay - middle - b.rate*float64(samples[i].At-at)
	}
	return middle
}

// least is where the least of some values lie.
func (b *bench) least(values []float64) float64 {
	return rank(b.ranked[:copy(b.ranked[:], values)], lowest)
}

const (
	// lateCore is how many times the core a late message is late by, lateLeast the
	// same in ns.
	lateCore  = 8
	lateLeast = 50
)

// takeLate lists the late, in order of time.
func (b *bench) takeLate(s *Shape, samples *[Size]Sample, floor, beyond float64) {
	n, before := 0, -1
	for i, v := range b.rest {
		if v -= floor; v > beyond {
			if before != i-1 || n == 0 {
				s.LateRuns++
			}
			before = i
			b.late[n], b.from[n] = v, samples[i].From
			n++
		}
	}
	s.Late, s.LateFrom = b.late[:n], b.from[:n]
}

// corrections sums up what messages were corrected by. Where none was, nothing
// is to be done.
func (b *bench) corrections(s *Shape, samples *[Size]Sample, floor float64) {
	s.Least, s.Most = samples[0].Correction, samples[0].Correction
	for i := range samples {
		c := samples[i].Correction
		b.ranked[i], s.Least, s.Most = c, min(s.Least, c), max(s.Most, c)
		if math.Abs(c) >= 1 {
			s.Corrected++
		}
	}
	s.CorrectionFloor, s.CorrectionMedian = s.Least, s.Least
	if s.Least == s.Most {
		return
	}
	s.CorrectionMedian = rank(b.ranked[:], Size/2)
	s.CorrectionFloor = rank(b.ranked[:Size/2], 3)

	centre := floor + s.Half
	for i := range samples {
		c := samples[i].Correction
		d := b.rest[i] - centre
		s.all.add(d, c-s.CorrectionMedian)
		if c <= s.CorrectionMedian {
			s.quiet.add(d, c-s.CorrectionMedian)
		}
	}
}
