package dashboards

// acceptability is what verdict's values are called.
var acceptability = []state{
	standby: {"standby", plain}, best: {"best", good},
	notAcceptable: {"not acceptable", minor}, notAcceptableBest: {"NOT ACCEPTABLE, BEST", bad},
}

// alertStates are the values of alert_active.
var alertStates = []state{{"over", plain}, {"holds", bad}}

// holding are the alerts that hold, each once however many agents see it.
func holding(s selector, more ...string) string {
	return by("max", "alert, severity, "+clock+", port, interface", s.of("alert_active", more...)) + " == 1"
}

func overview() *dashboard {
	d := newDashboard("overview", "Overview",
		"Who is the grandmaster of each domain, whether that is right, and whether anybody would notice if not.",
		networkVariable, domainVariable)
	d.section("Now")
	d.line(4,
		number("Critical alerts", "none", "Alerts of severity critical that hold, each counted once however many agents see it. Healthy: 0.",
			count(holding(domains, `severity="critical"`), hijacked)).warn(1),
		number("Warnings", "none", "Alerts of severity warning that hold. Healthy: 0.",
			count(holding(domains, `severity="warning"`), hijacked)).warn(1),
		number("Wrong best masters", "none", "Grandmasters that are the best of their domain and not acceptable by the list or the baseline. Healthy: 0.",
			count("("+verdict(domains)+") == 3", hijacked)).warn(1),
		number("Domains without a best master", "none", "Domains that are watched and in which no grandmaster is heard that could win. Healthy: 0.",
			count(by("count", domain, domains.of("baseline_state"))+" unless "+by("count", domain, domains.of("grandmaster_best")+" == 1"), never)).warn(1),
		number("Agents silent", "none", "Agents that Prometheus does not reach. What they watch is watched by nobody. Healthy: 0.",
			count(agents.foreign("up")+" == 0", never)).warn(1),
		number("Interfaces blind", "none", "Interfaces from which no frame has come for a minute: down, or a mirror that is dead, which looks like a quiet network and is not. Healthy: 0.",
			count(by("sum", perAgent+", interface", "rate("+agents.of("capture_frames_total")+"[1m])")+" == 0", never)).warn(1),
	)
	d.line(6,
		table("Best grandmaster of each domain", "none",
			"Healthy: one line for each domain, the grandmaster you expect, the verdict \"best\". Two lines for one domain: agents disagree, see the Fleet dashboard.",
			"verdict", now(named(domains, "name, profile, time_source", "("+verdict(domains)+") and on ("+clock+") "+by("max", clock, domains.of("grandmaster_best"))+" == 1"), ""),
			"cluster", "network", "domain", "sdo_id", "grandmaster", "name", "profile", "time_source").states(acceptability...).toGrandmaster(),
		table("Alerts that hold", "none", "Healthy: empty. The name is also that of the runbook: docs/alerts, or `ptpwatch explain NAME`.",
			"state", now(holding(domains), "").when(hijacked),
			"severity", "alert", "cluster", "network", "domain", "sdo_id", "grandmaster", "port", "interface").states(alertStates...).toGrandmaster(),
	)
	d.section("Timeline")
	d.line(8, timeline("Best master",
		"Healthy: one grandmaster of each domain is best all the time, acceptable standbys are in grey. A gap is a grandmaster that nobody heard.",
		over(named(domains, "name", verdict(domains)), "{{cluster}} {{network}} domain {{domain}}: {{name}} {{grandmaster}}")).states(acceptability...).toGrandmaster())
	d.line(8, timeline("Alerts", "Healthy: empty. An alert is shown for at least a minute, and as over for 15 minutes.",
		over(by("max", "alert, severity, "+clock, domains.of("alert_active")), "{{severity}} {{alert}} {{network}} domain {{domain}} {{grandmaster}}").when(hijacked)).states(alertStates...).toGrandmaster())
	d.line(7,
		graph("Changes of the best master", "none", "Healthy: flat at 0, but for maintenance you planned.",
			over(by("sum", domain, "increase("+domains.of("grandmaster_changes_total")+"[$__rate_interval])"), "{{cluster}} {{network}} domain {{domain}}")).fromZero().stepped(),
		graph("Alerts raised", "none", "How many alerts of each kind agents raised; one incident may raise several. Healthy: nothing to see.",
			over(by("sum", "alert, severity", "increase("+agents.of("alerts_total")+"[$__rate_interval])")+" > 0", "{{severity}} {{alert}}").when(hijacked)).fromZero().stepped(),
		graph("Alerts held back", "none", "How often nobody needed to be told of an alert: it held already, or its incident had another as grave. Healthy: nothing to see; while it rises, something goes on that was told already.",
			over(by("sum", "alert", "increase("+agents.of("alert_suppressed_total")+"[$__rate_interval])")+" > 0", "{{alert}}").when(hijacked)).fromZero().stepped(),
	)
	d.section("What the verdicts rest on")
	d.line(6,
		table("Baselines", "none", "Where the verdict comes from: a list in the configuration, a pinned baseline that was learned, one being learned, or none. Healthy: listed or pinned; nobody is judged before.",
			"in force", now(by("max", domain+", state", domains.of("baseline_state"))+" == 1", ""),
			"cluster", "network", "domain", "sdo_id", "state").states(state{}, state{"yes", good}),
		graph("Clocks in sight", "none", "Grandmasters and clocks that follow one, by domain. Healthy: steady.",
			over(by("max", domain+", role", domains.of("clocks")), "{{network}} domain {{domain}} {{role}}")).fromZero().stepped(),
	)
	return d
}
