package stability

import (
	"math"
	"slices"
)

// Middle is what the packets in the middle of a block of 16 s of the tap's clock
// tell. Unlike the fastest, they stand for what is there also where packets wait
// on their way to a tap that mirrors them: a request that was held up there
// seems to be faster than any.
type Middle struct {
	Number int64   // which 16 s, as of a Bottom
	Offset float64 // of the tap's clock less its base, in the middle of the block
	Error  float64 // by how much that may be off for want of packets, one sigma
	// MeanPathDelay is the median of the block; 0 where none is measured.
	MeanPathDelay float64
	Count         int // packets it was made of
}

const (
	// middlesKept is how many there are: two minutes.
	middlesKept = 8
	// middleSize is how many packets of a block are looked at, spread evenly.
	middleSize = 64
	// middleLeast is how many make a Middle.
	middleLeast = 6
	// medianError is by how much a median is less sure than a mean, of normally
	// distributed values: the square root of pi/2.
	medianError = 1.2533
)

// middles makes Middles. The zero value is ready.
type middles struct {
	kept    []Middle // the oldest first
	begun   bool
	number  int64
	offsets thinned
	means   thinned
}

// thinned keeps every so many of the values that come, so that as many as there
// is room for are spread evenly over however many came.
type thinned struct {
	values []point
	every  int
	passed int
}

func (t *thinned) add(p point) {
	if t.every == 0 {
		t.values, t.every = make([]point, 0, middleSize), 1
	}
	t.passed++
	if t.passed < t.every {
		return
	}
	t.passed = 0
	if len(t.values) == middleSize {
		for i := range middleSize / 2 {
			t.values[i] = t.values[2*i+1]
		}
		t.values = t.values[:middleSize/2]
		t.every *= 2
		t.passed = 1
		return
	}
	t.values = append(t.values, p)
}

func (t *thinned) clear() { t.values, t.every, t.passed = t.values[:0], min(t.every, 1), 0 }

// turn ends the block before the one of a time in ns, and says where in its own
// that is; false if its block is over.
func (m *middles) turn(at int64) (float64, bool) {
	n := floorDiv(at, envelopeLength)
	if !m.begun || n > m.number {
		if done, ok := m.middle(); ok {
			m.put(done)
		}
		m.offsets.clear()
		m.means.clear()
		m.begun, m.number = true, n
	}
	return float64(at-n*envelopeLength-envelopeLength/2) / 1e9, n == m.number
}

func (m *middles) offset(at int64, v float64) {
	if t, ok := m.turn(at); ok {
		m.offsets.add(point{t, v})
	}
}

func (m *middles) mean(at int64, v float64) {
	if t, ok := m.turn(at); ok {
		m.means.add(point{t, v})
	}
}

// middle sums up the block. The tap's clock may run free: its rate is taken out.
func (m *middles) middle() (Middle, bool) {
	n := len(m.offsets.values)
	if n < middleLeast {
		return Middle{}, false
	}
	var scratch [middleSize]float64
	rate, ok := m.rate(&scratch)
	if !ok {
		return Middle{}, false
	}
	for i, p := range m.offsets.values {
		scratch[i] = p.value - rate*p.at
	}
	slices.Sort(scratch[:n])
	done := Middle{Number: m.number, Offset: middle(scratch[:n]), Count: n}
	for i := range n {
		scratch[i] = math.Abs(scratch[i] - done.Offset)
	}
	slices.Sort(scratch[:n])
	done.Error = medianError * madNormal * middle(scratch[:n]) / math.Sqrt(float64(n))
	if len(m.means.values) > 0 {
		for i, p := range m.means.values {
			scratch[i] = p.value
		}
		slices.Sort(scratch[:len(m.means.values)])
		done.MeanPathDelay = middle(scratch[:len(m.means.values)])
	}
	return done, true
}

// rate is how fast the offset grows: the median of how fast it does from each
// packet of the earlier half to the one half a block later.
func (m *middles) rate(scratch *[middleSize]float64) (float64, bool) {
	values := m.offsets.values
	half := len(values) / 2
	for i := range half {
		a, b := values[i], values[len(values)-half+i]
		if b.at <= a.at {
			return 0, false
		}
		scratch[i] = (b.value - a.value) / (b.at - a.at)
	}
	slices.Sort(scratch[:half])
	return middle(scratch[:half]), true
}

func (m *middles) put(x Middle) {
	if len(m.kept) == middlesKept {
		m.kept = slices.Delete(m.kept, 0, 1)
	}
	m.kept = append(m.kept, x)
}

// Middles are the last of two minutes, the oldest first, and the base that they
// are less, in ns. They are the Monitor's, and good until it is told more.
func (m *Monitor) Middles() ([]Middle, int64) { return m.middles.kept, m.bases[Offset].ns }
