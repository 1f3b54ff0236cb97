package delay

import "math"

// track is how the forward delay went lately: what it was at the instant of a
// request is read between the Syncs before and after. So a tap whose clock
// runs free, by however much, adds nothing to a mean path delay; only its
// change of rate does, by an eighth of the square of the Syncs' interval.
type track struct {
	points  [trackPoints]point
	n       int
	held    [holdPoints]point // jumped away from the line before, a moment ago
	holding int
	noise   float64 // by how much points miss the line, lately: Intervals
	settled int     // points that noise is from
	back    int     // points in a row from before the newest
	seen    int64   // capture time of the newest, ns
}

type point struct {
	at    int64 // ns, by the tap's clock
	value Interval
}

const (
	trackPoints = 32
	holdPoints  = 3
	// apartLeast is how far points are apart at least, so that they reach back
	// far enough for responses that come late even where Syncs to a thousand
	// clients come by.
	apartLeast = 10e6 // ns
	// bridge is how far Syncs may be apart to be read between.
	bridge = 10e9 // ns
	// jumpLeast is what counts as a jump at least.
	jumpLeast = float64(Nanosecond) * 1000
	// jumpNoise is what counts as a jump, in parts of the usual miss.
	jumpNoise = 12
	// settledAfter is from how many points on the noise is known.
	settledAfter = 8
	// backMost is how many points in a row come from before the newest because
	// messages overtook each other: beyond, the tap's clock was set back.
	backMost = 4
)

func (t *track) newest() point { return t.points[t.n-1] }

// last is the time of the newest point, held ones included.
func (t *track) last() (int64, bool) {
	switch {
	case t.holding > 0:
		return t.held[t.holding-1].at, true
	case t.n > 0:
		return t.newest().at, true
	}
	return 0, false
}

// add takes a point. The line begins anew when the tap's clock was set back, or
// when it has jumped and stayed there, by how much is said then. The points
// that are read between follow one another in time: one that comes late is left
// out.
func (t *track) add(p point, seen int64) (jump Interval, anew bool) {
	if last, ok := t.last(); ok && p.at < last+apartLeast {
		if p.at >= last {
			return 0, false
		}
		if t.back++; t.back <= backMost {
			return 0, false
		}
		*t = track{noise: t.noise, settled: t.settled}
		anew = true
	}
	t.back, t.seen = 0, seen
	miss := t.miss(p)
	if t.settled < settledAfter || math.Abs(miss) <= max(jumpLeast, jumpNoise*t.noise) {
		t.release()
		t.learn(miss)
		t.put(p)
		return 0, anew
	}
	t.held[t.holding] = p
	if t.holding++; t.holding < holdPoints {
		return 0, false
	}
	first := t.miss(t.held[0])
	for _, h := range t.held[1:] {
		if m := t.miss(h); math.Abs(m-first) > math.Abs(first)/10+max(jumpLeast, jumpNoise*t.noise) {
			t.release()
			return 0, false
		}
	}
	held := t.held
	*t = track{noise: t.noise, settled: t.settled, seen: seen}
	for _, h := range held {
		t.put(h)
	}
	return Interval(first), true
}

// release puts in points that were held for a jump that was none: messages
// that came late.
func (t *track) release() {
	for _, h := range t.held[:t.holding] {
		t.put(h)
	}
	t.holding = 0
}

func (t *track) put(p point) {
	if t.n == trackPoints {
		copy(t.points[:], t.points[1:])
		t.n--
	}
	t.points[t.n] = p
	t.n++
}

// miss is how far a point is from where the line was going, in Intervals.
func (t *track) miss(p point) float64 {
	if t.n == 0 || p.at-t.newest().at > bridge {
		return 0
	}
	rate, _ := t.rate()
	return float64(p.value-t.newest().value) - rate*float64(p.at-t.newest().at)
}

func (t *track) learn(miss float64) {
	if t.n < 2 {
		return
	}
	t.settled = min(t.settled+1, 64)
	t.noise += (math.Abs(miss) - t.noise) / float64(min(t.settled, 16))
}

// rate is by how much the delay grows, in Intervals a nanosecond of the tap's,
// over the last few points; false where there are too few.
func (t *track) rate() (float64, bool) {
	if t.n < 2 {
		return 0, false
	}
	from, to := t.points[max(0, t.n-8)], t.newest()
	return float64(to.value-from.value) / float64(to.at-from.at), true
}

// where says how a time lies to the points.
type where uint8

const (
	inside  where = iota
	after         // the next point will show
	outside       // too long ago, or between points too far apart
)

// at reads the delay at a time.
func (t *track) at(at int64) (Interval, where) {
	if t.n == 0 || at > t.newest().at {
		return 0, after
	}
	for i := t.n - 1; i >= 0; i-- {
		p := t.points[i]
		switch {
		case p.at == at:
			return p.value, inside
		case p.at > at:
			continue
		}
		next := t.points[i+1]
		span := next.at - p.at
		if span > bridge {
			return 0, outside
		}
		part := float64(at-p.at) / float64(span)
		return p.value + Interval(math.Round(float64(next.value-p.value)*part)), inside
	}
	return 0, outside
}

// near is the delay at a time after the newest point, as the line goes on.
func (t *track) near(at int64) (Interval, bool) {
	rate, ok := t.rate()
	if !ok || at-t.newest().at > bridge {
		return 0, false
	}
	return t.newest().value + Interval(math.Round(rate*float64(at-t.newest().at))), true
}
