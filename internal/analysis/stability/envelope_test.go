package stability

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// path is a network of three hops between a port and a tap, of which each
// holds a packet up at half the times, until the frame that is being sent is
// through: 1500 octets at 1 Gbit/s at most.
type path struct {
	*rand.Rand
	forward, reverse float64 // s, without waiting
	hops             int
	stamp            float64 // s: what stamps are multiples of
}

func (p *path) wait() float64 {
	w := 0.0
	for range p.hops {
		if p.IntN(2) == 0 {
			w += p.Float64() * 12e-6
		}
	}
	return w
}

func (p *path) read(t float64) float64 {
	if p.stamp == 0 {
		return t
	}
	return math.Floor(t/p.stamp) * p.stamp
}

// theta is how far a crystal is ahead that runs 20 ppm fast, and 20 ppb more
// or less as the air conditioner turns.
func theta(t float64) float64 {
	const swing, period = 20e-9, 1800
	return 20e-6*t + swing*period/(2*math.Pi)*math.Sin(2*math.Pi*t/period)
}

// exchanges calls back with A and B as a tap measures them.
func (p *path) exchanges(seconds, rate float64, clock func(float64) float64, take func(k Kind, at int64, v float64)) {
	for i := range int(seconds * rate) {
		t1 := (float64(i) + p.Float64()*0.1) / rate
		s := t1 + p.forward + p.wait()
		take(Forward, int64((s+clock(s))*1e9), p.read(s+clock(s))-p.read(t1))
		r := (float64(i) + 0.2 + p.Float64()*0.5) / rate
		t4 := r + p.reverse + p.wait()
		take(Reverse, int64((r+clock(r))*1e9), p.read(t4)-p.read(r+clock(r)))
	}
}

// The floor finds the mean path delay and the offset of a loaded path: the
// median over ten runs, of ten minutes each. With a tap that runs free, and with
// one that does not.
func TestFloor(t *testing.T) {
	for _, c := range []struct {
		name     string
		rate     float64
		hops     int
		stamp    float64
		clock    func(float64) float64
		mean, of float64 // what the floor and the offset are within, s
	}{
		{"no load, no noise", 1, 0, 0, theta, 1.5e-9, 2e-9},
		{"disciplined, 16 a second", 16, 3, 8e-9, func(float64) float64 { return 300e-9 }, 10e-9, 10e-9},
		{"free, 16 a second", 16, 3, 8e-9, theta, 10e-9, 15e-9},
		{"free, 8 a second", 8, 3, 8e-9, theta, 10e-9, 15e-9},
		{"free, 1 a second", 1, 3, 8e-9, theta, 10e-9, 15e-9},
	} {
		t.Run(c.name, func(t *testing.T) {
			var means, offsets []float64
			for seed := range uint64(10) {
				p := &path{rand.New(rand.NewPCG(seed, 7)), 31e-6, 29e-6, c.hops, c.stamp}
				var m Monitor
				m.Base(Forward, 0)
				m.Base(Reverse, 0)
				count := uint64(0)
				p.exchanges(600, c.rate, c.clock, func(k Kind, at int64, v float64) {
					m.Add(k, at, at, v)
					if b, n := m.Bottom(); n > count {
						count = n
						mid := (float64(b.Number) + 0.5) * envelopeLength / 1e9
						offsets = append(offsets, math.Abs(b.Offset-c.clock(mid/(1+20e-6))-1e-6))
					}
				})
				f := m.Figures(func(Kind, int64) (float64, bool) { return 0, true })
				means = append(means, math.Abs(f.Floor.MeanPathDelay-30e-6))
			}
			slices.Sort(means)
			slices.Sort(offsets)
			t.Logf("mean off by %.1f ns, most %.1f, offset off by %.1f ns", middle(means)*1e9, means[9]*1e9, middle(offsets)*1e9)
			if middle(means) > c.mean {
				t.Errorf("mean path delay is off by %.1f ns", middle(means)*1e9)
			}
			if middle(offsets) > c.of {
				t.Errorf("offset is off by %.1f ns", middle(offsets)*1e9)
			}
		})
	}
}
