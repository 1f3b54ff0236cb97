package jury

import "slices"

// Known is what was learned of a clock, to be kept over a restart.
type Known struct {
	Key
	Level
	State State `json:"state"`
}

// Known lists what was learned, in the order of keys.
func (p *Panel) Known() []Known {
	var list []Known
	for _, j := range p.jurors {
		if j.settled {
			list = append(list, Known{j.Key, j.level, j.state})
		}
	}
	slices.SortFunc(list, func(a, b Known) int { return a.Key.Compare(b.Key) })
	return list
}

// Resume takes up what was learned before.
func (p *Panel) Resume(list []Known) {
	for _, k := range list[:min(len(list), remembered)] {
		j := p.seat(k.Key)
		j.level, j.settled, j.state, j.next = k.Level, true, k.State, k.State
	}
}
