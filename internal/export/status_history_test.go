package export

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

var nan = math.NaN()

func TestHistory(t *testing.T) {
	var h history
	s := fixture()
	p := &s.View.Domains[0].Ports[2]
	key := historyKey{fixtureScope, p.Port, "fibre-1", "mean path delay"}
	for i := range historyLength + 3 {
		if i%2 == 0 { // every other second there is something new
			p.Timings[0].MeanPathDelay.Count++
			p.Timings[0].MeanPathDelay.Last = float64(i)
		}
		h.sample(s.View)
	}
	line := h.line(key)
	if len(line) != historyLength || line[historyLength-1] != historyLength+2 || !math.IsNaN(line[historyLength-2]) || line[historyLength-3] != historyLength {
		t.Errorf("%d samples, the last of them %v", len(line), line[historyLength-3:])
	}
	if got := h.line(historyKey{fixtureScope, p.Port, "fibre-1", "offset"}); got != nil {
		t.Errorf("a line of what was never measured: %v", got)
	}
	s.View.Domains[0].Ports = nil
	h.sample(s.View)
	if h.line(key) != nil || len(h.last) != 0 {
		t.Error("the line outlives its port")
	}
}

// Invented ports get no more than their room, and push out nobody real.
func TestHistoryIsBounded(t *testing.T) {
	var h history
	h.sample(flood(1, 5000).View)
	if len(h.lines) > 3*historyPorts+6 { // the real one is measured at three taps
		t.Errorf("%d lines", len(h.lines))
	}
	scope := analysis.Scope{Network: "real", DomainNumber: fixtureScope.DomainNumber}
	if h.line(historyKey{scope, port(clockA, 1), "fibre-1", "mean path delay"}) == nil {
		t.Error("the real grandmaster has no line")
	}
}

func TestSpark(t *testing.T) {
	for _, tt := range []struct {
		name    string
		values  []float64
		strokes []string
		words   string
	}{
		{"nothing", []float64{nan, nan}, nil, "offset: nothing measured in the last 3 minutes"},
		{"up", []float64{0, 1e-9}, []string{"0,30.0 1,2.0"}, "offset in the last 3 minutes: between 0 ns and 1.0 ns"},
		{"flat", []float64{5e-9, 5e-9}, []string{"0,16.0 1,16.0"}, "offset in the last 3 minutes: between 5.0 ns and 5.0 ns"},
		{"two seconds apart is no gap", []float64{0, nan, 1e-9}, []string{"0,30.0 2,2.0"}, "offset in the last 3 minutes: between 0 ns and 1.0 ns"},
		{"a gap, and a point alone", []float64{0, nan, nan, nan, nan, nan, 1e-9}, []string{"0,30.0 0,30.0", "6,2.0 6,2.0"}, "offset in the last 3 minutes: between 0 ns and 1.0 ns"},
		{"no number", []float64{math.Inf(1), math.Inf(-1), 1e-9}, []string{"2,16.0 2,16.0"}, "offset in the last 3 minutes: between 1.0 ns and 1.0 ns"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := newSpark("offset", tt.values)
			if diff := cmp.Diff(spark{tt.strokes, sparkWidth, sparkHeight, tt.words}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
