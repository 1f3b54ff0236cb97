package export

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// flood is a view of n invented grandmasters, each relayed by ten ports, and n
// ports that send and measure all there is, spread over domains; and in the
// last domain, heard last but one, the real grandmaster.
func flood(domains, n int) *Snapshot {
	v := &analysis.View{At: at(time.Hour)}
	for i := range domains {
		v.Domains = append(v.Domains, floodDomain(uint8(i), fmt.Sprintf("eth%d", i/250), n/domains))
	}
	real := fixtureDomain()
	real.Scope.Network = "real"
	for i := range real.Grandmasters {
		real.Grandmasters[i].FirstSeen = at(time.Hour - time.Second)
	}
	for i := range real.Ports {
		real.Ports[i].FirstSeen = at(time.Hour - time.Second)
	}
	v.Domains = append(v.Domains, real)
	for i := range 1000 {
		v.Alerts = append(v.Alerts, analysis.Alert{
			Name: "PTPUnknownGrandmaster", Severity: analysis.Warning, Raised: at(time.Minute),
			Scope: fixtureScope, Grandmaster: ptp.ClockIdentity(i + 1),
		})
	}
	return &Snapshot{View: v}
}

func floodDomain(number uint8, network string, n int) analysis.DomainView {
	d := analysis.DomainView{Scope: analysis.Scope{Network: network, DomainNumber: number}, GrandmasterChanges: 1}
	all := analysis.Summary{Count: 1, Last: 1e-6}
	statistics := fixtureStatistics()
	statistics.Windows[1] = statistics.Windows[0]
	metrics := make([]stability.Metric, len(stability.Taus))
	statistics.MTIE, statistics.TDEV = metrics, metrics
	for i := range metrics {
		metrics[i].Tau = stability.Taus[i]
	}
	for i := range n {
		clock := ptp.ClockIdentity(number)<<32 + ptp.ClockIdentity(i+1)
		g := analysis.GrandmasterView{Identity: clock, FirstSeen: at(time.Duration(i) * time.Millisecond)}
		p := analysis.PortView{
			Port: port(clock, 1), Role: analysis.RoleTimeTransmitter, Interface: network, Grandmaster: clock,
			FirstSeen: g.FirstSeen,
			Timings:   []analysis.TimingView{{Forward: all, Reverse: all, MeanPathDelay: all, MeanLinkDelay: all, Offset: all, Statistics: statistics}},
		}
		for _, source := range analysis.ClaimSources {
			p.Claims = append(p.Claims, analysis.ClaimView{Source: source, HasOffset: true, HasMeanPathDelay: true, Count: 1})
		}
		for _, t := range messageTypes {
			p.Intervals = append(p.Intervals, analysis.IntervalView{Type: t, Measured: 1, Advertised: 1})
		}
		for r := range 10 {
			g.Relays = append(g.Relays, analysis.RelayView{Port: port(ptp.ClockIdentity(number)<<32+ptp.ClockIdentity(r+1), 1)})
		}
		d.Grandmasters, d.Ports = append(d.Grandmasters, g), append(d.Ports, p)
		d.Distributions = append(d.Distributions, analysis.DistributionView{Grandmaster: clock, Histogram: new(stability.Histogram)})
	}
	for _, r := range []analysis.Role{analysis.RoleGrandmaster, analysis.RoleBoundary, analysis.RoleTimeTransmitter, analysis.RoleTimeReceiver, analysis.RolePeer, analysis.RoleManager} {
		d.Clocks, d.PortRoles = append(d.Clocks, analysis.RoleCount{Role: r, Count: n}), append(d.PortRoles, analysis.RoleCount{Role: r, Count: n})
	}
	for i := range 10 {
		for _, transport := range []packet.Transport{packet.IEEE8023, packet.UDPv4, packet.UDPv6} {
			d.Messages = append(d.Messages, analysis.MessageCount{Interface: fmt.Sprintf("%s.%d", network, i), Type: ptp.Sync, Transport: transport, Count: 1})
		}
	}
	return d
}

