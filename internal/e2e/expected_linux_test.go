package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"strconv"
	"testing"
)

// port is a port of a clock, and what that clock says.
type port struct {
	iface, network string // where the agent hears it
	domain         uint8
	dataset
	clock datasets
}

// asked asks every clock, and returns the ports that send time and those that
// receive it. Each hub is a network unless network joins them.
func (l *lab) asked(t *testing.T, network string) (senders, receivers []port, err error) {
	for _, c := range l.clocks {
		d, err := c.ask(t)
		if err != nil {
			return nil, nil, err
		}
		for i, p := range d.ports {
			hub := c.interfaces[i]
			if found := (port{hub, cmp.Or(network, hub), c.domain, p, d}); p["portState"] == "MASTER" {
				senders = append(senders, found)
			} else {
				receivers = append(receivers, found)
			}
		}
	}
	return senders, receivers, nil
}

func (p port) scope() []label {
	return []label{{"network", p.network}, {"domain", strconv.Itoa(int(p.domain))}, {"sdo_id", "0x000"}}
}

// timeSources are those of the lab (IEEE 1588-2019 table 6).
var timeSources = map[string]string{"0x20": "GNSS", "0xa0": "INTERNAL_OSCILLATOR"}

// expected is what the agent must show of the grandmasters, by the word of both
// those who announce them and those who listen, and of the senders' intervals.
func expected(senders, receivers []port, unicast bool) (series, error) {
	want := series{}
	for _, p := range senders {
		if err := want.describe(p, p.dataset["portIdentity"], p.clock.current.number("stepsRemoved")); err != nil {
			return nil, err
		}
		want[p.best()] = 0 // unless somebody follows it
	}
	for _, p := range receivers {
		if _, announced := want[p.best()]; !announced {
			return nil, fmt.Errorf("%s follows what no clock announces any more: %s", p.dataset["portIdentity"], p.best())
		}
		if err := want.describe(p, p.clock.parent["parentPortIdentity"], p.clock.current.number("stepsRemoved")-1); err != nil {
			return nil, err
		}
		want[p.best()] = 1
	}
	maps.Copy(want, intervals(senders, receivers, unicast))
	return want, nil
}

func (p port) best() string {
	return key("grandmaster_best", append(p.scope(), label{"grandmaster", p.clock.parent["grandmasterIdentity"]})...)
}

// describe adds what p's clock says of its grandmaster, which sender announces
// with steps removed. Nobody may have said otherwise.
func (s series) describe(p port, sender string, steps float64) error {
	parent, properties := p.clock.parent, p.clock.timeProperties
	labels := append(p.scope(), label{"grandmaster", parent["grandmasterIdentity"]})
	said := series{
		key("steps_removed", append(labels, label{"port", sender})...):                                          steps,
		key("grandmaster_info", append(labels, label{"time_source", timeSources[properties["timeSource"]]})...): 1,
	}
	for family, field := range fromParent {
		said[key(family, labels...)] = parent.number(field)
	}
	for family, field := range fromTimeProperties {
		said[key(family, labels...)] = properties.number(field)
	}
	for k, value := range said {
		if old, known := s[k]; known && old != value {
			return fmt.Errorf("the clocks disagree on %s: %v and %v", k, old, value)
		}
		s[k] = value
	}
	return nil
}

// The families that repeat a field of PARENT_DATA_SET (IEEE 1588-2019 8.2.3).
var fromParent = map[string]string{
	"grandmaster_priority1":                  "grandmasterPriority1",
	"grandmaster_priority2":                  "grandmasterPriority2",
	"grandmaster_clock_class":                "gm.ClockClass",
	"grandmaster_clock_accuracy":             "gm.ClockAccuracy",
	"grandmaster_offset_scaled_log_variance": "gm.OffsetScaledLogVariance",
}

// The families that repeat a field of TIME_PROPERTIES_DATA_SET (8.2.4).
var fromTimeProperties = map[string]string{
	"grandmaster_current_utc_offset_seconds": "currentUtcOffset",
	"grandmaster_current_utc_offset_valid":   "currentUtcOffsetValid",
	"grandmaster_leap59":                     "leap59",
	"grandmaster_leap61":                     "leap61",
	"grandmaster_ptp_timescale":              "ptpTimescale",
	"grandmaster_time_traceable":             "timeTraceable",
	"grandmaster_frequency_traceable":        "frequencyTraceable",
}

// intervals is what the agent must show of how often the senders speak. In
// unicast the receiver asks for its rates, for Sync only of the sender it
// follows, and messages do not tell them (IEEE 1588-2019 table 42), but for
// ptp4l's Announces: these tell what the sender's port is set to.
func intervals(senders, receivers []port, unicast bool) series {
	all := series{}
	put := func(sender port, chooser port, kind, message, field string) {
		labels := append(sender.scope(), label{"interface", sender.iface}, label{"port", sender.dataset["portIdentity"]},
			label{"message_type", message}, label{"kind", kind})
		all[key("message_interval_seconds", labels...)] = chooser.seconds(field)
	}
	for _, s := range senders {
		if !unicast {
			for _, kind := range []string{"advertised", "measured"} {
				put(s, s, kind, "announce", "logAnnounceInterval")
				put(s, s, kind, "sync", "logSyncInterval")
			}
			continue
		}
		put(s, s, "advertised", "announce", "logAnnounceInterval")
		for _, r := range receivers {
			put(s, r, "measured", "announce", "logAnnounceInterval")
			if r.clock.parent["parentPortIdentity"] == s.dataset["portIdentity"] {
				put(s, r, "measured", "sync", "logSyncInterval")
			}
		}
	}
	return all
}
