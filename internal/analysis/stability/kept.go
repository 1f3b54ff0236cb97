package stability

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
)

// Kept is what a jury goes by. Statistics are not kept: those of different times
// are no series.
func (m *Monitor) Kept() keep.Fields { return keep.Row(&m.bases, &m.middles) }

func (b *base) Kept() keep.Fields { return keep.Row(&b.ns, &b.known) }

func (m *middles) Kept() keep.Fields {
	return keep.Fields{
		{Name: "kept", Value: &m.kept}, {Name: "begun", Value: &m.begun}, {Name: "number", Value: &m.number},
		{Name: "offsets", Value: &m.offsets}, {Name: "means", Value: &m.means},
	}
}

func (m *middles) Check() error {
	if len(m.kept) > middlesKept {
		return fmt.Errorf("%d blocks, want %d at most", len(m.kept), middlesKept)
	}
	return nil
}

func (t *thinned) Kept() keep.Fields { return keep.Row(&t.values, &t.every, &t.passed) }

func (t *thinned) Check() error {
	if len(t.values) > middleSize || t.every < 0 {
		return fmt.Errorf("%d values, one in %d", len(t.values), t.every)
	}
	return nil
}

func (p *point) Kept() keep.Fields { return keep.Row(&p.at, &p.value) }
