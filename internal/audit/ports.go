package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// portsOf are the ports that announce a grandmaster, and what was measured of
// them in the quarter of an hour that a time is in: those of domains that are held
// to a rule first, of these the best, then those that are acceptable; and how many
// there was no room for.
func portsOf(v *analysis.View, at time.Time) (list []PortQuarter, omitted int) {
	if v == nil {
		return nil, 0
	}
	type ranked struct {
		PortQuarter
		rank int
	}
	var all []ranked
	for i := range v.Domains {
		d := &v.Domains[i]
		for j := range d.Ports {
			p := &d.Ports[j]
			if p.Grandmaster == 0 {
				continue
			}
			name, rank, jury := standing(d, p)
			if d.Compliance == nil {
				rank += ranks
			}
			for k := range p.Timings {
				if q, ok := portQuarter(d, p, &p.Timings[k], at); ok {
					q.Name, q.Jury = name, jury
					all = append(all, ranked{q, rank})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	for _, r := range all {
		if len(list) == maxPorts {
			return list, len(all) - maxPorts
		}
		list = append(list, r.PortQuarter)
	}
	return list, 0
}

// ranks is how many ranks there are in a domain.
const ranks = 3

// standing is a port's grandmaster's name, how it stands, where 0 is best, and
// what others say of it.
func standing(d *analysis.DomainView, p *analysis.PortView) (name string, rank int, jury *Jury) {
	rank = 2
	for _, g := range d.Grandmasters {
		if g.Identity == p.Grandmaster {
			name = g.Name
			if j := g.Jury; j.Heard {
				jury = &Jury{j.Verdict.String(), j.Vouched, femto(j.Deviation), femto(j.Allowed)}
			}
			if g.Verdict == analysis.Acceptable {
				rank = 1
			}
		}
	}
	if p.Port == d.BestPort && d.BestPort != (ptp.PortIdentity{}) {
		rank = 0
	}
	return name, rank, jury
}

func portQuarter(d *analysis.DomainView, p *analysis.PortView, t *analysis.TimingView, at time.Time) (PortQuarter, bool) {
	q := PortQuarter{
		Network: d.Scope.Network, Domain: d.Scope.DomainNumber, SdoID: d.Scope.SdoID.String(),
		Grandmaster: p.Grandmaster.String(), Port: p.Port.String(), Tap: t.Tap, Stamps: t.StampSource.String(),
	}
	if t.Statistics == nil {
		return q, false
	}
	of := func(k stability.Kind) *Statistics { return statistics(t.Statistics.Records[k], at) }
	q.Offset, q.MeanPathDelay, q.MeanLinkDelay = of(stability.Offset), of(stability.MeanPath), of(stability.MeanLink)
	for _, b := range t.Bounds {
		if b.Basis != "" {
			if q.Bounds == nil {
				q.Bounds = map[string]float64{}
			}
			q.Bounds[b.Basis] = femto(b.Seconds)
		}
	}
	if path := t.Path; path != nil && path.Power.Step > 0 {
		w := path.Power
		q.Power = &Power{femto(w.Step), femto(w.StepUnnamed), femto(w.Clock), femto(w.Ramp)}
	}
	return q, q.Offset != nil || q.MeanPathDelay != nil || q.MeanLinkDelay != nil
}

// statistics are those of the quarter of an hour that a time is in; nil where
// nothing came.
func statistics(r *stability.Records, at time.Time) *Statistics {
	if r == nil {
		return nil
	}
	start := at.Truncate(QuarterLength).UnixNano()
	for _, q := range r.Quarters() {
		if q.Start == start {
			return &Statistics{q.Count, Extent{q.Average, q.Min, q.Max}.rounded(), femto(q.StdDev)}
		}
	}
	return nil
}
