package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// hijack is a way for one clock to win over another. Besides what it names both
// say the same.
type hijack struct {
	name     string
	shows    string
	domain   int
	interval time.Duration // between Announces
	options  []string      // of ptp4l, of every clock
	gm       []string      // of the grandmaster
	rogue    []string      // of the rogue
	alerts   []string      // any of which tells it
	known    bool          // the rogue is on the list, and was heard before
}

// identity is the rogue's.
func (h *hijack) identity() string { return h.rogue[slices.Index(h.rogue, "--clockIdentity")+1] }

const (
	trueClock  = "025054.fffe.00000b" // in the middle, so that some can be lower
	lowerClock = "025054.fffe.00000a"
	otherClock = "025054.fffe.00000c"
)

var (
	// Once a second, for what the default profile does every two (IEEE 1588-2019
	// I.3.2): with half the time to see it in.
	everySecond = []string{"--logAnnounceInterval", "0", "--logSyncInterval", "0", "--logMinDelayReqInterval", "0"}
	// As ITU-T G.8275.1 says, but for the timeout: a busy machine may keep a
	// clock waiting longer than three Announces, 375 ms.
	telecom = []string{
		"-2", "--domainNumber", "24", "--dataset_comparison", "G.8275.x", "--G.8275.defaultDS.localPriority", "128",
		"--maxStepsRemoved", "255", "--logAnnounceInterval", "-3", "--logSyncInterval", "-4", "--logMinDelayReqInterval", "-4",
		"--announceReceiptTimeout", "16", "--clockClass", "6", "--offsetScaledLogVariance", "0x4e5d",
	}
)

var hijacks = []hijack{
	{
		name: "priority1", shows: "a better priority1", interval: time.Second, options: everySecond,
		rogue: []string{"--clockIdentity", otherClock, "--priority1", "127"}, alerts: []string{"PTPRogueGrandmaster"},
	},
	{
		name: "class", shows: "a better clockClass", interval: time.Second, options: everySecond,
		gm:    []string{"--clockClass", "13"},
		rogue: []string{"--clockIdentity", otherClock, "--clockClass", "6"}, alerts: []string{"PTPRogueGrandmaster"},
	},
	{
		name: "copy", shows: "every compared field the same, a lower identity", interval: time.Second,
		options: append(slices.Clone(everySecond), "--priority1", "100", "--clockClass", "6", "--clockAccuracy", "0x21"),
		rogue:   []string{"--clockIdentity", lowerClock}, alerts: []string{"PTPRogueGrandmaster"},
	},
	{
		name: "g8275.1", shows: "ITU-T G.8275.1: a better clockAccuracy, beside a worse priority1 that does not count",
		domain: 24, interval: time.Second / 8, options: telecom,
		gm:    []string{"--clockAccuracy", "0x21"},
		rogue: []string{"--clockIdentity", otherClock, "--clockAccuracy", "0x20", "--priority1", "200"}, alerts: []string{"PTPRogueGrandmaster"},
	},
	{
		name: "known", shows: "a listed clock, heard before, raises its own priority1", interval: time.Second, options: everySecond,
		rogue: []string{"--clockIdentity", otherClock, "--priority1", "200"}, known: true,
		alerts: []string{"PTPGrandmasterDatasetChanged", "PTPGrandmasterChanged"},
	},
}

// lead is how much earlier the agent's alert was there than the first client's
// choice.
type lead struct {
	logged time.Duration // from the agent's log, by the system's clock
	shown  time.Duration // from the end of the first scrape that has it
}

func (l lead) inTime() bool { return l.logged > 0 && l.shown > 0 }

// TestHijack holds when an alert is there against when the first of ten clients
// says that it follows the rogue.
//
// ptp4l's log has CLOCK_MONOTONIC in milliseconds, cut down: a client chose so
// much later at most. The alert is there when a scrape that shows it has ended,
// by the same clock; so a lead is longer than it is told, never shorter. When
// the agent wrote it to its log is known by CLOCK_REALTIME; the two are compared
// when the line is read, so what is set or slewed in between, milliseconds
// later, is all that can be wrong.
//
// Clients that have never heard of the rogue take one Announce more than the
// standard says: only from the second run on must the agent hurry.
func TestHijack(t *testing.T) {
	runs := 2
	if n, err := strconv.Atoi(os.Getenv("HIJACK_RUNS")); err == nil {
		runs = n
	}
	var mu sync.Mutex
	measured := make(map[string][]lead)
	t.Cleanup(func() { report(t, runs, measured) })
	for _, h := range hijacks {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := lay(t, 10, append([]string{"--domainNumber", strconv.Itoa(h.domain)}, h.options...), "gm", "rogue")
			hijack := s.prepare(&h)
			for run := range runs {
				l := hijack()
				mu.Lock()
				measured[h.name] = append(measured[h.name], l)
				mu.Unlock()
				t.Logf("run %d of %d: logged %v, shown %v before the first of the clients followed", run+1, runs, l.logged, l.shown)
				if !l.inTime() {
					t.Errorf("%s: the alert was late in run %d", h.shows, run+1)
				}
			}
		})
	}
}

