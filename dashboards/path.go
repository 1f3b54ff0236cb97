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
	d.line(6,
		measures("Mean link delay", "mean_link_delay_seconds", "Peer delay to the next clock. Healthy: steady, some 5 ns for each metre of cable. Empty where clocks measure end to end."),
		graph("Packets near the floor", "percentunit", "The part of packets within 150 us of the fastest. Healthy: 1 % at least (ITU-T G.8261.1); less, and no client can find the floor.",
			over(by("avg", stream+", direction", measured.of("floor_packet_ratio")), "{{direction}} "+streamLegend)).fromZero(),
		graph("Exchanges that failed", "cps", "Sync without Follow_Up, Delay_Req without Delay_Resp, answers that nobody asked for. Healthy: 0, or the loss of the mirror.",
			over(rate(domain+", kind, result", domains.of("exchanges_total", `result!="complete"`)), "{{network}} domain {{domain}} {{kind}} {{result}}")).fromZero(),
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
	return d
}
