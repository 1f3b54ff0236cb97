package dashboards

import "strings"

// spread is how far agents of one network are apart in what they say of one
// clock.
func spread(labels, expr string) string {
	return by("max", labels, expr) + " - " + by("min", labels, expr)
}

func fleet() *dashboard {
	d := newDashboard("fleet", "Fleet",
		"Many agents on one page: what several sites say of the same grandmaster, where they disagree, what nobody watches.",
		networkVariable, domainVariable)
	bests := by("count", clock, domains.of("grandmaster_best")+" == 1")
	var apart []string
	for _, field := range []string{"clock_class", "clock_accuracy", "priority1", "priority2"} {
		apart = append(apart, spread(clock, domains.of("grandmaster_"+field))+" > 0")
	}
	d.section("Coverage")
	d.line(4,
		number("Agents", "none", "Agents that answer. Healthy: as many as you installed.",
			count(agents.of("build_info"), usual|live)),
		number("Agents silent", "none", "Healthy: 0.", count(agents.foreign("up")+" == 0", never)).warn(1),
		number("Versions", "none", "Different versions of the agent in use. Healthy: 1; 2 during an upgrade.",
			count(by("count", "version", agents.of("build_info")), usual|live)).warn(2),
		number("Domains with two best masters", "none", "Domains of one network for which agents do not agree on the best grandmaster. Healthy: 0, but for the second in which a change runs through the network.",
			count(by("count", domain, bests)+" > 1", hijacked)).warn(1),
		number("Grandmasters judged differently", "none", "Grandmasters that one agent accepts and another does not: their configurations differ. Healthy: 0.",
			count(spread(clock, domains.of("grandmaster_acceptable"))+" > 0", never)).warn(1),
		number("Grandmasters heard differently", "none", "Grandmasters whose clockClass, accuracy or priority are not the same everywhere: somebody on the way changes Announces, or a change is on its way. Healthy: 0.",
			count(strings.Join(apart, " or "), hijacked)).warn(1),
	)
	d.line(8,
		table("Agents", "none", "Healthy: one version.", "answers",
			now(by("max", perAgent+", version, revision", agents.of("build_info")), "").when(usual|live),
			"cluster", "site", "instance", "version", "revision").states(state{}, state{"yes", good}),
		table("Agents that watch a domain", "none", "How many agents watch each domain. Healthy: as many as have a tap there; 1 is a domain that goes dark with one agent.", "agents",
			now(by("count", domain, by("max", domain+", site, instance", domains.of("baseline_state"))), ""),
			"cluster", "network", "domain", "sdo_id").warn(2),
		graph("Agents that answer", "none", "Healthy: a flat line for each site.",
			over(by("sum", "cluster, site", agents.foreign("up")), "{{cluster}} {{site}}").when(usual|live)).fromZero().stepped(),
	)
	d.section("Who is best, seen from where")
	d.line(9,
		timeline("Best master by site", "What each agent takes for the best grandmaster. Healthy: the same one at every site of a network, changing everywhere at once.",
			over("("+domains.of("grandmaster_best")+" == 1) + 2 * (1 - "+domains.of("grandmaster_acceptable")+") or "+domains.of("grandmaster_best")+" == 1",
				"{{network}} domain {{domain}} {{site}} {{instance}}: {{grandmaster}}")).states(acceptability...).toGrandmaster(),
		graph("Agents behind each grandmaster", "none", "How many agents take it for the best. Healthy: all agents of a network behind one.",
			over(bests, "{{cluster}} {{network}} domain {{domain}}: {{grandmaster}}")).fromZero().stepped().toGrandmaster(),
	)
	d.section("Disagreements")
	d.line(8,
		table("Domains with several best masters", "none", "Healthy: empty.", "agents",
			now(bests+" and on ("+domain+") "+by("count", domain, bests)+" > 1", "").when(hijacked),
			"cluster", "network", "domain", "sdo_id", "grandmaster").warn(1).toGrandmaster(),
		table("Alerts by site", "none", "An alert that one site has and others have not is local to that site's path. Healthy: empty.", "state",
			now(by("max", "severity, alert, "+perAgent+", network, domain, grandmaster", domains.of("alert_active"))+" == 1", "").when(hijacked),
			"severity", "alert", "cluster", "site", "instance", "network", "domain", "grandmaster").states(alertStates...).toGrandmaster(),
	)
	d.section("The same grandmaster from several sites")
	d.line(8,
		graph("Offset by site", "s", "Each tap against the same grandmaster. Healthy: near 0 at every site whose tap is synchronised, independently of the grandmaster; a line alone is that site's tap or path.",
			over(by("avg", clock+", site, instance", domains.of("offset_seconds")), "{{grandmaster}} at {{site}} {{instance}}")).toGrandmaster(),
		graph("Mean path delay by site", "s", "Healthy: steady at each site; all together is something they have in common.",
			over(by("avg", clock+", site, instance", domains.of("mean_path_delay_floor_seconds")), "{{grandmaster}} at {{site}} {{instance}}")).fromZero().toGrandmaster(),
		graph("stepsRemoved by site", "none", "Boundary clocks between the grandmaster and each site. Healthy: steady.",
			over(by("max", clock+", site, instance", domains.of("steps_removed")), "{{grandmaster}} at {{site}} {{instance}}")).fromZero().stepped().toGrandmaster(),
	)
	d.section("Load")
	d.line(7,
		graph("Frames by site", "pps", "Healthy: steady.", over(rate("cluster, site", agents.of("capture_frames_total")), "{{cluster}} {{site}}")).fromZero(),
		graph("Frames lost by site", "pps", "Healthy: 0.", over(rate("cluster, site", agents.of("capture_drops_total")), "{{cluster}} {{site}}")).fromZero(),
		graph("Alerts raised by site", "none", "Healthy: nothing to see.",
			over(by("sum", "cluster, site, severity", "increase("+agents.of("alerts_total")+"[$__rate_interval])")+" > 0", "{{cluster}} {{site}} {{severity}}").when(hijacked)).fromZero().stepped(),
	)
	return d
}
