package tamper

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The value of a rank is what putting all in order finds, the lesser are before
// it, and what is no number ends the search, too.
func TestRank(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 20000 {
		v := make([]float64, 1+r.IntN(Size))
		for k := range v {
			v[k] = float64(r.IntN(1 + i%70))
		}
		want := slices.Sorted(slices.Values(v))
		k := r.IntN(len(v))
		if got := rank(v, k); got != want[k] || slices.Max(v[:k+1]) > got || slices.Min(v[k:]) < got {
			t.Fatalf("rank %d is %g, want %g: %v", k, got, want[k], v)
		}
		v[r.IntN(len(v))], v[r.IntN(len(v))] = math.NaN(), math.Inf(1)
		rank(v, k)
	}
}
