package export

import (
	"time"

	"cmp"
	"maps"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/analysis/detect"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/words"
)

// NewReport puts a snapshot into the words of the report.
func NewReport(s *Snapshot) *Report {
	v := s.view()
	return &Report{
		Captures: each(s.Captures, newCaptureReport),
		Domains:  each(v.Domains, newDomainReport),
		Alerts: each(v.Alerts, func(a *analysis.Alert) AlertReport {
			r := newAlertReport(a)
			if s.Evidence != nil {
				r.Evidence = s.Evidence.Files[KeyOfEvidence(a)]
			}
			return r
		}),
		Tables: each(v.Tables, func(t *analysis.TableView) TableReport {
			return TableReport{Table: t.Name, Entries: t.Entries, Limit: t.Limit, Evictions: t.Evictions}
		}),
		StampClocks: each(v.StampClocks, newStampClock),
		Pairs:       each(v.Pairs, newPairReport),
		Ways:        each(v.Ways, newWayReport),
	}
}

// each is list with f applied; never nil, so that it prints as [].
func each[T, R any](list []T, f func(*T) R) []R {
	out := make([]R, len(list))
	for i := range list {
		out[i] = f(&list[i])
	}
	return out
}

// known is a pointer to v, nil when v is the zero value.
func known[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func newCaptureReport(c *packet.CaptureStats) CaptureReport {
	malformed := map[string]uint64{}
	for reason, n := range c.Malformed {
		malformed[string(reason)] = n
	}
	skipped := map[string]uint64{}
	maps.Copy(skipped, c.Skipped)
	return CaptureReport{
		File: cmp.Or(c.File, c.Interface), Interface: c.Interface, Frames: c.Frames, Bytes: c.Bytes, Drops: c.Drops,
		PTPMessages: c.PTP, V1Messages: c.V1, Fragments: c.Fragments, OutOfOrder: c.OutOfOrder,
		Malformed: malformed, Skipped: skipped,
		First: Time{c.First}, Last: Time{c.Last}, Fault: c.Fault,
	}
}

func newDomainReport(d *analysis.DomainView) DomainReport {
	r := DomainReport{
		Network: d.Scope.Network, Domain: d.Scope.DomainNumber, SdoID: d.Scope.SdoID.String(),
		Profile: d.Profile, ProfileReason: d.ProfileWhy, BaselineState: string(d.Baseline),
		BestGrandmaster: known(clockWord(d.Best)), BestPort: known(portWord(d.BestPort)), BestReason: d.BestReason,
		BestHinges: d.BestHinges, NextGrandmaster: known(clockWord(d.Next)), NextReason: d.NextReason,
		Contenders: each(d.Contenders, func(c *analysis.ContenderView) ContenderReport {
			return ContenderReport{c.Port.String(), c.Grandmaster.String(), c.Bar, Time{c.QualifiesAt}, c.WouldWin}
		}),
		GrandmasterChanges: d.GrandmasterChanges,
		Grandmasters:       each(d.Grandmasters, newGrandmasterReport),
		Ports:              each(d.Ports, newPortReport),
		Exchanges:          map[string]map[string]uint64{},
		Messages:           map[string]uint64{},
		TLVs:               map[string]uint64{},
	}
	for _, e := range exchangeCounts(d) {
		kind := string(e.Kind)
		if r.Exchanges[kind] == nil {
			r.Exchanges[kind] = map[string]uint64{}
		}
		r.Exchanges[kind][string(e.Result)] += e.Count
	}
	for _, m := range d.Messages {
		r.Messages[m.Type.String()] += m.Count
	}
	for _, t := range d.TLVs {
		r.TLVs[t.Type.String()] += t.Count
	}
	if d.OtherTLVs > 0 {
		r.TLVs[other] += d.OtherTLVs
	}
	return r
}

func newGrandmasterReport(g *analysis.GrandmasterView) GrandmasterReport {
	q := g.Dataset.GrandmasterClockQuality
	r := GrandmasterReport{
		Identity: g.Identity.String(), Name: g.Name,
		Best: g.Best, BestSeconds: g.BestSeconds, FirstSeen: Time{g.FirstSeen}, LastSeen: Time{g.LastSeen},
		Dataset: DatasetReport{
			Priority1:                g.Dataset.GrandmasterPriority1,
			ClockClass:               uint8(q.ClockClass),
			ClockAccuracy:            uint8(q.ClockAccuracy),
			OffsetScaledLogVariance:  q.OffsetScaledLogVariance,
			Priority2:                g.Dataset.GrandmasterPriority2,
			StepsRemoved:             g.Dataset.StepsRemoved,
			CurrentUTCOffset:         g.Dataset.CurrentUTCOffset,
			CurrentUTCOffsetValid:    g.Flags.Has(ptp.FlagCurrentUTCOffsetValid),
			Leap59:                   g.Flags.Has(ptp.FlagLeap59),
			Leap61:                   g.Flags.Has(ptp.FlagLeap61),
			PTPTimescale:             g.Flags.Has(ptp.FlagPTPTimescale),
			TimeTraceable:            g.Flags.Has(ptp.FlagTimeTraceable),
			FrequencyTraceable:       g.Flags.Has(ptp.FlagFrequencyTraceable),
			SynchronizationUncertain: g.Flags.Has(ptp.FlagSynchronizationUncertain),
			TimeSource:               g.Dataset.TimeSource.String(),
		},
		Relays: each(g.Relays, func(r *analysis.RelayView) RelayReport {
			return RelayReport{Port: r.Port.String(), StepsRemoved: r.StepsRemoved, Qualified: r.Qualified}
		}),
	}
	r.Jury = newJuryReport(&g.Jury)
	if acceptable := g.Verdict == analysis.Acceptable; g.Verdict != analysis.Undecided {
		r.Acceptable = &acceptable
	}
	return r
}

func newPortReport(p *analysis.PortView) PortReport {
	r := PortReport{
		Port: p.Port.String(), Role: string(p.Role), Interface: p.Interface,
		MAC: known(p.MAC.String()), VLAN: vlanIDs(p.VLANs), Transport: p.Transport.String(),
		Version: p.Version, P2P: p.P2P, Unicast: p.Unicast, Grandmaster: known(clockWord(p.Grandmaster)),
		AnsweredBy: known(portWord(p.AnsweredBy)),
		FirstSeen:  Time{p.FirstSeen}, LastSeen: Time{p.LastSeen},
		Messages: map[string]uint64{},
		Intervals: each(p.Intervals, func(i *analysis.IntervalView) IntervalReport {
			return IntervalReport{MessageType: i.Type.String(), Measured: known(i.Measured), Advertised: known(i.Advertised)}
		}),
	}
	if p.Address.IsValid() {
		r.IP = new(p.Address.String())
	}
	if p.SeenSync {
		r.TwoStep = new(p.TwoStep)
	}
	for t, n := range p.Messages {
		if n > 0 {
			r.Messages[ptp.MessageType(t).String()] = n
		}
	}
	for i := range p.Timings {
		t := newTimingReport(&p.Timings[i])
		if i == 0 {
			r.TimingReport = t
		} else {
			r.OtherTaps = append(r.OtherTaps, t)
		}
	}
	for _, c := range p.Paths {
		r.Paths = append(r.Paths, PathReport{To: c.To.String(), Tap: c.Tap, Count: c.Count, MeanPathDelay: c.Median})
	}
	for i := range p.Claims {
		r.Claimed = append(r.Claimed, newClaimReport(&p.Claims[i]))
	}
	return r
}

// vlanIDs are the identifiers that were kept, outermost first.
func vlanIDs(v packet.VLANs) []uint16 {
	n := min(int(v.Count), len(v.IDs))
	return append([]uint16{}, v.IDs[:n]...)
}

func newDistribution(s analysis.Summary) *Distribution {
	if s.Count == 0 {
		return nil
	}
	return &Distribution{Count: s.Count, Min: s.Min, Median: s.Median, P99: s.P99, Max: s.Max}
}

func newTimingReport(t *analysis.TimingView) TimingReport {
	return TimingReport{
		TimestampSource: t.StampSource.String(), TimestampClock: t.StampClock, TimestampResolution: known(t.Resolution),
		TimestampSteps: t.ClockSteps, Tap: t.Tap, Relative: t.Relative,
		ForwardDelay:      newDistribution(t.Forward),
		ReverseDelay:      newDistribution(t.Reverse),
		MeanPathDelay:     newDistribution(t.MeanPathDelay),
		MeanLinkDelay:     newDistribution(t.MeanLinkDelay),
		Offset:            newDistribution(t.Offset),
		Egress:            egressWords(t),
		Statistics:        newStatisticsReport(t.Statistics),
		OffsetErrorBounds: newBoundReports(t.Bounds[:]),
		Detection:         newDetectionReport(t.Path),
	}
}

func newDetectionReport(s *detect.State) *DetectionReport {
	if s == nil {
		return nil
	}
	r := &DetectionReport{State: s.Stage}
	f := s.Frozen
	if f == nil {
		return r
	}
	at := Time{time.Unix(0, f.Since).UTC()}
	r.Commissioned, r.Baseline, r.Wander, r.Threshold = &at, rounded(f.Mean), rounded(f.Wander), rounded(s.Threshold)
	if s.Noise.Count == 0 {
		return r
	}
	r.Level, r.Scale, r.Block = rounded(s.Noise.Centre), rounded(s.Noise.Scale), rounded(s.Block)
	for kind, by := range s.Moved {
		if r.Moved == nil {
			r.Moved = make(map[string]float64)
		}
		r.Moved[kind] = rounded(by)
	}
	r.Power = &PowerReport{rounded(s.Power.Step), rounded(s.Power.StepUnnamed), rounded(s.Power.Clock), rounded(s.Power.Ramp)}
	return r
}

func newBoundReports(list []analysis.BoundView) (r []BoundReport) {
	for _, b := range list {
		if b.Basis != "" {
			r = append(r, BoundReport{b.Basis, rounded(b.Seconds)})
		}
	}
	return r
}

// rows lists what was measured, with names for people.
func (r *TimingReport) rows() []timingRow {
	less := mark(r.Relative, " less median")
	var rows []timingRow
	for _, t := range []timingRow{
		{"forward" + less, r.ForwardDelay}, {"reverse" + less, r.ReverseDelay}, {"mean path", r.MeanPathDelay},
		{"mean link", r.MeanLinkDelay}, {"offset", r.Offset},
	} {
		if t.Distribution != nil {
			rows = append(rows, t)
		}
	}
	return rows
}

// stamps says what the figures are worth: "hardware ptp0, 1.0 ns".
func (r *TimingReport) stamps() string {
	s := r.TimestampSource
	if r.TimestampClock != "" {
		s += " " + r.TimestampClock
	}
	if r.TimestampResolution != nil {
		s += ", " + words.Fixed(*r.TimestampResolution)
	}
	if r.TimestampSteps > 0 {
		s += ", stepped " + plural(r.TimestampSteps, "time")
	}
	if len(r.Egress) > 0 {
		s += ", own " + strings.Join(r.Egress, " and ")
	}
	return s
}

type timingRow struct {
	name string
	*Distribution
}

func newAlertReport(a *analysis.Alert) AlertReport {
	r := AlertReport{
		Alert: a.Name, Severity: string(a.Severity),
		Raised: Time{a.Raised}, Resolved: Time{a.Resolved}, LastSeen: Time{a.LastSeen},
		Grandmaster: known(clockWord(a.Grandmaster)), Port: known(portWord(a.Port)), Interface: a.Interface,
		Reason: a.Reason, Direction: a.Direction, Certainty: string(a.Certainty), Count: a.Count,
		Summary: a.Summary, Expected: a.Expected, Observed: a.Observed,
		Frame: known(a.Frame), References: append([]string{}, a.References...),
		Incident: known(a.Incident), Suppressed: a.Suppressed,
	}
	r.Network, r.Domain, r.SdoID = scopeFields(a.Scope)
	return r
}

// scopeFields are nil for what is about the monitor itself.
func scopeFields(s analysis.Scope) (network *string, domain *uint8, sdoID *string) {
	if s == (analysis.Scope{}) {
		return nil, nil, nil
	}
	return &s.Network, &s.DomainNumber, new(s.SdoID.String())
}
