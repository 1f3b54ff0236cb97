package tamper

import "math"

// Span is the way from one tap to another that the same clock stamps, as blocks
// of sixteen messages have it. Nobody else's clock has a say in what they take.
// The zero value is ready.
type Span struct {
	gathered           int
	began              int64 // first block of the group, ns
	transit, left      least // of the blocks that are gathered
	groups             int
	usual, usualLeft   Level
	steady, steadyLeft most // by how much two of four blocks differ
	known              bool
	sure               streak
	since              int64   // the first of the groups in a row that are off began
	off                float64 // what the last group is off by
	offSince           int64   // that group began
	took               float64 // the sum of the floors of messages in so many of those groups, less the usual
	tookOf             int
	moved              Moved
}

// Moved is by how much floors differ from what they were, for groups in a row:
// the floor of what messages take, and of what of it transparent clocks do not
// claim. Within is how far off Transit may be: Inf while messages wait so much that
// nothing is known of it.
type Moved struct {
	Transit, Unexplained, Within float64 // ns
}

// group is how many blocks are looked at together: the least of them has seen
// messages that did not wait even where most do.
const group = 4

// least are the two least.
type least [2]float64

func (l *least) add(v float64, first bool) {
	switch {
	case first:
		*l = least{v, math.Inf(1)}
	case v < l[0]:
		l[0], l[1] = v, l[0]
	case v < l[1]:
		l[1] = v
	}
}

// spanLeast is by how much a floor moves that counts, in ns.
const spanLeast = 20

// Add takes the floors of a block that ended at a time in ns, and says whether it
// has filled a group. Resolution is the step of stamps in ns.
func (s *Span) Add(now int64, transit, unexplained, resolution float64) bool {
	if s.gathered == 0 {
		s.began = now
	}
	s.transit.add(transit, s.gathered == 0)
	s.left.add(unexplained, s.gathered == 0)
	if s.gathered++; s.gathered < group {
		return false
	}
	s.gathered = 0
	if !s.known {
		s.learn()
		return true
	}
	s.judge(max(spanLeast, 2*resolution))
	return true
}

func (s *Span) learn() {
	s.usual.Learn(s.transit[0])
	s.usualLeft.Learn(s.left[0])
	s.steady.add(s.transit[1] - s.transit[0])
	s.steadyLeft.add(s.left[1] - s.left[0])
	if s.groups++; s.groups == LearnBlocks {
		s.usual.Settle()
		s.usualLeft.Settle()
		s.known = true
	}
}

// judge looks whether the floor of what is unexplained is elsewhere. A floor that
// was lifted by waiting is not one: the blocks do not agree on it.
func (s *Span) judge(counts float64) {
	off := s.usualLeft.Off(s.left[0], counts)
	if off > 0 && s.left[1]-s.left[0] > grown*s.steadyLeft.usual()+counts/2 {
		return
	}
	if s.sure == 0 {
		s.since, s.took, s.tookOf = s.began, 0, 0
	}
	if off != 0 && s.transit[1]-s.transit[0] <= grown*s.steady.usual()+counts/2 {
		s.took += s.transit[0] - s.usual.Centre
		s.tookOf++
	}
	s.off, s.offSince, s.moved = off, s.began, Moved{}
	if s.sure.note(off != 0) {
		s.moved = s.summed(off, counts)
	}
}

// summed is by how much floors moved. Those of what messages take are the less
// sure: what transparent clocks tell of varies in them.
func (s *Span) summed(off, counts float64) Moved {
	m := Moved{Unexplained: off, Within: math.Inf(1)}
	if n := float64(s.tookOf); n > 0 {
		m.Transit = s.took / n
		m.Within = counts/2 + 2*s.usual.Spread*math.Sqrt(1/n+1.0/LearnBlocks)
	}
	return m
}

// Floor is what of the last group transparent clocks do not claim, at the least.
func (s *Span) Floor() float64 { return s.left[0] }

// Known says whether it is known what is usual.
func (s *Span) Known() bool { return s.known }

// Verdict is what two Spans say together, there and back between two taps.
type Verdict uint8

// The verdicts.
const (
	Nothing Verdict = iota
	// Delayed: messages that go there take longer, or shorter, than they did, and
	// those that go back do not.
	Delayed
	// Misreported: transparent clocks claim another time than they did, and the
	// messages take what they took.
	Misreported
)

// Judge says what is wrong with the way there, given the way back, which is nil
// where nothing goes back.
func (s *Span) Judge(back *Span) (Verdict, Moved) {
	m := s.moved
	half := math.Abs(m.Unexplained)/2 - m.Within
	switch {
	case math.Abs(m.Transit) < half:
		return Misreported, m
	case math.Abs(m.Transit-m.Unexplained) >= half: // or nothing moved
		return Nothing, m
	case back == nil || back.offSince < s.since: // not heard of since
		return Nothing, m
	case math.Abs(back.off-m.Unexplained) <= math.Abs(m.Unexplained)/4+spanLeast/2:
		return Nothing, m // the way is another
	}
	return Delayed, m
}
