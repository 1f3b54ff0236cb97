package analysis

import (
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// distribution counts the mean path delays to all ports that give the time of one
// grandmaster. It outlives what measures them: a counter must not fall because a
// clock was stepped, or a port forgotten.
type distribution struct {
	key clockKey
	stability.Histogram
	last instant // when there was a Sync
	gone bool    // it made room for another
}

// distribute has what is measured of a port counted where it belongs.
func (t *Tracker) distribute(p *port, tm *timing) {
	var id ptp.ClockIdentity
	if p.announces() {
		id = p.announcing.announce.GrandmasterIdentity
	}
	d := tm.distribution
	if d == nil || d.gone || d.key.id != id {
		d = t.distributionOf(clockKey{p.domain, id})
		tm.distribution, tm.Paths = d, &d.Histogram
	}
	d.last = t.now
}

// distributionOf finds or makes one. When there are too many that goes which has
// been idle longest.
func (t *Tracker) distributionOf(key clockKey) *distribution {
	if d := t.distributions[key]; d != nil {
		return d
	}
	if len(t.distributions) >= t.cfg.Limits.TimingPorts {
		var idle *distribution
		for _, d := range t.distributions {
			if idle == nil || d.last < idle.last {
				idle = d
			}
		}
		idle.gone = true
		delete(t.distributions, idle.key)
	}
	d := &distribution{key: key}
	t.distributions[key] = d
	return d
}

// distributionViews pictures those that are not forgotten, by domain.
func (t *Tracker) distributionViews() map[*domain][]DistributionView {
	views := make(map[*domain][]DistributionView)
	for key, d := range t.distributions {
		if d.Count == 0 || t.now.sub(d.last) > t.cfg.ForgetAfter {
			continue
		}
		h := d.Histogram
		views[key.domain] = append(views[key.domain], DistributionView{key.id, &h})
	}
	for _, list := range views {
		slices.SortFunc(list, func(a, b DistributionView) int { return compareIdentities(a.Grandmaster, b.Grandmaster) })
	}
	return views
}
