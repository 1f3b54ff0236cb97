package detect

import "math"

// Kind is what has changed about a path.
type Kind uint8

// The kinds.
const (
	Nothing Kind = iota
	Forward      // the delay of one direction, or of that more than of the other
	Reverse
	Both    // the delay of both directions, about alike
	Time    // neither: one of the clocks, or both directions by opposite amounts
	Unnamed // the delay, and no saying of which direction
	kinds
)

// String is one word.
func (k Kind) String() string {
	return [...]string{"nothing", "forward", "reverse", "both", "time", "unnamed"}[k]
}

// Change is by how much a path has moved.
type Change struct {
	Kind Kind
	// Mean and Offset are by how much these moved, in seconds, with their standard
	// errors. Of an Unnamed change the offset says nothing.
	Mean, Offset           float64
	MeanError, OffsetError float64
	Since                  int64 // capture time of the first block that shows it, ns
	Blocks                 int   // that show it
	Slow                   bool  // found against the frozen baseline
	// Before is the part of Mean that was told as Unnamed changes: this gives them
	// their name.
	Before float64
	// Wander is the part of Mean that the path may have wandered, and come back with:
	// it does not count as moved.
	Wander float64
	// Back: an Unnamed change has come back, all at once, and that tells the
	// direction, which is Kind.
	Back bool
}

const (
	// A change is told of when it is as many standard errors as this, and its kind
	// when it is so far from looking like another.
	changeSure = 4
	kindSure   = 1.65
	// clockSure is the same as changeSure for a clock, which steps for all to see.
	clockSure = 8
	// alone is which part of the other's a change of the mean, or the offset, must
	// be below for that not to have moved: one direction alone moves both by as
	// much.
	alone = 0.5
)

// name says what kind a change is, and whether that is sure. Delays of one
// direction move mean and offset by the same amount, of both the mean alone, and
// clocks the offset alone.
func (c *Change) name() (Kind, bool) {
	m, o := math.Abs(c.Mean), math.Abs(c.Offset)
	if max(m/c.MeanError, o/c.OffsetError) < changeSure {
		return Unnamed, false
	}
	// How far it is from where kinds meet, in standard errors.
	both := (o - alone*m) / math.Hypot(c.OffsetError, alone*c.MeanError)
	time := (alone*o - m) / math.Hypot(alone*c.OffsetError, c.MeanError)
	switch {
	case time > kindSure:
		return Time, o > clockSure*c.OffsetError
	case both < -kindSure:
		return Both, m > changeSure*c.MeanError
	case both < kindSure || time > -kindSure:
		return Unnamed, false
	case (c.Mean > 0) == (c.Offset > 0):
		return Forward, true
	}
	return Reverse, true
}
