package detect

import (
	"math"
	"slices"
)

// suspicion is about the points from a number on.
type suspicion struct {
	onset int // the first that lies off; it may be part before and part after
	since int64
	later int // by how many blocks the onset was found to be later
}

// judge looks at what is suspected. It gives a change once that is clear.
func (p *Path) judge(s *Settings) (Change, bool) {
	h := &p.recent
	if p.again() {
		p.suspect = suspicion{onset: h.count - jumpBlocks, since: h.at(h.count - jumpBlocks).now}
	}
	before, from := p.suspect.onset-1, p.suspect.onset+1
	h.sturdy = true
	d := h.shift(before, from)
	if p.early(&d) {
		before, from = before+1, from+1
		d = h.shift(before, from)
	}
	h.sturdy = false
	if !d.ok || from+2 > h.count {
		if h.count-p.suspect.onset > suspectMost+suspectLate {
			p.clear()
		}
		return Change{}, false
	}
	c := p.change(&d)
	var sure bool
	c.Kind, sure = p.name(&c, &d)
	moved := math.Abs(c.Mean) > (changeSure+1)*c.MeanError
	sure = sure || moved && d.offsetOK && p.sooner(&d, &c)
	late := d.count >= suspectMost || !d.offsetOK && d.count >= blindBlocks
	var longer Change
	if !sure && moved && late {
		longer = p.slow.name(c.Mean, p.unnamed(c.Mean))
		c.Kind, sure = longer.Kind, true
	}
	big := math.Abs(c.Mean) >= s.ShiftLeast
	if c.Kind == Time {
		big = math.Abs(c.Offset) >= s.StepLeast
	}
	switch {
	case p.returned(&c):
		p.confirm(before, from, &d, &c)
	case sure && big && p.shown(&d, &c) >= p.least(&c) && p.holds(&d, &c) && p.coherent(from, &d, &c):
		if longer.Kind > Nothing && longer.Kind != Unnamed {
			c.Offset, c.OffsetError, c.Before = longer.Offset, longer.OffsetError, longer.Before
		}
		p.confirm(before, from, &d, &c)
		c.Mean += c.Before
		return c, true
	case d.count >= suspectMost+suspectLate || p.over(&c) || p.back(&d, &c):
		p.clear()
	}
	return Change{}, false
}

// early says whether a suspicion begins a block too early, and corrects that: the
// second, too, is part before and part after, or all before.
func (p *Path) early(d *shift) bool {
	s, size := &p.suspect, max(math.Abs(d.bend), math.Abs(d.offset))
	if !d.offsetOK || d.count < jumpBlocks || d.count > earlyBlocks || s.later == laterMost ||
		max(math.Abs(d.first.bend-d.bend), math.Abs(d.first.offset-d.offset)) <= max(fewSpread*p.passed.core, size*earlyPart) {
		return false
	}
	s.onset++
	s.later++
	s.since = p.recent.at(s.onset).now
	return true
}

// So many blocks show where a change begins, by those that are off by so large a
// part of it, and it is so many blocks later at most.
const earlyBlocks, earlyPart, laterMost = 8, 1.0 / 4, 2

// returned says that a path of which nothing is said was away from its frozen
// baseline and is near it again since the change: congestion is over.
func (p *Path) returned(c *Change) bool {
	level := p.recent.now()
	now := level - p.slow.frozen.Mean - p.slow.told
	before := math.Abs(now - c.Mean)
	stays := math.Abs(level-p.recent.level(p.suspect.onset+1)) < math.Abs(c.Mean)/4
	return stays && p.moved == [kinds]float64{} && c.Kind != Time && c.Blocks > jumpBlocks &&
		math.Abs(c.Mean) > changeSure*c.MeanError && before > jump*p.slow.frozen.Scale && math.Abs(now) < before/4
}

