package delay

import (
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
	// StepAt is when it last did, capture time in ns, and Step by how much, in
	// ns, as far as that is known.
	StepAt, Step int64

	coarse    int64 // every stamp is a multiple of so many ns
	stamps    uint64
	ahead     int64 // of the system, at the last stamp that was believed
	at        int64 // when that was
	suspects  int   // stamps in a row that contradict it
	suspect   int64 // the first of them: how far ahead
	suspectAt int64
	streams   []*stream
}

// NewClock returns one of which nothing is known.
func NewClock(source packet.StampSource, name string) *Clock {
	return &Clock{Source: source, Name: name, coarse: 1e9}
}

const (
	// stepLeast is how much further from the system's receive time than before a
	// stamp must be to be doubted, in ns: a loaded machine takes a frame a few
	// milliseconds late.
	stepLeast = 10e6
	// stepRate is how much that may grow as time goes by, and how far two
	// clocks may run apart.
	stepRate = 1000e-6
	// stepSure is how many such stamps in a row are a step.
	stepSure = 3
	// coarseSure is how many stamps show their resolution.
	coarseSure = 8
)

// Note takes a stamp and the system's receive time, in ns, and says whether to
// measure with it. A clock that contradicts the system's steps when it goes on
// to do so; a single stamp that does is one that came late. Where the stamp is
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
	if c.stamps == 1 || near(ahead, c.ahead, at-c.at) {
		c.ahead, c.at, c.suspects = ahead, at, 0
		return true
	}
	if c.suspects == 0 || !near(ahead, c.suspect, at-c.suspectAt) {
		c.suspect, c.suspectAt, c.suspects = ahead, at, 0
	}
	if c.suspects++; c.suspects < stepSure {
		return false
	}
	c.step(ahead-c.ahead, at)
	c.ahead, c.at, c.suspects = ahead, at, 0
	return true
}

func near(a, b, elapsed int64) bool {
	d, ok := subtract(a, b)
	most := stepLeast + int64(stepRate*float64(max(elapsed, 0)))
	return ok && d <= most && d >= -most
}

func (c *Clock) step(by, at int64) {
	c.Steps++
	c.Step, c.StepAt = by, at
	for _, s := range c.streams {
		s.jumped = 0
	}
}

// Resolution is the step of its stamps in ns, a power of ten: 1 where they have
// all digits or too few were seen.
func (c *Clock) Resolution() int64 {
	if c.stamps < coarseSure {
		return 1
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
	// alive is how long ago a stream was heard that has a say.
	alive = 30e9
)

// jump takes a stream's jump and says whether the clock has stepped: every
// grandmaster that it stamps, at least two, jumped by the same.
func (c *Clock) jump(s *stream, by Interval, now int64) bool {
	s.jumped, s.jumpedAt = by, now
	others := 0
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
	c.step(int64(by/Nanosecond), now)
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
