package jury

import (
	"math"
	"slices"
)

// Level is what a clock's path adds always, and what was usual while that was
// learned.
type Level struct {
	Offset float64 `json:"offset"` // seconds, less that of any other clock of the panel
	Mean   float64 `json:"mean"`   // mean path delay, seconds; 0 where it is not known
	Wander float64 `json:"wander"` // by how much blocks differed from Offset
}

// learn gives those a level of which enough is known: against those who have one
// or, where nobody who is heard has, against each other. Whose claim the others
// contradict has none: what it is off by is not its path's.
func (p *Panel) learn(all []witness, claims ballot) {
	var settled, others []*witness
	for i := range all {
		switch {
		case all[i].settled:
			settled = append(settled, &all[i])
		case claims.of(i) <= Agrees:
			others = append(others, &all[i])
		}
	}
	if len(settled) > 0 {
		for _, w := range others {
			p.settle(w, settled)
		}
		return
	}
	p.found(others)
}

// settle learns a clock against those whose level is known and whom nobody
// contradicts.
func (p *Panel) settle(w *witness, settled []*witness) {
	var apart []float64
	for i := range p.blocks() {
		values := make([]float64, 0, len(settled))
		for _, s := range settled {
			if s.Key.group() == w.Key.group() || s.state > Agrees {
				continue
			}
			if d := p.apart(w, s, i) + s.level.Offset; !math.IsNaN(d) {
				values = append(values, d)
			}
		}
		if len(values) == 0 {
			return
		}
		slices.Sort(values)
		apart = append(apart, values[(len(values)-1)/2])
	}
	if l, ok := levelOf(apart, w); ok {
		l.Mean = p.mean(w)
		w.level, w.settled = l, true
	}
}

// found learns clocks against each other: the most that keep their distance as
// well as they claim. What was learned of those who are not heard is void, for
// nothing ties it to these.
func (p *Panel) found(all []*witness) {
	var best []*witness
	var levels []Level
	for _, first := range all {
		group, own := []*witness{first}, []Level{{Mean: p.mean(first)}}
		for _, w := range all {
			if w == first || w.Key.group() == first.Key.group() {
				continue
			}
			var apart []float64
			for i := range p.blocks() {
				apart = append(apart, p.apart(w, first, i))
			}
			if l, ok := levelOf(apart, w, first); ok {
				l.Mean = p.mean(w)
				group, own = append(group, w), append(own, l)
				own[0].Wander = max(own[0].Wander, l.Wander)
			}
		}
		if len(group) > max(len(best), 1) {
			best, levels = group, own
		}
	}
	if len(best) == 0 {
		return
	}
	for _, j := range p.jurors {
		j.settled = false
	}
	for i, w := range best {
		w.level, w.settled = levels[i], true
	}
}

// blocks is how many make a level.
func (p *Panel) blocks() int64 { return int64(min(max(p.Learn, LearnLeast), kept)) }

// apart is the offset of a less that of b, so many blocks ago; NaN if one is not
// known.
func (p *Panel) apart(a, b *witness, ago int64) float64 {
	return a.blocks.at(p.number-ago) - b.blocks.at(p.number-ago) + float64(a.base-b.base)/1e9
}

// mean is the median mean path delay while a level was learned.
func (p *Panel) mean(w *witness) float64 {
	var values []float64
	for i := range p.blocks() {
		if v := w.means.at(p.number - i); v > 0 {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// levelOf is the median of distances; false where one is missing or they
// differ by more than the clocks claim to be accurate.
func levelOf(apart []float64, who ...*witness) (Level, bool) {
	claimed := 0.0
	for _, w := range who {
		claimed += w.said.Accuracy + 3*w.said.Error + w.said.Resolution
	}
	sorted := slices.Sorted(slices.Values(apart))
	n := len(sorted)
	if n == 0 || math.IsNaN(sorted[0]) || sorted[n-1]-sorted[0] > claimed { // NaN is sorted first
		return Level{}, false
	}
	mid := sorted[(n-1)/2] + (sorted[n/2]-sorted[(n-1)/2])/2
	return Level{Offset: mid, Wander: max(mid-sorted[0], sorted[n-1]-mid)}, true
}
