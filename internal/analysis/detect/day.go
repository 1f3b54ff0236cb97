package detect

import "math"

// quarters make a day.
const quarters = 96

// The mean of a day must be off by so many scales of a quarter of an hour, and so
// large a part of what the path wandered on its first day.
const dayNoise, dayWander = 3, 3.0 / 4

// daily has the quarters of the last day, less what was known to have changed.
type daily struct {
	ring  [quarters]float64
	count int // of all that ever were
}

// mean is false while there is no whole day.
func (d *daily) mean() (float64, bool) {
	sum := 0.0
	for _, v := range d.ring {
		sum += v
	}
	return sum / quarters, d.count >= quarters
}

// addDay takes a quarter. Once the first day has shown how far a path wanders, one
// that is further off counts as that, so that no single event makes a day.
func (s *slow) addDay(v float64, set *Settings) {
	f := &s.frozen
	v -= s.told
	if f.Day != 0 {
		v = f.Mean + clip(v-f.Mean, f.Wander+s.dayThreshold(set))
	}
	s.day.ring[s.day.count%quarters] = v
	s.day.count++
	if mean, ok := s.day.mean(); ok && f.Day == 0 && f.Days == 1 {
		f.Day = mean
	}
}

// dayThreshold is how far the mean of a day may be from that of the first.
func (s *slow) dayThreshold(set *Settings) float64 {
	f := &s.frozen
	return max(dayNoise*s.own.value, dayWander*f.Wander, set.ShiftLeast)
}

// judgeDay holds the last day against the first: what comes and goes every day is
// in both alike, so that less shows than in a minute.
func (s *slow) judgeDay(p *Path, set *Settings) (Change, bool) {
	mean, ok := s.day.mean()
	off := mean - s.frozen.Day
	if !ok || s.frozen.Day == 0 || p.stage == Suspect || math.Abs(off) <= s.dayThreshold(set) {
		return Change{}, false
	}
	c := Change{
		Kind: Unnamed, Slow: true, Mean: off, MeanError: s.own.value, OffsetError: math.Inf(1), // no clock keeps so steady
		Since: p.last - day, Blocks: int(day / 1e9 / p.block),
	}
	s.told += off
	s.off = 0
	for i := range s.day.ring {
		s.day.ring[i] -= off
	}
	p.takes(&c)
	return c, true
}

// dayLag is how much more must grow within a day than the mean of that day shows:
// twice as much for the mean, and a quarter again so that there is time to tell.
const dayLag = 2.5

// ramp is the least growth of one direction's delay in a day that is found within
// it: the mean of both grows by half of that.
func (s *slow) ramp(set *Settings) float64 {
	least := s.threshold(set)
	if s.frozen.Day != 0 {
		least = min(least, dayLag*s.dayThreshold(set))
	}
	return 2 * least
}
