package leap

import "time"

// Season is what a grandmaster may say of UTC for a stretch of time.
type Season struct {
	// Known is false before 1972: UTC had no leap seconds then, and a capture
	// that old was stamped by a clock that was never set.
	Known bool
	// Offsets are TAI - UTC in seconds, before and after a leap second that is
	// near; twice the same when none is.
	Offsets [2]int16
	// Later is TAI - UTC a year on, and Last the last that is known.
	Later, Last int16
	// Chances is how many leap seconds there may have been since the table
	// expired.
	Chances int16
	// Leap61 and Leap59 say whether these flags may be set.
	Leap61, Leap59 Notice
	// Until is when the season ends.
	Until time.Time
}

// Notice says whether a leap second may be announced.
type Notice uint8

// The notices.
const (
	OutOfSeason Notice = iota // no leap second is to come
	Early                     // one is, or may be, at the end of the month, which is not today
	InSeason                  // one is, or may be, at the end of this day
)

// tolerance is how far a tap's clock may be off, and how long clocks may take,
// before and after a leap second. IEEE 1588-2019 9.4 gives them an announce
// interval or two; a tap may show TAI.
const tolerance = 10 * time.Minute

// Season finds the season of a time.
func (t *Table) Season(at time.Time) Season {
	s := Season{Last: t.last().offset, Until: t.steps[0].at}
	now, known := t.Offset(at)
	if !known {
		return s
	}
	s.Known, s.Offsets = true, [2]int16{now, now}
	s.Later, _ = t.Offset(at.AddDate(1, 0, 0))
	for chance := nextChance(t.expires.Add(-1)); !chance.After(at.Add(tolerance)); chance = nextChance(chance) {
		s.Chances++
	}
	midnight, before, after := t.next(at)
	first := midnight.AddDate(0, -1, 0)
	var notice Notice
	switch day := midnight.AddDate(0, 0, -1).Add(-tolerance); {
	case at.Before(first):
		s.Until = first
	case at.Before(day):
		notice, s.Until = Early, day
	case at.Before(midnight.Add(-tolerance)):
		notice, s.Until = InSeason, midnight.Add(-tolerance)
	default:
		notice, s.Until = InSeason, midnight.Add(tolerance)
		s.Offsets = [2]int16{before, after}
	}
	if after >= before {
		s.Leap61 = notice
	}
	if after <= before {
		s.Leap59 = notice
	}
	for _, step := range t.steps {
		if year := step.at.AddDate(-1, 0, 0); year.After(at) && year.Before(s.Until) {
			s.Until = year
		}
	}
	return s
}

// next is the next midnight with a leap second that is not yet long past, and
// TAI - UTC before and after it. Beyond what the table knows it is the next
// chance of one, and the offsets are the same.
func (t *Table) next(at time.Time) (midnight time.Time, before, after int16) {
	for i, s := range t.steps {
		if i > 0 && s.at.Add(tolerance).After(at) {
			return s.at, t.steps[i-1].offset, s.offset
		}
	}
	last := t.last().offset
	from := at.Add(-tolerance)
	if t.expires.After(from) {
		from = t.expires.Add(-1)
	}
	return nextChance(from), last, last
}
