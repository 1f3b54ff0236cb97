package e2e

import (
	"fmt"
	"maps"
	"math"
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
		{scenario: "udp-p2p", shows: "UDP over IPv4 and over IPv6, peer delay", delay: "pdelay"},
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
				got, err := l.stored(t, stated)
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

// stated selects what the clocks have a word of their own on.
const stated = `{__name__=~"ptpwatch_(steps_removed|grandmaster_(info|best|priority[12]|clock_class|clock_accuracy` +
	`|offset_scaled_log_variance|current_utc_offset_.*|leap..|ptp_timescale|.*_traceable))"} ` +
	`or ptpwatch_message_interval_seconds{message_type=~"announce|sync"}`

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

// delaysDiffer says which mean path delay is missing or not of the size that
// the receiver finds, who sits where the tap does. Everything here stamps in
// software, on a machine that may be busy, so more cannot be asked.
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

// health is 0 in every respect where all is well; that free-running lab clocks are
// noted is well. Exchanges that had begun when
// the agent began to listen are found unmatched, at most two on an interface.
const health = `label_replace(sum(ptpwatch_alerts_total{severity!="info"}), "of", "alerts", "", "") ` +
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
