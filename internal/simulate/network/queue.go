package network

import (
	"math"
	"math/rand/v2"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
)

// Load is the other traffic on a way, and so how long frames wait for it.
//
// The share Load.At of frames does wait. How long has a Pareto tail of index 2:
// of those that wait, the share (1 + x/s)^-2 waits longer than x, where s is
// Packet / (1 - load); none longer than Limit. The wait is a function of a
// Gaussian process whose autocorrelation falls to 1/e in Correlation.
type Load struct {
	Mean        float64    // of the link's rate, 0 to below 1
	Swing       float64    // what the time of the day adds at most, and takes away
	Peak        event.Time // since the simulation's start, when it adds most
	Packet      event.Time // what one packet of the others takes
	Correlation event.Time
	Limit       event.Time
	Burst       Burst
}

// Burst is traffic that comes and goes: both the time between bursts and
// their length are exponentially distributed.
type Burst struct {
	Load  float64 // while it lasts; 0: there are none
	Every event.Time
	Lasts event.Time
}

const (
	day     = 86400 * event.Second
	refresh = 10 * event.Second // how often the time of day is looked at
)

// At is the load at a time, bursts aside.
func (l *Load) At(t event.Time) float64 {
	x := l.Mean
	if l.Swing != 0 {
		x += l.Swing * math.Cos(2*math.Pi*float64(t-l.Peak)/float64(day))
	}
	return min(max(x, 0), 0.99)
}

// Exceeded is the wait that a share of frames exceeds at a load.
func (l *Load) Exceeded(share, load float64) event.Time {
	if share >= load {
		return 0
	}
	x := float64(l.Packet) / (1 - load) * (math.Sqrt(load/share) - 1)
	return min(event.Time(x), l.Limit)
}

// Queue is where frames wait.
type Queue struct {
	load Load
	rng  *rand.Rand

	last       event.Time // when somebody last waited
	state      float64    // the Gaussian process
	now        float64    // the load
	until      event.Time // for how long that holds
	threshold  float64    // of the state: below it nobody waits
	bursting   bool
	burstUntil event.Time // when the burst, or the pause, ends
}

func newQueue(rng *rand.Rand) *Queue { return &Queue{rng: rng, state: rng.NormFloat64()} }

func (q *Queue) set(l Load) {
	q.load = l
	q.until, q.bursting, q.burstUntil = 0, true, 0
}

// wait is how long a frame waits that comes at a time.
func (q *Queue) wait(t event.Time) event.Time {
	if t >= q.until {
		q.refresh(t)
	}
	if q.now == 0 {
		return 0
	}
	if dt := t - q.last; dt > 0 {
		decay := math.Exp(-float64(dt) / float64(q.load.Correlation))
		q.state = q.state*decay + math.Sqrt(1-decay*decay)*q.rng.NormFloat64()
		q.last = t
	}
	if q.state <= q.threshold {
		return 0
	}
	return q.load.Exceeded(math.Erfc(q.state/math.Sqrt2)/2, q.now)
}

// refresh finds the load from t on.
func (q *Queue) refresh(t event.Time) {
	q.now, q.until = q.load.At(t), event.Never
	if q.load.Swing != 0 {
		q.until = t + refresh
	}
	if b := q.load.Burst; b.Load > 0 {
		for t >= q.burstUntil {
			q.bursting = !q.bursting
			mean := b.Every
			if q.bursting {
				mean = b.Lasts
			}
			if q.burstUntil == 0 {
				q.burstUntil = t
			}
			q.burstUntil += event.Time(q.rng.ExpFloat64() * float64(mean))
		}
		if q.bursting {
			q.now = max(q.now, b.Load)
		}
		q.until = min(q.until, q.burstUntil)
	}
	q.threshold = math.Sqrt2 * math.Erfinv(1-2*q.now)
}
