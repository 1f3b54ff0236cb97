package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	linuxptp "github.com/ptpwatch/ptpwatch/internal/lab"
)

// anomaly is what the device in the path does, and what it is to be called.
type anomaly struct {
	name      string
	effect    linuxptp.Effect
	alert     string
	direction string
}

const heldUp = 200 * time.Microsecond

var anomalies = []anomaly{
	{"200 us on Sync", linuxptp.Effect{Sync: true, Delay: heldUp}, "PTPPathAsymmetry", "forward"},
	{"200 us on Delay_Req", linuxptp.Effect{DelayReq: true, Delay: heldUp}, "PTPPathAsymmetry", "reverse"},
	{"200 us on both", linuxptp.Effect{Sync: true, DelayReq: true, Delay: heldUp}, "PTPPathDelayShift", ""},
	{"timestamps shifted by 500 us", linuxptp.Effect{Shift: 500 * time.Microsecond}, "PTPTimeStep", ""},
}

// inTime is how soon an anomaly is to be named.
const inTime = 15 * time.Second

// pace is how often the clocks send. What is not in time at a pace that need not
// be is counted, and no failure: a tap that stamps in software has few messages to
// tell a delay from its host's moods there.
type pace struct {
	name    string
	must    bool
	options []string
}

// paces are that of make lab, and as the default profile has it.
var paces = []pace{
	{"8 Syncs/s", true, []string{"--logAnnounceInterval", "-1", "--logSyncInterval", "-3", "--logMinDelayReqInterval", "-3"}},
	{"1 Sync/s", false, everySecond},
}

// sitesEach is how many sites there are of each pace where there are many runs:
// after a step of time it is five minutes until another is told anew.
const sitesEach = 4

// TestPathAnomaly holds what a running agent calls an anomaly against what a
// device between real clocks does. Before, for a while, the device does nothing,
// and nothing is to be told.
//
// Each anomaly is once, on a site of the first pace. ANOMALY_RUNS says how often
// each is at each pace instead, ANOMALY_QUIET for how long nothing is before,
// ANOMALY_RESULT where the outcome goes.
func TestPathAnomaly(t *testing.T) {
	t.Parallel()
	runs, sites, chosen, quiet := 1, 1, paces[:1], 15*time.Second
	if n, err := strconv.Atoi(os.Getenv("ANOMALY_RUNS")); err == nil {
		runs, sites, chosen = n, sitesEach, paces
	}
	if d, err := time.ParseDuration(os.Getenv("ANOMALY_QUIET")); err == nil {
		quiet = d
	}
	var found anomalyOutcomes
	t.Cleanup(func() { found.report(t) })
	for _, pace := range chosen {
		for site := range sites {
			t.Run(fmt.Sprintf("%s, site %d", pace.name, site+1), func(t *testing.T) {
				t.Parallel()
				p := layPath(t, pace.options)
				p.settled()
				p.quiet(quiet)
				for i := range runs * len(anomalies) {
					run, a := i/len(anomalies), &anomalies[i%len(anomalies)]
					if (run+i)%sites != site {
						continue // the sites take turns, each with another anomaly
					}
					latency, err := p.suffer(a)
					t.Logf("%s, run %d of %d: named after %v, error %v", a.name, run+1, runs, latency, err)
					if err != nil && pace.must {
						t.Errorf("%s: %v", a.name, err)
					}
					found.add(a, pace.name, latency, err)
				}
			})
		}
	}
}

// told is an alert as the report has it.
type told struct {
	Alert, Severity, Network, Direction, Reason, Observed string
	Raised                                                time.Time
	Resolved                                              *time.Time
}

// told are all warnings and critical alerts of the report.
func (p *path) told() (list []told) {
	p.t.Helper()
	var r struct{ Alerts []told }
	if err := p.get("/api/v1/report", &r); err != nil {
		p.t.Fatal(err)
	}
	return slices.DeleteFunc(r.Alerts, func(o told) bool { return o.Severity == "info" })
}

// judgement is how the path is judged on the client's side, to tell of.
func (p *path) judgement() string {
	var r struct {
		Domains []struct {
			Network string
			Ports   []struct {
				Port      string
				Detection json.RawMessage
			}
		}
	}
	if err := p.get("/api/v1/report", &r); err != nil {
		return err.Error()
	}
	for _, d := range r.Domains {
		for _, port := range d.Ports {
			if d.Network == far && port.Port == trueClock+"-1" {
				return string(port.Detection)
			}
		}
	}
	return "none"
}

