package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

const (
	pagedWithin = 15 * time.Second // of the rogue's first Announce, with what ships
	// The agent holds an alert for a minute after the rogue has timed out, the
	// rules for two, Alertmanager tells of it in the next of its minutes.
	resolvedWithin = 5 * time.Minute
)

// intrusion is a rogue whose page is timed.
type intrusion struct {
	name  string
	rogue []string // of ptp4l
	pages []string // what it pages for
}

var intrusions = []intrusion{
	{"a reserved clockClass", []string{"--clockClass", "5"}, []string{"PTPIllegalClockQuality", "PTPRogueGrandmaster"}},
	{"a better priority1", []string{"--priority1", "127"}, []string{"PTPRogueGrandmaster"}},
}

// paged is how long after the rogue's first Announce each stage was reached, and
// what was sent.
type paged struct {
	Phase     int64  `json:"phase_ms"` // of the rogue's start in the five seconds of a scrape
	Rogue     string `json:"rogue"`
	Logged    int64  `json:"agent_ms"`        // the agent had written its alert
	Scraped   int64  `json:"scraped_ms"`      // Prometheus had asked for it
	Fired     int64  `json:"fired_ms"`        // a rule had it firing
	Notified  int64  `json:"notified_ms"`     // the pager was called
	Pages     int    `json:"pages"`           // how often, for the whole incident
	Resolves  int    `json:"resolves"`        // and told that it is over
	Resolved  int64  `json:"resolved_ms"`     // after the rogue was stopped
	Tickets   int    `json:"tickets"`         // beside them
	InTime    bool   `json:"in_time"`         // of the page
	Complaint string `json:"error,omitempty"` // for a run that failed
}

// TestPage follows a page from the rogue's first Announce to the pager, with the
// configuration that ships, and then the news that it is over. Every run has its
// own clocks, agent, Prometheus and Alertmanager.
func TestPage(t *testing.T) {
	runs := 1
	if n, err := strconv.Atoi(os.Getenv("PAGE_RUNS")); err == nil {
		runs = n
	}
	var mu sync.Mutex
	measured := make([]paged, runs)
	t.Cleanup(func() { reportPages(t, measured) })
	for run := range runs {
		what := intrusions[run%len(intrusions)]
		t.Run(fmt.Sprintf("%d %s", run+1, what.name), func(t *testing.T) {
			t.Parallel()
			phase := time.Duration(run) * 5 * time.Second / time.Duration(runs)
			p := paged{Phase: phase.Milliseconds(), Rogue: what.name, Complaint: "did not end"}
			defer func() {
				mu.Lock()
				measured[run] = p
				mu.Unlock()
			}()
			timePage(t, what, phase, &p)
			if p.Complaint = ""; t.Failed() {
				p.Complaint = "see the test's output"
			}
		})
	}
}

// timePage is a run. The rogue starts so long after a full five seconds of the system's
// clock, by which Prometheus asks: it must not matter when.
func timePage(t *testing.T, what intrusion, phase time.Duration, p *paged) {
	s := lay(t, 1, everySecond, "gm", "rogue")
	s.clock("gm", "--clockIdentity", trueClock)
	s.follow(trueClock, 0)
	a := s.watched(listed(0, trueClock))
	a.best(trueClock)
	pager := s.page(t, s.network)
	s.prometheus(t)
	eventually(t, "a scrape", func() error {
		if up, err := s.sampled("up"); err != nil || len(up) == 0 {
			return fmt.Errorf("there is none: %w", err)
		}
		return nil
	})
	first := s.firstAnnounce()
	now := time.Now()
	time.Sleep(now.Truncate(5 * time.Second).Add(5*time.Second + phase).Sub(now))
	rogue := s.clock("rogue", append([]string{"--clockIdentity", otherClock}, what.rogue...)...)

	began := first()
	after := func(at time.Time) int64 { return at.Sub(began).Milliseconds() }
	page := pager.got("page", 0, time.Minute)
	p.Logged = after(a.raises(otherClock, "PTPRogueGrandmaster").Time)
	p.Scraped = after(s.firstSample(`ptpwatch_alert_active{alert="PTPRogueGrandmaster"}`))
	p.Fired = after(s.firstSample(`ALERTS{alertname="PTPRogueGrandmaster",alertstate="firing"}`))
	p.Notified = after(page.at)
	p.InTime = page.at.Sub(began) <= pagedWithin
	t.Logf("after the rogue's first Announce: agent %d ms, scraped %d ms, firing %d ms, paged %d ms", p.Logged, p.Scraped, p.Fired, p.Notified)
	if !p.InTime {
		t.Errorf("the page came %d ms after the rogue's first Announce, want %v", p.Notified, pagedWithin)
	}
	if diff := gocmp.Diff(what.pages, page.names()); diff != "" || page.Status != "firing" {
		t.Errorf("the page is %s, of -want +got:\n%s", page.Status, diff)
	}
	for _, alert := range page.Alerts {
		if alert.Labels["grandmaster"] != otherClock || alert.Labels["cluster"] != "site1" || alert.Annotations["runbook_url"] == "" {
			t.Errorf("the page says %+v", alert)
		}
	}
	for name, state := range s.states(t) { // a page holds back what it explains
		alert, network, _ := strings.Cut(name, " ")
		if paging := slices.Contains(what.pages, alert); network != "" && paging != (state == "active") {
			t.Errorf("amtool calls %s %s", name, state)
		}
	}
	s.follow(otherClock, 0)

	rogue.Stop()
	stopped := time.Now()
	over := pager.got("page", 1, resolvedWithin)
	p.Resolved = over.at.Sub(stopped).Milliseconds()
	t.Logf("%v after the rogue left: %s", over.at.Sub(stopped).Round(time.Second), over.Status)
	for _, n := range pager.notified("page") {
		if n.Status == "firing" {
			p.Pages++
		} else {
			p.Resolves++
		}
	}
	p.Tickets = len(pager.notified("ticket"))
	if alive := len(pager.notified("alive")); alive < 3 {
		t.Errorf("%d signs of life in more than three minutes", alive)
	}
	if p.Pages != 1 || p.Resolves != 1 {
		t.Errorf("%d pages and %d times told that it is over, want one each: %+v", p.Pages, p.Resolves, pager.notified("page"))
	}
	if diff := gocmp.Diff(what.pages, over.names()); diff != "" {
		t.Errorf("over are -want +got:\n%s", diff)
	}
}

