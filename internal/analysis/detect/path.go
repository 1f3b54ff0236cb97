package detect

import (
	"math"
	"slices"
)

// Settings are what the operator and the site give a Path.
type Settings struct {
	Budget Budget
	// StepLeast is the least change of the offset that counts as a step of a
	// clock, ShiftLeast the least change of the mean that counts at all, in
	// seconds; Guard is what the frozen baseline may be off before a day has
	// shown how much the path wanders.
	StepLeast, ShiftLeast, Guard float64
}

// Stage is how far a Path has come with its judgement.
type Stage uint8

// The stages.
const (
	Learning Stage = iota
	Normal
	Suspect // something has moved; not yet clear what
)

// String is one word.
func (s Stage) String() string { return [...]string{"learning", "normal", "suspect"}[s] }

const (
	// A path is learned for so long, in seconds, and so many blocks at least.
	learnLength, learnLeast = 90, 24
	learnMost               = 512
	// scaleLeast is what a block is worth at best, in seconds.
	scaleLeast = 0.25e-9
	// recentSize is how many blocks are kept.
	recentSize = 512
	// memory is how slowly the adaptive baseline follows, in seconds.
	memory = 600
	// jump is by how many standard deviations so many blocks in a row must lie off
	// to the same side.
	jump, jumpBlocks = 6, 3
	// stepSure is how many of its own errors an offset must miss its prediction by.
	stepSure = 6
	// suspectMost is after how many blocks a suspicion is given up, or told without
	// a direction.
	suspectMost = 192
	// suspectLate is for how many more it may show to hold.
	suspectLate = 32
	// blindBlocks is how many blocks it takes where the offset says nothing: what is
	// before and after is of two epochs.
	blindBlocks = 16
	// coherent is how much more blocks may spread than they used to, and, in parts
	// of a change, in any case: what waits for other traffic spreads, what was
	// delayed by a constant does not.
	coherent, coherentPart = 2, 1.0 / 8
	// gap is the silence, in lengths of a block, after which offsets are told from
	// anew.
	gap = 16
)

// Path judges the blocks of one path: at most 36 KiB. It begins by learning.
type Path struct {
	stage    Stage
	learning []Block
	noise    Noise // of means; its Centre and Scale follow slowly
	spread   float64
	block    float64 // usual length, seconds
	h, most  float64 // of the CUSUM; what it showed while learning
	cusum    CUSUM
	before   float64 // the last mean
	last     int64   // its capture time
	epoch    uint32
	breaks   uint32
	recent   history
	suspect  suspicion
	passed   transients
	link     bool
	latest   latest
	moved    [kinds]float64 // by how much the mean has, and has not come back
	peak     [kinds]float64
	step     Change // the last of a clock
	slow     slow
}

// suspicion is about the points from a number on.
type suspicion struct {
	onset int // the first that lies off; it may be part before and part after
	since int64
	later int // by how many blocks the onset was found to be later
}

// latest is the last change: it becomes better known as time goes by.
type latest struct {
	before, from int // as of a shift
	next         int // after how many blocks it is looked at again
	told         int // how many blocks there were
	kind         Kind
	mean         float64
}

// latestMost is after how many blocks a change is as well known as it will be.
const latestMost = 64

// refine takes into account what more blocks tell of the last change, unless they
// tell of another.
func (p *Path) refine() {
	l := &p.latest
	if l.next == 0 || p.recent.count-l.from < l.next {
		return
	}
	if l.next *= 2; l.next > latestMost {
		l.next = 0
	}
	d := p.recent.shift(l.before, l.from)
	switch {
	case math.Abs(d.mean) > max(math.Abs(l.mean)/2, 2*p.noise.Scale):
		l.next = 0 // it goes on, or is over
	case d.offsetOK && l.before-p.recent.first() >= basisLeast:
		p.recent.rebase(l.before, l.from, &shift{mean: d.mean, offset: d.offset})
		p.noise.Centre = p.recent.level(l.from)
		if l.mean += d.mean; l.kind != Time && p.moved[l.kind] != 0 {
			p.slow.told += d.mean
			p.shifted(l.kind, d.mean, false)
		}
	}
}

// Add takes a block, and gives a change that has become clear with it.
func (p *Path) Add(b Block, s *Settings) (Change, bool) {
	if gone := float64(b.Now-p.last) / 1e9; b.Epoch != p.epoch || p.block > 0 && gone > gap*p.block {
		p.breaks++
	}
	p.epoch, p.last, p.link = b.Epoch, b.Now, b.Link
	if p.recent.size == 0 {
		p.recent, p.slow.past = newHistory(recentSize), newHistory(slotsKept)
	}
	p.recent.add(point{b.At, b.Now, b.Mean(), b.Offset(), float32(b.Spread), p.breaks})
	if p.stage == Learning {
		p.recent.learn()
		p.learn(b, s)
		return p.slow.add(p, &b, s)
	}
	p.follow(&b)
	p.passed.add(&p.recent, p.slow.frozen.Scale, b.Length)
	if p.stage == Normal && p.unusual(s) {
		p.stage = Suspect
	}
	if p.stage == Suspect {
		if c, ok := p.judge(s); ok {
			return c, true
		}
	} else {
		p.refine()
		p.recent.learn()
	}
	return p.slow.add(p, &b, s)
}

