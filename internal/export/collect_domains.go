package export

import (
	"math"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// putDomains counts by domain. A domain's counters are shown as a whole or
// not at all; what is not shown is summed under "other".
func (p *page) putDomains(s *selection) {
	room := maxDomainCounters
	for _, d := range s.domains {
		scope := scopeWords(d.Scope)
		for _, state := range baselineStates {
			p.put(baselineState, number(d.Baseline == state), with(scope, string(state))...)
		}
		for _, r := range d.Clocks {
			p.put(clocksTracked, float64(r.Count), with(scope, string(r.Role))...)
		}
		for _, r := range d.PortRoles {
			p.put(portsTracked, float64(r.Count), with(scope, string(r.Role))...)
		}
		p.putCompliance(d.Compliance, scope)
		c := newDomainCounters(d.DomainView)
		if size := max(len(c.messages), len(c.exchanges)); size <= room {
			room -= size
			p.putCounters(c, scope, true)
		} else {
			p.putCounters(c, otherScope, false)
		}
	}
	for _, d := range s.beyond {
		p.putCounters(newDomainCounters(d.DomainView), otherScope, false)
	}
	if len(s.untracked) > 0 {
		p.putCounters(domainCounters{messages: s.untracked}, otherScope, false)
	}
}

// putCompliance tells how a domain does by the rule it is held to.
func (p *page) putCompliance(c *analysis.ComplianceView, scope []string) {
	if c == nil {
		return
	}
	p.put(complianceLimit, c.Limit.Seconds(), with(scope, c.Profile)...)
	for _, shown := range []analysis.Showing{analysis.ShownWithin, analysis.ShownExceeded, analysis.NotShown} {
		p.put(complianceShown, c.Shown[shown].Seconds(), with(scope, shown.String())...)
	}
	if basis := string(c.Last.Basis); basis != "" {
		p.put(complianceError, math.Abs(c.Last.Error), with(scope, basis, "error")...)
		p.put(complianceError, c.Last.Bound, with(scope, basis, "bound")...)
	}
}

var baselineStates = []analysis.BaselineState{
	analysis.StateLearning, analysis.StatePinned, analysis.StateListed, analysis.StateOff,
}

var otherScope = []string{other, other, other}

// domainCounters is what is counted in one domain, with every value that is
// known beforehand at least at 0: rate() does not see the first increment of a
// counter that was not there.
type domainCounters struct {
	changes   uint64
	messages  []analysis.MessageCount
	exchanges []analysis.ExchangeCount
}

func newDomainCounters(d *analysis.DomainView) domainCounters {
	return domainCounters{d.GrandmasterChanges, messageCounts(d), exchangeCounts(d)}
}

// putCounters puts one domain's counters under a scope; not named, their
// interface is "other" as well.
func (p *page) putCounters(c domainCounters, scope []string, named bool) {
	labels := func(iface string, rest ...string) []string {
		if !named {
			iface = other
		}
		return slices.Concat([]string{iface}, scope, rest)
	}
	p.put(grandmasterChanges, float64(c.changes), scope...)
	for _, m := range c.messages {
		p.put(messagesTotal, float64(m.Count), labels(m.Interface, m.Type.String(), m.Transport.String())...)
	}
	for _, e := range c.exchanges {
		p.put(exchangesTotal, float64(e.Count), labels(e.Interface, string(e.Kind), string(e.Result))...)
	}
}

// messageTypes are those of IEEE 1588-2019 table 36.
var messageTypes = []ptp.MessageType{
	ptp.Sync, ptp.DelayReq, ptp.PdelayReq, ptp.PdelayResp, ptp.FollowUp,
	ptp.DelayResp, ptp.PdelayRespFollowUp, ptp.AnnounceMessage, ptp.Signaling, ptp.ManagementMessage,
}

// messageCounts adds the message types not seen yet, on each interface and
// transport in use.
func messageCounts(d *analysis.DomainView) []analysis.MessageCount {
	counts := slices.Clone(d.Messages)
	known := map[analysis.MessageCount]bool{}
	for _, m := range d.Messages {
		m.Count = 0
		known[m] = true
	}
	for _, m := range d.Messages {
		for _, t := range messageTypes {
			zero := analysis.MessageCount{Interface: m.Interface, Type: t, Transport: m.Transport}
			if !known[zero] {
				known[zero] = true
				counts = append(counts, zero)
			}
		}
	}
	return counts
}

// exchangeResults are the results that each kind of exchange can have.
var exchangeResults = []analysis.ExchangeCount{
	{Kind: analysis.ExchangeSync, Result: analysis.Complete},
	{Kind: analysis.ExchangeSync, Result: analysis.MissingFollowUp},
	{Kind: analysis.ExchangeSync, Result: analysis.Duplicate},
	{Kind: analysis.ExchangeSync, Result: analysis.Unmatched},
	{Kind: analysis.ExchangeDelay, Result: analysis.Complete},
	{Kind: analysis.ExchangeDelay, Result: analysis.MissingResponse},
	{Kind: analysis.ExchangeDelay, Result: analysis.Duplicate},
	{Kind: analysis.ExchangeDelay, Result: analysis.Unmatched},
	{Kind: analysis.ExchangePdelay, Result: analysis.Complete},
	{Kind: analysis.ExchangePdelay, Result: analysis.MissingFollowUp},
	{Kind: analysis.ExchangePdelay, Result: analysis.MissingResponse},
	{Kind: analysis.ExchangePdelay, Result: analysis.Duplicate},
	{Kind: analysis.ExchangePdelay, Result: analysis.Unmatched},
}

// exchangeCounts adds the results not seen yet, on each interface in use.
func exchangeCounts(d *analysis.DomainView) []analysis.ExchangeCount {
	counts := slices.Clone(d.Exchanges)
	known := map[analysis.ExchangeCount]bool{}
	for _, e := range d.Exchanges {
		e.Count = 0
		known[e] = true
	}
	for _, m := range d.Messages {
		for _, zero := range exchangeResults {
			zero.Interface = m.Interface
			if !known[zero] {
				known[zero] = true
				counts = append(counts, zero)
			}
		}
	}
	return counts
}
