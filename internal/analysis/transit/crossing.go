package transit

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
)

// Crossing is a message that was seen at two taps, by its way.
type Crossing struct {
	From, To    string
	Transit     float64 // s
	Unexplained float64 // s, of Transit
	// Within is how wrong both may be because two clocks stamped: s, 0 if one did.
	Within float64

	clocks [2]*delay.Clock // that stamped, the former first
}

// Residence is how long transparent clocks say that they had it, in s.
func (c *Crossing) Residence() float64 { return c.Transit - c.Unexplained }

// Cross is a pair that one clock stamped, in order of time.
func (p *Pair) Cross() (Crossing, bool) {
	if p.one.Clock != p.two.Clock {
		return Crossing{}, false
	}
	c, ok := p.signed(p.one.Stamp)
	return c.turned(c.Transit < 0), ok
}

// signed is the way from the first tap to the second, less than nothing if the
// message went from the second to the first. Stamp is that of the first, as the
// clock of the second tells it.
func (p *Pair) signed(stamp int64) (Crossing, bool) {
	one, two := &p.one, &p.two
	took := two.Stamp - stamp
	if took > longest || took < -longest {
		return Crossing{}, false
	}
	before, shift := one.Delay, stamp-one.Stamp
	if one.Request {
		shift = -shift
	}
	before.Whole += shift
	unexplained, ok := two.Delay.Minus(before)
	if one.Request { // it comes nearer
		unexplained = -unexplained
	}
	return Crossing{
		From: one.Tap, To: two.Tap, Transit: float64(took) / 1e9, Unexplained: unexplained.Seconds(),
		clocks: [2]*delay.Clock{one.Clock, two.Clock},
	}, ok
}

// turned is the crossing the other way around, if it is to be turned.
func (c Crossing) turned(turn bool) Crossing {
	if turn {
		c.From, c.To, c.Transit, c.Unexplained = c.To, c.From, -c.Transit, -c.Unexplained
		c.clocks[0], c.clocks[1] = c.clocks[1], c.clocks[0]
	}
	return c
}

// loosest is how far off a comparison of two clocks may be: beyond, the kernel's
// own stamps were better.
const loosest = 50 * time.Microsecond

// carried is a signed crossing by two clocks.
func (p *Pair) carried() (Crossing, delay.Carried) {
	told, within, how := p.one.Clock.Carry(p.one.Stamp, p.two.Clock)
	if how != delay.CarriedNow {
		return Crossing{}, how
	}
	c, ok := p.signed(told)
	if !ok || within > int64(loosest) {
		return Crossing{}, delay.CarriedNever
	}
	c.Within = float64(within) / 1e9
	return c, delay.CarriedNow
}
