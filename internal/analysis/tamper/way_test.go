package tamper

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// path is a way of 5 us with a transparent clock on it, to a tap whose clock
// runs free by 20 ppm; messages come eight times a second.
type path struct {
	*rand.Rand
	load    float64 // the part of messages that wait for others, before the clock tells
	behind  float64 // likewise behind it, where nobody tells
	untold  bool    // there is no transparent clock
	jitter  float64 // ns, evenly spread
	always  func(p *path, i int, raw, told *float64)
	meddle  func(p *path, i int, raw, told *float64)
	sent    int
	client  ptp.PortIdentity
	clients int
}

// waits is by other traffic: a Pareto tail of index 2, as the simulator's.
func (p *path) waits(load float64) float64 {
	if p.Float64() >= load {
		return 0
	}
	return min(15e3*(1/math.Sqrt(1-p.Float64())-1), 1e6)
}

func (p *path) next() Sample {
	i := p.sent
	p.sent++
	residence := 2000 + p.waits(p.load)
	raw, told := 5000+residence+p.waits(p.behind)+p.jitter*p.Float64(), residence+p.NormFloat64()
	if p.untold {
		told = 0
	}
	if p.clients > 0 {
		p.client.PortNumber = uint16(i%p.clients) + 1
	}
	if p.meddle != nil {
		p.meddle(p, i, &raw, &told)
	}
	at := int64(float64(i)*125e6 + raw)
	stamp := math.Floor(raw/8)*8 + 20e-6*float64(at) // ns of 8
	return Sample{At: at + int64(20e-6*float64(at)), Delay: stamp - told, Correction: told, From: p.client}
}

// run fills so many blocks, with what is done to messages from one of them on.
func (p *path) run(w *Way, blocks, from int, meddle func(p *path, i int, raw, told *float64), after func(block int)) {
	for range blocks * Size {
		p.meddle = p.always
		if p.sent >= from*Size {
			p.meddle = meddle
		}
		if w.Add(p.next(), 0) {
			after(p.sent / Size)
		}
	}
}

const learned = 16

// what was found, in words.
func (w *Way) what() (words []string) {
	f, s := w.Found(), w.Shift()
	if f.Untrue {
		words = append(words, "untrue")
	}
	if f.Held {
		words = append(words, "held")
		if f.From != (ptp.PortIdentity{}) {
			words = append(words, fmt.Sprintf("by-%d", f.From.PortNumber))
		}
	}
	if s.New {
		words = append(words, "new")
	}
	if s.Outside != 0 {
		words = append(words, "outside")
	}
	if by := s.Floor; by != 0 {
		words = append(words, "moved")
		switch {
		case s.Followed && math.Abs(s.Jumped+by) < 20:
			words = append(words, "alone")
		case s.Followed && math.Abs(s.Jumped) < 20:
			words = append(words, "truly")
		}
	}
	return words
}

