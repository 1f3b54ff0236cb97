package export

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/analysis/detect"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func (p *page) putView(v *analysis.View) {
	s := choose(v, onPage)
	p.putDomains(&s)
	for _, g := range s.grandmasters {
		p.putGrandmaster(g)
	}
	p.putStepsRemoved(&s)
	p.putStampClocks(v)
	for i := range v.Pairs[:min(len(v.Pairs), maxPairs)] {
		pair := &v.Pairs[i]
		p.put(pairOffset, pair.Offset, slices.Concat(endWords(&pair.A), endWords(&pair.B))...)
	}
	p.putWays(v)
	p.putClaims(&s)
	p.putDistributions(&s)
	intervals, timings := 0, 0
	for _, port := range s.ports {
		if intervals += 2 * len(port.Intervals); intervals <= maxIntervals {
			p.putIntervals(port)
		}
		if timings += len(port.Timings); timings <= maxPorts {
			p.putTimings(port)
		}
	}
}

// maxPairs is how many pairs of grandmasters are on the page.
const maxPairs = 256

func endWords(e *analysis.PairEnd) []string { return with(scopeWords(e.Scope), e.Grandmaster.String()) }

// announced are the gauges that repeat an Announce field by field
// (IEEE 1588-2019 13.5).
var announced = []struct {
	family familyID
	value  func(*analysis.GrandmasterView) float64
}{
	{grandmasterClockClass, func(g *analysis.GrandmasterView) float64 {
		return float64(g.Dataset.GrandmasterClockQuality.ClockClass)
	}},
	{grandmasterClockAccuracy, func(g *analysis.GrandmasterView) float64 {
		return float64(g.Dataset.GrandmasterClockQuality.ClockAccuracy)
	}},
	{grandmasterOffsetScaledLogVariance, func(g *analysis.GrandmasterView) float64 {
		return float64(g.Dataset.GrandmasterClockQuality.OffsetScaledLogVariance)
	}},
	{grandmasterPriority1, func(g *analysis.GrandmasterView) float64 { return float64(g.Dataset.GrandmasterPriority1) }},
	{grandmasterPriority2, func(g *analysis.GrandmasterView) float64 { return float64(g.Dataset.GrandmasterPriority2) }},
	{grandmasterCurrentUTCOffset, func(g *analysis.GrandmasterView) float64 { return float64(g.Dataset.CurrentUTCOffset) }},
	{grandmasterCurrentUTCOffsetValid, announcedFlag(ptp.FlagCurrentUTCOffsetValid)},
	{grandmasterLeap59, announcedFlag(ptp.FlagLeap59)},
	{grandmasterLeap61, announcedFlag(ptp.FlagLeap61)},
	{grandmasterPTPTimescale, announcedFlag(ptp.FlagPTPTimescale)},
	{grandmasterTimeTraceable, announcedFlag(ptp.FlagTimeTraceable)},
	{grandmasterFrequencyTraceable, announcedFlag(ptp.FlagFrequencyTraceable)},
	{grandmasterSynchronizationUncertain, announcedFlag(ptp.FlagSynchronizationUncertain)},
	{grandmasterLastAnnounce, func(g *analysis.GrandmasterView) float64 { return unixSeconds(g.LastSeen) }},
	{grandmasterBest, func(g *analysis.GrandmasterView) float64 { return number(g.Best) }},
}

func announcedFlag(mask ptp.Flags) func(*analysis.GrandmasterView) float64 {
	return func(g *analysis.GrandmasterView) float64 { return number(g.Flags.Has(mask)) }
}

func (p *page) putGrandmaster(g grandmasterRef) {
	labels := with(scopeWords(g.domain.Scope), g.Identity.String())
	p.put(grandmasterInfo, 1, with(labels, g.Name, g.domain.Profile, g.Dataset.TimeSource.String())...)
	for _, a := range announced {
		p.put(a.family, a.value(g.GrandmasterView), labels...)
	}
	p.putJury(&g.Jury, labels)
	if g.Verdict != analysis.Undecided {
		p.put(grandmasterAcceptable, number(g.Verdict == analysis.Acceptable), labels...)
	}
}

// putJury shows what others say of a grandmaster.
func (p *page) putJury(j *analysis.JuryView, labels []string) {
	for _, s := range analysis.JuryVerdicts() {
		p.put(grandmasterJury, number(j.Verdict == s), with(labels, s.String())...)
	}
	p.put(grandmasterVouched, float64(j.Vouched), labels...)
	if j.Compared {
		p.put(grandmasterJuryOffset, j.Deviation, labels...)
	}
	for _, r := range j.Restless {
		tau := strconv.FormatInt(r.Tau, 10)
		if r.ADEV > 0 {
			p.put(grandmasterADEV, r.ADEV, with(labels, tau)...)
		}
		if r.TDEV > 0 {
			p.put(grandmasterTDEV, r.TDEV, with(labels, tau)...)
		}
	}
}

