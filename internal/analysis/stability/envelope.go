package stability

import "slices"

// envelopeLength is how long an Envelope lasts, in ns. In it the tap's clock is
// taken to run at one rate: a crystal that the air conditioner warms by 20 ppb
// every half hour bends by 2 ns.
const envelopeLength = 16e9

// maxHull bounds the corners of a hull. Of n packets the logarithm of n are
// corners.
const maxHull = 32

// Envelope finds what the fastest packets of both directions tell, of a tap
// whose clock runs at any rate. With theta how far it is ahead,
//
//	A(t) = forward delay + theta(t)    B(t) = reverse delay - theta(t)
//
// and waiting only adds to either delay. So no line under all of A, and its
// mirror image under all of B, are further apart than twice the mean path delay,
// and where theta is a line, A's least delays lie along it and B's along its
// mirror image. Of all rates s the Envelope takes that for which
//
//	min(A - s t) + min(B + s t)
//
// is largest: half of it is the mean path delay, half the difference the offset
// (minimum packet selection, ITU-T G.8260 I.3.2.1, I.3.4, with the clock's rate
// taken out). The zero value is ready.
type Envelope struct {
	number           int64
	forward, reverse []point // lower hulls, by time
	begun            bool
	counts           [2]uint64
}

type point struct{ at, value float64 } // s since the middle of the envelope, s

// Bottom is what an Envelope has found.
type Bottom struct {
	Number           int64 // the envelope's: its start in units of 16 s
	Forward, Reverse uint64
	MeanPathDelay    float64
	Offset           float64 // in the middle of the envelope
	Rate             float64 // of the tap against the port, less 1
}

// enoughEach is how many packets of each direction make a Bottom.
const enoughEach = 4

// add takes a forward delay, or a reverse one, at a time in ns; it gives the
// envelope that has ended before it.
func (e *Envelope) add(reverse bool, at int64, v float64) (Bottom, bool) {
	n := floorDiv(at, envelopeLength)
	var ended Bottom
	complete := false
	if !e.begun || n > e.number {
		ended, complete = e.bottom()
		*e = Envelope{number: n, begun: true, forward: e.forward[:0], reverse: e.reverse[:0]}
	}
	if n < e.number {
		return ended, complete
	}
	p := point{float64(at-n*envelopeLength-envelopeLength/2) / 1e9, v}
	if reverse {
		e.counts[1]++
		e.reverse = push(e.reverse, p)
	} else {
		e.counts[0]++
		e.forward = push(e.forward, p)
	}
	return ended, complete
}

// push adds a point to a lower hull, of which it is the last.
func push(hull []point, p point) []point {
	if n := len(hull); n > 0 && p.at <= hull[n-1].at {
		if p.at < hull[n-1].at || p.value >= hull[n-1].value {
			return hull // overtaken by one that came before it
		}
		hull = hull[:n-1]
	}
	for len(hull) >= 2 && above(hull[len(hull)-2], hull[len(hull)-1], p) {
		hull = hull[:len(hull)-1]
	}
	if len(hull) == maxHull {
		hull = slices.Delete(hull, maxHull/2, maxHull/2+1)
	}
	if hull == nil {
		hull = make([]point, 0, maxHull/2)
	}
	return append(hull, p)
}

// above says whether b is on or above the line from a to c.
func above(a, b, c point) bool {
	return (b.value-a.value)*(c.at-a.at) >= (c.value-a.value)*(b.at-a.at)
}

func (e *Envelope) bottom() (Bottom, bool) {
	if e.counts[0] < enoughEach || e.counts[1] < enoughEach {
		return Bottom{}, false
	}
	best, found := Bottom{Number: e.number, Forward: e.counts[0], Reverse: e.counts[1]}, false
	// The gap is a concave function of the rate, with its corners at the slopes
	// of the hulls' edges.
	try := func(hull []point, sign float64) {
		for i := 1; i < len(hull); i++ {
			rate := sign * (hull[i].value - hull[i-1].value) / (hull[i].at - hull[i-1].at)
			a, b := least(e.forward, -rate), least(e.reverse, rate)
			if !found || (a+b)/2 > best.MeanPathDelay {
				best.MeanPathDelay, best.Offset, best.Rate, found = (a+b)/2, (a-b)/2, rate, true
			}
		}
	}
	try(e.forward, 1)
	try(e.reverse, -1)
	return best, found
}

// least is the least of value + slope at over a hull.
func least(hull []point, slope float64) float64 {
	l := hull[0].value + slope*hull[0].at
	for _, p := range hull[1:] {
		l = min(l, p.value+slope*p.at)
	}
	return l
}
