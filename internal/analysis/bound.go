package analysis

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
)

// BoundView bounds by how much the asymmetry of the path puts the newest offset
// wrong, in seconds, given that stamps and corrections are genuine.
type BoundView struct {
	// Basis: "route", each direction takes what its length says at least; or
	// "commissioned", what was measured once: then the bound is on what has
	// changed since, as long as neither direction has become shorter.
	Basis   string
	Seconds float64
}

// bounds are what an operator's word on the way to a grandmaster gives, where
// nothing relays its time.
func (p *port) bounds(v *TimingView) (list [2]BoundView) {
	if v.Offset.Count == 0 || v.MeanPathDelay.Count == 0 {
		return list
	}
	cfg, _ := p.domain.cfg.grandmaster(p.id.ClockIdentity)
	for i, b := range [...]struct {
		basis string
		least time.Duration
	}{{"route", cfg.LeastDelay}, {"commissioned", cfg.CommissionedDelay}} {
		if b.least <= 0 {
			continue
		}
		if s, ok := stability.AsymmetryBound(v.MeanPathDelay.Last, b.least.Seconds()); ok {
			list[i] = BoundView{b.basis, s}
		}
	}
	return list
}
