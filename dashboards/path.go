package dashboards

// line of a measurement: whose, where, by which port.
const streamLegend = "{{grandmaster}} at {{interface}} {{port}}"

// measures is a graph of a timing family.
func measures(title, family, description string) *panel {
	return graph(title, "s", description, over(by("avg", stream, measured.of(family)), streamLegend)).toGrandmaster()
}

func path() *dashboard {
	d := newDashboard("path", "Path",
		"How long messages take between grandmasters and the taps, and how well that is known.",
		networkVariable, domainVariable, grandmasterVariable, interfaceVariable)
	d.section("Delay")
	d.line(8,
		measures("Forward delay", "forward_delay_seconds", "From the port to the tap, with the tap's own offset in it. Healthy: steady. It moves with the reverse delay when the path changes, against it when a clock steps, alone when one direction is delayed."),
		measures("Reverse delay", "reverse_delay_seconds", "From the tap to the port, with the tap's own offset in it. Healthy: steady; see the forward delay."),
	)
	d.line(8,
		measures("Mean path delay", "mean_path_delay_seconds", "Free of the tap's offset. Healthy: steady to within the jitter of the stamps; a step is another route or a delayed direction.").fromZero(),
		measures("Mean path delay where no packet waits", "mean_path_delay_floor_seconds", "Of the fastest packets of the last minutes. Healthy: steady whatever the load; it moves when the path does.").fromZero(),
	)
	d.line(8,
		heat("Distribution of mean path delays", "s", "How many exchanges took how long; the darker the more. Healthy: one band, where it was yesterday; a second one is another route, a tail is load, or somebody who delays some.",
			by("sum", "le", "increase("+clocks.of("mean_path_delay_distribution_seconds_bucket")+"[$__rate_interval])")),
		graph("Moved since commissioning", "s", "The mean path or link delay less what it was when the path was learned; only `ptpwatch baseline reset` moves that. Healthy: near 0.",
			over(by("avg", stream, measured.of("mean_path_delay_seconds")+" - "+measured.of("path_baseline_seconds")), streamLegend),
			over(by("avg", stream, measured.of("mean_link_delay_seconds")+" - "+measured.of("path_baseline_seconds")), "link "+streamLegend)).toGrandmaster(),
	)
	d.line(6,
		measures("Mean link delay", "mean_link_delay_seconds", "Peer delay to the next clock. Healthy: steady, some 5 ns for each metre of cable. Empty where clocks measure end to end."),
		graph("Packets near the floor", "percentunit", "The part of packets within 150 us of the fastest. Healthy: 1 % at least (ITU-T G.8261.1); less, and no client can find the floor.",
			over(by("avg", stream+", direction", measured.of("floor_packet_ratio")), "{{direction}} "+streamLegend)).fromZero(),
		graph("Exchanges that failed", "cps", "Sync without Follow_Up, Delay_Req without Delay_Resp, answers that nobody asked for. Healthy: 0, or the loss of the mirror.",
			over(rate(domain+", kind, result", domains.of("exchanges_total", `result!="complete"`)), "{{network}} domain {{domain}} {{kind}} {{result}}")).fromZero(),
	)
	d.section("How each path is judged")
	d.line(7,
		timeline("Judgement", "Healthy: normal, suspect for seconds at a time; learning for minutes after a path was first heard or reset.",
			over(worst(stream, measured, "path_detection_state", "normal", "suspect"), streamLegend)).
			states(state{"learning", plain}, state{"normal", good}, state{"suspect", minor}).toGrandmaster(),
		graph("Least step that would be found", "s", "As the path is now: a delay of one direction, one of unknown direction, a step of a clock. Healthy: well below what matters to clients; what is less goes unseen.",
			over(by("max", stream+", of", measured.of("path_detectable_step_seconds")), "{{of}} "+streamLegend)).logarithmic(),
		graph("Least growth in a day that would be found", "s", "Of one direction's delay. Healthy: well below what matters to clients in a day.",
			over(by("max", stream, measured.of("path_detectable_ramp_seconds_per_day")), streamLegend)).logarithmic(),
	)
	d.section("Offset, and how far it can be trusted")
	d.line(8,
		graph("Offset and its bound", "s", "The tap minus the grandmaster, and by how much the asymmetry of the path can put that wrong. Healthy: the bound below what you allow; a bound of 1e-4 cannot show 1e-4 to be kept. No bound without least_delay or commissioned_delay in the configuration.",
			over(by("avg", stream, measured.of("offset_seconds")), streamLegend),
			over(by("max", stream+", basis", measured.of("offset_error_bound_seconds")), "bound ({{basis}}) "+streamLegend)),
		measures("Offset by the fastest packets", "selected_offset_seconds", "pktSelected2WayTE of ITU-T G.8271.2, over 200 s. Healthy: within 1.1e-6 of 0 where the tap's clock is a reference."),
	)
	d.line(8,
		graph("Time error", "s", "Of the offset over 1000 s: the largest, its mean and its movement below 0.1 Hz (ITU-T G.8260). Healthy: below the limits of ITU-T G.8271.1 where the tap's clock is a reference; of a tap that runs free it is the tap's own.",
			over(by("max", stream+", statistic", measured.of("time_error_seconds")), "{{statistic}} "+streamLegend)),
		graph("MTIE", "s", "Maximum time interval error over tau seconds (ITU-T G.810 II.5). Healthy: below the mask of the interface.",
			over(by("max", stream+", tau", measured.of("mtie_seconds")), "tau {{tau}} s "+streamLegend)).logarithmic(),
		graph("TDEV", "s", "Time deviation at tau seconds (ITU-T G.810 II.3). Healthy: below the mask; falling with tau where packets wait, rising where a clock wanders.",
			over(by("max", stream+", tau", measured.of("tdev_seconds")), "tau {{tau}} s "+streamLegend)).logarithmic(),
	)
	d.section("Between two taps of one clock")
	d.line(8,
		graph("From tap to tap", "s", "What messages took: the least, the median, what transparent clocks tell of it, and the rest. No grandmaster is trusted for it. Healthy: floor and unexplained steady.",
			over(by("avg", "cluster, instance, from, to, statistic", agents.of("tap_transit_seconds", `statistic!="asymmetry"`)), "{{from}} to {{to}} {{statistic}}")),
		graph("Asymmetry between taps", "s", "By how much the way there takes longer than the way back. Healthy: near 0; a step is a device that delays one direction.",
			over(by("avg", "cluster, instance, from, to", agents.of("tap_transit_seconds", `statistic="asymmetry"`)), "{{from}} to {{to}}")),
	)
	d.section("What clients say of themselves")
	d.line(7,
		graph("Offset, as clients claim", "s", "What clients tell of their offset in messages or on a local socket: their word, unchecked, but it knows what happens behind the tap. Healthy: near 0. Empty where no client tells.",
			over(by("avg", domain+", port, source", domains.of("client_claimed_offset_seconds")), "{{port}} ({{source}})")),
		graph("Mean path delay, as clients claim", "s", "Healthy: steady; the tap's own figure is of the way as far as the tap, and what lies behind is the difference.",
			over(by("avg", domain+", port, source", domains.of("client_claimed_mean_path_delay_seconds")), "{{port}} ({{source}})")).fromZero(),
		graph("Sockets asked", "cps", "Of clients[] in the configuration. Healthy: answered once a second, nothing else.",
			over(rate("cluster, instance, socket, result", agents.of("client_socket_answers_total")), "{{instance}} {{socket}} {{result}}").when(live)).fromZero(),
	)
	d.section("What the figures are worth")
	d.line(7,
		table("Stamps", "none", "Where the stamps behind the figures come from. Healthy: source hardware where delays matter, egress empty.", "in use",
			now(by("max", stream+", source, clock, relative, egress", measured.of("timing_info")), ""),
			"cluster", "network", "domain", "grandmaster", "interface", "port", "source", "clock", "relative", "egress").states(state{}, state{"yes", good}),
		graph("Resolution of the stamps", "s", "Healthy: 1e-9; what is finer cannot be seen.",
			over(by("max", "cluster, instance, interface", measured.of("timestamp_resolution_seconds")), "{{instance}} {{interface}}")).logarithmic(),
		graph("Steps of a stamping clock", "none", "What was measured before a step is not compared with what comes after. Healthy: 0; a step of the tap is no step of a grandmaster.",
			over(by("sum", "cluster, instance, source, clock", "increase("+agents.of("timestamp_clock_steps_total")+"[$__rate_interval])"), "{{instance}} {{source}} {{clock}}")).fromZero().stepped(),
	)
	// These need a network adapter with a clock.
	d.line(7,
		graph("Hardware clocks against the system's", "s", "Each clock that stamps, minus the system's. Healthy: steady where both are steered (37 s where one tells TAI), else a ramp.",
			over(by("avg", "cluster, instance, source, clock", agents.of("timestamp_clock_offset_seconds")), "{{instance}} {{clock}}").when(stamping)),
		graph("Hardware clocks steered", "cpm", "How often a clock's rate changed at once. Healthy: 0 once it is locked, or where nobody steers it.",
			over(by("sum", "cluster, instance, source, clock", "rate("+agents.of("timestamp_clock_adjustments_total")+"[$__rate_interval])")+" * 60", "{{instance}} {{clock}}").when(stamping)).fromZero(),
		graph("Hardware clocks read", "cps", "Healthy: read once a second, failed never; two clocks that cannot be read cannot be compared.",
			over(rate("cluster, instance, clock, result", agents.of("timestamp_clock_readings_total")), "{{instance}} {{clock}} {{result}}").when(stamping)).fromZero(),
	)
	return d
}
