package stability

// Series makes metrics of a series of time errors. They are defined on one
// value every tau0, here a second, while packets come when they come:
//
//   - A second's value is the mean of what came in it, carried to the middle of
//     the second along the way the series has gone in the half minute before: a
//     tap whose clock runs free makes no noise of when packets come.
//   - A second in which nothing came is a hole. Nothing is made up for it.
//   - Longer units have 10, 100 and 1000 seconds. A unit has the mean of its
//     seconds, carried to its middle likewise, the value of its first second,
//     and the least and greatest; the mean if half its seconds have a value.
//   - The metrics at tau of 1 and 10 s look at seconds, those at 100, 1000 and
//     10000 s at units of a tenth of tau: of all intervals of length tau, at
//     those that begin with a unit.
//   - An average over tau takes half its units at least, and is carried to the
//     middle of tau. A single value that a metric reads must be there, and so
//     must the first and the last unit that it looks at. What lacks any is left
//     out of the metric.
//   - What is of an earlier second than the last is left out.
//
// The zero value is ready.
type Series struct {
	filling, held sum // the second that goes on, and the one before it
	levels        [len(Taus) - 1]level
	errors        errors
}

// Taus are what metrics are at, in seconds.
var Taus = [...]int64{1, 10, 100, 1000, 10000}

const (
	second = 1e9 // ns
	// rateOver is over how many seconds, a hole or not, the way is taken that
	// values are carried along.
	rateOver = 3 * factor
)

// sum is the values of a unit while they come; at is seconds from its middle.
type sum struct {
	number    int64 // the unit's: its start in lengths of a unit
	count     int
	at, value float64
}

func (s *sum) add(at, v float64) {
	s.count++
	s.at += at
	s.value += v
}

// mean is where in time the values are, from the middle, and what they are.
func (s *sum) mean() (at, value float64) {
	n := float64(s.count)
	return s.at / n, s.value / n
}

// Add takes a value at a time in ns.
func (s *Series) Add(at int64, v float64) {
	n := floorDiv(at, second)
	if s.filling.count > 0 && n != s.filling.number {
		if n < s.filling.number {
			return
		}
		s.settle()
	}
	s.filling.number = n
	s.filling.add(float64(at-n*second-second/2)/second, v)
}

// settle takes the second that has ended. It is the one before that goes on,
// for the first of all would have no way to be carried along.
func (s *Series) settle() {
	held := s.held
	s.held, s.filling = s.filling, sum{}
	if held.count == 0 {
		return
	}
	at, v := held.mean()
	v -= s.rate(held) * at
	s.errors.add(held.number, v)
	for i, length := 0, int64(1); i < len(s.levels); i, length = i+1, length*factor {
		s.levels[i].add(length, held.number, v)
	}
}

// rate is how the series goes, from the oldest second of half a minute, or the
// one given if there is none, to the newest.
func (s *Series) rate(from sum) float64 {
	at, newest := s.held.mean()
	at += float64(s.held.number)
	l := &s.levels[0]
	for i := min(rateOver, l.units.length()) - 1; i >= 0; i-- {
		if u := l.units.back(i); u.count > 0 {
			return (newest - u.mean) / (at - float64(l.last-int64(i)))
		}
	}
	first, v := from.mean()
	return (newest - v) / (at - first - float64(from.number))
}
