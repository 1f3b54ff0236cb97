package delay

import (
	"math"
	"testing"
)

func TestSampleQuantiles(t *testing.T) {
	var s sample
	for i := range int64(100000) {
		s.add(float64((i*7919)%100000), i) // a permutation of 0..99999
	}
	got := s.summary(0, 100000+1e9-1)
	if got.Count != 100000 || got.Min != 0 || got.Max != 99999 || got.Age != 1 {
		t.Errorf("summary = %+v", got)
	}
	// 512 of 100,000: the standard error of the median's rank is 2.2 %, of p99's 0.44 %.
	if math.Abs(got.Median-50000) > 7000 || math.Abs(got.P99-99000) > 1500 {
		t.Errorf("median %g, p99 %g; want about 50000 and 99000", got.Median, got.P99)
	}
}
