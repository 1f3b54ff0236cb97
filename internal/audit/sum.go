package audit

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/analysis/compliance"
)

// sum makes of quarters what a Domain says of the whole period.
func (d *Domain) sum(period float64, on []Span) {
	d.Coverage.Unrecorded = period - recorded(on)
	for i := range d.Quarters {
		q := &d.Quarters[i]
		d.Coverage.Watched += q.Watched
		d.reigns(q.Masters)
		d.verdict(q.Compliance)
	}
	d.Coverage.Deaf = max(0, period-d.Coverage.Unrecorded-d.Coverage.Watched)
	for i := range d.Verdicts {
		v := &d.Verdicts[i]
		v.Unheard = d.Coverage.Deaf + d.Coverage.Unrecorded
		v.Unread = max(0, period-v.Unheard-v.Within-v.Exceeded-v.Undecided)
	}
	slices.SortFunc(d.Ports, func(a, b Port) int {
		return cmp.Or(strings.Compare(a.Grandmaster, b.Grandmaster), strings.Compare(a.Port, b.Port), strings.Compare(a.Tap, b.Tap))
	})
	for i := range d.Ports {
		d.Ports[i].sum()
	}
}

// reigns adds those of a quarter, and counts the changes.
func (d *Domain) reigns(list []Reign) {
	for _, m := range list {
		n := len(d.Masters)
		if n > 0 && d.Masters[n-1].Grandmaster == m.Grandmaster {
			last := &d.Masters[n-1]
			if last.To.Equal(m.From) {
				last.To = m.To
				continue
			}
		} else if n > 0 {
			d.Changes++
		}
		d.Masters = append(d.Masters, m)
	}
}

// verdict adds what a quarter showed of a rule.
func (d *Domain) verdict(c *ComplianceQuarter) {
	if c == nil {
		return
	}
	i := slices.IndexFunc(d.Verdicts, func(v Verdict) bool { return v.Profile == c.Profile && v.Limit == c.Limit })
	if i < 0 {
		i = len(d.Verdicts)
		d.Verdicts = append(d.Verdicts, newVerdict(c))
	}
	v := &d.Verdicts[i]
	v.add(c.Shown)
	v.Pair.add(c.Pair)
	if c.Readings == 0 {
		return
	}
	v.Error = v.Error.join(v.Readings, c.Error, c.Readings)
	v.Readings += c.Readings
	v.Bound, v.Most = max(v.Bound, c.Bound), max(v.Most, c.Most)
}

func newVerdict(c *ComplianceQuarter) Verdict {
	v := Verdict{Profile: c.Profile, Limit: c.Limit}
	if p, ok := compliance.Lookup(c.Profile); ok {
		v.Rule = p
		for i, t := range p.Tiers {
			if t.Limit.Seconds() == c.Limit {
				v.Tier = &p.Tiers[i]
				break
			}
		}
	}
	return v
}

// join is where values lie that were counted in two parts.
func (e Extent) join(n uint64, o Extent, m uint64) Extent {
	if n == 0 {
		return o
	}
	total := float64(n) + float64(m)
	return Extent{e.Mean*(float64(n)/total) + o.Mean*(float64(m)/total), math.Min(e.Min, o.Min), math.Max(e.Max, o.Max)}
}

// port adds a quarter of one.
func (d *Domain) port(q PortAt) {
	i := slices.IndexFunc(d.Ports, func(p Port) bool {
		return p.Grandmaster == q.Grandmaster && p.Port == q.Port && p.Tap == q.Tap && p.Stamps == q.Stamps
	})
	if i < 0 {
		i = len(d.Ports)
		d.Ports = append(d.Ports, Port{Grandmaster: q.Grandmaster, Name: q.Name, Port: q.Port, Tap: q.Tap, Stamps: q.Stamps})
	}
	p := &d.Ports[i]
	p.Name = cmp.Or(q.Name, p.Name)
	p.Quarters = append(p.Quarters, q)
}

func (p *Port) sum() {
	for i := range p.Quarters {
		q := &p.Quarters[i]
		p.Offset = p.Offset.join(q.Offset)
		p.MeanPathDelay = p.MeanPathDelay.join(q.MeanPathDelay)
		p.MeanLinkDelay = p.MeanLinkDelay.join(q.MeanLinkDelay)
		if w := q.Power; w != nil {
			if p.Power == nil {
				p.Power = new(Power)
			}
			p.Power.worse(w)
		}
		if q.Jury != nil {
			if p.Jury == nil {
				p.Jury = map[string]int{}
			}
			p.Jury[q.Jury.Verdict]++
		}
		for basis, b := range q.Bounds {
			if p.Bounds == nil {
				p.Bounds = map[string]float64{}
			}
			p.Bounds[basis] = max(p.Bounds[basis], b)
		}
	}
}

// worse takes what of another is larger.
func (w *Power) worse(o *Power) {
	*w = Power{max(w.Step, o.Step), max(w.Unnamed, o.Unnamed), max(w.Clock, o.Clock), max(w.RampPerDay, o.RampPerDay)}
}

// join sums up two; either may be nil.
func (s *Statistics) join(o *Statistics) *Statistics {
	switch {
	case o == nil || o.Count == 0:
		return s
	case s == nil:
		c := *o
		return &c
	}
	return &Statistics{s.Count + o.Count, s.Extent.join(s.Count, o.Extent, o.Count), max(s.StdDev, o.StdDev)}
}

// femto rounds to the femtosecond: what float arithmetic leaves below that is not
// data.
func femto(v float64) float64 { return math.Round(v*1e15) / 1e15 }

func (e Extent) rounded() Extent { return Extent{femto(e.Mean), femto(e.Min), femto(e.Max)} }
