package stability

import "math"

// Minima make the minTDEV of a series of delays, which is the time deviation of
// the least delays of each tau (ITU-T G.8260 I.4.2.1). Seconds, units and holes
// are as of a Series; a minimum takes half of its units at least. Nothing is
// carried anywhere: where the tap's clock runs free, so does the least delay.
// The zero value is ready.
type Minima struct {
	second int64
	least  float64
	begun  bool
	levels [len(Taus) - 1]minLevel
}

type minLevel struct {
	number  int64 // of the unit that fills
	count   int   // of its seconds that have come
	least   float64
	units   ring[float64] // NaN: a hole
	last    int64         // number of the newest in units
	squares [2]recent     // as level.metrics
}

// Add takes a delay at a time in ns.
func (m *Minima) Add(at int64, v float64) {
	n := floorDiv(at, second)
	switch {
	case !m.begun || n > m.second:
		if m.begun {
			for i, length := 0, int64(1); i < len(m.levels); i, length = i+1, length*factor {
				m.levels[i].add(length, m.second, m.least)
			}
		}
		m.second, m.least, m.begun = n, v, true
	case n == m.second:
		m.least = min(m.least, v)
	}
}

func (l *minLevel) add(length, second int64, v float64) {
	n := floorDiv(second, length)
	if l.count > 0 && n != l.number {
		l.close(length)
	}
	if l.count == 0 {
		if l.units.length() == 0 {
			l.last = n - 1
		}
		for i := 0; l.last < n-1 && i < ringSize; i++ {
			l.put(length, math.NaN())
		}
		l.last, l.number, l.least = n-1, n, v
	}
	l.count++
	l.least = min(l.least, v)
	if second == (n+1)*length-1 {
		l.close(length)
	}
}

func (l *minLevel) close(length int64) {
	v := l.least
	if 2*int64(l.count) < length {
		v = math.NaN()
	}
	l.count = 0
	l.put(length, v)
}

func (l *minLevel) put(length int64, v float64) {
	l.units.put(v)
	l.last++
	l.take(0, length, factor)
	if length == 1 {
		l.take(1, length, 1)
	}
}

// take looks at the three taus that end with the newest unit.
func (l *minLevel) take(which int, length int64, n int) {
	if l.units.length() < 3*n || math.IsNaN(*l.units.back(0)) || math.IsNaN(*l.units.back(3*n - 1)) {
		return
	}
	// NaN, where there is none, carries through.
	d := l.minimum(n-1, n) - 2*l.minimum(2*n-1, n) + l.minimum(3*n-1, n)
	if !math.IsNaN(d) {
		l.squares[which].add(floorDiv(l.last*length, periods(length*int64(n))), d*d/6)
	}
}

func (l *minLevel) minimum(from, n int) float64 {
	count, least := 0, math.Inf(1)
	for i := range n {
		if v := *l.units.back(from - i); !math.IsNaN(v) {
			count++
			least = min(least, v)
		}
	}
	if 2*count < n {
		return math.NaN()
	}
	return least
}

// MinTDEV is in seconds, at Taus[i].
func (m *Minima) MinTDEV(i int) Metric {
	if i == 0 {
		return deviation(Taus[i], m.levels[0].squares[1])
	}
	return deviation(Taus[i], m.levels[i-1].squares[0])
}
