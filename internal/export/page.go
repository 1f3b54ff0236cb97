package export

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// other is the label value for all that is beyond a cap.
const other = "other"

// page gathers the series of one scrape. Series with the same labels become
// one, so nothing that arrives on the wire (two interface names alike in their
// first 128 octets, say) can make a scrape fail.
type page struct {
	series     []series
	histograms []histogramMetric
	index      map[string]int
}

type series struct {
	family familyID
	labels []string
	value  float64
}

// put adds one series. Counters of the same labels are summed; of gauges the
// first stands.
func (p *page) put(id familyID, value float64, labels ...string) {
	values := make([]string, len(labels))
	for i, l := range labels {
		values[i] = labelValue(l)
	}
	if i, ok := p.place(id, values, len(p.series)); !ok {
		p.series = append(p.series, series{id, values, value})
	} else if families[id].kind == counter {
		p.series[i].value += value
	}
}

// place is where the series of these labels is: next, if there is none yet.
func (p *page) place(id familyID, values []string, next int) (i int, ok bool) {
	key := string(rune(id)) + labelKey(values)
	if i, ok := p.index[key]; ok {
		return i, true
	}
	if p.index == nil {
		p.index = map[string]int{}
	}
	p.index[key] = next
	return next, false
}

// send turns the page into metrics.
func (p *page) send(descs *[familyCount]*prometheus.Desc, ch chan<- prometheus.Metric) {
	for _, s := range p.series {
		m, err := prometheus.NewConstMetric(descs[s.family], families[s.family].kind, s.value, s.labels...)
		if err != nil {
			m = prometheus.NewInvalidMetric(descs[s.family], err)
		}
		ch <- m
	}
	for i := range p.histograms {
		h := &p.histograms[i]
		h.desc = descs[h.family]
		ch <- h
	}
}

// number is 1 for true and 0 for false.
func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// labelKey tells label sets apart.
func labelKey(labels []string) string { return strings.Join(labels, "\xff") }

// with is labels and more in a slice of their own.
func with(labels []string, more ...string) []string { return slices.Concat(labels, more) }
