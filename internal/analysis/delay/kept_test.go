package delay

import (
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
	"github.com/ptpwatch/ptpwatch/internal/analysis/keep/keeptest"
)

func TestNothingIsForgotten(t *testing.T) {
	for k, except := range map[keep.Keeper][]string{
		&Meter{}:     {"waiting", "asked", "chance", "stream", "upstream", "samples", "block", "blocked", "Paths"},
		&direction{}: nil, &track{}: nil, &point{}: nil, &link{}: nil, &rate{}: nil, &recent{}: nil,
		&Clock{}: {"stamps", "ahead", "at", "wander", "doubted", "streams", "compared"},
	} {
		if got := keeptest.Forgotten(k, except...); got != nil {
			t.Errorf("%T: %q", k, got)
		}
	}
}
