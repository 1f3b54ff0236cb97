package export

import (
	"math"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
)

// StatisticsReport sums up the measurements of a port at a tap, in seconds.
// What is not known is absent.
type StatisticsReport struct {
	// MeanPathDelayFloor is of the fastest packets of the last four minutes.
	MeanPathDelayFloor *float64 `json:"mean_path_delay_floor,omitempty"`
	// Selected is of the last window of 200 s.
	Selected     *SelectedReport  `json:"selected,omitempty"`
	FloorPackets []FloorReport    `json:"floor_packets,omitempty"`
	TimeError    *TimeErrorReport `json:"time_error,omitempty"`
	MTIE         []MetricReport   `json:"mtie,omitempty"`
	TDEV         []MetricReport   `json:"tdev,omitempty"`
	ADEV         []MetricReport   `json:"adev,omitempty"`
	// MinTDEV is of each direction's delays.
	MinTDEV []DirectionReport `json:"min_tdev,omitempty"`
	// Robust are medians of the last 32 blocks of 16 values, and how far these
	// spread.
	Robust []RobustReport `json:"robust,omitempty"`
	// Records are of quarters of an hour and of days, the newest first, once the
	// first has ended (IEEE 1588-2019 annex J).
	Records []RecordsReport `json:"records,omitempty"`
}

// SelectedReport is pktSelected2WayTE (ITU-T G.8271.2), and its extremes.
type SelectedReport struct {
	Offset  float64 `json:"offset"`
	Windows uint64  `json:"windows"` // that Min and Max are of
	Min     float64 `json:"min"`
	Max     float64 `json:"max"`
}

// FloorReport is the floor packet percentage of a direction (ITU-T G.8260 I.5).
type FloorReport struct {
	Direction  string  `json:"direction"`
	Packets    uint64  `json:"packets"`
	Percentage float64 `json:"percentage"`
}

// TimeErrorReport is of the last 1000 to 2000 s (ITU-T G.8273.2).
type TimeErrorReport struct {
	MaxAbs            float64  `json:"max_abs"`
	Constant          *float64 `json:"cte,omitempty"`
	DynamicPeakToPeak *float64 `json:"dte_pp,omitempty"`
}

// MetricReport is a metric at an averaging time in seconds; Count is how many
// differences it is made of.
type MetricReport struct {
	Tau   int64   `json:"tau"`
	Count uint64  `json:"count"`
	Value float64 `json:"value"`
}

// DirectionReport has metrics of one direction, or of the mean path delay.
type DirectionReport struct {
	Of string `json:"of"`
	MetricReport
}

// RobustReport is where a series lies and how far it spreads; Floor is where
// the least tenth of each block lies.
type RobustReport struct {
	Of     string  `json:"of"`
	Blocks uint64  `json:"blocks"`
	Median float64 `json:"median"`
	Spread float64 `json:"spread"` // 1.4826 times the median distance from it
	Floor  float64 `json:"floor"`
}

// RecordsReport are the records of one series.
type RecordsReport struct {
	Of       string         `json:"of"`
	Quarters []RecordReport `json:"quarters"`
	Days     []RecordReport `json:"days"`
}

// RecordReport is one period.
type RecordReport struct {
	Start    Time    `json:"start"`
	Count    uint64  `json:"count"`
	Average  float64 `json:"average"`
	Min      float64 `json:"min"`
	Max      float64 `json:"max"`
	StdDev   float64 `json:"stddev"`
	Complete bool    `json:"complete"`
}

// kindNames are as the report's fields are called, by stability.Kind.
var kindNames = [stability.Kinds]string{"forward_delay", "reverse_delay", "mean_path_delay", "mean_link_delay", "offset"}

// newStatisticsReport is nil where there is nothing to sum up.
func newStatisticsReport(f *stability.Figures) *StatisticsReport {
	if f == nil {
		return nil
	}
	r := &StatisticsReport{MTIE: newMetrics(f.MTIE), TDEV: newMetrics(f.TDEV), ADEV: newMetrics(f.ADEV)}
	if f.Floor.Count > 0 {
		r.MeanPathDelayFloor = new(rounded(f.Floor.MeanPathDelay))
	}
	if s := f.Selected; s != nil {
		r.Selected = &SelectedReport{rounded(s.Offset), s.Count, rounded(s.Min), rounded(s.Max)}
	}
	for i, w := range f.Windows {
		if w != nil && w.HasFloor {
			r.FloorPackets = append(r.FloorPackets, FloorReport{directions[i], w.Packets, significant(w.FloorPacketPercentage)})
		}
	}
	if t := f.TimeError; t != nil {
		r.TimeError = &TimeErrorReport{MaxAbs: rounded(t.MaxAbs())}
		if t.HasConstant {
			r.TimeError.Constant = new(rounded(t.Constant))
		}
		if t.HasDynamic {
			r.TimeError.DynamicPeakToPeak = new(rounded(t.Dynamic))
		}
	}
	for k, list := range f.MinTDEV {
		for _, m := range newMetrics(list) {
			r.MinTDEV = append(r.MinTDEV, DirectionReport{kindNames[k], m})
		}
	}
	for k, b := range f.Blocks {
		if b.Median.Count > 0 {
			r.Robust = append(r.Robust, RobustReport{kindNames[k], b.Median.Count, rounded(b.Median.Centre), rounded(b.Median.Spread), rounded(b.Floor.Centre)})
		}
		if records := newRecords(f.Records[k]); records != nil {
			records.Of = kindNames[k]
			r.Records = append(r.Records, *records)
		}
	}
	if r.MeanPathDelayFloor == nil && r.Selected == nil && r.FloorPackets == nil && r.TimeError == nil && r.TDEV == nil && r.MTIE == nil &&
		r.MinTDEV == nil && r.Robust == nil && r.Records == nil {
		return nil
	}
	return r
}

func newMetrics(list []stability.Metric) (r []MetricReport) {
	for _, m := range list {
		r = append(r, MetricReport{m.Tau, m.Count, significant(m.Value)})
	}
	return r
}

// newRecords is nil until a period has ended.
func newRecords(r *stability.Records) *RecordsReport {
	if r == nil {
		return nil
	}
	quarters, days := r.Quarters(), r.Days()
	if len(quarters) < 2 {
		return nil
	}
	return &RecordsReport{Quarters: newRecordList(quarters), Days: newRecordList(days)}
}

func newRecordList(list []stability.Record) []RecordReport {
	r := []RecordReport{}
	for _, x := range list {
		r = append(r, RecordReport{
			Time{time.Unix(0, x.Start).UTC()}, x.Count, rounded(x.Average), rounded(x.Min), rounded(x.Max), rounded(x.StdDev), x.Complete,
		})
	}
	return r
}

// rounded is to the femtosecond, as distributions are.
func rounded(v float64) float64 { return math.Round(v*1e15) / 1e15 }

// significant has five digits: a deviation has no more to tell.
func significant(v float64) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow(10, 4-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}