// learn ends when there is enough, and the blocks lie at one level.
func (p *Path) learn(b Block, s *Settings) {
	p.learning = append(p.learning, b)
	n := len(p.learning)
	if age := float64(b.Now-p.learning[0].Now) / 1e9; age < learnLength || n < learnLeast {
		if n >= learnMost {
			p.learning = slices.Delete(p.learning, 0, n/2)
		}
		return
	}
	means, spreads, lengths := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range p.learning {
		l := &p.learning[i]
		means[i], spreads[i], lengths[i] = l.Mean(), l.Spread, l.Length
	}
	first, _ := Learn(means[:n/2], scaleLeast)
	second, _ := Learn(means[n/2:], scaleLeast)
	if math.Abs(first.Centre-second.Centre) > jump*min(first.Scale, second.Scale) {
		p.learning = slices.Delete(p.learning, 0, n/2) // it moved: what comes is learned
		return
	}
	p.noise, _ = Learn(means, scaleLeast)
	p.block = medianOf(lengths)
	p.spread = medianOf(spreads)
	for i := 1; i < n; i++ {
		p.cusum.Add(p.noise.White(p.learning[i].Mean(), p.learning[i-1].Mean()))
	}
	p.most = p.cusum.Most
	p.cusum, p.before, p.stage = CUSUM{}, b.Mean(), Normal
	p.slow.begin(means, &p.noise, b.Now)
	if p.recent.count <= p.recent.size {
		p.recent.calibrate()
	}
	p.learning = nil
	p.decide(s)
}

// decide sets what the CUSUM must pass.
func (p *Path) decide(s *Settings) {
	p.h = max(s.Budget.Decision(max(p.block, 0.1)), 1.5*p.most)
}

// follow lets the adaptive baseline follow, unless something is suspected.
func (p *Path) follow(b *Block) {
	n, v := &p.noise, b.Mean()
	before := p.before
	z := n.White(v, before)
	p.before = v
	p.cusum.Add(z)
	weight := min(b.Length/memory, 0.1)
	off := clip(v-n.Centre, 4*n.Scale)
	// From one to the next: a level that moves is no noise.
	rough := min(math.Abs(v-before), 4*math.Sqrt2*n.Scale) * normalMean / math.Sqrt(2*(1-n.Phi))
	n.Scale = max(n.Scale+weight*(rough-n.Scale), p.slow.frozen.Scale)
	if p.stage == Normal {
		n.Centre += weight * off
		p.spread = max(p.spread+weight*(clip(b.Spread, 4*p.spread+scaleLeast)-p.spread), 0)
	}
}

// unusual says whether the last blocks call for a closer look, and from which on.
func (p *Path) unusual(s *Settings) bool {
	h, n := &p.recent, p.recent.count
	onset := n
	if p.jumped() {
		onset = n - jumpBlocks
	} else if over := p.cusum.Over(p.h); over > 0 {
		onset = n - over
	} else if stepped := p.stepped(s); stepped > 0 {
		onset = n - stepped
	}
	if onset == n || onset-1-h.first() < basisLeast {
		return false
	}
	p.suspect = suspicion{onset: onset, since: h.at(onset).now}
	return true
}

// jumped says whether the last blocks all lie off to one side.
func (p *Path) jumped() bool {
	sign := 0.0
	for i := p.recent.count - jumpBlocks; i < p.recent.count; i++ {
		off := p.recent.at(i).mean - p.noise.Centre
		if math.Abs(off) < jump*p.noise.Scale || sign*off < 0 {
			return false
		}
		sign = off
	}
	return true
}

