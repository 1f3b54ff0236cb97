package dashboards

import (
	"fmt"
	"strings"
)

// selector is what a series must have, as PromQL between braces.
type selector string

// What a dashboard's variables choose: agents, what they say of domains, of
// grandmasters, and what taps measure.
const (
	agents   selector = `job=~"$job",cluster=~"$cluster",instance=~"$instance"`
	domains           = agents + `,network=~"$network",domain=~"$domain"`
	clocks            = domains + `,grandmaster=~"$grandmaster"`
	measured          = clocks + `,interface=~"$interface"`
)

// of is a family of ours.
func (s selector) of(family string, more ...string) string {
	return s.foreign("ptpwatch_"+family, more...)
}

// foreign is a family of somebody else.
func (s selector) foreign(family string, more ...string) string {
	return family + "{" + strings.Join(append([]string{string(s)}, more...), ",") + "}"
}

// Labels that tell series apart where it does not matter which agent says it.
const (
	perAgent = "cluster, site, instance"
	domain   = "cluster, network, domain, sdo_id"
	clock    = domain + ", grandmaster"
	stream   = clock + ", interface, port"
)

// by is an aggregation.
func by(operator, labels, expr string) string {
	return fmt.Sprintf("%s by (%s) (%s)", operator, labels, expr)
}

// rate is how fast a counter rises, by labels.
func rate(labels, counter string) string {
	return by("sum", labels, "rate("+counter+"[$__rate_interval])")
}

// What verdict says of a grandmaster.
const (
	standby = iota
	best
	notAcceptable
	notAcceptableBest
)

// verdict is what agents make of a grandmaster, the worst of what they say.
func verdict(s selector) string {
	best := by("max", clock, s.of("grandmaster_best"))
	acceptable := by("min", clock, s.of("grandmaster_acceptable"))
	return fmt.Sprintf("(%s + 2 * (1 - %s)) or %s", best, acceptable, best)
}

// named gives an expression by clock the labels that only the info family has.
func named(s selector, labels, expr string) string {
	return fmt.Sprintf("%s * on (%s) group_left () (%s)", by("max", clock+", "+labels, s.of("grandmaster_info")), clock, expr)
}

// worst numbers the states of a family from 1 on, other ones 0, and takes the
// highest that any agent has.
func worst(labels string, s selector, family string, states ...string) string {
	var numbered []string
	for i, state := range states {
		numbered = append(numbered, fmt.Sprintf("%d * %s", i+1, s.of(family, fmt.Sprintf("state=%q", state))))
	}
	return by("max", labels, strings.Join(numbered, " or "))
}
