package stability

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The difference between two grandmasters is right to 5 ns, median of ten runs:
// with stamps of 8 ns and a load of 50 %, whatever the tap's clock does; read
// by both directions, or by offsets where links are measured by peer delay.
func TestDifference(t *testing.T) {
	for _, c := range []struct {
		name string
		peer bool
		hops int
	}{{"delay request", false, 3}, {"peer delay", true, 0}} {
		t.Run(c.name, func(t *testing.T) {
			var misses []float64
			for seed := range uint64(10) {
				const ahead = 137e-9 // of b, before a
				var m [2]Monitor
				for i := range m {
					p := &path{rand.New(rand.NewPCG(seed, uint64(i))), 31e-6, 31e-6, c.hops, 8e-9}
					clock := func(at float64) float64 { return theta(at) - ahead*float64(i) }
					for _, k := range []Kind{Forward, Offset} {
						m[i].Base(k, 0)
					}
					if !c.peer {
						m[i].Base(Reverse, 0)
					}
					p.exchanges(200, 16, clock, func(k Kind, at int64, v float64) {
						switch {
						case !c.peer:
							m[i].Add(k, at, at, v)
						case k == Forward:
							m[i].Add(Offset, at, at, v-31e-6)
						}
					})
				}
				a, _ := m[0].Readings()
				b, _ := m[1].Readings()
				got, _, count := Difference(a, b)
				if count != readingsKept {
					t.Fatalf("seed %d: %d readings", seed, count)
				}
				misses = append(misses, math.Abs(got-ahead))
			}
			slices.Sort(misses)
			t.Logf("off by %.1f ns, at most %.1f ns", middle(misses)*1e9, misses[9]*1e9)
			if middle(misses) > 5e-9 {
				t.Errorf("off by %.1f ns", middle(misses)*1e9)
			}
		})
	}
}

// Readings of different instants, or from before a restart, never meet.
func TestReadingsThatDoNotMeet(t *testing.T) {
	if _, _, n := Difference([]Reading{{1, 5}}, []Reading{{2, 5}}); n != 0 {
		t.Errorf("%d of different instants", n)
	}
	var m Monitor
	m.Base(Offset, 0)
	for at := int64(0); at < 100e9; at += 1e9 {
		m.Add(Offset, at, at, 1e-6)
	}
	if r, _ := m.Readings(); len(r) != 6 || !near(r[0].Offset, 1e-6, 1e-9) {
		t.Errorf("readings of 100 s: %v", r)
	}
	m.Restart(Offset)
	if r, _ := m.Readings(); len(r) != 0 {
		t.Errorf("after a restart: %v", r)
	}
}

func TestAsymmetryBound(t *testing.T) {
	for _, c := range []struct {
		mean, least, want float64
		ok                bool
	}{
		{2e-6, 1.5e-6, 0.5e-6, true},
		{600e-6, 490e-6, 110e-6, true},
		{490e-6, 600e-6, 0, false},
		{1e-6, -1e-6, 0, false},
	} {
		got, ok := AsymmetryBound(c.mean, c.least)
		if ok != c.ok || ok && !near(got, c.want, 1e-9) {
			t.Errorf("%g of %g: %g %v, want %g %v", c.mean, c.least, got, ok, c.want, c.ok)
		}
	}
	// Whatever the way, the bound holds, and is met by the worst.
	r := rand.New(rand.NewPCG(1, 9))
	for range 1000 {
		least := r.Float64()
		forward, reverse := least+r.ExpFloat64(), least+r.ExpFloat64()
		if bound, ok := AsymmetryBound((forward+reverse)/2, least); !ok || math.Abs(forward-reverse)/2 > bound+1e-12 {
			t.Errorf("%g and %g: %g", forward, reverse, bound)
		}
	}
}
