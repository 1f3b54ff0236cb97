package export

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// maxDistributions is how many histograms are on a page: each is fifteen series.
const maxDistributions = 64

// putDistributions shows how the mean path delays of grandmasters are spread:
// of the chosen ones, and of the ports that announce none.
func (p *page) putDistributions(s *selection) {
	count := 0
	put := func(d *analysis.DomainView, id ptp.ClockIdentity) {
		i := slices.IndexFunc(d.Distributions, func(v analysis.DistributionView) bool { return v.Grandmaster == id })
		if i < 0 || count == maxDistributions {
			return
		}
		count++
		p.putHistogram(meanPathDelayDistribution, d.Distributions[i].Histogram, with(scopeWords(d.Scope), clockWord(id))...)
	}
	for _, g := range s.grandmasters {
		put(g.domain, g.Identity)
	}
	for _, d := range s.domains {
		put(d.DomainView, 0)
	}
}

// putHistogram adds one histogram; of several with the same labels the first
// stands.
func (p *page) putHistogram(id familyID, h *stability.Histogram, labels ...string) {
	values := make([]string, len(labels))
	for i, l := range labels {
		values[i] = labelValue(l)
	}
	if _, ok := p.place(id, values, len(p.histograms)); !ok {
		p.histograms = append(p.histograms, histogramMetric{family: id, labels: values, histogram: h})
	}
}

// histogramMetric is a histogram with classic and native buckets: what
// client_golang makes of numbers that are known has either.
type histogramMetric struct {
	desc      *prometheus.Desc
	family    familyID
	labels    []string
	histogram *stability.Histogram
}

// Desc implements prometheus.Metric.
func (m *histogramMetric) Desc() *prometheus.Desc { return m.desc }

// Write implements prometheus.Metric.
func (m *histogramMetric) Write(out *dto.Metric) error {
	h := m.histogram
	d := &dto.Histogram{
		SampleCount: &h.Count, SampleSum: &h.Sum,
		Schema: new(int32(stability.FineSchema)), ZeroThreshold: new(float64(stability.FineZero)), ZeroCount: &h.Zero,
	}
	cumulative := uint64(0)
	for i, bound := range stability.Bounds {
		cumulative += h.Buckets[i]
		d.Bucket = append(d.Bucket, &dto.Bucket{UpperBound: new(bound), CumulativeCount: new(cumulative)})
	}
	// Native buckets: runs of neighbours, each with its distance from the end of
	// the one before; counts as differences from the one before.
	next, last := 0, uint64(0)
	h.Fine(func(index int, count uint64) {
		if n := len(d.PositiveSpan); n == 0 || index != next {
			d.PositiveSpan = append(d.PositiveSpan, &dto.BucketSpan{Offset: new(int32(index - next)), Length: new(uint32)})
		}
		*d.PositiveSpan[len(d.PositiveSpan)-1].Length++
		d.PositiveDelta = append(d.PositiveDelta, int64(count-last))
		next, last = index+1, count
	})
	if d.PositiveSpan == nil { // or it would be taken for a classic one
		d.PositiveSpan = []*dto.BucketSpan{{Offset: new(int32), Length: new(uint32)}}
	}
	out.Label = prometheus.MakeLabelPairs(m.desc, m.labels)
	out.Histogram = d
	return nil
}
