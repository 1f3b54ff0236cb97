package tamper

import (
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
	"github.com/ptpwatch/ptpwatch/internal/analysis/keep/keeptest"
)

func TestNothingIsForgotten(t *testing.T) {
	for k, except := range map[keep.Keeper][]string{
		&Way{}: nil, &Sample{}: nil, &Corrections{}: nil, &jump{}: nil, &point{}: nil, &Level{}: nil, &watched{}: nil, &Span{}: nil,
		&peak{}: {"sorted"}, &Clients{}: {"means", "leasts", "departed"}, // of a moment
	} {
		if got := keeptest.Forgotten(k, except...); got != nil {
			t.Errorf("%T: %q", k, got)
		}
	}
}
