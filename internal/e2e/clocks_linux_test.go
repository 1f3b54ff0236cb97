package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestAgreesWithPMC holds what Prometheus has stored of the clocks against what
// they say of themselves.
func TestAgreesWithPMC(t *testing.T) {
	for _, test := range []struct {
		scenario string
		shows    string
		listen   string // the configuration; "" is -i for each hub
		network  string // that the configuration joins the hubs to
		unicast  bool   // rates are the receiver's choice
		delay    string // the kind of exchange by which delay is measured
		quiet    time.Duration
	}{
		{scenario: "domains", shows: "UDP over IPv4, delay request-response, two domains", delay: "delay"},
		{scenario: "udp6", shows: "UDP over IPv6, delay request-response", delay: "delay"},
		{scenario: "l2", shows: "IEEE 802.3, delay request-response", delay: "delay"},
		{scenario: "l2-p2p", shows: "IEEE 802.3, peer delay", delay: "pdelay"},
		{scenario: "unicast", shows: "negotiated unicast, as in G.8275.2", unicast: true, delay: "delay",
			listen: `interfaces: [{name: eth0, promiscuous: true}]`}, // as at a mirror port
		{scenario: "g8275.1", shows: "G.8275.1: IEEE 802.3 in domain 24, a boundary clock", delay: "delay"},
		{scenario: "boundary", shows: "UDP over IPv4, a boundary clock", delay: "delay"},
		{scenario: "breakout", shows: "an optical breakout: one tap, Sync on eth0, Delay_Req on eth1", delay: "delay", quiet: 10 * time.Second,
			network: "link", listen: `
interfaces: [{name: eth0, tap: link, promiscuous: true}, {name: eth1, tap: link, promiscuous: true}]
networks: [{name: link, interfaces: [eth0, eth1]}]`},
		{scenario: "vlans", shows: "one domain, two networks, a grandmaster in each", delay: "delay", quiet: 10 * time.Second},
	} {
		t.Run(test.scenario, func(t *testing.T) {
			t.Parallel()
			l := hold(t, test.scenario)
			var want series
			eventually(t, "the clocks' own word", func() error {
				senders, receivers, err := l.asked(t, test.network)
				if err != nil {
					return err
				}
				want, err = expected(senders, receivers, test.unicast)
				return err
			})
			l.watch(t, test.listen)
			agrees := func() error {
				got, err := l.stored(t, comparable)
				if err != nil {
					return err
				}
				return differ(want, got)
			}
			eventually(t, test.shows, agrees)
			if test.delay == "delay" { // a peer delay is between others than the tap
				eventually(t, "delays as the receivers measure them", func() error { return l.delaysDiffer(t, test.network) })
			}
			if test.quiet > 0 {
				time.Sleep(test.quiet)
				eventually(t, test.shows+", later", agrees) // a busy machine may delay some Syncs
			}
			l.healthy(t, test.delay)
		})
	}
}

// comparable selects what can be held against the clocks' own word.
const comparable = `{__name__=~"ptpwatch_(steps_removed|grandmaster_(info|best|priority[12]|clock_class|clock_accuracy` +
	`|offset_scaled_log_variance|current_utc_offset_.*|leap..|ptp_timescale|.*_traceable))"} ` +
	`or ptpwatch_message_interval_seconds{message_type=~"announce|sync"}`

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

// differ says how what is stored differs from what is wanted. What is measured
// may be off by 30 % (IEEE 1588-2019 7.7.2.1), the rest not at all.
func differ(want, got series) error {
	rounded := maps.Clone(got)
	for k, v := range got {
		if w := want[k]; strings.Contains(k, `kind="measured"`) && 0.7*w <= v && v <= 1.3*w {
			rounded[k] = w
		}
	}
	if diff := gocmp.Diff(want, rounded); diff != "" {
		return fmt.Errorf("-pmc +prometheus:\n%s", diff)
	}
	return nil
}

// delaysDiffer says which measured mean path delay is not like the receiver's,
// who sits where the tap does. Everything here stamps in software, on a machine
// that may be busy.
func (l *lab) delaysDiffer(t *testing.T, network string) error {
	const margin = 1e-3 // seconds
	_, receivers, err := l.asked(t, network)
	if err != nil {
		return err
	}
	got, err := l.stored(t, "ptpwatch_mean_path_delay_seconds")
	if err != nil {
		return err
	}
	for _, r := range receivers {
		k := key("mean_path_delay_seconds", append(r.scope(), label{"interface", r.network},
			label{"grandmaster", r.clock.parent["grandmasterIdentity"]}, label{"port", r.clock.parent["parentPortIdentity"]})...)
		told := r.clock.current.number("meanPathDelay") * 1e-9
		if measured, ok := got[k]; !ok || !(math.Abs(measured-told) < margin) {
			return fmt.Errorf("%s is %v, the receiver's own %v; all: %v", k, measured, told, got)
		}
	}
	return nil
}

// health is 0 in every respect where all is well. Exchanges that had begun when
// the agent began to listen are found unmatched, at most two on an interface.
const health = `label_replace(sum(ptpwatch_alerts_total), "of", "alerts", "", "") ` +
	`or label_replace(sum(ptpwatch_grandmaster_changes_total), "of", "changes", "", "") ` +
	`or label_replace(sum(ptpwatch_capture_drops_total), "of", "drops", "", "") ` +
	`or label_replace(sum(ptpwatch_decode_errors_total) or vector(0), "of", "decode_errors", "", "") ` +
	`or label_replace(sum(1 - ptpwatch_capture_interface_up), "of", "down", "", "") ` +
	`or sum by (kind, result) (ptpwatch_exchanges_total{result=~"missing_.*|duplicate"}) ` +
	`or sum by (kind, result) (ptpwatch_exchanges_total{result="unmatched"} > 2)`

// healthy holds what is stored of a network on which nothing is wrong against
// that, and wants exchanges of both kinds in every scope.
func (l *lab) healthy(t *testing.T, delay string) {
	t.Helper()
	got, err := l.stored(t, health)
	if err != nil {
		t.Fatal(err)
	}
	want := series{}
	for _, of := range []string{"alerts", "changes", "drops", "decode_errors", "down"} {
		want[key("", label{"of", of})] = 0
	}
	for kind, faults := range map[string][]string{
		"sync": {"missing_follow_up", "duplicate"}, "delay": {"missing_response", "duplicate"},
		"pdelay": {"missing_follow_up", "missing_response", "duplicate"},
	} {
		for _, fault := range faults {
			want[key("", label{"kind", kind}, label{"result", fault})] = 0
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("-healthy +prometheus:\n%s", diff)
	}
	idle, err := l.stored(t, `max by (network, domain, kind) (ptpwatch_exchanges_total{kind=~"sync|`+delay+`",result="complete"}) == 0`)
	if err != nil || len(idle) > 0 {
		t.Errorf("no exchange is complete of %v (%v)", idle, err)
	}
}