// putStepsRemoved shows, for the grandmasters chosen, the chosen ports that
// relay them.
func (p *page) putStepsRemoved(s *selection) {
	type key struct {
		scope analysis.Scope
		port  ptp.PortIdentity
	}
	chosen := map[key]bool{}
	for _, port := range s.ports {
		chosen[key{port.domain.Scope, port.Port}] = true
	}
	count := 0
	for _, g := range s.grandmasters {
		for _, r := range g.Relays {
			if !chosen[key{g.domain.Scope, r.Port}] {
				continue
			}
			if count++; count > maxStepsRemoved {
				return
			}
			p.put(stepsRemoved, float64(r.StepsRemoved),
				with(scopeWords(g.domain.Scope), g.Identity.String(), r.Port.String())...)
		}
	}
}

// putIntervals leaves out what is not known: an interval is never 0.
func (p *page) putIntervals(port portRef) {
	labels := slices.Concat([]string{port.Interface}, scopeWords(port.domain.Scope), []string{port.Port.String()})
	for _, i := range port.Intervals {
		if i.Measured > 0 {
			p.put(messageInterval, i.Measured, with(labels, i.Type.String(), "measured")...)
		}
		if i.Advertised > 0 {
			p.put(messageInterval, i.Advertised, with(labels, i.Type.String(), "advertised")...)
		}
	}
}

// maxAge is how old a measurement may be to be shown, in seconds: what was
// measured last before the requests ceased is not how it is now.
const maxAge = 300

// putTimings shows the newest measurement of each kind, and nothing where
// there is none: a delay that was not measured is not 0.
func (p *page) putTimings(port portRef) {
	for i := range port.Timings {
		t := &port.Timings[i]
		labels := slices.Concat([]string{cmp.Or(t.Tap, port.Interface)}, scopeWords(port.domain.Scope),
			[]string{clockWord(port.Grandmaster), port.Port.String()})
		shown := false
		for _, m := range []struct {
			family  familyID
			summary analysis.Summary
		}{
			{forwardDelay, t.Forward}, {reverseDelay, t.Reverse}, {meanPathDelay, t.MeanPathDelay},
			{meanLinkDelay, t.MeanLinkDelay}, {offsetSeconds, t.Offset},
		} {
			if fresh(m.summary) {
				p.put(m.family, m.summary.Last, labels...)
				shown = true
			}
		}
		if !shown {
			continue
		}
		p.put(timingInfo, 1, with(labels, t.StampSource.String(), t.StampClock, strconv.Itoa(int(number(t.Relative))),
			strings.Join(egressWords(t), ","))...)
		if t.Resolution > 0 {
			p.put(timestampResolution, t.Resolution, labels...)
		}
		if fresh(t.Offset) && fresh(t.MeanPathDelay) {
			for _, b := range t.Bounds {
				if b.Basis != "" {
					p.put(offsetErrorBound, b.Seconds, with(labels, b.Basis)...)
				}
			}
		}
		p.putStatistics(t, labels)
		p.putDetection(t.Path, labels)
	}
}

// putDetection writes how a path is judged.
func (p *page) putDetection(s *detect.State, labels []string) {
	if s == nil {
		return
	}
	for _, stage := range [...]detect.Stage{detect.Learning, detect.Normal, detect.Suspect} {
		p.put(pathDetectionState, number(s.Stage == stage.String()), with(labels, stage.String())...)
	}
	if s.Frozen != nil {
		p.put(pathBaseline, s.Frozen.Mean, labels...)
	}
	if s.Power.Step > 0 {
		p.put(pathDetectableStep, s.Power.Step, with(labels, "direction")...)
		p.put(pathDetectableStep, s.Power.StepUnnamed, with(labels, "delay")...)
		p.put(pathDetectableStep, s.Power.Clock, with(labels, "clock")...)
		p.put(pathDetectableRamp, s.Power.Ramp, labels...)
	}
}

// egressWords are the directions whose messages the capturing host sent itself
// and stamped before its network adapter did.
func egressWords(t *analysis.TimingView) (words []string) {
	for _, e := range []struct {
		own  bool
		word string
	}{{t.EgressForward, "forward"}, {t.EgressReverse, "reverse"}, {t.EgressLink, "link"}} {
		if e.own {
			words = append(words, e.word)
		}
	}
	return words
}