// again says whether the path has jumped away from where it was since it became
// suspect: that is another matter, and the graver one.
func (p *Path) again() bool {
	h := &p.recent
	since := h.count - jumpBlocks - p.suspect.onset
	if since < jumpBlocks {
		return false
	}
	n := min(since, basisMost)
	low, last := h.count-jumpBlocks-n, h.at(h.count-1)
	if p.away(low, meanOf, p.noise.Scale) {
		return true
	}
	if n < basisLeast || h.at(low).epoch != last.epoch {
		return false
	}
	line, _ := h.sturdyLine(low, low+n, last.epoch, calm{reach: math.Inf(1)})
	return p.away(low, line.miss, h.fresh.value)
}

// away says whether the last blocks, and they alone, all lie off to one side of
// those from a number on, of which the scale is this at least.
func (p *Path) away(low int, of func(*point) float64, scale float64) bool {
	h := &p.recent
	from := h.count - jumpBlocks
	var values [basisMost]float64
	n := from - low
	for i := range n {
		values[i] = of(h.at(low + i))
	}
	level := medianOf(values[:n])
	rough := 0.0 // from one of the last to the next
	for i := from + 1; i < h.count; i++ {
		rough += math.Abs(of(h.at(i))-of(h.at(i-1))) * normalMean / math.Sqrt2 / (jumpBlocks - 1)
	}
	least := jump * max(scale, min(spreadOf(values[:n]), rough))
	sign := 0.0
	for i := from; i < h.count; i++ {
		off := of(h.at(i)) - level
		if math.Abs(off) < least || sign*off < 0 {
			return false
		}
		sign = off
	}
	return math.Abs(of(h.at(from-1))-level) < least
}

// shown is how many blocks show a change: with the one at its onset, which may be
// part before. Where there are few, that must be off by some part of it, too.
func (p *Path) shown(d *shift, c *Change) int {
	off := p.recent.at(p.suspect.onset).mean - p.noise.Centre
	if d.count < jumpBlocks && c.Kind != Time && off/c.Mean < earlyPart {
		return d.count
	}
	return d.count + 1
}

// least is how many blocks a change takes. Where only the offset shows what Syncs
// wait for, it must outlast any queue.
func (p *Path) least(c *Change) int {
	n := p.passed.blocks(max(math.Abs(c.Mean), math.Abs(c.Offset)))
	if p.link && c.Kind == Time {
		n = max(n, linkBlocks)
	}
	return n
}

const linkBlocks = 32

func (p *Path) change(d *shift) Change {
	n := p.noise
	n.Scale = max(n.Scale, p.slow.frozen.Scale, d.rough)
	c := Change{
		Mean: d.mean, Offset: d.offset, Since: p.suspect.since, Blocks: d.count + 1,
		MeanError: math.Hypot(n.Error(float64(d.count)), n.Error(float64(d.basis))) * medianLoss,
	}
	c.OffsetError = p.recent.offsetError(d)
	if !d.offsetOK {
		c.Offset, c.OffsetError = 0, math.Inf(1)
	}
	return c
}

// medianLoss is by how much a median is worse than a mean.
const medianLoss = 1.25

// holds says whether the last blocks still are where the change has brought
// them.
func (p *Path) holds(d *shift, c *Change) bool {
	if !d.offsetOK {
		return true
	}
	if c.Kind != Unnamed && math.Abs(d.offset) > alone*math.Abs(d.bend) && d.lately.offset/d.offset < 0.5 {
		return false
	}
	return c.Kind == Time || math.Abs(d.bend) < changeSure*c.MeanError || d.lately.bend/d.bend > 0.5
}

// over says whether it was nothing, or is no more.
func (p *Path) over(c *Change) bool {
	return (c.Blocks >= overLeast && p.cusum.Over(p.h/2) == 0 || c.Blocks >= overMost) &&
		math.Abs(c.Mean) < overSure*c.MeanError && math.Abs(c.Offset) < overSure*c.OffsetError
}

