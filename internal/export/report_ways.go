package export

import (
	"strconv"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/words"
)

// WayReport is what messages took from one tap to another, in seconds.
type WayReport struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Messages uint64 `json:"messages"`
	// Floor is the least that messages take. Residence is what transparent clocks
	// tell of Transit, Unexplained the rest of it.
	Floor       *CentreReport `json:"floor,omitempty"`
	Transit     *CentreReport `json:"transit,omitempty"`
	Residence   *CentreReport `json:"residence,omitempty"`
	Unexplained *CentreReport `json:"unexplained,omitempty"`
	// Asymmetry is by how much the floor of what is unexplained is more than on
	// the way back.
	Asymmetry *float64 `json:"asymmetry,omitempty"`
	// Error is how wrong all but Residence may be because two clocks stamped, and
	// Asymmetry twice as much; absent if one did.
	Error *float64 `json:"error,omitempty"`
}

// CentreReport is where the last blocks of sixteen messages lie, and how far
// they spread, in seconds.
type CentreReport struct {
	Median float64 `json:"median"`
	Spread float64 `json:"spread"` // 1.4826 times the median distance from it
}

func newCentre(f stability.Figure) *CentreReport {
	if f.Count == 0 {
		return nil
	}
	return &CentreReport{rounded(f.Centre), rounded(f.Spread)}
}

func newWayReport(w *analysis.WayView) WayReport {
	r := WayReport{
		From: w.From, To: w.To, Messages: w.Count, Floor: newCentre(w.Floor), Transit: newCentre(w.Transit),
		Residence: newCentre(w.Residence), Unexplained: newCentre(w.Unexplained),
	}
	if w.HasAsymmetry {
		r.Asymmetry = new(rounded(w.Asymmetry))
	}
	if w.Within.Count > 0 {
		r.Error = new(rounded(w.Within.Centre))
	}
	return r
}

func (t *textReport) ways(r *Report) {
	var rows [][]string
	for _, w := range r.Ways {
		if w.Transit == nil {
			continue
		}
		asymmetry, within := "-", "-"
		if w.Asymmetry != nil {
			asymmetry = words.Fixed(*w.Asymmetry)
		}
		if w.Error != nil {
			within = words.Fixed(*w.Error)
		}
		rows = append(rows, []string{
			w.From, w.To, strconv.FormatUint(w.Messages, 10), words.Fixed(w.Floor.Median), words.Fixed(w.Transit.Median),
			words.Fixed(w.Residence.Median), words.Fixed(w.Unexplained.Median), asymmetry, within,
		})
	}
	if len(rows) > 0 {
		t.line("")
		t.line("Between taps")
		t.rows("  ", []string{"FROM", "TO", "MESSAGES", "FLOOR", "MEDIAN", "TOLD RESIDENCE", "UNEXPLAINED", "ASYMMETRY", "ERROR"}, rows)
	}
}

// putWays shows what messages take between taps, while any do.
func (p *page) putWays(v *analysis.View) {
	for i := range v.Ways {
		w := &v.Ways[i]
		if w.Transit.Count == 0 || w.Age > maxAge {
			continue
		}
		p.put(tapTransit, w.Floor.Centre, w.From, w.To, "floor")
		p.put(tapTransit, w.Transit.Centre, w.From, w.To, "median")
		p.put(tapTransit, w.Residence.Centre, w.From, w.To, "residence")
		p.put(tapTransit, w.Unexplained.Centre, w.From, w.To, "unexplained")
		if w.HasAsymmetry {
			p.put(tapTransit, w.Asymmetry, w.From, w.To, "asymmetry")
		}
		if w.Within.Count > 0 {
			p.put(tapTransit, w.Within.Centre, w.From, w.To, "error")
		}
	}
}
