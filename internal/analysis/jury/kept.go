package jury

import (
	"errors"
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/analysis/keep"
)

// Kept is all that a Panel has learned.
func (p *Panel) Kept() keep.Fields {
	return keep.Fields{
		{Name: "jurors", Value: &p.jurors}, {Name: "number", Value: &p.number}, {Name: "begun", Value: &p.begun}, {Name: "calls", Value: &p.calls},
	}
}

// Check implements keep.Checker.
func (p *Panel) Check() error {
	if len(p.jurors) > remembered {
		return fmt.Errorf("%d clocks, want %d at most", len(p.jurors), remembered)
	}
	for _, j := range p.jurors {
		if j == nil {
			return errors.New("a clock is null")
		}
	}
	return nil
}

func (j *juror) Kept() keep.Fields {
	return keep.Fields{
		{Name: "key", Value: &j.Key}, {Name: "level", Value: &j.level}, {Name: "settled", Value: &j.settled}, {Name: "base", Value: &j.base},
		{Name: "blocks", Value: &j.blocks}, {Name: "means", Value: &j.means}, {Name: "trail", Value: &j.trail}, {Name: "state", Value: &j.state},
		{Name: "next", Value: &j.next}, {Name: "run", Value: &j.run}, {Name: "drifting", Value: &j.drifting}, {Name: "drift_run", Value: &j.driftRun},
		{Name: "heard", Value: &j.heard},
	}
}

func (j *juror) Check() error {
	if j.state > Outvoted || j.next > Outvoted || j.drifting > Itself {
		return fmt.Errorf("states %d and %d, drifting %d", j.state, j.next, j.drifting)
	}
	return nil
}

func (r *ring) Kept() keep.Fields { return keep.Row(&r.values, &r.newest, &r.begun) }

func (t *trail) Kept() keep.Fields { return keep.Row(&t.levels, &t.sums, &t.restless) }

func (s *sum) Kept() keep.Fields { return keep.Row(&s.number, &s.sum, &s.count) }
