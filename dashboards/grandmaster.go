package dashboards

// announcedFlag is a flag of the Announce.
type announcedFlag struct{ family, name string }

var flags = []announcedFlag{
	{"ptp_timescale", "ptpTimescale"}, {"time_traceable", "timeTraceable"}, {"frequency_traceable", "frequencyTraceable"},
	{"current_utc_offset_valid", "currentUtcOffsetValid"}, {"leap59", "leap59"}, {"leap61", "leap61"},
	{"synchronization_uncertain", "synchronizationUncertain"},
}

// announced is a field of the Announce as agents hear it: where two of them hear
// different values there is a line for each.
func announced(title, unit, family, description string) *panel {
	return graph(title, unit, description,
		over("max by ("+clock+") ("+clocks.of("grandmaster_"+family)+")", "{{network}} domain {{domain}}: {{grandmaster}}"),
		over("min by ("+clock+") ("+clocks.of("grandmaster_"+family)+") != max by ("+clock+") ("+clocks.of("grandmaster_"+family)+")",
			"{{network}} domain {{domain}}: {{grandmaster}}, as other agents hear it").when(hijacked),
	).stepped().toGrandmaster()
}

func grandmaster() *dashboard {
	d := newDashboard("grandmaster", "Grandmaster",
		"What grandmasters say of themselves over time, and what measurements say of them.",
		networkVariable, domainVariable, grandmasterVariable)
	d.section("Who")
	d.line(6,
		table("Grandmasters", "none", "All that are heard. Healthy: one is best, the others acceptable standbys.", "verdict",
			now(named(clocks, "name, profile, time_source", verdict(clocks)), ""),
			"cluster", "network", "domain", "sdo_id", "grandmaster", "name", "profile", "time_source").states(acceptability...),
		timeline("Verdict", "Healthy: best or standby throughout.",
			over(verdict(clocks), "{{network}} domain {{domain}}: {{grandmaster}}")).states(acceptability...),
	)
	d.line(6,
		graph("Last Announce", "s", "How long ago an agent last heard the grandmaster, at the scrape. Healthy: below three announce intervals; a rising line is a grandmaster that fell silent, or a tap that did.",
			over(by("max", clock, "timestamp("+clocks.of("grandmaster_last_announce_timestamp_seconds")+") - "+clocks.of("grandmaster_last_announce_timestamp_seconds")), "{{network}} domain {{domain}}: {{grandmaster}}")).fromZero(),
		timeline("Alerts about them", "Healthy: empty.",
			over(by("max", "alert, severity, "+clock, clocks.of("alert_active")), "{{severity}} {{alert}} {{grandmaster}}").when(hijacked)).states(alertStates...),
	)
	d.section("Data set")
	d.line(6,
		announced("clockClass", "none", "clock_class", "IEEE 1588-2019 table 4. Healthy: 6 (13 for an application timescale); 7, 14 and 135 are holdover, 248 and most others free run."),
		announced("clockAccuracy", "none", "clock_accuracy", "The enumeration of IEEE 1588-2019 table 5, not a time: 32 is 25 ns, 33 is 100 ns, 35 is 1 us, 254 unknown. Healthy: steady; lower is better."),
		announced("offsetScaledLogVariance", "none", "offset_scaled_log_variance", "IEEE 1588-2019 7.6.3. Healthy: steady, 20061 for a telecom primary clock; 65535 says that none was computed."),
	)
	d.line(6,
		announced("priority1", "none", "priority1", "Healthy: what you configured, and nobody below your best."),
		announced("priority2", "none", "priority2", "Ranks clocks of equal quality. Healthy: what you configured."),
		announced("currentUtcOffset", "s", "current_utc_offset_seconds", "TAI minus UTC. Healthy: 37 since 2017, for all grandmasters alike."),
	)
	var queries []*query
	for _, f := range flags {
		queries = append(queries, over(by("max", clock, clocks.of("grandmaster_"+f.family)), f.name+" {{grandmaster}}"))
	}
	d.line(12,
		timeline("Flags", "Healthy: steady; leap61 only in the hours before a leap second that the IERS announced, leap59 and synchronizationUncertain never.", queries...).
			states(state{"no", plain}, state{"yes", good}),
		graph("stepsRemoved", "none", "Boundary clocks between the grandmaster and each port that announces it. Healthy: steady; lower than it ever was is a relay that lies or a path that changed.",
			over(by("max", clock+", port", clocks.of("steps_removed")), "{{grandmaster}} by {{port}}")).fromZero().stepped(),
	)
	d.section("Measured")
	d.line(8,
		graph("Offset of the tap from each grandmaster", "s", "The tap's clock against the grandmaster's time. Healthy: near 0 where the tap is synchronised, one slow ramp for all where it runs free. One line that leaves the others is that grandmaster, or its path.",
			over(by("avg", stream, clocks.of("offset_seconds")), "{{grandmaster}} at {{interface}} {{port}}")).toGrandmaster(),
		graph("Grandmasters against each other", "s", "b minus a, both read by one clock: the tap's own time cancels. Healthy: within 2e-7 of 0 for two primary reference time clocks of class A (ITU-T G.8272).",
			over(`avg by (cluster, network_a, domain_a, a, network_b, domain_b, b) (`+agents.of("grandmaster_pair_offset_seconds", `domain_a=~"$domain"`, `network_a=~"$network"`)+`)`, "{{b}} minus {{a}}")),
	)
	d.section("Jury: what grandmasters say of each other's time")
	d.line(7,
		timeline("Judgement of the others", "Each grandmaster by the others that one clock hears. Healthy: agrees. Disagrees: with another, and no majority says which is wrong. Unvouched: nobody else is heard who could tell, and then no alert says that its time is wrong.",
			over(worst(clock, clocks, "grandmaster_jury", "agrees", "disagrees", "outvoted"), "{{network}} domain {{domain}}: {{grandmaster}}")).
			states(state{"unvouched", plain}, state{"agrees", good}, state{"disagrees", minor}, state{"OUTVOTED", bad}).toGrandmaster(),
		graph("Vouched for by", "none", "How many others agree, the tap's own reference among them. Healthy: 2 or more; with 1 a lie shows but not whose it is, with 0 nothing does.",
			over(by("max", clock, clocks.of("grandmaster_vouched_by")), "{{network}} domain {{domain}}: {{grandmaster}}")).fromZero().stepped().toGrandmaster(),
		graph("Ahead of the others", "s", "Of those who agree, if they are the majority. Healthy: within 2e-7 of 0 for primary reference time clocks of class A (ITU-T G.8272), and level: a slope is a drift.",
			over(by("avg", clock, clocks.of("grandmaster_jury_offset_seconds")), "{{network}} domain {{domain}}: {{grandmaster}}")).toGrandmaster(),
	)
	d.line(7,
		graph("ADEV of each by itself", "none", "Allan deviation at tau seconds, by the three-cornered hat. Healthy: falling with tau. Empty with fewer than three grandmasters.",
			over(by("max", clock+", tau", clocks.of("grandmaster_adev")), "tau {{tau}} s {{grandmaster}}")).logarithmic().toGrandmaster(),
		graph("TDEV of each by itself", "s", "Time deviation, likewise. Healthy: below 3e-8 for a primary reference time clock (ITU-T G.8272), beside what packets add; much above that of the others: this one is unsteady.",
			over(by("max", clock+", tau", clocks.of("grandmaster_tdev_seconds")), "tau {{tau}} s {{grandmaster}}")).logarithmic().toGrandmaster(),
	)
	d.section("Compliance")
	d.line(8,
		graph("Error against the limit", "s", "How far the best master's time is from a reference as it arrives at the tap, by how much that may be wrong, and the limit of the rule that the domain is held to. Healthy: error and bound together below the limit. Empty where compliance is not configured, or nothing is measured.",
			over(by("max", domain+", basis, statistic", domains.of("compliance_error_seconds")), "{{network}} domain {{domain}} {{statistic}} ({{basis}})"),
			over(by("max", domain+", compliance", domains.of("compliance_limit_seconds")), "{{network}} domain {{domain}} limit of {{compliance}}")).logarithmic(),
		graph("Shown of the limit", "percentunit", "The part of time of which it is shown that the limit is kept, is not, or neither. Healthy: within at 100 %. What is missing was not measured, and is not compliant.",
			over(by("avg", domain+", shown", "rate("+domains.of("compliance_seconds_total")+"[$__rate_interval])"), "{{network}} domain {{domain}} {{shown}}")).fromZero(),
	)
	return d
}
