package transit

import (
	"cmp"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
)

// Way is what messages took from one tap to another.
type Way struct {
	From, To string
	Count    uint64
	// Transit, Residence and Unexplained are summed up in blocks of sixteen.
	Transit, Residence, Unexplained stability.Blocks
	Last                            int64 // capture time of the newest, ns
}

// maxWays is how many are kept: the taps of eight, each with each.
const maxWays = 64

// Ways has what was measured between taps. The zero value is ready.
type Ways struct {
	Matcher
	list []*Way
}

// Add takes a sighting, at a capture time in ns.
func (w *Ways) Add(s Sighting, now int64) {
	c, ok := w.Take(s)
	if !ok {
		return
	}
	way := w.way(c.From, c.To)
	if way == nil {
		return
	}
	way.Count++
	way.Last = now
	way.Transit.Add(c.Transit)
	way.Residence.Add(c.Residence())
	way.Unexplained.Add(c.Unexplained)
}

// way finds or makes one; nil when there is no room.
func (w *Ways) way(from, to string) *Way {
	x := w.find(from, to)
	if x == nil && len(w.list) < maxWays {
		x = &Way{From: from, To: to}
		w.list = append(w.list, x)
	}
	return x
}

// Figures are what a Way sums up to, in seconds. Count is of messages; what has
// no block yet has Count 0.
type Figures struct {
	From, To string
	Count    uint64
	Last     int64 // capture time, ns
	// Floor is the least that messages take, Transit what they do.
	Floor, Transit, Residence, Unexplained stability.Figure
	// Asymmetry is by how much the unexplained part takes longer this way than
	// back, if HasAsymmetry: the floors of both, so that waiting is not in it.
	Asymmetry    float64
	HasAsymmetry bool
}

// Figures sums up, in order of names.
func (w *Ways) Figures() []Figures {
	list := make([]Figures, 0, len(w.list))
	for _, x := range w.list {
		f := Figures{
			From: x.From, To: x.To, Count: x.Count, Last: x.Last, Floor: x.Transit.Floors(),
			Transit: x.Transit.Medians(), Residence: x.Residence.Medians(), Unexplained: x.Unexplained.Medians(),
		}
		if back := w.find(x.To, x.From); back != nil {
			there, back := x.Unexplained.Floors(), back.Unexplained.Floors()
			f.Asymmetry, f.HasAsymmetry = there.Centre-back.Centre, there.Count > 0 && back.Count > 0
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Figures) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return list
}

func (w *Ways) find(from, to string) *Way {
	for _, x := range w.list {
		if x.From == from && x.To == to {
			return x
		}
	}
	return nil
}
