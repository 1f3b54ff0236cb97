package tamper

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Lately tells of a change of a sixth of a block what a Shift takes three blocks
// for; nothing of what always varies, of too few messages, and of what was before a
// Break.
func TestLately(t *testing.T) {
	const second = int64(1e9)
	p := &path{Rand: rand.New(rand.NewPCG(1, 2)), load: 0.3}
	w := new(Way)
	add := func(n int, by float64) {
		for range n {
			s := p.next()
			s.Correction += by
			w.Add(s, 0)
		}
	}
	check := func(name string, span int64, want float64) {
		t.Helper()
		if floor, median := w.Lately(span); math.Abs(floor-want) > 10 {
			t.Errorf("%s: floor %g, median %g, want %g", name, floor, median, want)
		}
	}
	add(5*Size, 0)
	add(Size, 5000)
	check("not yet learned", 2*second, 0)
	add(12*Size, 0)
	for range 200 {
		add(1, 0)
		check("as usual", 2*second, 0)
	}
	for n := range Size {
		if _, median := w.Lately(int64(n) * second / 8); median != 0 {
			t.Errorf("of %d messages the median is off by %g", n, median)
		}
	}
	add(11, 400)
	check("11 messages", second, 400)
	check("of half a second", second/4, 0) // which are too few
	check("of ten seconds, most of them before", 10*second, 0)
	add(Size, 400)
	check("longer than there is room", 1e6*second, 400)
	w.Break()
	add(3, 400)
	check("after a break", 10*second, 0)
	add(1, 400)
	check("enough", 10*second, 400)
}

// A floor that varies of itself has to lie farther off.
func TestLatelyVaries(t *testing.T) {
	p := &path{Rand: rand.New(rand.NewPCG(1, 2))}
	p.always = func(p *path, _ int, raw, told *float64) {
		by := 400 * p.Float64()
		*raw, *told = *raw+by, *told+by
	}
	w := new(Way)
	p.run(w, 20, 20, nil, func(int) {})
	for range 500 {
		p.meddle = p.always
		w.Add(p.next(), 0)
		if floor, _ := w.Lately(2e9); floor != 0 {
			t.Errorf("the floor is off by %g", floor)
		}
	}
}
