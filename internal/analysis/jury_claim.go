package analysis

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/profile"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// claimLimits bound what a grandmaster's word on its own accuracy may say.
type claimLimits struct {
	// least is what nobody is held to more strictly; what a clock counts for that
	// says it does not know, too, or else not knowing would be an excuse.
	least time.Duration
	// most is what is believed at most: a claim to be as bad as one likes is an
	// excuse as well. It is that of a clock in holdover.
	most time.Duration
	// asymmetry is what the profile's budget gives to the asymmetry of a path; 0
	// where it has none.
	asymmetry time.Duration
}

// telecomClaims: a PRTC of class A is within 100 ns (ITU-T G.8272), the network
// limit is 1100 ns at reference point C, 250 ns of which are for asymmetry of
// links (ITU-T G.8271.1 7.3 and appendix V).
var telecomClaims = claimLimits{least: 30 * time.Nanosecond, most: 1100 * time.Nanosecond, asymmetry: 250 * time.Nanosecond}

// claimsOf are the limits by profile. IEC/IEEE 61850-9-3 wants 250 ns of a
// grandmaster and 1 us of the network; IEEE 802.1AS and SMPTE ST 2059-2 want 1
// us; for the others it is what the strictest of regulators asks, 100 us.
func claimsOf(p *profile.Profile) claimLimits {
	switch p.Name {
	case "g8275.1":
		return telecomClaims
	case "g8275.2":
		return claimLimits{least: telecomClaims.least, most: telecomClaims.most}
	case "power", "gptp", "st2059-2":
		return claimLimits{least: 30 * time.Nanosecond, most: time.Microsecond}
	}
	return claimLimits{least: 30 * time.Nanosecond, most: 100 * time.Microsecond}
}

// unknownAccuracy is what a clock counts for that claims to be traceable and
// does not say how accurate it is: what the profile's primary reference is.
func unknownAccuracy(p *profile.Profile) time.Duration {
	switch p.Name {
	case "g8275.1", "g8275.2":
		return 100 * time.Nanosecond
	case "power":
		return 250 * time.Nanosecond
	}
	return time.Microsecond
}

// claim is how accurate a grandmaster says that it is, in seconds; false where
// it does not claim to know the time: it has lost its reference for good, never
// had one, or tells of its doubts (IEEE 1588-2019 7.6.2.5, 7.6.2.6).
func (g *grandmaster) claim() (float64, bool) {
	p := g.domain.profile
	if p.Name == "g8265.1" || g.flags.Has(ptp.FlagSynchronizationUncertain) {
		return 0, false // frequency alone
	}
	limits := claimsOf(p)
	switch grade := p.Grade(uint8(g.dataset.GrandmasterClockQuality.ClockClass)); {
	case grade == profile.Holdover:
		return limits.most.Seconds(), true
	case grade != profile.Locked && !(grade == profile.FreeRun && p.FreeRunUsual && g.flags.Has(ptp.FlagTimeTraceable)):
		return 0, false
	}
	said, known := ptp.ClockAccuracyLimit(g.dataset.GrandmasterClockQuality.ClockAccuracy)
	if !known {
		said = unknownAccuracy(p).Seconds()
	}
	return min(max(said, limits.least.Seconds()), limits.most.Seconds()), true
}

// asymmetry bounds by how much the path to a grandmaster may put its time wrong,
// in seconds, given the mean path delay: each direction takes what the operator
// says at least, or no time at all. A profile may allow less.
func (g *grandmaster) asymmetry(mean float64) float64 {
	if cfg, _ := g.domain.cfg.grandmaster(g.id); cfg.LeastDelay > 0 {
		return max(mean-cfg.LeastDelay.Seconds(), 0)
	}
	if allowed := claimsOf(g.domain.profile).asymmetry.Seconds(); allowed > 0 {
		return min(mean, allowed)
	}
	return mean
}
