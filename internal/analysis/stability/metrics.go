package stability

import "math"

// metrics are a series' at one tau, of the current period and the one before.
type metrics struct {
	time, allan recent // squares
	interval    recent
}

// take looks at the intervals of n units that end with the newest unit.
func (m *metrics) take(l *level, length int64, n int) {
	tau := length * int64(n)
	period := floorDiv(l.last*length, periods(tau))
	if d, ok := l.timeDifference(n); ok {
		m.time.add(period, d*d/6)
	}
	if d, ok := l.phaseDifference(n); ok {
		m.allan.add(period, d*d/2/float64(tau*tau))
	}
	if d, ok := l.intervalError(n); ok {
		m.interval.add(period, d)
	}
}

// timeDifference is the second difference of averages over n units, whose
// square the time variance has (ITU-T G.810 II.3, NIST SP 1065 5.2.6).
func (l *level) timeDifference(n int) (float64, bool) {
	if l.units.length() < 3*n || !l.units.back(0).counts || !l.units.back(3*n-1).counts {
		return 0, false
	}
	rate := (l.units.back(0).mean - l.units.back(3*n-1).mean) / float64(3*n-1)
	a, okA := l.average(3*n-1, n, rate)
	b, okB := l.average(2*n-1, n, rate)
	c, okC := l.average(n-1, n, rate)
	return c - 2*b + a, okA && okB && okC
}

// phaseDifference is the second difference of values n units apart, whose
// square the Allan variance has (ITU-T G.810 II.1, NIST SP 1065 5.2.4).
func (l *level) phaseDifference(n int) (float64, bool) {
	if l.units.length() < 2*n+1 {
		return 0, false
	}
	a, b, c := l.units.back(2*n), l.units.back(n), l.units.back(0)
	return c.first - 2*b.first + a.first, a.hasFirst && b.hasFirst && c.hasFirst
}

// intervalError is how far the values of n units and the one after them are
// apart (ITU-T G.810 II.5). It takes both ends, and half of the units.
func (l *level) intervalError(n int) (float64, bool) {
	if l.units.length() < n+1 || !l.units.back(0).hasFirst || !l.units.back(n).hasFirst {
		return 0, false
	}
	var t tally
	t.add(l.units.back(0).first)
	count := 0
	for i := 1; i <= n; i++ {
		if u := l.units.back(i); u.count > 0 {
			count++
			t.add(u.low)
			t.add(u.high)
		}
	}
	return t.high - t.low, 2*count >= n
}

// Metric is a deviation or an error at a tau; Count, of the differences it is
// made of, is 0 where there is none. They are of the last 12 to 24 tau, and of
// the last 15 to 30 minutes at least.
type Metric struct {
	Tau   int64 // seconds
	Count uint64
	Value float64 // seconds, or none of an Allan deviation
}

// enough is how many differences a deviation is made of at least.
const enough = factor

func deviation(tau int64, r recent) Metric {
	t := r.total()
	if t.count < enough {
		return Metric{Tau: tau}
	}
	return Metric{tau, t.count, math.Sqrt(t.sum / float64(t.count))}
}

// at finds the metrics of Taus[i].
func (s *Series) at(i int) *metrics {
	if i == 0 {
		return &s.levels[0].metrics[1]
	}
	return &s.levels[i-1].metrics[0]
}

// TDEV is the time deviation in seconds at Taus[i].
func (s *Series) TDEV(i int) Metric { return deviation(Taus[i], s.at(i).time) }

// ADEV is the Allan deviation at Taus[i].
func (s *Series) ADEV(i int) Metric { return deviation(Taus[i], s.at(i).allan) }

// MTIE is the maximum time interval error in seconds at Taus[i].
func (s *Series) MTIE(i int) Metric {
	t := s.at(i).interval.total()
	return Metric{Taus[i], t.count, t.high}
}
