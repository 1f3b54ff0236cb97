package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// seen is what browser/hijack.mjs says of the status page.
type seen struct {
	Event  string
	Looks  map[string]looked // by look: light, dark, phone
	Tree   []string          // indented
	Faults []string
	Shown  int64 // when the rogue was on the page, milliseconds since 1970
	Kept   bool  // what the reader opened stays open, with the focus
	Bare   string
	Title  string
	Link   string
	Stops  []struct { // of the Tab key
		Name string
		Seen bool
	}
	Findings []finding
}

// looked is one page at one moment.
type looked struct {
	Passed   int // rules of axe-core
	Findings []finding
	Wide     int // pixels that stick out at the right
	Link     string
}

// finding is a rule of axe-core that a page breaks.
type finding struct {
	Rule, Impact string
	Where        []string
}

// browse starts a script of browser/ in the monitor's namespace.
func (s *site) browse(script string, args ...string) *browsing {
	s.t.Helper()
	for _, needed := range []string{"/usr/bin/chromium", filepath.Join("browser", "node_modules", "axe-core", "axe.min.js")} {
		if _, err := os.Stat(needed); err != nil {
			s.t.Fatalf("needs what make deps installs: %v", err)
		}
	}
	node, err := exec.LookPath("node")
	if err != nil {
		s.t.Fatal(err)
	}
	return &browsing{s.monitor(s.t, node, append([]string{filepath.Join("browser", script)}, args...)...)}
}

type browsing struct{ *program }

// says waits for what the script saw.
func (b *browsing) says(event string) (found seen) {
	b.t.Helper()
	await(b.t, 50*time.Millisecond, "the browser to say "+event, func() error {
		for line := range strings.Lines(b.said()) {
			var s seen
			if json.Unmarshal([]byte(line), &s) == nil && s.Event == event {
				found = s
				return nil
			}
		}
		return fmt.Errorf("it said %q", b.said())
	})
	return found
}

// TestStatusPage looks at the status page with a real browser while a real clock
// takes over from another: first at a healthy tree of grandmaster, boundary
// clock and clients, then at the rogue, then at what is left when the agent
// stops.
func TestStatusPage(t *testing.T) {
	const shownWithin = 2 * time.Second // of the rogue's first Announce
	s := lay(t, 1, everySecond, "gm", "rogue", "bc")
	if err := s.network.Hub("eth1", "bc", "edge", "monitor"); err != nil {
		t.Fatal(err)
	}
	s.clock("gm", "--clockIdentity", trueClock)
	const boundary, edge = "025054.fffe.0000bc", "025054.fffe.0000ed"
	s.clock("bc", "--clockIdentity", boundary, "-i", "eth1")
	if _, err := s.network.Clock("edge", slices.Concat(everySecond, []string{"-i", "eth1", "--clockIdentity", edge, "--slaveOnly", "1"})...); err != nil {
		t.Fatal(err)
	}
	s.follow(trueClock, 0)
	a := s.watched("  - {name: eth1, promiscuous: true}\nnetworks:\n  - {name: lab, interfaces: [eth0, eth1]}\n" + listed(0, trueClock))
	a.best(trueClock)

	b := s.browse("hijack.mjs", "http://"+agentAddress+"/", otherClock, os.Getenv("PAGE_PICTURES"))
	healthy := b.says("healthy")
	healthy.check(t)
	if want := []string{trueClock + " grandmaster, best", "  " + boundary + " boundary clock, 1 step", "    " + edge + " client"}; !inOrder(healthy.Tree, want) {
		t.Errorf("the tree is %q, want in it %q", healthy.Tree, want)
	}

	s.clock("rogue", "--clockIdentity", otherClock, "--priority1", "127")
	hijack := b.says("hijack")
	hijack.check(t)
	raised := a.reported("PTPRogueGrandmaster", otherClock)
	latency := time.UnixMilli(hijack.Shown).Sub(raised)
	t.Logf("the rogue was on the page %v after its first Announce", latency)
	if latency > shownWithin {
		t.Errorf("the rogue was on the page %v after its first Announce, want %v", latency, shownWithin)
	}
	if want := []string{otherClock + " grandmaster, best, NOT acceptable"}; !inOrder(hijack.Tree, want) {
		t.Errorf("the tree is %q, want in it %q", hijack.Tree, want)
	}
	if !hijack.Kept {
		t.Error("what the reader had opened is closed, or has lost the focus")
	}
	if want := "CRITICAL: PTPRogueGrandmaster"; !strings.Contains(hijack.Title, want) || !strings.Contains(hijack.Bare, want) || !strings.Contains(hijack.Bare, otherClock) {
		t.Errorf("title %q, and without scripts:\n%s\nwant %s and %s", hijack.Title, hijack.Bare, want, otherClock)
	}
	var stops []string
	for _, stop := range hijack.Stops {
		stops = append(stops, stop.Name)
		if !stop.Seen {
			t.Errorf("nobody sees that %q has the focus", stop.Name)
		}
	}
	if want := []string{"Skip to the status", "More on PTPRogueGrandmaster", "Delay and offset, table", "Metrics", "Ready"}; !inOrder(stops, want) {
		t.Errorf("the Tab key leads to %q, want among them %q", stops, want)
	}

	a.stop()
	lost := b.says("lost")
	if !strings.HasPrefix(lost.Link, "NOT LIVE") || !strings.HasPrefix(lost.Title, "NOT LIVE") || len(lost.Faults) > 0 || len(lost.Findings) > 0 {
		t.Errorf("without the agent the page says %q, title %q; %q %+v", lost.Link, lost.Title, lost.Faults, lost.Findings)
	}
}

// check holds what every page must be like at any time.
func (s seen) check(t *testing.T) {
	t.Helper()
	if len(s.Faults) > 0 {
		t.Errorf("%s: %q", s.Event, s.Faults)
	}
	if len(s.Looks) != 3 {
		t.Errorf("%s: looked at %d pages", s.Event, len(s.Looks))
	}
	for name, l := range s.Looks {
		if diff := gocmp.Diff([]finding{}, l.Findings); diff != "" || l.Passed < 20 {
			t.Errorf("%s, %s: %d rules pass; findings -want +got\n%s", s.Event, name, l.Passed, diff)
		}
		if l.Wide > 0 || l.Link != "Live" {
			t.Errorf("%s, %s: %d pixels too wide, %q", s.Event, name, l.Wide, l.Link)
		}
	}
}

// inOrder says whether there is a line for each prefix, in their order.
func inOrder(lines, prefixes []string) bool {
	for _, line := range lines {
		if len(prefixes) > 0 && strings.HasPrefix(line, prefixes[0]) {
			prefixes = prefixes[1:]
		}
	}
	return len(prefixes) == 0
}

// reported is when the message was captured that raised an alert, as the API
// has it.
func (a *agent) reported(alert, clock string) (raised time.Time) {
	a.t.Helper()
	response, err := a.web.Get("http://" + agentAddress + "/api/v1/report")
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	var report struct {
		Alerts []struct {
			Alert, Grandmaster string
			Raised             time.Time
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&report); err != nil {
		a.t.Fatal(err)
	}
	for _, r := range report.Alerts {
		if r.Alert == alert && r.Grandmaster == clock {
			return r.Raised
		}
	}
	a.t.Fatalf("the report has no %s of %s: %+v", alert, clock, report.Alerts)
	return time.Time{}
}
