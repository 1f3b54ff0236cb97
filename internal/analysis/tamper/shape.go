package tamper

import (
	"math"
	"slices"

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
// the least delays is drawn, and lowest the rank in it that is taken for least.
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
	// Late are the delays far beyond the core, less the floor, in order of size,
	// and LateFrom whose they are. Both are good until the next block.
	Late     []float64
	LateFrom []ptp.PortIdentity
	LateRuns int // how many runs of late messages there are, in order of time
	// Corrections in the block: the floor is the fourth least of 64.
	Least, CorrectionFloor, CorrectionMedian, Most float64
	Corrected                                      int // how many have one
	// All messages, and the three quarters of them that are corrected least: those
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

// bench is room to work in.
type bench struct {
	rest, sorted, late [Size]float64
	from               [Size]ptp.PortIdentity
}

// shape makes one of a full block. Resolution is the step of stamps.
func (b *bench) shape(samples *[Size]Sample, resolution float64) Shape {
	var s Shape
	first, last := b.line(samples[:part]), b.line(samples[Size-part:])
	slope := 0.0
	if span := float64(last.At - first.At); span > 0 {
		slope = (last.Delay - first.Delay) / span
	}
	s.At = first.At + (last.At-first.At)/2
	middle := first.Delay + slope*float64(s.At-first.At)
	for i := range samples {
		b.rest[i] = samples[i].Delay - middle - slope*float64(samples[i].At-s.At)
	}
	b.sorted = b.rest
	slices.Sort(b.sorted[:])
	floor := (b.sorted[1] + b.sorted[2] + b.sorted[3]) / 3
	s.Floor = middle + floor
	s.Core, s.Half = b.sorted[Size/4]-floor, b.sorted[Size/2]-floor
	b.takeLate(&s, samples, floor, max(lateCore*s.Core, lateLeast, 4*resolution))
	b.corrections(&s, samples, floor)
	return s
}

const (
	// lateCore is how many times the core a late message is late by, lateLeast the
	// same in ns.
	lateCore  = 8
	lateLeast = 50
)

// line is where the least delays of some messages lie.
func (b *bench) line(of []Sample) Sample {
	n := copy(b.sorted[:], b.rest[:0])
	for i := range of {
		b.sorted[n] = of[i].Delay
		n++
	}
	slices.Sort(b.sorted[:n])
	return Sample{At: of[0].At + (of[len(of)-1].At-of[0].At)/2, Delay: b.sorted[min(lowest, n-1)]}
}

// takeLate lists the late, in order of size.
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
	for i := 1; i < n; i++ { // few, as a rule
		for k := i; k > 0 && b.late[k] < b.late[k-1]; k-- {
			b.late[k], b.late[k-1] = b.late[k-1], b.late[k]
			b.from[k], b.from[k-1] = b.from[k-1], b.from[k]
		}
	}
}

// corrections sums up what messages were corrected by. Where none was, nothing
// is to be done.
func (b *bench) corrections(s *Shape, samples *[Size]Sample, floor float64) {
	s.Least, s.Most = samples[0].Correction, samples[0].Correction
	for i := range samples {
		c := samples[i].Correction
		b.sorted[i], s.Least, s.Most = c, min(s.Least, c), max(s.Most, c)
		if math.Abs(c) >= 1 {
			s.Corrected++
		}
	}
	s.CorrectionFloor, s.CorrectionMedian = s.Least, s.Least
	if s.Least == s.Most {
		return
	}
	slices.Sort(b.sorted[:])
	s.CorrectionFloor, s.CorrectionMedian = b.sorted[3], b.sorted[Size/2]

	most, centre := b.sorted[3*Size/4], floor+s.Half
	for i := range samples {
		c := samples[i].Correction
		d := b.rest[i] - centre
		s.all.add(d, c-s.CorrectionMedian)
		if c <= most {
			s.quiet.add(d, c-s.CorrectionMedian)
		}
	}
}