// stepped says for how many blocks the offset has been elsewhere than predicted.
func (p *Path) stepped(s *Settings) int {
	h := &p.recent
	for i, n := range horizons {
		if i > 0 && h.count%max(1, n/4) != 0 {
			continue
		}
		d, ok := h.predict(i)
		if !ok || math.Abs(d.offset) < max(s.StepLeast/2, stepSure*h.offsetError(&d)) {
			continue
		}
		return n
	}
	return 0
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
	kind, sure := p.name(&c, &d)
	late := d.count >= suspectMost
	var longer Change
	if !sure && (late || !d.offsetOK && d.count >= blindBlocks) && math.Abs(c.Mean) > (changeSure+1)*c.MeanError {
		longer = p.slow.name(c.Mean, p.unnamed(c.Mean))
		kind, sure = longer.Kind, true
	}
	big := math.Abs(c.Mean) >= s.ShiftLeast
	if kind == Time {
		big = math.Abs(c.Offset) >= s.StepLeast
	}
	c.Kind = kind
	switch {
	case p.returned(&c):
		p.confirm(before, from, &d, &c)
	case sure && big && d.count+1 >= p.least(&c) && p.holds(&d, &c) && p.coherent(from, &d, &c):
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

// name says what kind of change it is. Mean and offset are held against the lines
// that they were on alike: then what one direction's delay does shows in both
// alike, whenever it began.
func (p *Path) name(c *Change, d *shift) (Kind, bool) {
	bent := *c
	bent.Mean = d.bend
	bent.MeanError = c.MeanError * p.recent.theory(d.count, d.basis) / p.recent.flat(d.count, d.basis)
	kind, sure := bent.name()
	if kind != Time && math.Abs(d.bend-c.Mean) > math.Abs(c.Mean)/2+changeSure*bent.MeanError || math.Abs(c.Mean) < c.MeanError && kind != Time {
		return kind, false // they disagree about the mean
	}
	return kind, sure
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

// confirm takes a change as the new state of the path.
func (p *Path) confirm(before, from int, d *shift, c *Change) {
	h := &p.recent
	over := p.returned(c)
	if !over && p.goesOn(c) {
		c.Kind, c.OffsetError = p.latest.kind, math.Inf(1)
	}
	p.passed.changed()
	if over {
		p.latest = latest{}
		p.noise.Centre = h.level(from)
		h.forget(from, calm{p.noise.Centre, calmReach * p.noise.Scale})
	} else {
		p.latest = latest{before, from, max(4, 2*d.count), h.count, c.Kind, c.Mean}
		h.rebase(before, from, d)
		p.noise.Centre += c.Mean
	}
	p.before = h.at(h.count - 1).mean
	p.stage = Normal
	p.cusum.Reset()
	switch {
	case over: // congestion, of which nothing was told
	case c.Kind == Time:
		p.slow.changed(c)
		p.step = *c
	default:
		p.slow.changed(c)
		p.takes(c)
	}
}

// goesOn says whether a delay that was told of goes on changing: the line that its
// offset was on is that of the change then, and tells no direction.
func (p *Path) goesOn(c *Change) bool {
	l := &p.latest
	return c.Kind != Time && l.kind != Nothing && l.kind != Time && l.kind != Unnamed &&
		l.mean*c.Mean > 0 && p.moved[l.kind]*c.Mean > 0 && p.suspect.onset-l.told < latestMost
}

// unnamed is by how much changes that have no name have moved the mean to the
// side of another.
func (p *Path) unnamed(by float64) float64 {
	if u := p.moved[Unnamed]; u*by > 0 {
		return u
	}
	return 0
}

// takes adds a change to what it belongs to. One without a name goes on with what
// has moved to the same side; what brings an unnamed one back gives it its name.
func (p *Path) takes(c *Change) {
	by := c.Mean + c.Before
	switch {
	case c.Before != 0:
		p.moved[Unnamed], p.peak[Unnamed] = p.moved[Unnamed]-c.Before, 0
	case c.Kind != Unnamed:
		c.Back = p.moved[c.Kind] == 0 && p.moved[Unnamed]*by < 0 && math.Abs(by) > math.Abs(p.moved[Unnamed])/2
	default:
		most := 0.0
		for _, o := range [...]Kind{Forward, Reverse, Both} {
			if p.moved[o]*by > most {
				c.Kind, most = o, p.moved[o]*by
			}
		}
	}
	p.shifted(c.Kind, by, c.Back)
}

// shifted adds to by how much a kind has moved the mean. What is nearly where it
// was, or at the frozen baseline again, has come back.
func (p *Path) shifted(k Kind, by float64, back bool) {
	before := p.moved
	if back {
		k = Unnamed
	}
	p.moved[k] += by
	p.peak[k] = max(p.peak[k], math.Abs(p.moved[k]))
	if before[k] != 0 && math.Abs(p.moved[k]) < max(0.2*p.peak[k], p.slow.frozen.Scale) {
		p.moved[k], p.peak[k] = 0, 0
	}
	f := &p.slow.frozen
	left := math.Abs(p.noise.Centre - f.Mean)
	if before != [kinds]float64{} && left < max(2*f.Scale, f.Wander) && left < math.Abs(by)/2 || p.moved == [kinds]float64{} {
		p.moved, p.peak, p.slow.told = [kinds]float64{}, [kinds]float64{}, 0
	}
}

// Moved is by how much changes of a kind have moved the mean, as far as that has
// not come back.
func (p *Path) Moved(k Kind) float64 { return p.moved[k] }

// Stage is how far the judgement has come.
func (p *Path) Stage() Stage { return p.stage }
