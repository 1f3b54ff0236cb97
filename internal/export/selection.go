package export

import (
	"cmp"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// The caps that keep a page below 20,000 series whatever the network says.
// Strangers can invent identities and domains; these bound what they add.
const (
	maxDomains        = 64
	maxDomainCounters = 2048 // series of each family that counts by domain
	maxGrandmasters   = 256
	maxPorts          = 256
	maxStepsRemoved   = 512
	maxIntervals      = 2048
	maxAlerts         = 200
)

// selection is what of a View is exported under its own name: what is
// acceptable or best first, then what was there first, so that newcomers never
// push out the clocks that matter.
type selection struct {
	domains      []domainRef
	beyond       []domainRef // over the cap
	grandmasters []grandmasterRef
	ports        []portRef
	untracked    []analysis.MessageCount // of domains that the analysis had no room for
}

type domainRef struct {
	*analysis.DomainView
	acceptable bool      // an acceptable grandmaster is in it
	firstSeen  time.Time // of the oldest port still known
}

type grandmasterRef struct {
	domain *analysis.DomainView
	*analysis.GrandmasterView
}

type portRef struct {
	domain *analysis.DomainView
	*analysis.PortView
	trusted bool // it announces a best or acceptable grandmaster
}

// room is how much a selection holds.
type room struct {
	domains, grandmasters, ports int
	alerts                       int                           // of a report; those that hold are never left out
	eligible                     func(*analysis.PortView) bool // for ports; nil is all
}

// onPage is the room of a page of metrics.
var onPage = room{domains: maxDomains, grandmasters: maxGrandmasters, ports: maxPorts, eligible: isTransmitter}

func choose(v *analysis.View, r room) selection {
	s := selection{untracked: v.Untracked}
	for i := range v.Domains {
		s.domains = append(s.domains, newDomainRef(&v.Domains[i], v.At))
	}
	s.domains = oldest(s.domains,
		func(d domainRef) bool { return d.acceptable },
		func(d domainRef) time.Time { return d.firstSeen })
	if len(s.domains) > r.domains {
		s.domains, s.beyond = s.domains[:r.domains], s.domains[r.domains:]
	}
	for _, d := range s.domains {
		trusted := map[ptp.ClockIdentity]bool{}
		for i := range d.Grandmasters {
			g := &d.Grandmasters[i]
			s.grandmasters = append(s.grandmasters, grandmasterRef{d.DomainView, g})
			trusted[g.Identity] = isTrusted(g)
		}
		for i := range d.Ports {
			if p := &d.Ports[i]; r.eligible == nil || r.eligible(p) {
				s.ports = append(s.ports, portRef{d.DomainView, p, trusted[p.Grandmaster]})
			}
		}
	}
	s.grandmasters = oldest(s.grandmasters,
		func(g grandmasterRef) bool { return isTrusted(g.GrandmasterView) },
		func(g grandmasterRef) time.Time { return g.FirstSeen })
	s.grandmasters = s.grandmasters[:min(len(s.grandmasters), r.grandmasters)]
	s.ports = oldest(s.ports,
		func(p portRef) bool { return p.trusted },
		func(p portRef) time.Time { return p.FirstSeen })
	s.ports = s.ports[:min(len(s.ports), r.ports)]
	return s
}

// oldest sorts what comes first to the front, and within that the oldest;
// the rest keeps the View's order.
func oldest[T any](list []T, first func(T) bool, seen func(T) time.Time) []T {
	slices.SortStableFunc(list, func(a, b T) int {
		return cmp.Or(
			cmp.Compare(number(first(b)), number(first(a))),
			seen(a).Compare(seen(b)))
	})
	return list
}

// newDomainRef ranks a domain; one without ports counts as new.
func newDomainRef(d *analysis.DomainView, now time.Time) domainRef {
	ref := domainRef{DomainView: d, firstSeen: now}
	for i := range d.Grandmasters {
		ref.acceptable = ref.acceptable || isAcceptable(&d.Grandmasters[i])
	}
	for i := range d.Ports {
		if t := d.Ports[i].FirstSeen; t.Before(ref.firstSeen) {
			ref.firstSeen = t
		}
	}
	return ref
}

// isAcceptable says whether a grandmaster is on a list that there is.
func isAcceptable(g *analysis.GrandmasterView) bool { return g.Verdict == analysis.Acceptable }

// isTrusted says whether a grandmaster goes before others where room is short.
func isTrusted(g *analysis.GrandmasterView) bool { return g.Best || isAcceptable(g) }

// isTransmitter says whether a port gives time to others, or answers for its
// link: only such ports have series of their own.
func isTransmitter(p *analysis.PortView) bool {
	switch p.Role {
	case analysis.RoleGrandmaster, analysis.RoleBoundary, analysis.RoleTimeTransmitter:
		return true
	}
	return slices.ContainsFunc(p.Timings, func(t analysis.TimingView) bool { return t.MeanLinkDelay.Count > 0 })
}