// What is done to messages is found within five blocks, and called what it is;
// what others do to them by being there is not.
func TestWay(t *testing.T) {
	always := func(ns float64) func(*path, int, *float64, *float64) {
		return func(_ *path, _ int, _, told *float64) { *told += ns }
	}
	share := func(part, ns float64) func(*path, int, *float64, *float64) {
		return func(p *path, _ int, raw, _ *float64) {
			if p.Float64() < part {
				*raw += ns
			}
		}
	}
	busy := func(load, behind float64) func(*path, int, *float64, *float64) {
		return func(p *path, _ int, raw, told *float64) {
			w := p.waits(load)
			*raw += w + p.waits(behind)
			if !p.untold {
				*told += w
			}
		}
	}
	for _, c := range []struct {
		name   string
		path   path
		meddle func(*path, int, *float64, *float64)
		want   string // words that must be said
		may    string // words that may be
		least  int    // of 20 seeds that must say all of them
	}{
		{"nothing", path{load: 0.3}, nil, "", "", 20},
		{"nothing, half of the messages wait", path{load: 0.5}, nil, "", "", 20},
		{"nothing, no transparent clock", path{untold: true, load: 0.3}, nil, "", "", 20},
		{"100 ns too much", path{load: 0.3}, always(100), "moved alone", "outside", 20},
		{"100 ns too little", path{load: 0.3}, always(-100), "outside moved alone", "", 20},
		{"50 us too much", path{load: 0.3}, always(50e3), "moved alone", "outside", 20},
		{"up to 2 us too much", path{load: 0.3}, func(p *path, _ int, _, told *float64) { *told += 2000 * p.Float64() }, "untrue", "moved outside", 18},
		{"a fifth too much of what it waited", path{load: 0.3}, func(_ *path, _ int, _, told *float64) { *told += (*told - 2000) * 0.2 }, "untrue", "", 12},
		{"the first correction", path{untold: true}, always(300), "new moved alone", "outside", 20},
		{"more traffic, told", path{load: 0.1}, busy(0.7, 0), "", "", 20},
		{"more traffic, untold", path{load: 0.1}, busy(0, 0.7), "", "", 20},
		{"more traffic without a transparent clock", path{untold: true, load: 0.1}, busy(0.5, 0.5), "", "", 20},
		{"another way through a slower transparent clock", path{load: 0.2}, func(_ *path, _ int, raw, told *float64) { *raw += 700; *told += 700 }, "moved truly", "outside", 20},
		{"a third held up by 2 us", path{untold: true, jitter: 50}, share(0.33, 2000), "held", "", 20},
		{"a tenth held up by 20 us", path{untold: true, jitter: 50}, share(0.1, 20e3), "held", "", 16},
		{"a third held up by 5 us, beside traffic", path{untold: true, load: 0.05}, share(0.33, 5000), "held", "", 18},
		{"one client's held up by 500 ns", path{untold: true, clients: 3}, func(p *path, i int, raw, _ *float64) {
			if i%3 == 1 {
				*raw += 500
			}
		}, "held by-2", "", 20},
		{"one client's way is longer, and it asks more often", path{untold: true, clients: 3, always: func(p *path, i int, raw, _ *float64) {
			if i%3 == 1 {
				*raw += 2400
			}
		}}, func(p *path, i int, raw, _ *float64) {
			if p.client.PortNumber = uint16(i%2) + 1; i%2 == 1 {
				*raw += 2400
			}
		}, "", "", 20},
		{"all held up for a second, and again", path{untold: true, jitter: 50}, func(_ *path, i int, raw, _ *float64) {
			if i%Size > 30 && i%Size < 42 {
				*raw += 500
			}
		}, "", "", 20},
		{"all held up by 5 us", path{load: 0.3}, share(1, 5000), "", "", 20},
		{"some by what they like", path{untold: true, jitter: 50}, func(p *path, _ int, raw, _ *float64) { *raw += p.waits(0.3) }, "", "", 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			right, said := 0, map[string]int{}
			for seed := range uint64(20) {
				p := c.path
				p.Rand = rand.New(rand.NewPCG(seed, 7))
				var w Way
				words := map[string]bool{}
				p.run(&w, learned+6, learned, c.meddle, func(block int) {
					for _, word := range w.what() {
						words[word] = true
						if block <= learned {
							t.Errorf("seed %d: %s, before anything is done", seed, word)
						}
					}
				})
				if !w.Known() {
					t.Fatal("nothing is learned")
				}
				all := true
				for word := range strings.FieldsSeq(c.want) {
					all = all && words[word]
				}
				if all {
					right++
				}
				for word := range words {
					said[word]++
					if !slices.Contains(strings.Fields(c.want+" "+c.may), word) {
						t.Errorf("seed %d: %s", seed, word)
					}
				}
			}
			if right < c.least {
				t.Errorf("%d of 20 say %q, %d must: %v", right, c.want, c.least, said)
			}
		})
	}
}

// What a message costs.
func BenchmarkWay(b *testing.B) {
	for _, c := range []struct {
		name string
		path path
	}{{"no transparent clock", path{untold: true}}, {"a transparent clock", path{load: 0.3}}, {"busy", path{untold: true, load: 0.5}}} {
		b.Run(c.name, func(b *testing.B) {
			p := c.path
			p.Rand = rand.New(rand.NewPCG(1, 7))
			samples := make([]Sample, 4096)
			for i := range samples {
				samples[i] = p.next()
			}
			var w Way
			span := samples[len(samples)-1].At + 125e6
			i := 0
			for b.Loop() {
				s := samples[i%len(samples)]
				s.At += int64(i/len(samples)) * span
				i++
				w.Add(s, 0)
			}
		})
	}
}
