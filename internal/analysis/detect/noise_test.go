package detect

import (
	"math"
	"math/rand/v2"
	"testing"
)

// process is a first-order autoregressive process of standard deviation 1.
func process(seed uint64, phi float64) func() float64 {
	r := rand.New(rand.NewPCG(seed, 7))
	v := r.NormFloat64()
	return func() float64 {
		v = phi*v + math.Sqrt(1-phi*phi)*r.NormFloat64()
		return v
	}
}

func take(n int, next func() float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = next()
	}
	return values
}

func TestLearn(t *testing.T) {
	for _, phi := range []float64{0, 0.5, 0.8} {
		n, ok := Learn(take(20000, process(1, phi)), 1e-3)
		if !ok || math.Abs(n.Phi-phi) > 0.03 || math.Abs(n.Scale-1) > 0.05 || math.Abs(n.Centre) > 0.05 {
			t.Errorf("phi %g: %+v", phi, n)
		}
		// What is left is white, of mean 0 and deviation 1.
		next := process(2, phi)
		before := next()
		var sum, squares, products, last float64
		const count = 20000
		for range count {
			v := next()
			z := n.White(v, before)
			before = v
			sum += z
			squares += z * z
			products += z * last
			last = z
		}
		if mean, square, product := sum/count, squares/count, products/count; math.Abs(mean) > 0.05 || math.Abs(square-1) > 0.05 || math.Abs(product) > 0.03 {
			t.Errorf("phi %g: whitened has mean %g, square %g, product of neighbours %g", phi, mean, square, product)
		}
	}
	if _, ok := Learn(take(7, process(1, 0)), 1); ok {
		t.Error("learned from seven values")
	}
	if n, _ := Learn(make([]float64, 20), 0.5); n.Scale != 0.5 {
		t.Errorf("scale %g of values that are all alike, want the least", n.Scale)
	}
}

// runLength is how many values go by until a CUSUM alarms, on average.
func runLength(t *testing.T, h, phi float64, runs int) float64 {
	t.Helper()
	noise, ok := Learn(take(50000, process(99, phi)), 1e-3)
	if !ok {
		t.Fatal("not learned")
	}
	total := 0
	for seed := range runs {
		next, before := process(uint64(1000+seed), phi), 0.0
		var c CUSUM
		for c.Over(h) == 0 {
			v := next()
			c.Add(noise.White(v, before))
			before = v
			total++
		}
	}
	return float64(total) / float64(runs)
}

// Correlated noise alarms no more often than white noise does: without
// whitening, h = 5 passes after some 40 values of phi 0.8, not 430.
func TestRunLength(t *testing.T) {
	for _, phi := range []float64{0, 0.8} {
		for _, h := range []float64{5, 8} {
			got, want := runLength(t, h, phi, 400), RunLength(h)
			if got < want/1.4 || got > want*1.4 {
				t.Errorf("phi %g, h %g: %.0f values to a false alarm, want about %.0f", phi, h, got, want)
			}
		}
	}
}

func TestDecision(t *testing.T) {
	month := Budget{Alarms: 1, Period: 30 * 86400, Streams: 1, Tests: 1}
	for _, tt := range []struct{ streams, want float64 }{{1, 13.6}, {10, 15.9}, {100, 18.2}, {1000, 20.5}} {
		b := month
		b.Streams = int(tt.streams)
		h := b.Decision(1)
		if math.Abs(h-tt.want) > 0.05 {
			t.Errorf("%g streams: h %.2f, want %g", tt.streams, h, tt.want)
		}
		if got, want := RunLength(h), 30*86400*tt.streams; math.Abs(got/want-1) > 0.01 {
			t.Errorf("%g streams: run length %g, want %g", tt.streams, got, want)
		}
	}
}

// How long a step takes at the h of one false alarm in 45 days.
func TestStepDelay(t *testing.T) {
	for _, tt := range []struct{ step, least, most float64 }{{1, 24, 32}, {2, 8, 11}, {3, 5, 7}} {
		total := 0
		const runs = 300
		for seed := range runs {
			next := process(uint64(seed), 0)
			var c CUSUM
			for c.Over(14) == 0 {
				c.Add(next() + tt.step)
				total++
			}
		}
		if got := float64(total) / runs; got < tt.least || got > tt.most {
			t.Errorf("a step of %g takes %.1f values, want %g to %g", tt.step, got, tt.least, tt.most)
		}
	}
}
