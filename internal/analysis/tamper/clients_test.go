package tamper

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Of three clients, or of two, the one whose requests are held up is named; what
// happens to all, and other traffic, is nobody's.
func TestClients(t *testing.T) {
	id := func(n int) ptp.PortIdentity { return ptp.PortIdentity{ClockIdentity: 9, PortNumber: uint16(n)} }
	for _, c := range []struct {
		name    string
		clients int
		load    float64
		held    func(r *rand.Rand, client int) float64 // ns, of its mean path delay
		want    string                                 // who departs, and by how much
		mean    bool                                   // that of most moved
	}{
		{"nothing", 3, 0, func(*rand.Rand, int) float64 { return 0 }, "", false},
		{"one of three by 250 ns", 3, 0.3, func(_ *rand.Rand, i int) float64 { return 250 * float64(i/2) }, "2 by 250", false},
		{"one of two by 5 us", 2, 0.3, func(_ *rand.Rand, i int) float64 { return 5000 * float64(i) }, "1 by 5000", false},
		{"one of two sooner by 250 ns", 2, 0, func(_ *rand.Rand, i int) float64 { return -250 * float64(1-i) }, "0 by -250", true},
		{"all by 250 ns", 3, 0, func(*rand.Rand, int) float64 { return 250 }, "", true},
		{"the only one by 5 us", 1, 0, func(*rand.Rand, int) float64 { return 5000 }, "", true},
		{"one waits", 3, 0.2, func(r *rand.Rand, i int) float64 {
			if i == 1 {
				return 20e3 * r.Float64()
			}
			return 0
		}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 5))
			var cs Clients
			now := make([]Client, c.clients)
			got := ""
			const blocks = LearnBlocks + 8
			for block := range blocks {
				for i := range now {
					var means [16]float64
					for k := range means {
						means[k] = 3000 + 2*float64(i) + 4*r.NormFloat64()
						if r.Float64() < c.load {
							means[k] += 8000 * r.ExpFloat64()
						}
						if block >= LearnBlocks {
							means[k] += c.held(r, i)
						}
					}
					slices.Sort(means[:])
					now[i] = Client{id(i), means[0], means[4], means[7], uint64(16 * (block + 1))}
				}
				departed := cs.Look(now, block < LearnBlocks, 0)
				for _, d := range departed {
					got = fmt.Sprintf("%d by %d", d.From.PortNumber, int(roundTo(d.By, 50)))
				}
				if block < LearnBlocks+Sure-1 && len(departed) > 0 {
					t.Errorf("block %d: %+v", block, departed)
				}
			}
			if got != c.want {
				t.Errorf("departs: %q, want %q", got, c.want)
			}
			if off, limit, known := cs.Mean(0); !known || (off != 0) != c.mean {
				t.Errorf("the mean is off by %.0f, limit %.0f, known %v", off, limit, known)
			}
		})
	}
}

func roundTo(v, to float64) float64 {
	if v < 0 {
		return -roundTo(-v, to)
	}
	return float64(int(v/to+0.5)) * to
}

// A mean path delay below 0 was there from the beginning, or somebody made it.
func TestNegative(t *testing.T) {
	for _, c := range []struct {
		before, after, want float64
	}{{500, -300, -300}, {500, 20, 0}, {-80, -300, 0}} {
		var cs Clients
		for block := range LearnBlocks + Sure {
			m := c.before
			if block >= LearnBlocks {
				m = c.after
			}
			cs.Look([]Client{{Least: m, Low: m, Median: m, Count: uint64(16 * (block + 1))}}, block < LearnBlocks, 0)
		}
		if got := cs.Negative(); got != c.want {
			t.Errorf("%g ns, then %g: %g, want %g", c.before, c.after, got, c.want)
		}
	}
}
