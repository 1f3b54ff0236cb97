package stability

import (
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
	"github.com/ptpwatch/ptpwatch/internal/analysis/keep/keeptest"
)

func TestNothingIsForgotten(t *testing.T) {
	for k, except := range map[keep.Keeper][]string{
		&Monitor{}: {"blocks", "history", "minima", "offset", "floor", "reader"}, &base{}: nil, &middles{}: nil, &thinned{}: nil, &point{}: nil,
	} {
		if got := keeptest.Forgotten(k, except...); got != nil {
			t.Errorf("%T: %q", k, got)
		}
	}
}
