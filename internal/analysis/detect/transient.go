package detect

import (
	"math"
	"slices"
)

// transients remembers what came and went: traffic that messages waited for. What
// lasts no longer than that did, and is not much larger, is no change yet.
type transients struct {
	base, core float64 // where the means lie without them, and their scale there
	known      bool
	run        int     // blocks in a row above that
	height     float64 // of the run
	long, tall float64 // of those in the last day
}

const (
	// baseOf is how many blocks the base is of, baseEvery how often it is looked for.
	baseOf, baseEvery = 256, 8
	// above is by how many scales a block is above the base.
	above = 8
	// taller is how much larger than what came and went a change must be, or else
	// longer is how much longer it must last, and longest the most of that.
	taller, longer, longest = 4, 2, 128
)

// add takes the last block of a history.
func (t *transients) add(h *history, least, length float64) {
	if !t.known || h.count%baseEvery == 0 {
		t.settle(h, least)
	}
	decay := math.Exp(-length * 1e9 / day)
	t.long *= decay
	t.tall *= decay
	off := h.at(h.count-1).mean - t.base
	if off > above*t.core {
		t.run++
		t.height = max(t.height, off)
		return
	}
	t.end()
}

func (t *transients) end() {
	t.long, t.tall = max(t.long, float64(t.run)), max(t.tall, t.height)
	t.run, t.height = 0, 0
}

// settle finds the base: waiting only adds, so it is where the lower half lies.
func (t *transients) settle(h *history, least float64) {
	var values [baseOf]float64
	n := min(baseOf, h.count-h.first())
	for i := range n {
		values[i] = h.at(h.count - n + i).mean
	}
	slices.Sort(values[:n])
	t.base, t.known = values[n/4], true
	// From the lower quartile to the median of what is normally distributed.
	t.core = max(least, (values[n/2]-t.base)/0.6745)
}

// changed forgets the run that a change has turned out to be.
func (t *transients) changed() { t.run, t.height, t.known = 0, 0, false }

// blocks is how many it takes for a change of a size.
func (t *transients) blocks(size float64) int {
	if size > taller*t.tall {
		return jumpBlocks
	}
	return min(max(jumpBlocks, int(math.Ceil(longer*t.long))+1), longest)
}
