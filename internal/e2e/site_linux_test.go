package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	linuxptp "github.com/ptpwatch/ptpwatch/internal/lab"
)

// site is a network with clients, a monitor, and whatever other clocks a test
// starts on it.
type site struct {
	*lab
	t       *testing.T
	network *linuxptp.Network
	options []string // of every clock
	clients []*linuxptp.Clock
}

// lay lays a hub with nodes on it, a monitor and clients at work.
func lay(t *testing.T, clients int, options []string, nodes ...string) *site {
	t.Helper()
	needs(t)
	n, err := linuxptp.NewNetwork()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &site{
		lab: &lab{namespaces: strings.TrimSuffix(n.Namespace(""), "-"), hubs: []string{"eth0"}},
		t:   t, network: n, options: append([]string{"-i", "eth0"}, options...),
	}
	nodes = append(nodes, "monitor")
	for i := range clients {
		nodes = append(nodes, client(i))
	}
	if err := n.Hub("eth0", nodes...); err != nil {
		t.Fatal(err)
	}
	for i := range clients {
		s.clients = append(s.clients, s.clock(client(i), "--slaveOnly", "1"))
	}
	return s
}

func client(i int) string { return "client" + strconv.Itoa(i) }

// clock starts a clock on a node, its identity that of its interface unless
// options say otherwise.
func (s *site) clock(node string, options ...string) *linuxptp.Clock {
	s.t.Helper()
	c, err := s.network.Clock(node, slices.Concat(s.options, options)...)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// ask has a clock of domain 0 answer, or obey, pmc.
func (s *site) ask(c *linuxptp.Clock, command, want string) {
	s.t.Helper()
	answer, err := c.Ask(command)
	if err != nil || !strings.Contains(answer, want) {
		s.t.Fatalf("pmc %s: %v: %s lacks %q", command, err, answer, want)
	}
}

// choice is a line of ptp4l's log: whom it follows from then on.
type choice struct {
	at    time.Duration // by CLOCK_MONOTONIC, cut down to milliseconds
	clock string
}

var choosing = regexp.MustCompile(`(?m)^ptp4l\[(\d+)\.(\d{3})\]: selected (?:best master clock|local clock) (\S+)`)

// choices are all a clock has made.
func choices(t *testing.T, c *linuxptp.Clock) (all []choice) {
	t.Helper()
	for _, m := range choosing.FindAllStringSubmatch(c.Log(), -1) {
		ms, err := strconv.ParseInt(m[1]+m[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, choice{time.Duration(ms) * time.Millisecond, m[3]})
	}
	return all
}

// monotonic reads the clock that ptp4l's log tells.
func monotonic(t *testing.T) time.Duration {
	t.Helper()
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.Nano())
}

// follow waits until every client follows a clock by a choice made since, and
// tells when the first made it.
func (s *site) follow(clock string, since time.Duration) (first time.Duration) {
	s.t.Helper()
	await(s.t, 50*time.Millisecond, "every client to follow "+clock, func() error {
		first = 0
		for i, c := range s.clients {
			all := choices(s.t, c)
			if n := len(all); n == 0 || all[n-1].clock != clock || all[n-1].at < since {
				return fmt.Errorf("client %d has chosen %v", i, all)
			}
			for _, chosen := range all {
				if chosen.clock == clock && chosen.at >= since && (first == 0 || chosen.at < first) {
					first = chosen.at
				}
			}
		}
		return nil
	})
	return first
}

// agent is a ptpwatch that watches a site.
type agent struct {
	*program
	site *site
	web  *http.Client
}

// watched starts an agent with a configuration, besides that it listens as at a
// mirror port.
func (s *site) watched(configuration string) *agent {
	s.t.Helper()
	binary, err := build()
	if err != nil {
		s.t.Fatal(err)
	}
	file := filepath.Join(s.t.TempDir(), "ptpwatch.yaml")
	configuration = "interfaces:\n  - {name: eth0, promiscuous: true}\n" + configuration
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return &agent{
		program: s.monitor(s.t, binary, "run", "--config", file, "--listen", agentAddress, "--log-format", "json"),
		site:    s, web: s.web(),
	}
}

// web is a client of servers in the monitor's namespace.
func (s *site) web() *http.Client {
	dial := func(_ context.Context, _, address string) (net.Conn, error) {
		return s.network.Dial("monitor", address)
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: 10 * time.Second}
}

// listed is a configuration that accepts some clocks in a domain, and no other.
func listed(domain int, clocks ...string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "domains:\n  - domain: %d\n    grandmasters:\n", domain)
	for _, c := range clocks {
		text.WriteString("      - identity: " + c + "\n")
	}
	return text.String()
}

