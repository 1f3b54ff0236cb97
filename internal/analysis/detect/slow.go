package detect

import (
	"math"
	"slices"
)

// Frozen is the baseline that a path was commissioned with. Nothing that is
// measured later moves it; within the first day its wander is still learned.
type Frozen struct {
	Since  int64   `json:"since"` // capture time at which learning ended, ns
	Mean   float64 `json:"mean"`
	Scale  float64 `json:"scale"`  // of a block
	Wander float64 `json:"wander"` // half of how far quarters of an hour ranged
	Low    float64 `json:"low"`    // their range
	High   float64 `json:"high"`
	Days   float64 `json:"days"` // that the wander is from, at most one
	Day    float64 `json:"day"`  // mean of the first day; 0 while not known
}

const (
	slot    = 15e9 // ns
	slots   = 4    // in a minute
	quarter = 15   // minutes
	day     = 86400e9
	// slowLeast is how many blocks make a minute.
	slowLeast = 8
	// minuteSlack is by how many standard deviations of a block a minute must be
	// off, minutesOff for how many minutes in a row.
	minuteSlack, minutesOff = 6, 3
	// wanderFactor is how much further than it wandered on its first day a path
	// must go.
	wanderFactor = 2
	// slotsKept is how many are kept: an hour of them.
	slotsKept = 256
	// traced is the part of what a path is off by at which that is taken to have
	// begun.
	traced = 0.1
)

// slow holds longer units against the frozen baseline.
type slow struct {
	frozen Frozen
	// past has slots, so that there is something to predict the offset from.
	past    history
	slot    gathered
	minute  gathered
	minutes [quarter]float64
	n       int   // of them
	own     scale // of a quarter against the one before
	before  float64
	has     bool
	away    bool    // the last minute was at least half as far off as it may be
	off     int     // minutes in a row that were off
	last    float64 // by how much the last of them was
	told    float64 // changes that are known, of the mean
	day     daily
}

// gathered are the blocks of a unit of time.
type gathered struct {
	number  int64
	n       int
	means   [64]float64
	offsets float64 // sum, less the first
	first   point
	last    point
}

// add takes a block, and says whether it is of another unit than those before.
func (g *gathered) ends(now, length int64) bool { return g.n > 0 && now/length != g.number }

func (g *gathered) add(x point, length int64) {
	if g.n == 0 {
		g.number, g.first, g.offsets = x.now/length, x, 0
	}
	g.means[g.n%len(g.means)] = x.mean
	g.offsets += x.offset - g.first.offset
	g.last = x
	g.n++
}

func (g *gathered) values() []float64 { return g.means[:min(g.n, len(g.means))] }

func (s *slow) begin(means []float64, n *Noise, now int64) {
	if s.frozen.Since != 0 {
		return // commissioned before
	}
	values := append([]float64(nil), means...)
	level, _ := lowest(values)
	s.frozen = Frozen{Since: now, Mean: level, Scale: n.Scale, Low: level, High: level}
}

// lowest is the lowest tenth of values, which it sorts, and how far the median lies
// above it: waiting only adds.
func lowest(values []float64) (level, spread float64) {
	slices.Sort(values)
	n := len(values)
	level = values[(n-1)/10]
	return level, values[n/2] - level
}

// lowerQuartile sorts values.
func lowerQuartile(values []float64) float64 {
	slices.Sort(values)
	return values[(len(values)-1)/4]
}

// add takes a block.
func (s *slow) add(p *Path, b *Block, set *Settings) (c Change, found bool) {
	if s.slot.ends(b.Now, slot) {
		// What moves now is not what predictions usually miss by.
		s.endSlot(p.stage == Normal && !s.away && p.moved[Unnamed] == 0)
	}
	if s.minute.ends(b.Now, slots*slot) {
		if s.minute.n >= slowLeast && p.stage != Learning {
			level, spread := lowest(s.minute.values())
			ended := s.endMinute(level, s.minute.last.now, set)
			if c, found = s.judge(p, set, level, spread); ended && !found {
				c, found = s.judgeDay(p, set)
			}
		}
		s.minute.n = 0
	}
	x := point{b.At, b.Now, b.Mean(), b.Offset(), float32(b.Spread), p.breaks}
	s.slot.add(x, slot)
	s.minute.add(x, slots*slot)
	return c, found
}

func (s *slow) endSlot(learn bool) {
	g := &s.slot
	s.past.add(point{
		at: g.first.at + (g.last.at-g.first.at)/2, now: g.last.now, mean: medianOf(g.values()),
		offset: g.first.offset + g.offsets/float64(g.n), epoch: g.last.epoch,
	})
	if learn {
		s.past.learn()
	}
	g.n = 0
}

