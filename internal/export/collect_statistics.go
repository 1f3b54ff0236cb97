package export

import (
	"strconv"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
)

// directions are how the directions are called, in the order of
// stability.Figures.Windows.
var directions = [...]string{"forward", "reverse"}

// putStatistics shows what sums up the measurements of a port at a tap, for as
// long as there are new ones of the kind.
func (p *page) putStatistics(t *analysis.TimingView, labels []string) {
	s := t.Statistics
	if s == nil {
		return
	}
	if s.Floor.Count > 0 && fresh(t.MeanPathDelay) {
		p.put(meanPathDelayFloor, s.Floor.MeanPathDelay, labels...)
	}
	if s.Selected != nil && fresh(t.MeanPathDelay) {
		p.put(selectedOffset, s.Selected.Offset, labels...)
	}
	for i, of := range [...]analysis.Summary{t.Forward, t.Reverse} {
		if w := s.Windows[i]; w != nil && w.HasFloor && fresh(of) {
			p.put(floorPacketRatio, w.FloorPacketPercentage/100, with(labels, directions[i])...)
		}
	}
	// The offset itself may not be known, while how it wanders is.
	if !fresh(t.Offset) && !fresh(t.MeanPathDelay) && !fresh(t.MeanLinkDelay) {
		return
	}
	if e := s.TimeError; e != nil {
		p.put(timeError, e.MaxAbs(), with(labels, "max_abs")...)
		if e.HasConstant {
			p.put(timeError, e.Constant, with(labels, "cte")...)
		}
		if e.HasDynamic {
			p.put(timeError, e.Dynamic, with(labels, "dte_pp")...)
		}
	}
	p.putMetrics(mtie, s.MTIE, labels)
	p.putMetrics(tdev, s.TDEV, labels)
}

func (p *page) putMetrics(f familyID, list []stability.Metric, labels []string) {
	for _, m := range list {
		p.put(f, m.Value, with(labels, strconv.FormatInt(m.Tau, 10))...)
	}
}

func fresh(s analysis.Summary) bool { return s.Count > 0 && s.Age <= maxAge }
