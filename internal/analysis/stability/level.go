package stability

// level has the units of one length.
type level struct {
	filling sum
	open    unit // what is filling, but for its mean
	units   ring[unit]
	last    int64      // number of the newest in units
	metrics [2]metrics // at a tau of ten units and, of seconds, at one of one
}

// unit is what is kept of a unit.
type unit struct {
	mean      float64 // if counts
	first     float64 // if hasFirst
	low, high float64
	count     int32 // of its seconds that have a value; 0: a hole
	counts    bool
	hasFirst  bool
}

// add takes the value of a second. Seconds go forward.
func (l *level) add(length, second int64, v float64) {
	n := floorDiv(second, length)
	if l.filling.count > 0 && n != l.filling.number {
		l.close(length)
	}
	if l.filling.count == 0 {
		l.skip(length, n)
		l.filling.number, l.open = n, unit{low: v, high: v}
	}
	place := second - n*length
	l.filling.add(float64(place)-float64(length-1)/2, v)
	l.open.low, l.open.high = min(l.open.low, v), max(l.open.high, v)
	if place == 0 {
		l.open.first, l.open.hasFirst = v, true
	}
	if place == length-1 {
		l.close(length)
	}
}

// skip puts in the holes before a unit.
func (l *level) skip(length, n int64) {
	if l.units.length() == 0 {
		l.last = n - 1
	}
	for i := 0; l.last < n-1 && i < ringSize; i++ {
		l.put(length, unit{})
	}
	l.last = n - 1 // beyond, each is like the others
}

func (l *level) close(length int64) {
	u, at := l.open, 0.0
	u.count = int32(l.filling.count)
	at, u.mean = l.filling.mean()
	u.counts = u.count == int32(length)
	if !u.counts && 2*int64(u.count) >= length {
		u.mean, u.counts = l.carry(length, at, u.mean)
	}
	l.filling = sum{}
	l.put(length, u)
}

// carry takes a mean at a time from the middle of a unit to the middle, along
// the way from the unit before it that has a mean.
func (l *level) carry(length int64, at, mean float64) (float64, bool) {
	for i := range l.units.length() {
		if u := l.units.back(i); u.counts {
			return mean - at*(mean-u.mean)/(float64(length)*float64(i+1)+at), true
		}
	}
	return 0, false
}

func (l *level) put(length int64, u unit) {
	l.units.put(u)
	l.last++
	l.metrics[0].take(l, length, factor)
	if length == 1 {
		l.metrics[1].take(l, length, 1)
	}
}

// average is the mean of n units from the one that was put in so many before
// the newest, carried to their middle at a rate per unit.
func (l *level) average(from, n int, rate float64) (float64, bool) {
	count, at, value := 0, 0.0, 0.0
	for i := range n {
		if u := l.units.back(from - i); u.counts {
			count++
			at += float64(i) - float64(n-1)/2
			value += u.mean
		}
	}
	if 2*count < n {
		return 0, false
	}
	return (value - rate*at) / float64(count), true
}