// back says whether the last blocks all are where the path was before, whatever
// happened meanwhile.
func (p *Path) back(d *shift, c *Change) bool {
	h := &p.recent
	if d.count < backBlocks+1 || d.offsetOK && math.Abs(d.lately.offset) > overSure*max(c.OffsetError, h.fresh.value) {
		return false
	}
	for i := h.count - backBlocks; i < h.count; i++ {
		if math.Abs(h.at(i).mean-p.noise.Centre) > backSure*p.noise.Scale {
			return false
		}
	}
	was := false // away, and not only a little off
	for i := max(p.suspect.onset, h.first()); i < h.count; i++ {
		was = was || math.Abs(h.at(i).mean-p.noise.Centre) > 2*jump*p.noise.Scale
	}
	return was && (math.Abs(c.Mean) < changeSure*c.MeanError || math.Abs(d.lately.bend) < math.Abs(c.Mean)/4)
}

// A path is back when so many blocks in a row are within so many standard
// deviations.
const backBlocks, backSure = 4, 3

// After so many blocks a suspicion is over that so many standard errors do not
// bear out: after more, whatever the CUSUM says, for what it adds up is held against
// a centre that does not follow meanwhile.
const overLeast, overMost, overSure = 6, 24, 2.5

// coherent says whether the blocks since a change spread no more than they used
// to.
func (p *Path) coherent(from int, d *shift, c *Change) bool {
	h := &p.recent
	n := min(h.count-from, basisMost)
	var steps, spreads [basisMost]float64
	for i := range n {
		at := h.at(h.count - n + i)
		spreads[i] = float64(at.spread)
		if i > 0 {
			steps[i-1] = at.mean - h.at(h.count-n+i-1).mean
		}
	}
	size := max(math.Abs(c.Mean), math.Abs(c.Offset))
	if n < basisLeast && max(p.ragged(h.count-n, n), d.extent) > max(fewSpread*p.passed.core, size*fewPart(n)) {
		return false
	}
	allowed := size * coherentPart
	quartiles := d.quartiles
	if c.Kind != Time {
		quartiles = min(quartiles, d.straight) // a delay that grows evenly; of clocks, all drift
	}
	if n >= basisLeast && quartiles/(2*0.6745) > max(coherent*min(h.fresh.value, d.missed), allowed) {
		return false
	}
	slices.Sort(spreads[:n])
	usual := 3 * n / 4
	if n < basisLeast {
		usual = (n - 1) / 2 // one may well have a late message in it
	}
	return spreads[usual] <= max(coherent*p.spread+p.noise.Scale, allowed) &&
		(n < basisLeast || spreadOf(steps[:n-1])/math.Sqrt2 <= max(coherent*p.noise.Scale, allowed))
}

// Of a few blocks the means must lie within so many scales of quiet blocks, or so
// small a part of the change.
const fewSpread = 6

// fewPart is that part: two blocks may lie together by chance, five do not.
func fewPart(blocks int) float64 { return float64(min(max(blocks-1, 1), 4)) / 16 }

// ragged is how far the means of some points range.
func (p *Path) ragged(from, n int) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for i := from; i < from+n; i++ {
		v := p.recent.at(i).mean
		low, high = min(low, v), max(high, v)
	}
	return high - low
}

// spreadOf is the spread of values, as of stability.Robust, in their place.
func spreadOf(values []float64) float64 {
	centre := medianOf(values)
	for i := range values {
		values[i] = math.Abs(values[i] - centre)
	}
	return normalMedian * medianOf(values)
}

// normalMedian makes a median absolute deviation the standard deviation of what is
// normally distributed.
const normalMedian = 1.4826

// clear drops a suspicion.
func (p *Path) clear() {
	p.stage = Normal
	p.cusum.Reset()
	// What lay off without a reason is how this path is: follow it.
	if from := max(p.suspect.onset, p.recent.first()); from < p.recent.count {
		p.noise.Centre += clip(p.recent.level(from)-p.noise.Centre, p.noise.Scale)
	}
}