func TestSeriesCap(t *testing.T) {
	for _, domains := range []int{1, 64, 500} {
		t.Run(fmt.Sprintf("%d domains", domains), func(t *testing.T) {
			s := flood(domains, 10_000)
			page := scrape(t, s)
			if n := len(samples(page)); n >= 20_000 {
				t.Errorf("%d series", n)
			}
			for family, limit := range map[string]int{
				"grandmaster_info": maxGrandmasters, "steps_removed": maxStepsRemoved, "message_interval_seconds": maxIntervals,
				"forward_delay_seconds": maxPorts, "client_claimed_offset_seconds": maxClaims,
				"mean_path_delay_distribution_seconds_count": maxDistributions, "alert_active": maxAlerts, "ports": 6 * maxDomains,
				"messages_total": maxDomainCounters + 30,
			} {
				if n := len(samples(page, prefix+family+"{")); n == 0 || n > limit {
					t.Errorf("%d series of %s, limit %d", n, family, limit)
				}
			}
			// The real clocks came last and must be there all the same.
			for _, family := range []string{"grandmaster_best", "grandmaster_acceptable", "steps_removed", "message_interval_seconds", "forward_delay_seconds"} {
				if len(samples(page, prefix+family+"{", `network="real"`, clockA.String())) == 0 {
					t.Errorf("the real grandmaster was pushed out of %s", family)
				}
			}
			// Within the flood, who was first is there and who was last is not.
			if len(samples(page, "grandmaster_best", `domain="0"`, `grandmaster="000000.0000.000001"`)) != 1 {
				t.Error("the first clock of the flood was pushed out by later ones")
			}
			// Nothing that was counted is lost.
			if got, want := sum(t, samples(page, "messages_total{")), float64(domains*30+700); got != want {
				t.Errorf("messages_total sums to %v, want %v", got, want)
			}
			if got, want := sum(t, samples(page, "grandmaster_changes_total{")), float64(domains+1); got != want {
				t.Errorf("grandmaster_changes_total sums to %v, want %v", got, want)
			}
		})
	}
}

// A domain too big for the counters of all the others goes to "other" alone.
func TestDomainBeyondTheCounters(t *testing.T) {
	s := fixture()
	big := floodDomain(9, "trunk", 1)
	big.Messages = nil
	for i := range maxDomainCounters {
		big.Messages = append(big.Messages, analysis.MessageCount{Interface: fmt.Sprint("eth", i), Type: ptp.Sync, Count: 2})
	}
	s.View.Domains = append([]analysis.DomainView{big}, s.View.Domains...)
	page := scrape(t, s)
	want := `ptpwatch_messages_total{domain="other",interface="other",message_type="sync",network="other",sdo_id="other",transport="unknown"} ` + fmt.Sprint(2*maxDomainCounters)
	if got := samples(page, "messages_total", `"other"`, "sync"); len(got) != 1 || got[0] != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, "\n"), want)
	}
	if len(samples(page, "messages_total", `network="eth0"`)) != len(messageTypes) {
		t.Error("the small domain lost its counters")
	}
}

// Where there is no list the best grandmaster is the one to keep.
func TestBestOutlivesAFloodWithoutAList(t *testing.T) {
	s := flood(1, 10_000)
	real := &s.View.Domains[1]
	for i := range real.Grandmasters {
		real.Grandmasters[i].Verdict = analysis.Undecided
	}
	page := scrape(t, s)
	if len(samples(page, "grandmaster_best", clockA.String(), "} 1")) != 1 {
		t.Error("the best grandmaster was pushed out")
	}
	if got := samples(page, "grandmaster_acceptable"); len(got) > 0 {
		t.Errorf("a verdict of a list that is not there:\n%s", strings.Join(got, "\n"))
	}
}

// What the analysis had no room to tell apart is counted all the same.
func TestUntrackedDomainsAreCounted(t *testing.T) {
	s := fixture()
	s.View.Untracked = []analysis.MessageCount{{Interface: "eth0", Type: ptp.AnnounceMessage, Transport: packet.UDPv4, Count: 5}}
	want := `ptpwatch_messages_total{domain="other",interface="other",message_type="announce",network="other",sdo_id="other",transport="udp_ipv4"} 5`
	if got := samples(scrape(t, s), "messages_total", `"other"`); len(got) != 1 || got[0] != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, "\n"), want)
	}
}

// A peer gives time to nobody but answers for its link.
func TestPeerHasItsLinkDelay(t *testing.T) {
	s := fixture()
	peer := &s.View.Domains[0].Ports[1]
	peer.Role = analysis.RolePeer
	peer.Timings = []analysis.TimingView{{MeanLinkDelay: analysis.Summary{Count: 1, Last: 5e-8}}}
	want := `ptpwatch_mean_link_delay_seconds{domain="24",grandmaster="",interface="eth0",network="eth0",port="0c42a1.fffe.000001-1",sdo_id="0x000"} 5e-08`
	if got := samples(scrape(t, s), "mean_link_delay"); len(got) != 1 || got[0] != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, "\n"), want)
	}
}

// Domains that nobody is left in make room for those that are used.
func TestEmptyDomainsComeLast(t *testing.T) {
	s := fixture()
	s.View.Domains[0].Grandmasters[1].Verdict = analysis.Undecided
	var empty []analysis.DomainView
	for i := range maxDomains + 1 {
		empty = append(empty, analysis.DomainView{Scope: analysis.Scope{Network: "eth0", DomainNumber: uint8(100 + i)}})
	}
	s.View.Domains = append(empty, s.View.Domains...)
	if len(samples(scrape(t, s), "grandmaster_best", clockA.String())) != 1 {
		t.Error("empty domains pushed out the one in use")
	}
}