const (
	// learning is how long the agent may take to know a path.
	learning = 5 * time.Minute
	// ending is how long an alert may hold when its reason is over: longer than
	// any hold-down.
	ending = 8 * time.Minute
)

// settled waits until the agent has learned what the path is like on the
// client's side, and sees nothing new there.
func (p *path) settled() {
	p.t.Helper()
	for deadline := time.Now().Add(learning); ; time.Sleep(time.Second) {
		normal, _, err := p.shown("path_detection_state", `interface="`+far+`"`, `grandmaster="`+trueClock+`"`, `state="normal"`)
		if err == nil && normal == 1 {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("after %v the path is not normal: %v, %v", learning, normal, err)
		}
	}
}

// quiet lets time pass, in which nothing is to be told.
func (p *path) quiet(d time.Duration) {
	p.t.Helper()
	time.Sleep(d)
	all := p.told()
	if p.judged = len(all); p.judged > 0 {
		p.t.Errorf("in %v in which nothing was: %+v", d, all)
	}
}

// suffer turns the device, and tells how soon that was named. Nothing else is to
// be told, nor when it is over. The tap on the grandmaster's side is to tell
// nothing: nothing happens before it.
func (p *path) suffer(a *anomaly) (time.Duration, error) {
	p.t.Helper()
	for deadline := time.Now().Add(ending); slices.ContainsFunc(p.told(), func(o told) bool { return a.named(o) && o.Resolved == nil }); time.Sleep(time.Second) {
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("the alert before has not ended after %v", ending)
		}
	}
	since := time.Now()
	p.device.Turn(a.effect)
	path := "" // while it lasts
	for named := false; !named && time.Since(since) < inTime+5*time.Second; {
		time.Sleep(time.Second) // to ask more often would load the machine
		named = slices.ContainsFunc(p.told()[p.judged:], a.named)
		path = p.judgement()
	}
	p.device.Turn(linuxptp.Effect{})
	time.Sleep(inTime) // that it is over is to be seen, too
	p.settled()
	all := p.told()
	all, p.judged = all[p.judged:], len(all)
	i := slices.IndexFunc(all, a.named)
	if i < 0 {
		return 0, fmt.Errorf("it was not named: %+v; the path: %s", all, path)
	}
	latency := all[i].Raised.Sub(since)
	if wrong := slices.DeleteFunc(slices.Clone(all), a.named); len(wrong) > 0 {
		return latency, fmt.Errorf("besides, there is %+v", wrong)
	}
	if latency > inTime {
		return latency, fmt.Errorf("it took %v, want %v at most", latency, inTime)
	}
	return latency, nil
}

func (a *anomaly) named(o told) bool {
	return o.Alert == a.alert && o.Direction == a.direction && o.Network == far
}

// anomalyOutcome is what TestPathAnomaly found of one anomaly.
type anomalyOutcome struct {
	Anomaly   string  `json:"anomaly"`
	Pace      string  `json:"pace"`
	Alert     string  `json:"alert"`
	Direction string  `json:"direction,omitempty"`
	Runs      int     `json:"runs"`
	Passed    int     `json:"passed"`
	Slowest   float64 `json:"slowest_seconds"`
}

// anomalyOutcomes are those of all sites.
type anomalyOutcomes struct {
	mu   sync.Mutex
	list []anomalyOutcome
}

func (all *anomalyOutcomes) add(a *anomaly, pace string, latency time.Duration, err error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	i := slices.IndexFunc(all.list, func(o anomalyOutcome) bool { return o.Anomaly == a.name && o.Pace == pace })
	if i < 0 {
		i = len(all.list)
		all.list = append(all.list, anomalyOutcome{Anomaly: a.name, Pace: pace, Alert: a.alert, Direction: a.direction})
	}
	o := &all.list[i]
	o.Runs++
	if err == nil {
		o.Passed++
	}
	o.Slowest = max(o.Slowest, latency.Seconds())
}

// report writes what was found, a line for each anomaly, where ANOMALY_RESULT
// says.
func (all *anomalyOutcomes) report(t *testing.T) {
	name := os.Getenv("ANOMALY_RESULT")
	if name == "" {
		return
	}
	slices.SortFunc(all.list, func(a, b anomalyOutcome) int {
		return cmp.Or(cmp.Compare(a.Pace, b.Pace), cmp.Compare(a.Anomaly, b.Anomaly))
	})
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	for _, o := range all.list {
		if err := lines.Encode(o); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(name, text.Bytes(), 0o644); err != nil {
		t.Error(err)
	}
}
