package detect

import "math"

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
	by := c.Mean + c.Before - c.Wander
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
	if by*before[k] < 0 && math.Abs(p.moved[k]) < max(0.2*p.peak[k], p.slow.frozen.Scale) {
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
