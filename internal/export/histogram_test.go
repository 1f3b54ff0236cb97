package export

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
)

// The native buckets, read as Prometheus does, hold what was counted: the same
// as the classic ones, wherever a bound is one of both.
func TestNativeHistogram(t *testing.T) {
	families, err := registryOf(fixture()).Gather()
	if err != nil {
		t.Fatal(err)
	}
	var list []*dto.Metric
	for _, f := range families {
		if f.GetName() == prefix+"mean_path_delay_distribution_seconds" {
			list = f.GetMetric()
		}
	}
	if len(list) != 2 {
		t.Fatalf("%d histograms, want 2", len(list))
	}
	empty, h := list[0].GetHistogram(), list[1].GetHistogram()
	if empty.GetSampleCount() != 0 || empty.GetPositiveSpan() == nil || len(empty.GetBucket()) != 12 {
		t.Errorf("the empty one: %v", empty)
	}
	if h.GetSchema() != 2 || h.GetSampleCount() != 6 || h.GetZeroCount() != 1 || h.GetZeroThreshold() != math.Exp2(-30) {
		t.Errorf("%v", h)
	}
	got := map[int]int64{} // by index
	index, count, delta := 0, int64(0), h.GetPositiveDelta()
	for _, s := range h.GetPositiveSpan() {
		index += int(s.GetOffset())
		for range s.GetLength() {
			count += delta[0]
			got[index], delta, index = count, delta[1:], index+1
		}
	}
	// 2^(i/4) is 440 ns for -84, 524 for -83, 623 for -82, 2.1 us for -75, 2.8 s for
	// 6 and 3.4 s for 7.
	want := map[int]int64{-83: 2, -82: 1, -75: 1, 7: 1}
	if diff := cmp.Diff(want, got); diff != "" || len(delta) > 0 {
		t.Errorf("%v left over; -want +got\n%s", delta, diff)
	}
}
