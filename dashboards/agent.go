package dashboards

const ofInterface = "cluster, instance, interface"

// counts is a graph of how fast counters of each interface rise.
func counts(title, unit, family, labels, legend, description string) *panel {
	return graph(title, unit, description, over(rate(ofInterface+labels, agents.of(family)), "{{instance}} {{interface}} "+legend)).fromZero()
}

// kept is a graph of what the agent keeps on its disk, by several families.
func kept(title, unit, description string, p phases, families ...[2]string) *panel {
	var queries []*query
	for _, f := range families {
		expr := by("max", "cluster, instance", agents.of(f[0]))
		if unit == "cpm" {
			expr = by("sum", "cluster, instance", "rate("+agents.of(f[0])+"[$__rate_interval])") + " * 60"
		}
		queries = append(queries, over(expr, "{{instance}} "+f[1]).when(p))
	}
	return graph(title, unit, description, queries...).fromZero()
}

func agentHealth() *dashboard {
	d := newDashboard("agent", "Traffic and agents",
		"What the agents read, what they lost of it, and whether they themselves are well: without that no other dashboard means anything.",
		networkVariable, domainVariable)
	d.section("Capture")
	d.line(5,
		timeline("Agent answers", "Whether Prometheus reaches the agent. Healthy: yes.",
			over(by("max", "cluster, job, instance", agents.foreign("up")), "{{instance}}").when(usual|live)).states(state{"SILENT", bad}, state{"yes", good}),
		timeline("Interface is up", "Whether the interface is up and captured. Healthy: yes.",
			over(by("max", ofInterface, agents.of("capture_interface_up")), "{{instance}} {{interface}}").when(live)).states(state{"DOWN", bad}, state{"up", good}),
		timeline("Stamps of the network adapter", "Healthy: hardware where delays and offsets matter; rules on messages alone need none.",
			over(by("max", ofInterface, agents.of("capture_hardware_timestamping")), "{{instance}} {{interface}}").when(live)).states(state{"software", plain}, state{"hardware", good}),
	)
	d.line(7,
		counts("Frames", "pps", "capture_frames_total", "", "", "Frames read. Healthy: steady; a flat line at 0 is a dead mirror, not a quiet network."),
		counts("Octets", "Bps", "capture_bytes_total", "", "", "Healthy: moves with the frames."),
		counts("Frames lost", "pps", "capture_drops_total", "", "", "Lost in the kernel or the ring before they could be read. Healthy: 0; while it rises, no silence and no missing message can be trusted."),
		counts("Frames that could not be decoded", "pps", "decode_errors_total", ", reason", "{{reason}}", "Healthy: 0; a burst is a broken sender, a cut capture or somebody who tries."),
	)
	d.line(7,
		counts("Stamps by source", "pps", "capture_timestamps_total", ", source", "{{source}}", "Healthy: only hardware where delays and offsets matter."),
		graph("The host's own event messages that carry a stamp", "percentunit", "Of those that the capturing host sent itself: how many carried the transmit stamp of the network adapter. Healthy: 90 % or more beside a PTP clock with hardware time stamping; no line on a tap.",
			over(rate(ofInterface, agents.of("capture_egress_stamped_total"))+" / ("+rate(ofInterface, agents.of("capture_egress_events_total"))+" > 0)", "{{instance}} {{interface}}").when(stamping)).fromZero(),
	)
	d.section("Messages")
	d.line(8,
		graph("Messages by type", "pps", "Healthy: steady, at the rates of the profile.",
			over(rate(domain+", message_type", domains.of("messages_total"))+" > 0", "{{network}} domain {{domain}} {{message_type}}")).fromZero(),
		graph("Exchanges", "cps", "Sync with its Follow_Up, Delay_Req with its Delay_Resp. Healthy: steady, and all but complete ones at 0.",
			over(rate(domain+", kind, result", domains.of("exchanges_total"))+" > 0", "{{network}} domain {{domain}} {{kind}} {{result}}")).fromZero(),
	)
	d.line(8,
		graph("Interval between messages", "s", "Of each port that transmits. Healthy: steady.",
			over(by("avg", domain+", port, message_type", domains.of("message_interval_seconds", `kind="measured"`)), "{{message_type}} {{port}}")).fromZero(),
		graph("Interval measured against advertised", "percentunit", "Healthy: within 30 % of 1 (IEEE 1588-2019 7.7.2.1).",
			over(by("avg", domain+", port, message_type", domains.of("message_interval_seconds", `kind="measured"`))+" / "+
				by("avg", domain+", port, message_type", domains.of("message_interval_seconds", `kind="advertised"`)), "{{message_type}} {{port}}")),
	)
	d.section("State")
	d.line(7,
		graph("Tables", "percentunit", "How full the tables are that strangers could fill. Healthy: well below 1; at 1 the oldest that is not known good is forgotten.",
			over(by("max", "cluster, instance, table", agents.of("table_entries"))+" / "+by("max", "cluster, instance, table", agents.of("table_limit")), "{{instance}} {{table}}")).fromZero().limit(0.8),
		graph("Forgotten for want of room", "cpm", "Healthy: 0; somebody invents clocks.",
			over(by("sum", "cluster, instance, table", "rate("+agents.of("table_evictions_total")+"[$__rate_interval])")+" * 60", "{{instance}} {{table}}")).fromZero(),
		graph("Ports in sight", "none", "Healthy: steady.",
			over(by("max", domain+", role", domains.of("ports")), "{{network}} domain {{domain}} {{role}}")).fromZero().stepped(),
	)
	d.section("Journal, state and evidence")
	d.line(7,
		kept("Written", "cpm", "Healthy: state at least once a minute; the journal rises with every alert, act, start and stop. Empty without a state_dir.", live,
			[2]string{"journal_records_total", "journal"}, [2]string{"state_saves_total", "state"}, [2]string{"evidence_written_total", "evidence"}),
		kept("Failed or lost", "cpm", "Attempts to write that failed, and what was lost for want of room. Healthy: 0.", live,
			[2]string{"journal_errors_total", "journal errors"}, [2]string{"journal_lost_total", "journal lost"}, [2]string{"state_save_errors_total", "state errors"},
			[2]string{"evidence_errors_total", "evidence errors"}, [2]string{"evidence_lost_total", "evidence lost"}),
		kept("On the disk", "bytes", "Healthy: below journal.max_bytes and evidence.max_bytes; about there the oldest goes.", live,
			[2]string{"journal_bytes", "journal"}, [2]string{"evidence_bytes", "evidence"}),
		kept("Frames in memory reach back", "s", "Healthy: evidence.before or more; less says that evidence.memory is too small for the traffic.", live,
			[2]string{"evidence_buffer_seconds", ""}),
	)
	d.section("Process")
	d.line(7,
		timeline("Configuration in force", "Healthy: the newest. REFUSED is that the last change was not read, and an older one is in force.",
			over(by("min", "cluster, instance", agents.of("config_last_reload_successful")), "{{instance}}").when(usual|live)).states(state{"REFUSED", bad}, state{"newest", good}),
		graph("Age of the configuration", "s", "Since it was last read with success. Healthy: the time since your last change, or since the start.",
			over("time() - "+by("max", "cluster, instance", agents.of("config_last_reload_success_timestamp_seconds")), "{{instance}}").when(live)).fromZero(),
		graph("Processor", "percentunit", "Of one core. Healthy: a few per cent; steady.",
			over(by("sum", "cluster, instance", "rate("+agents.foreign("process_cpu_seconds_total")+"[$__rate_interval])"), "{{instance}}").when(live)).fromZero(),
		graph("Memory", "bytes", "Resident. Healthy: steady after the first hour.",
			over(by("max", "cluster, instance", agents.foreign("process_resident_memory_bytes")), "{{instance}}").when(live)).fromZero(),
	)
	return d
}