// firstAnnounce has tcpdump wait for the first Announce of the rogue, so that
// the agent's word is not taken for it. What it returns waits for that.
func (s *site) firstAnnounce() func() time.Time {
	s.t.Helper()
	// messageType 11, and grandmasterIdentity at octet 53 (IEEE 1588-2019 13.3,
	// 13.5), behind the 8 octets of UDP.
	filter := "udp port 320 and udp[8] & 15 = 11 and udp[61:4] = 0x025054ff and udp[65:4] = 0xfe00000c"
	dump := s.monitor(s.t, "tcpdump", "-i", "eth0", "-p", "-n", "-l", "-tt", "--time-stamp-precision", "nano", "-c", "1", filter)
	await(s.t, 10*time.Millisecond, "tcpdump", func() error {
		if !strings.Contains(dump.said(), "listening on") {
			return fmt.Errorf("it says %q", dump.said())
		}
		return nil
	})
	return func() (at time.Time) {
		await(s.t, 50*time.Millisecond, "the rogue's first Announce", func() error {
			for line := range strings.Lines(dump.said()) {
				stamp, _, _ := strings.Cut(line, " IP ")
				seconds, nanos, found := strings.Cut(stamp, ".")
				sec, err := strconv.ParseInt(seconds, 10, 64)
				nsec, err2 := strconv.ParseInt(nanos, 10, 64)
				if found && err == nil && err2 == nil {
					at = time.Unix(sec, nsec)
					return nil
				}
			}
			return fmt.Errorf("tcpdump says %q", dump.said())
		})
		return at
	}
}

// prometheus starts the Prometheus of the example in the monitor's namespace. By
// the name of its folder it chooses when in the five seconds the rules are asked:
// it must not matter either.
func (l *lab) prometheus(t *testing.T) {
	t.Helper()
	dir := shipped(t)
	l.monitor(t, "prometheus", "--config.file", filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path", filepath.Join(dir, "data"),
		"--web.listen-address", prometheusAddress, "--log.level", "warn")
}

// sampled are the values of a selector in the last five minutes, oldest first.
func (s *site) sampled(selector string) (samples []sample, err error) {
	s.t.Helper()
	query := url.Values{"query": {selector + "[5m]"}}
	response, err := s.web().Get("http://" + prometheusAddress + "/api/v1/query?" + query.Encode())
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct {
		Error string
		Data  struct{ Result []struct{ Values []sample } }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("%s: %w", selector, err)
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("%s: %s", selector, answer.Error)
	}
	for _, series := range answer.Data.Result {
		samples = append(samples, series.Values...)
	}
	slices.SortFunc(samples, func(a, b sample) int { return a.at.Compare(b.at) })
	return samples, nil
}

// sample is a value that Prometheus has stored.
type sample struct {
	at    time.Time
	value string
}

func (s *sample) UnmarshalJSON(text []byte) error {
	var seconds float64
	if err := json.Unmarshal(text, &[]any{&seconds, &s.value}); err != nil {
		return err
	}
	s.at = time.UnixMilli(int64(seconds * 1000))
	return nil
}

// firstSample is when a selector was first found to be 1.
func (s *site) firstSample(selector string) time.Time {
	s.t.Helper()
	samples, err := s.sampled(selector)
	i := slices.IndexFunc(samples, func(of sample) bool { return of.value == "1" })
	if err != nil || i < 0 {
		s.t.Fatalf("%s was never 1: %+v, %v", selector, samples, err)
	}
	return samples[i].at
}

// reportPages writes what was measured, a line for each run, where PAGE_RESULT
// says.
func reportPages(t *testing.T, measured []paged) {
	name := os.Getenv("PAGE_RESULT")
	if name == "" {
		return
	}
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := json.NewEncoder(file)
	for _, p := range measured {
		if err := lines.Encode(p); err != nil {
			t.Error(err)
		}
	}
}
