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

// Stage is how far the judgement has come.
func (p *Path) Stage() Stage { return p.stage }
