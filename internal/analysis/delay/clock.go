package delay

import (
	"math"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Clock is a clock that stamps for a tap, and what is known of its honesty.
type Clock struct {
	Source packet.StampSource
	Name   string // "ptp0"; "" is the system's, or a capture file's
	// Steps is how often it was seen to step. What was measured before a step
	// and hangs on its time is void.
	Steps uint64
	// SteppedAt is when it last did, capture time in ns, and Step by how much, in
	// ns, as far as that is known.
	SteppedAt, Step int64
	// Told is for whoever tells of steps: how many it has told of.
	Told uint64
	// Adjustments is how often its rate was seen to change at once: somebody
	// steers it.
	Adjustments uint64

	stepBy  witness
	coarse  int64 // every stamp is a multiple of so many ns
	stamps  uint64
	ahead   int64   // of the system, at the last stamp that was believed
	at      int64   // when that was
	wander  float64 // by how much that differs from one stamp to the next, ns
	doubted doubt
	streams []*stream

	compared compared
}

// doubt is about stamps in a row that contradict those before.
type doubt struct {
	begun     int64 // when the first of them all was
	count     int   // those that agree with each other
	ahead     int64 // of the system, by the latest
	since, at int64 // when the first of these and the latest were
}

// NewClock returns one of which nothing is known.
func NewClock(source packet.StampSource, name string) *Clock {
	return &Clock{Source: source, Name: name, coarse: 1e9}
}

const (
	// stepLeast is how much further from the system's receive time than before a
	// stamp must be to be doubted, in ns, and stepWander the same in parts of
	// what is usual: the system takes a frame when it finds the time.
	stepLeast  = 100e3
	stepWander = 16
	// stepRate is how much that may grow as time goes by: how far two clocks may
	// run apart, and how fast one may be slewed.
	stepRate = 1000e-6
	// stepSure is how many such stamps in a row are a step, over stepSpan ns at
	// least: all that come while the system is busy are late by the same.
	stepSure = 4
	stepSpan = 1e9
	// doubtMost is for how long stamps may contradict those before and each
	// other, in ns: this clock just is not near the system's.
	doubtMost = 10e9
	// coarseSure is how many stamps show their resolution.
	coarseSure = 8
)

// Note takes a stamp and the system's receive time, in ns, and says whether to
// measure with it. A clock that contradicts the system's stepped when it goes
// on to do so; a stamp that does is one that came late. Where the stamp is
// the system's time, as in a capture file, this shows nothing.
func (c *Clock) Note(stamp, at int64) bool {
	c.stamps++
	for c.coarse > 1 && stamp%c.coarse != 0 {
		c.coarse /= 10
	}
	ahead, ok := subtract(stamp, at)
	if !ok {
		return false
	}
	d := &c.doubted
	elapsed := at - c.at
	if d.count > 0 {
		elapsed = d.begun - c.at // time alone does not make a doubted stamp right
	}
	if c.stamps == 1 || c.near(ahead, c.ahead, elapsed) {
		c.believe(ahead, at)
		return true
	}
	if d.count == 0 {
		d.begun = at
	}
	if d.count == 0 || !c.near(ahead, d.ahead, at-d.at) {
		*d = doubt{begun: d.begun, since: at}
	}
	d.count++
	d.ahead, d.at = ahead, at
	switch {
	case d.count >= stepSure && at-d.since >= stepSpan:
		c.step(ahead-c.ahead, at, byStamps)
		c.ahead = ahead
	case at-d.begun < doubtMost:
		return false
	}
	c.believe(ahead, at)
	return true
}

// Shows says whether a step of so many seconds would have shown: the system's
// time is of another clock, and does not differ so much from one stamp to the
// next.
func (c *Clock) Shows(step float64) bool {
	return c.wander > 0 && math.Abs(step)*1e9 > 2*max(stepLeast, stepWander*c.wander)
}

func (c *Clock) believe(ahead, at int64) {
	if c.stamps > 1 {
		c.wander += (math.Abs(float64(ahead-c.ahead)) - c.wander) / 16
	}
	c.ahead, c.at, c.doubted = ahead, at, doubt{}
}

// near says whether a clock may have come from being ahead by b to being ahead
// by a in some time.
func (c *Clock) near(a, b, elapsed int64) bool {
	d, ok := subtract(a, b)
	most := max(stepLeast, stepWander*c.wander) + stepRate*float64(max(elapsed, 0))
	return ok && math.Abs(float64(d)) <= most
}

// witness is what shows a step.
type witness uint8

const (
	byStamps witness = iota + 1
	byComparison
	byGrandmasters
	byOthers
)

// sameStep is within what time two witnesses show the same step, in ns.
const sameStep = 10e9

// step counts a step, but not the one that another witness has shown already.
func (c *Clock) step(by, at int64, shown witness) {
	if c.Steps > 0 && shown != c.stepBy && at-c.SteppedAt < sameStep && math.Abs(float64(by)-float64(c.Step)) < math.Abs(float64(by))/10+stepLeast {
		return
	}
	c.Steps++
	c.Step, c.SteppedAt, c.stepBy = by, at, shown
	c.compared.stepped(shown)
	for _, s := range c.streams {
		s.jumped = 0
	}
}

// Stepped takes a step of the clock that somebody else has found, and told of: by
// so many seconds, at a capture time in ns.
func (c *Clock) Stepped(by float64, at int64) {
	c.step(int64(by*1e9), at, byOthers)
	c.Told = c.Steps
}

// Resolution is the step of its stamps in ns, a power of ten: 1 where they have
// all digits, 0 while too few were seen.
func (c *Clock) Resolution() int64 {
	if c.stamps < coarseSure {
		return 0
	}
	return c.coarse
}

// stream is the forward delay from one grandmaster, as its jumps go. What all
// of them do at once, the tap's clock did.
type stream struct {
	grandmaster ptp.ClockIdentity
	at          int64 // capture time of the last Sync
	jumped      Interval
	jumpedAt    int64 // capture time
}

const (
	// together is within what time clocks jump at once, in ns: each shows it
	// with its third Sync after.
	together = 30e9
	// togetherLeast is what counts as one of the clock at least, in ns: messages
	// of several grandmasters that meet at a port wait alike for a moment.
	togetherLeast = 20e3
	// alive is how long ago a stream was heard that has a say.
	alive = 30e9
)

// jump takes a stream's jump and says whether the clock has stepped: every
// grandmaster that it stamps, at least two, jumped by the same.
func (c *Clock) jump(s *stream, by Interval, now int64) bool {
	s.jumped, s.jumpedAt = by, now
	others := 0
	if max(by, -by) < togetherLeast*Nanosecond {
		return false
	}
	for _, o := range c.streams {
		if o.grandmaster == s.grandmaster || now-o.at > alive {
			continue
		}
		allowed := max(by, -by)/10 + 2*Interval(jumpLeast)
		if o.jumped == 0 || now-o.jumpedAt > together || o.jumped-by > allowed || by-o.jumped > allowed {
			return false
		}
		others++
	}
	if others == 0 {
		return false
	}
	c.step(int64(by/Nanosecond), now, byGrandmasters)
	return true
}

// join adds a stream, leave takes it out.
func (c *Clock) join(s *stream) { c.streams = append(c.streams, s) }

func (c *Clock) leave(s *stream) {
	for i, o := range c.streams {
		if o == s {
			last := len(c.streams) - 1
			c.streams[i], c.streams[last] = c.streams[last], nil
			c.streams = c.streams[:last]
			return
		}
	}
}
