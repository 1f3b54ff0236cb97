package stability

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Every value is in the bucket that its bounds say, of either kind: those of a
// bound, a bit more and a bit less, and some at random.
func TestHistogramBuckets(t *testing.T) {
	values := []float64{-1, 0, FineZero, 1e-300, 2, 130_000}
	for _, b := range Bounds {
		values = append(values, b, math.Nextafter(b, 0), math.Nextafter(b, 1))
	}
	for i := fineFirst; i <= fineLast; i++ {
		b := math.Exp2(float64(i) / 4)
		values = append(values, b*(1+1e-12), b*(1-1e-12))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		values = append(values, math.Exp(r.Float64()*30-25))
	}
	var all Histogram
	for _, v := range values {
		var h Histogram
		h.Add(v)
		all.Add(v)
		i := slices.Index(h.Buckets[:], 1)
		if i > 0 && v <= Bounds[i-1] || i < len(Bounds) && v > Bounds[i] {
			t.Errorf("%g is in bucket %d", v, i)
		}
		fine := 0
		h.Fine(func(i int, n uint64) {
			fine++
			low, high := math.Exp2(float64(i-1)/4), math.Exp2(float64(i)/4)
			if n != 1 || v <= low*(1-1e-15) || v > high*(1+1e-15) && i != fineLast {
				t.Errorf("%g is in the fine bucket %g to %g", v, low, high)
			}
		})
		if (v <= FineZero) != (h.Zero == 1) || fine+int(h.Zero) != 1 {
			t.Errorf("%g: %d below, %d above the least", v, h.Zero, fine)
		}
	}
	var coarse, fine uint64
	for _, n := range all.Buckets {
		coarse += n
	}
	all.Fine(func(_ int, n uint64) { fine += n })
	if n := uint64(len(values)); all.Count != n || coarse != n || fine+all.Zero != n {
		t.Errorf("of %d values %d are counted, %d in buckets, %d in fine ones", n, all.Count, coarse, fine+all.Zero)
	}
	all.Add(math.NaN())
	all.Add(math.Inf(1))
	if all.Count != uint64(len(values)) {
		t.Error("what is no number was counted")
	}
}

func BenchmarkHistogram(b *testing.B) {
	var h Histogram
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		h.Add(float64(i%1000) * 1e-8)
	}
}
