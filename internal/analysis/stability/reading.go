package stability

import "slices"

// Reading is how far the tap's clock is ahead of a port's, less a base, in the
// middle of 16 s of the tap's clock: all ports that it stamps are read at the
// same instants, and so it cancels in the difference of two.
type Reading struct {
	Number int64 // which 16 s, as of a Bottom
	Offset float64
}

// readingsKept is how many there are: two minutes.
const readingsKept = 8

// reader makes Readings: of Envelopes, or where there are none, as of a port
// whose link is measured by peer delay, of the line that fits the offsets best.
type reader struct {
	kept  []Reading // the oldest first
	line  line
	begun bool
}

// line is a least-squares fit: at is seconds from the middle.
type line struct {
	number                       int64
	n                            int
	at, value, squares, products float64
}

// lineLeast is how many offsets make a line.
const lineLeast = 4

func (r *reader) add(at int64, v float64) {
	n := floorDiv(at, envelopeLength)
	if !r.begun || n > r.line.number {
		if offset, ok := r.line.middle(); ok {
			r.put(Reading{r.line.number, offset})
		}
		r.line, r.begun = line{number: n}, true
	}
	if n < r.line.number {
		return
	}
	l, t := &r.line, float64(at-n*envelopeLength-envelopeLength/2)/1e9
	l.n++
	l.at += t
	l.value += v
	l.squares += t * t
	l.products += t * v
}

func (l *line) middle() (float64, bool) {
	n := float64(l.n)
	spread := l.squares - l.at*l.at/n
	if l.n < lineLeast || spread <= 0 {
		return 0, false
	}
	slope := (l.products - l.at*l.value/n) / spread
	return (l.value - slope*l.at) / n, true
}

// put keeps a Reading; one of the same 16 s goes before what comes after it.
func (r *reader) put(x Reading) {
	if n := len(r.kept); n > 0 && r.kept[n-1].Number >= x.Number {
		return
	}
	if len(r.kept) == readingsKept {
		r.kept = slices.Delete(r.kept, 0, 1)
	}
	if r.kept == nil {
		r.kept = make([]Reading, 0, readingsKept)
	}
	r.kept = append(r.kept, x)
}

// Readings are the last of two minutes, the oldest first, and the base that
// they are less, in ns. They are the caller's.
func (m *Monitor) Readings() ([]Reading, int64) {
	return slices.Clone(m.reader.kept), m.bases[Offset].ns
}

// Difference is by how much a is ahead of b: the median over the readings of
// the same instants, and how far these spread. Count is how many there are.
func Difference(a, b []Reading) (seconds, spread float64, count int) {
	var values []float64
	for _, x := range a {
		for _, y := range b {
			if x.Number == y.Number {
				values = append(values, x.Offset-y.Offset)
			}
		}
	}
	seconds, spread, _ = Robust(values)
	return seconds, spread, len(values)
}

// AsymmetryBound bounds by how much asymmetry of the path puts an offset wrong,
// given the mean path delay and the least delay that each direction can have:
// neither is shorter, so neither is longer than twice the mean less that. The
// offset has half of their difference. It is false where the mean is less than
// the least: one of them is wrong.
func AsymmetryBound(mean, least float64) (float64, bool) {
	return mean - least, least >= 0 && mean >= least
}
