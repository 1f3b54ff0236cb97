package detect

import (
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
	"github.com/ptpwatch/ptpwatch/internal/analysis/keep/keeptest"
)

func TestNothingIsForgotten(t *testing.T) {
	for k, except := range map[keep.Keeper][]string{
		&Path{}: nil, &point{}: nil, &scale{}: nil, &suspicion{}: nil, &latest{}: nil, &transients{}: nil, &slow{}: nil, &gathered{}: nil,
		&Gather{}: nil, &value{}: nil, &offset{}: nil,
		&history{}: {"sturdy", "told"}, // of a moment
	} {
		if got := keeptest.Forgotten(k, except...); got != nil {
			t.Errorf("%T: %q", k, got)
		}
	}
}

// A path that goes on from what was kept judges as the one that was never left.
func TestGoOn(t *testing.T) {
	whole := newSite(5)
	whole.forward = from(400, 8)
	whole.run(2000)
	if len(whole.changes) == 0 {
		t.Fatal("nothing is found")
	}
	for _, cut := range []float64{1, 60, 300, 398, 401, 402, 404, 410, 700} {
		s := newSite(5)
		s.forward = from(400, 8)
		s.run(cut)
		text, err := keep.Marshal(&s.path)
		if err != nil {
			t.Fatal(err)
		}
		s.path = Path{}
		if err := keep.Unmarshal(text, &s.path); err != nil {
			t.Fatal(err)
		}
		s.run(2000)
		if got, want := s.changes, whole.changes; len(got) != len(want) || got[0] != want[0] {
			t.Errorf("cut after %v s: %+v, want %+v", cut, got, want)
		}
	}
}
