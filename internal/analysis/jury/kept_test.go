package jury

import (
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
	"github.com/ptpwatch/ptpwatch/internal/analysis/keep/keeptest"
)

func TestNothingIsForgotten(t *testing.T) {
	for k, except := range map[keep.Keeper][]string{
		&Panel{}: {"Learn"}, &juror{}: {"verdict"}, &ring{}: nil, &trail{}: nil, &sum{}: nil, // the first is told, the other said anew
	} {
		if got := keeptest.Forgotten(k, except...); got != nil {
			t.Errorf("%T: %q", k, got)
		}
	}
}
