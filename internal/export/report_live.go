package export

import (
	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// inReport is the room of a report of a running agent: enough for what a site
// has, and a bound to what strangers can make it cost.
var inReport = room{domains: maxDomains, grandmasters: maxGrandmasters, ports: 2048, alerts: maxReportAlerts}

// maxReportAlerts is more than hold at one time.
const maxReportAlerts = 2048

// newLiveReport is the report of a running agent's present state. Of too much
// it leaves out what a page of metrics would: newcomers first.
func newLiveReport(s *Snapshot) *Report { return newLimitedReport(s, inReport) }

func newLimitedReport(s *Snapshot, r room) *Report {
	limited, omitted := *s, OmittedReport{}
	limited.View = limitView(s.view(), r, &omitted)
	report := NewReport(&limited)
	if omitted != (OmittedReport{}) {
		report.Omitted = &omitted
	}
	return report
}

// limitView is v with no more in it than there is room for, in v's order.
func limitView(v *analysis.View, r room, omitted *OmittedReport) *analysis.View {
	chosen := choose(v, r)
	grandmasters, ports := map[*analysis.GrandmasterView]bool{}, map[*analysis.PortView]bool{}
	domains := map[*analysis.DomainView]bool{}
	for _, d := range chosen.domains {
		domains[d.DomainView] = true
	}
	for _, g := range chosen.grandmasters {
		grandmasters[g.GrandmasterView] = true
	}
	for _, p := range chosen.ports {
		ports[p.PortView] = true
	}
	out := *v
	out.Domains, omitted.Domains = kept(v.Domains, domains)
	for i := range out.Domains {
		d := &out.Domains[i]
		var n int
		d.Grandmasters, n = kept(d.Grandmasters, grandmasters)
		omitted.Grandmasters += n
		d.Ports, n = kept(d.Ports, ports)
		omitted.Ports += n
	}
	for _, d := range chosen.beyond {
		omitted.Grandmasters += len(d.Grandmasters)
		omitted.Ports += len(d.Ports)
	}
	out.Alerts, omitted.Alerts = limitAlerts(v.Alerts, r.alerts)
	return &out
}

// kept copies what of list is chosen, and counts the rest.
func kept[T any](list []T, chosen map[*T]bool) (out []T, rest int) {
	for i := range list {
		if chosen[&list[i]] {
			out = append(out, list[i])
		}
	}
	return out, len(list) - len(out)
}

// limitAlerts leaves out alerts that ended, the oldest first.
func limitAlerts(list []analysis.Alert, limit int) (out []analysis.Alert, rest int) {
	rest = max(len(list)-limit, 0)
	left := rest
	for _, a := range list { // oldest raised first
		if left > 0 && !a.Resolved.IsZero() {
			left--
			continue
		}
		out = append(out, a)
	}
	return out, rest - left
}