// get reads JSON from the agent.
func (a *agent) get(path string, into any) error {
	response, err := a.web.Get("http://" + agentAddress + path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(into)
}

// shown is a scrape: the sum of the samples whose text begins with a family
// and has all these labels, and whether there are any.
func (a *agent) shown(family string, labels ...string) (sum float64, found bool, err error) {
	response, err := a.web.Get("http://" + agentAddress + "/metrics")
	if err != nil {
		return 0, false, err
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, false, err
	}
	for line := range strings.Lines(string(page)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "} ")
		missing := func(l string) bool { return !strings.Contains(name, l) }
		if !strings.HasPrefix(name, "ptpwatch_"+family+"{") || slices.ContainsFunc(labels, missing) {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, false, fmt.Errorf("%q: %w", line, err)
		}
		sum, found = sum+v, true
	}
	return sum, found, nil
}

// shows waits until a scrape has a value.
func (a *agent) shows(want float64, family string, labels ...string) {
	a.t.Helper()
	await(a.t, 20*time.Millisecond, fmt.Sprintf("%s%q to be %v", family, labels, want), func() error {
		got, found, err := a.shown(family, labels...)
		if err == nil && (!found || got != want) {
			err = fmt.Errorf("it is %v, %v", got, found)
		}
		return err
	})
}

// best waits until a scrape shows a clock as the best.
func (a *agent) best(clock string) {
	a.t.Helper()
	a.shows(1, "grandmaster_best", `grandmaster="`+clock+`"`)
}

// raised is an alert as the agent's log tells it.
type raised struct {
	Time                                  time.Time // when that was written
	Msg                                   string
	Alert, Severity, Grandmaster, Reason  string
	Network, Expected, Observed, Previous string
}

// alerts are all that the agent has raised.
func (a *agent) alerts() (all []raised) {
	a.t.Helper()
	said := a.said()
	for line := range strings.Lines(said[:strings.LastIndexByte(said, '\n')+1]) {
		var r raised
		if !strings.HasPrefix(line, "{") {
			continue
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			a.t.Fatalf("log line %q: %v", line, err)
		}
		if r.Msg == "alert raised" {
			all = append(all, r)
		}
	}
	return all
}

// raises waits until the agent raises one of these alerts about a clock, "" for
// any.
func (a *agent) raises(clock string, names ...string) (found raised) {
	a.t.Helper()
	await(a.t, 2*time.Millisecond, fmt.Sprintf("%q about %s", names, clock), func() error {
		all := a.alerts()
		i := slices.IndexFunc(all, func(r raised) bool {
			return slices.Contains(names, r.Alert) && (clock == "" || clock == r.Grandmaster)
		})
		if i < 0 {
			return fmt.Errorf("raised are %+v", all)
		}
		found = all[i]
		return nil
	})
	return found
}

// lastAnnounce is the latest Announce of a clock that a scrape has, in seconds
// since 1970.
func (a *agent) lastAnnounce(clock string) (float64, error) {
	at, _, err := a.shown("grandmaster_last_announce_timestamp_seconds", `grandmaster="`+clock+`"`)
	return at, err
}

// announced waits for an Announce of a clock that is later than this.
func (a *agent) announced(clock string, than time.Time) {
	a.t.Helper()
	await(a.t, 50*time.Millisecond, "an Announce of "+clock, func() error {
		at, err := a.lastAnnounce(clock)
		if want := float64(than.UnixNano()) / 1e9; err == nil && at <= want {
			err = fmt.Errorf("the last was at %f, want one after %f", at, want)
		}
		return err
	})
}

// silent waits until a clock has announced nothing for so long that another
// has.
func (a *agent) silent(clock, other string, forSo time.Duration) {
	a.t.Helper()
	await(a.t, 50*time.Millisecond, clock+" to be silent", func() error {
		last, err := a.lastAnnounce(clock)
		if err != nil {
			return err
		}
		now, err := a.lastAnnounce(other)
		if err == nil && now-last <= forSo.Seconds() {
			err = fmt.Errorf("its last Announce is at %f, that of %s at %f", last, other, now)
		}
		return err
	})
}
