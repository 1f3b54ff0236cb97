package transit

import (
	"cmp"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
)

// Way is what messages took from one tap to another.
type Way struct {
	From, To string
	Count    uint64
	// Transit, Residence and Unexplained are summed up in blocks of sixteen.
	Transit, Residence, Unexplained stability.Blocks
	// Within is how wrong they may be because two clocks stamped; none if one did.
	Within stability.Blocks
	Last   int64 // capture time of the newest, ns

	clocks [2]*delay.Clock
}

// MaxWays is how many are kept: the taps of eight, each with each.
const MaxWays = 64

// maxWaiting is how many messages wait for the comparisons after them, and
// longestWait for how long, in ns.
const (
	maxWaiting  = 1024
	longestWait = 10e9
)

// othersGone is how long nothing must have come by the clocks of a way before
// what others stamp begins it anew, in ns.
const othersGone = 10e9

// Ways has what was measured between taps. The zero value is ready.
type Ways struct {
	Matcher
	list     []*Way
	waiting  []waiting // stamped by two clocks
	bearings map[bearingKey]*bearing
}

type waiting struct {
	Pair
	now int64 // capture time, ns
}

// Add takes a sighting, at a capture time in ns.
func (w *Ways) Add(s Sighting, now int64) {
	p := w.Take(s)
	if p == nil {
		return
	}
	if p.one.Clock != p.two.Clock {
		w.wait(p, now)
	} else if c, ok := p.Cross(); ok {
		w.put(&c, now)
	}
}

// wait has a message wait if its clocks are compared at all.
func (w *Ways) wait(p *Pair, now int64) {
	if p.one.Clock.Compared() && p.two.Clock.Compared() && len(w.waiting) < maxWaiting {
		w.waiting = append(w.waiting, waiting{*p, now})
	}
}

// Settle measures what has waited for comparisons of the clocks.
func (w *Ways) Settle(now int64) {
	left := w.waiting[:0]
	for i := range w.waiting {
		x := &w.waiting[i]
		switch c, how := x.carried(); how {
		case delay.CarriedLater:
			if now-x.now < longestWait {
				left = append(left, *x)
			}
		case delay.CarriedNow:
			if c, sure := w.bear(&x.Pair, c); sure {
				w.put(&c, x.now)
			}
		}
	}
	w.waiting = left
}

// bear gives a signed crossing its direction.
func (w *Ways) bear(p *Pair, c Crossing) (Crossing, bool) {
	c = c.turned(c.From > c.To)
	key := bearingKey{c.From, c.To, p.one.Key.Port}
	b := w.bearings[key]
	if b == nil {
		if w.bearings == nil {
			w.bearings = make(map[bearingKey]*bearing)
		}
		if len(w.bearings) == maxBearings {
			clear(w.bearings)
		}
		b = &bearing{}
		w.bearings[key] = b
	}
	back, sure := b.add(p.one.Request, c.Transit, c.Within)
	return c.turned(back), sure
}

func (w *Ways) put(c *Crossing, now int64) {
	way := w.way(c.From, c.To)
	if way == nil {
		return
	}
	if way.clocks != c.clocks {
		if way.Count > 0 && now-way.Last < othersGone {
			return
		}
		*way = Way{From: c.From, To: c.To, clocks: c.clocks}
	}
	way.Count++
	way.Last = now
	way.Transit.Add(c.Transit)
	way.Residence.Add(c.Residence())
	way.Unexplained.Add(c.Unexplained)
	if c.clocks[0] != c.clocks[1] {
		way.Within.Add(c.Within)
	}
}

// way finds or makes one; nil when there is no room.
func (w *Ways) way(from, to string) *Way {
	x := w.find(from, to)
	if x == nil && len(w.list) < MaxWays {
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
	// Within is how wrong all but Residence may be because two clocks stamped, at
	// most, and Asymmetry twice as much; Count is 0 if one clock did.
	Within stability.Figure
}

// Figures sums up, in order of names.
func (w *Ways) Figures() []Figures {
	list := make([]Figures, 0, len(w.list))
	for _, x := range w.list {
		f := Figures{
			From: x.From, To: x.To, Count: x.Count, Last: x.Last, Floor: x.Transit.Floors(),
			Transit: x.Transit.Medians(), Residence: x.Residence.Medians(), Unexplained: x.Unexplained.Medians(), Within: x.Within.Medians(),
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
