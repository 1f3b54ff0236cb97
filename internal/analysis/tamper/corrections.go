package tamper

import "math"

// Corrections is how the corrections of one direction went.
type Corrections struct {
	floor, median Level
	least, most   float64 // of all messages while learning
	corrected     bool    // any was, while learning
	jump          jump

	moved, outside, new streak
	shift               Shift
}

// Shift is how the corrections of the last blocks differ from what is usual; a
// part of it that they do not show three times in a row is 0.
type Shift struct {
	// Floor and Median: by how much those of blocks moved.
	Floor, Median float64
	// New: messages are corrected where none was.
	New bool
	// Outside is how far beyond all that was learned they lie: the least of them
	// above the most, below 0 the middle ones below the least.
	Outside float64
	// Jumped: by how much the corrected delay moved when the corrections did, if
	// Followed.
	Jumped   float64
	Followed bool
	// Newest is the median now.
	Newest float64
}

// Shift is what the last blocks show.
func (c *Corrections) Shift() Shift { return c.shift }

// learn takes a block while learning, of which there were so many.
func (c *Corrections) learn(s *Shape, blocks int) {
	if blocks == 0 {
		c.least, c.most = s.Least, s.Most
	}
	c.floor.Learn(s.CorrectionFloor)
	c.median.Learn(s.CorrectionMedian)
	c.least, c.most = min(c.least, s.Least), max(c.most, s.Most)
	c.corrected = c.corrected || s.Corrected > 0
	c.jump.settled(s)
}

func (c *Corrections) settle() {
	c.floor.Settle()
	c.median.Settle()
}

const (
	// correctionLeast is by how much a correction moves that counts, in ns, and
	// roundedMost by how much transparent clocks may round it below 0.
	correctionLeast = 10
	roundedMost     = 1
)

func (c *Corrections) judge(s *Shape, resolution float64) {
	floor, median := c.floor.Off(s.CorrectionFloor, correctionLeast), c.median.Off(s.CorrectionMedian, correctionLeast)
	outside := 0.0
	if over := s.CorrectionFloor - c.most; over > correctionLeast+c.floor.Limit(0) {
		outside = over
	} else if under := s.CorrectionMedian - c.least; under < -roundedMost-c.floor.Limit(0) {
		outside = under
	}
	news := !c.corrected && s.Corrected >= fewest
	was := c.moved
	moved := c.moved.note(floor != 0 || median != 0)
	if c.moved > 0 {
		c.jump.follow(s, was == 0)
	} else {
		c.jump.settled(s)
	}
	c.shift = Shift{Newest: s.CorrectionMedian, New: c.new.note(news)}
	if c.outside.note(outside != 0) {
		c.shift.Outside = outside
	}
	if moved {
		c.shift.Floor, c.shift.Median = floor, median
		c.shift.Jumped, c.shift.Followed = c.jump.by(max(correctionLeast, 2*resolution))
	}
}

// jump is how a corrected delay went on when the corrections moved, against how
// it would have gone on: a tap's clock runs on as it did.
type jump struct {
	before  [2*Sure + 1]point // newest first
	n       int
	from    int64 // what follows is reckoned from
	at      float64
	rate    float64 // per ns
	miss    float64 // how far points before were from the line
	after   [Sure]float64
	follows int
}

type point struct {
	at    int64
	value float64
}

// settled takes a block before.
func (j *jump) settled(s *Shape) {
	copy(j.before[1:], j.before[:])
	j.before[0] = point{s.At, s.Floor}
	j.n = min(j.n+1, len(j.before))
	j.follows = 0
}

// follow takes a block after.
func (j *jump) follow(s *Shape, first bool) {
	if first {
		j.draw()
	}
	if j.follows < Sure && j.n > 1 {
		j.after[j.follows] = s.Floor - j.at - j.rate*float64(s.At-j.from)
		j.follows++
	}
}

// draw lays a line through the blocks before, by least squares. The last of them
// may have been in both.
func (j *jump) draw() {
	if j.n < 2 {
		return
	}
	points := j.before[1:j.n]
	j.from, j.at, j.rate, j.miss = points[0].at, points[0].value, 0, 0
	var t, v, tt, tv float64
	n := float64(len(points))
	for _, p := range points {
		x, y := float64(p.at-j.from), p.value-points[0].value
		t, v, tt, tv = t+x, v+y, tt+x*x, tv+x*y
	}
	if d := n*tt - t*t; d > 0 {
		j.rate = (n*tv - t*v) / d
	}
	j.at += (v - j.rate*t) / n
	for _, p := range points {
		j.miss = max(j.miss, math.Abs(p.value-j.at-j.rate*float64(p.at-j.from)))
	}
}

// by is how far it jumped, the least of the blocks after; false where that is
// not known, or where they are too far from each other to tell.
func (j *jump) by(least float64) (float64, bool) {
	if j.n < len(j.before) || j.follows < Sure {
		return 0, false
	}
	low, high := j.after[0], j.after[0]
	for _, v := range j.after[1:] {
		low, high = min(low, v), max(high, v)
	}
	sum := (low + high) / 2
	if high-low > max(least+4*j.miss, math.Abs(sum)/4) {
		return 0, false
	}
	return sum, true
}