// foreignMasterWindow is FOREIGN_MASTER_TIME_WINDOW in intervals (IEEE 1588-2019
// 9.3.2.4.5). Who announced himself within it is followed upon the very Announce
// that is better: nobody can tell of him before he is. A ptp4l that does not win
// is silent.
const foreignMasterWindow = 4

// prepare returns what lets the rogue win once.
func (s *site) prepare(h *hijack) func() lead {
	gmOptions := append([]string{"--clockIdentity", trueClock}, h.gm...)
	if h.known {
		rogue := s.clock("rogue", h.rogue...)
		return func() lead {
			s.follow(h.identity(), 0)
			a := s.watched(listed(h.domain, trueClock, h.identity()))
			a.best(h.identity())
			gm := s.clock("gm", gmOptions...)
			a.best(trueClock)
			s.follow(trueClock, 0)
			a.silent(h.identity(), trueClock, foreignMasterWindow*h.interval)
			began := monotonic(s.t)
			asked := make(chan error, 1)
			go func() { // pmc is slower than the agent
				_, err := rogue.Ask("SET PRIORITY1 1")
				asked <- err
			}()
			l := s.measure(h, a, began)
			if err := <-asked; err != nil {
				s.t.Fatal(err)
			}
			gm.Stop()
			s.ask(rogue, "SET PRIORITY1 200", "RESPONSE MANAGEMENT PRIORITY1")
			return l
		}
	}
	s.clock("gm", gmOptions...)
	return func() lead {
		s.follow(trueClock, 0)
		a := s.watched(listed(h.domain, trueClock))
		a.best(trueClock)
		began := monotonic(s.t)
		rogue := s.clock("rogue", h.rogue...)
		l := s.measure(h, a, began)
		rogue.Stop()
		return l
	}
}

// measure waits for the alert and for all clients to follow the rogue.
func (s *site) measure(h *hijack, a *agent, began time.Duration) lead {
	s.t.Helper()
	alert := a.raises(h.identity(), h.alerts...)
	ago := time.Since(alert.Time)
	logged := monotonic(s.t) - ago
	a.shows(1, "alert_active", `alert="`+alert.Alert+`"`, `grandmaster="`+h.identity()+`"`)
	shown := monotonic(s.t)
	first := s.follow(h.identity(), began)
	a.stop()
	s.t.Logf("%s, %s: %s", alert.Alert, alert.Reason, alert.Observed)
	return lead{first - logged, first - shown}
}

// outcome is what TestHijack found of one way.
type outcome struct {
	Kind     string   `json:"kind"`
	Shows    string   `json:"shows"`
	Alerts   []string `json:"alerts"`
	Interval int64    `json:"announce_interval_ms"`
	Runs     int      `json:"runs"`
	Passed   int      `json:"passed"`
	Logged   spread   `json:"lead_logged_ms"` // of the agent's log
	Shown    spread   `json:"lead_shown_ms"`  // of the scrape
}

type spread struct {
	Min    int64   `json:"min"`
	Median int64   `json:"median"`
	Max    int64   `json:"max"`
	Each   []int64 `json:"each"`
}

func newSpread(leads []lead, of func(lead) time.Duration) (s spread) {
	for _, l := range leads {
		s.Each = append(s.Each, of(l).Milliseconds())
	}
	if n := len(s.Each); n > 0 {
		sorted := slices.Sorted(slices.Values(s.Each))
		s.Min, s.Median, s.Max = sorted[0], (sorted[(n-1)/2]+sorted[n/2])/2, sorted[n-1]
	}
	return s
}

// report writes what was measured, a line for each way, where HIJACK_RESULT says.
func report(t *testing.T, runs int, measured map[string][]lead) {
	var all bytes.Buffer
	lines := json.NewEncoder(&all)
	for _, h := range hijacks {
		leads := measured[h.name]
		o := outcome{
			Kind: h.name, Shows: h.shows, Alerts: h.alerts, Interval: h.interval.Milliseconds(), Runs: runs,
			Logged: newSpread(leads, func(l lead) time.Duration { return l.logged }),
			Shown:  newSpread(leads, func(l lead) time.Duration { return l.shown }),
		}
		for _, l := range leads {
			if l.inTime() {
				o.Passed++
			}
		}
		if err := lines.Encode(o); err != nil {
			t.Fatal(err)
		}
	}
	if name := os.Getenv("HIJACK_RESULT"); name != "" {
		if err := os.WriteFile(name, all.Bytes(), 0o644); err != nil {
			t.Error(err)
		}
	}
}
