package tamper

import (
	"math"
	"math/rand/v2"
	"testing"
)

// segment is what lies between two taps: messages wait there, and transparent
// clocks tell, or not.
type segment struct {
	*rand.Rand
	load  float64
	tells bool
}

// block is the floors of a block of sixteen messages: the mean of the two least.
func (s *segment) block(added, claimed float64) (took, left float64) {
	least := [2][2]float64{{math.Inf(1), math.Inf(1)}, {math.Inf(1), math.Inf(1)}}
	put := func(l *[2]float64, v float64) {
		if v < l[0] {
			l[0], l[1] = v, l[0]
		} else {
			l[1] = min(l[1], v)
		}
	}
	for range 16 {
		waited := 0.0
		if s.Float64() < s.load {
			waited = 15e3 * s.ExpFloat64()
		}
		t, l := 5400+waited+added+4*s.NormFloat64(), 5400+waited+added+4*s.NormFloat64()
		if s.tells {
			l -= 5000 + waited + claimed
		}
		put(&least[0], t)
		put(&least[1], l)
	}
	return (least[0][0] + least[0][1]) / 2, (least[1][0] + least[1][1]) / 2
}

func TestSpan(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after segment    // but for chance
		added         [2]float64 // ns, there and back
		claimed       float64    // ns too much, there
		want          [2]Verdict
		by            float64 // of what is unexplained there
	}{
		{"nothing", segment{load: 0.3, tells: true}, segment{load: 0.3, tells: true}, [2]float64{}, 0, [2]Verdict{}, 0},
		{"200 ns there", segment{load: 0.3, tells: true}, segment{load: 0.3, tells: true}, [2]float64{200, 0}, 0, [2]Verdict{Delayed, Nothing}, 200},
		{"200 ns back", segment{load: 0.3}, segment{load: 0.3}, [2]float64{0, 200}, 0, [2]Verdict{Nothing, Delayed}, 0},
		{"200 ns less there", segment{load: 0.3}, segment{load: 0.3}, [2]float64{-200, 0}, 0, [2]Verdict{Delayed, Nothing}, -200},
		{"another way", segment{load: 0.3}, segment{load: 0.3}, [2]float64{700, 700}, 0, [2]Verdict{}, 700},
		{"100 ns too much", segment{load: 0.3, tells: true}, segment{load: 0.3, tells: true}, [2]float64{}, 100, [2]Verdict{Misreported, Nothing}, -100},
		{"100 ns too little", segment{load: 0.3, tells: true}, segment{load: 0.3, tells: true}, [2]float64{}, -100, [2]Verdict{Misreported, Nothing}, 100},
		{"more traffic, untold", segment{load: 0.1}, segment{load: 0.93}, [2]float64{}, 0, [2]Verdict{}, 0},
		{"more traffic, told", segment{load: 0.1, tells: true}, segment{load: 0.93, tells: true}, [2]float64{}, 0, [2]Verdict{}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(20) {
				var there, back Span
				var got [2]Verdict
				by := 0.0
				r := rand.New(rand.NewPCG(seed, 11))
				c.before.Rand, c.after.Rand = r, r
				for i := range (LearnBlocks + 8) * group {
					s, added, claimed := &c.before, [2]float64{}, 0.0
					if i >= LearnBlocks*group+2 { // within a group
						s, added, claimed = &c.after, c.added, c.claimed
					}
					took, left := s.block(added[0], claimed)
					full := there.Add(int64(2*i), took, left, 0)
					took, left = s.block(added[1], 0)
					if full {
						v, m := there.Judge(&back)
						got[0], by = max(got[0], v), m.Unexplained
						if alone, _ := there.Judge(nil); alone == Delayed {
							t.Errorf("seed %d: delayed, though nobody knows of the way back", seed)
						}
					}
					if back.Add(int64(2*i+1), took, left, 0) {
						v, _ := back.Judge(&there)
						got[1] = max(got[1], v)
					}
				}
				if got != c.want || math.Abs(by-c.by) > 20 {
					t.Errorf("seed %d: %v, %.0f ns; want %v, %.0f ns", seed, got, by, c.want, c.by)
				}
			}
		})
	}
}
