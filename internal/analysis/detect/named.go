package detect

import "math"

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
