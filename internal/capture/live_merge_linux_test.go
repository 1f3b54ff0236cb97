package capture

import (
	"slices"
	"testing"
)

func TestMerge(t *testing.T) {
	type step struct {
		in    []int64
		until int64
		out   []int64
	}
	for _, c := range []struct {
		name  string
		steps []step
		late  uint64
	}{
		{"in order", []step{{[]int64{1, 2, 3}, endOfTime, []int64{1, 2, 3}}}, 0},
		{"held back", []step{{[]int64{1, 5}, 4, []int64{1}}, {nil, 4, nil}, {nil, 5, []int64{5}}}, 0},
		{"two interfaces", []step{{[]int64{1, 4, 9, 2, 3, 8}, 7, []int64{1, 2, 3, 4}}, {[]int64{10, 7}, endOfTime, []int64{7, 8, 9, 10}}}, 0},
		{"late", []step{{[]int64{5}, 6, []int64{5}}, {[]int64{4, 7, 3}, endOfTime, []int64{3, 4, 7}}}, 2},
		{"as old as the last", []step{{[]int64{5}, 6, []int64{5}}, {[]int64{5}, 6, []int64{5}}}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m merge
			from := &listener{}
			for _, s := range c.steps {
				for _, at := range s.in {
					m.push(&caught{slot: slot{at: at}, from: from})
				}
				var got []int64
				for c := range m.pop(s.until) {
					got = append(got, c.at)
				}
				if !slices.Equal(got, s.out) {
					t.Errorf("up to %d: got %v, want %v", s.until, got, s.out)
				}
			}
			if from.late != c.late {
				t.Errorf("%d late, want %d", from.late, c.late)
			}
		})
	}
}

// TestMergeKeepsArrival: of messages with one time, the first in is the first
// out.
func TestMergeKeepsArrival(t *testing.T) {
	var m merge
	var want []*caught
	for range 100 {
		want = append(want, &caught{slot: slot{at: 7}})
	}
	m.push(&caught{slot: slot{at: 8}}) // so that there is something to sort
	for _, c := range want {
		m.push(c)
	}
	if got := slices.Collect(m.pop(7)); !slices.Equal(got, want) {
		t.Error("equal times changed places")
	}
}