// endMinute takes a minute into the quarter of an hour that goes on, and says
// whether that has ended.
func (s *slow) endMinute(level float64, now int64, set *Settings) bool {
	s.minutes[s.n] = level
	if s.n++; s.n < quarter {
		return false
	}
	s.n = 0
	v := medianOf(s.minutes[:])
	if s.has {
		s.own.add((v - s.before) / math.Sqrt2)
	}
	s.before, s.has = v, true
	f := &s.frozen
	if age := float64(now - f.Since); s.told == 0 && f.Days < 1 {
		f.Low, f.High = min(f.Low, v), max(f.High, v)
		f.Wander = (f.High - f.Low) / 2
		if f.Days = age / day; f.Days >= 1 {
			f.Days = 1
			f.Mean = (f.Low + f.High) / 2
		}
	}
	s.addDay(v, set)
	return true
}

// threshold is how far a minute may be from the frozen baseline.
func (s *slow) threshold(set *Settings) float64 {
	f := &s.frozen
	if f.Days < 1 {
		return max(minuteSlack*f.Scale, set.Guard, wanderFactor*f.Wander)
	}
	return max(f.Scale, stepSure*s.own.value, wanderFactor*f.Wander, set.ShiftLeast)
}

// judge holds a minute's level against the frozen baseline, less what is known to
// have changed.
func (s *slow) judge(p *Path, set *Settings, level, spread float64) (Change, bool) {
	off := level - s.frozen.Mean - s.told
	// A minute in which most messages wait does not show where the floor is.
	most := s.threshold(set) + 2*max(0, spread-2*s.frozen.Scale)
	s.away = math.Abs(off) > most/2
	if math.Abs(off) <= most || off*s.last < 0 || p.stage == Suspect {
		s.off, s.last = 0, 0
		return Change{}, false
	}
	if s.off > 0 && math.Abs(off-s.last) > math.Abs(off)/2 {
		s.off = 0
	}
	s.last = off
	if s.off++; s.off < minutesOff {
		return Change{}, false
	}
	c := s.name(off, p.unnamed(off))
	c.Slow = true
	if c.Kind == Unnamed && c.OffsetError < math.Abs(off) && math.Abs(off) < 2*most {
		return Change{}, false // the direction may yet show
	}
	if c.Kind == Unnamed {
		c.Wander = clip(off, s.frozen.Wander)
	}
	s.told += off - c.Wander
	s.off = 0
	s.day = daily{} // it has part of this
	p.takes(&c)
	c.Mean += c.Before
	return c, true
}

// name traces a change together with those to the same side that have no name
// yet: the more has moved, the better the offset shows which direction did.
func (s *slow) name(by, before float64) Change {
	if c := s.trace(by + before); c.Kind != Unnamed || before == 0 {
		if c.Kind != Unnamed {
			c.Mean, c.Before = by, before
		}
		return c
	}
	return s.trace(by)
}

// trace finds since when the mean has been moving, and what the offset has done
// meanwhile.
func (s *slow) trace(off float64) Change {
	h := &s.past
	c := Change{Kind: Unnamed, Mean: off, MeanError: s.frozen.Scale / 2, OffsetError: math.Inf(1)}
	if h.count == 0 {
		return c
	}
	from := h.count - 1
	for from > h.first() && (h.at(from-1).mean-h.at(h.count-1).mean)/off > traced-1 {
		from--
	}
	c.Since, c.Blocks = h.at(from).now, h.count-from
	d := h.shift(from, from)
	if !d.ok || !d.offsetOK || math.Abs(d.bend) < math.Abs(off)/8 || d.bend*off < 0 {
		return c
	}
	// Over the whole of it both have moved by less than now, in one proportion.
	part := math.Abs(off / d.bend)
	c.Offset, c.OffsetError = d.offset*part, h.offsetError(&d)*part
	c.MeanError = min(c.MeanError, h.theory(d.count, d.basis)*part) // both come of the same stamps
	if kind, sure := c.name(); sure && kind != Time {
		c.Kind = kind // the mean has moved, whatever the clocks do
	}
	return c
}

// changed takes into account what was found sooner.
func (s *slow) changed(c *Change) {
	if c.Kind != Time {
		s.told += c.Mean
	}
	if c.Kind != Unnamed { // of which the offset will tell more when more has moved
		for i := range s.past.ring {
			s.past.ring[i].offset += c.Offset
		}
	}
	s.slot.n, s.minute.n, s.n = 0, 0, 0
	s.has = false
}
