package detect

import "math"

// name says what kind of change it is. Mean and offset are held against the lines
// that they were on alike: then what one direction's delay does shows in both
// alike, whenever it began.
func (p *Path) name(c *Change, d *shift) (Kind, bool) {
	bent := p.bent(c, d)
	kind, sure := bent.name()
	return kind, sure && (kind == Time || !p.disagrees(c, &bent))
}

// bent is a change whose mean is held against the line that it was on.
func (p *Path) bent(c *Change, d *shift) Change {
	bent := *c
	bent.Mean = d.bend
	bent.MeanError = c.MeanError * p.recent.theory(d.count, d.basis) / p.recent.flat(d.count, d.basis)
	return bent
}

// disagrees says whether line and level tell different means.
func (p *Path) disagrees(c, bent *Change) bool {
	return math.Abs(bent.Mean-c.Mean) > math.Abs(c.Mean)/2+changeSure*bent.MeanError || math.Abs(c.Mean) < c.MeanError
}

// sooner names the direction of a change by the offset of the first blocks that
// show it, where these are not all: the longer ago it was, the less a clock can be
// told in advance.
func (p *Path) sooner(d *shift, c *Change) bool {
	h := &p.recent
	count, onset := h.count, p.began(c)
	defer func() { h.count = count }()
	bent := p.bent(c, d)
	for _, n := range horizons[1:] {
		if onset+1+n > count || onset-1-max(2*basisLeast, 4*n) < count-h.size || p.disagrees(c, &bent) {
			break
		}
		h.count = onset + 1 + n
		first := h.shift(onset-1, onset+1)
		bent.Offset, bent.OffsetError = first.offset, h.offsetError(&first)
		if k, sure := bent.name(); sure && first.offsetOK && (k == Forward || k == Reverse) {
			c.Kind, c.Offset, c.OffsetError = k, bent.Offset, bent.OffsetError
			return true
		}
	}
	return false
}

// began is the block from which on the means lie nearer to where a change has
// brought them than to where they were, most likely: a CUSUM may have begun to add
// up before.
func (p *Path) began(c *Change) int {
	h := &p.recent
	onset, sum, most := p.suspect.onset, 0.0, 0.0
	for i := h.count - 1; i >= max(p.suspect.onset, h.first()); i-- {
		if sum += (h.at(i).mean - p.noise.Centre - c.Mean/2) / c.Mean; sum > most {
			onset, most = i, sum
		}
	}
	return onset
}

// Name gives what has moved without a name one by what others tell: by how much the
// offset has moved since the Path was learned, with its standard error. It says
// whether one direction's delay did; the change is of all of it then.
func (p *Path) Name(c *Change, offset, sigma float64) bool {
	total := p.moved[Unnamed]
	if c.Kind != Unnamed || total == 0 || p.moved[Forward] != 0 || p.moved[Reverse] != 0 || p.moved[Both] != 0 {
		return false
	}
	named := *c
	named.Mean, named.Offset, named.OffsetError = total+c.Wander, offset, sigma
	kind, sure := named.name()
	if !sure || kind != Forward && kind != Reverse {
		return false // that nothing moved is less sure than that something did
	}
	named.Kind = kind
	*c = named
	p.moved[kind], p.peak[kind] = total, math.Abs(total)
	p.moved[Unnamed], p.peak[Unnamed] = 0, 0
	return true
}
