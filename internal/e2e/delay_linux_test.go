package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	linuxptp "github.com/ptpwatch/ptpwatch/internal/lab"
)

// setting is what the device in the path does.
type setting struct {
	name   string
	effect linuxptp.Effect
}

// settings are all that the device does in turn, beside nothing.
func settings() []setting {
	const shift = 100 * time.Microsecond
	var list []setting
	for _, d := range []time.Duration{50 * time.Microsecond, 200 * time.Microsecond, time.Millisecond} {
		for _, on := range []struct {
			name           string
			sync, delayReq bool
		}{{"Sync", true, false}, {"Delay_Req", false, true}, {"both", true, true}} {
			list = append(list, setting{fmt.Sprintf("%v on %s", d, on.name), linuxptp.Effect{Sync: on.sync, DelayReq: on.delayReq, Delay: d}})
		}
	}
	return append(list, setting{"timestamps shifted by " + shift.String(), linuxptp.Effect{Shift: shift}})
}

// figures are what is looked at, by the names that the report has for them: A, B,
// M and O.
var figures = []string{"forward_delay", "reverse_delay", "mean_path_delay", "offset"}

// delays are figures of one port at one tap.
type delays map[string]time.Duration

// adds is what an effect adds to figures on its far side: what is held comes
// later, and a grandmaster that is ahead seems to send late and to receive late.
func (s *setting) adds() delays {
	held := map[bool]time.Duration{true: s.effect.Delay}
	forward, reverse := held[s.effect.Sync]-s.effect.Shift, held[s.effect.DelayReq]+s.effect.Shift
	return delays{
		"forward_delay": forward, "reverse_delay": reverse,
		"mean_path_delay": (forward + reverse) / 2, "offset": (forward - reverse) / 2,
	}
}

// judges says whether a figure is held to be right. The offset has no floor: it
// moves by half of what either direction waits, which is the machine's affair.
// It is judged where it is the figure that tells.
func (s *setting) judges(figure string) bool { return figure != "offset" || s.effect.Shift != 0 }

// tolerated is how far a figure may be from what it should have moved by.
func tolerated(moved time.Duration) time.Duration { return max(moved.Abs()/10, 15*time.Microsecond) }

// rapid is fast enough for a window of 32 blocks of 16 exchanges to pass in four
// seconds.
var rapid = []string{"--logAnnounceInterval", "0", "--logSyncInterval", "-7", "--logMinDelayReqInterval", "-7"}

// TestPathDelay holds what a running agent measures against what a device
// between the clocks does to their messages. The agent has a tap on either side
// of the device: of what happens behind it the tap at the grandmaster knows
// nothing.
//
// Stamps are the kernel's, and the machine may be busy: the figures are those
// that the agent has of the last 32 blocks of 16 exchanges, all from after the
// device was turned: the median of the floors of A, B and M, and of the medians
// of O.
func TestPathDelay(t *testing.T) {
	t.Parallel()
	runs := 1
	if n, err := strconv.Atoi(os.Getenv("DELAY_RUNS")); err == nil {
		runs = n
	}
	p := layPath(t, rapid)
	calm, turned := setting{name: "nothing"}, settings()
	outcomes := make([]delayOutcome, len(turned))
	t.Cleanup(func() { reportDelays(t, outcomes) })
	for run := range runs {
		before := p.window(&calm)
		for i := range turned {
			s := &turned[i]
			off := p.window(s).off(before, s)
			t.Logf("run %d of %d: %s: off by %v on the client's side, %v on the grandmaster's", run+1, runs, s.name, off[far], off[near])
			outcomes[i].add(t, s, off)
		}
	}
}

// path is a network with a device in the middle of it:
//
//	gm, monitor --- hub eth0 --- up device down --- hub eth1 --- client, monitor
type path struct {
	*agent
	device *linuxptp.InPath
	judged int // alerts that were looked at
}

// The monitor's interfaces, by the side of the device that they are on.
const (
	near = "eth0" // the grandmaster's
	far  = "eth1" // the client's
)

func layPath(t *testing.T, pace []string) *path {
	t.Helper()
	s := lay(t, 0, pace, "gm")
	n := s.network
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(n.Hub(far, "client", "monitor"))
	do(n.Bridge("device", "br0"))
	for name, hub := range map[string]string{"up": near, "down": far} {
		do(n.Plug("device", name, hub))
		do(n.Enslave("device", name, "br0"))
	}
	device := &linuxptp.InPath{Upstream: "up"}
	stop, err := device.Serve(n.Namespace("device"), "down")
	do(err)
	t.Cleanup(func() { do(stop()) })
	s.clock("gm", "--clockIdentity", trueClock)
	c, err := n.Clock("client", append([]string{"-i", far, "--slaveOnly", "1"}, pace...)...)
	do(err)
	s.clients = append(s.clients, c)
	s.follow(trueClock, 0)
	return &path{agent: s.watched("  - {name: " + far + ", promiscuous: true}\n" + listed(0, trueClock)), device: device}
}

// taps are what each tap measures, by its interface.
type taps map[string]delays

// off is how far each figure is from what it was before and what a setting adds
// to that, on the far side.
func (now taps) off(before taps, s *setting) taps {
	off := taps{}
	for tap, adds := range map[string]delays{far: s.adds(), near: {}} {
		off[tap] = delays{}
		for _, f := range figures {
			off[tap][f] = now[tap][f] - before[tap][f] - adds[f]
		}
	}
	return off
}

// summed is what the report has of the grandmaster's port at a tap.
type summed struct {
	seen   time.Time
	blocks uint64 // of the figure that has fewest
	delays delays
}

// report reads the agent's report.
func (p *path) report() (map[string]summed, error) {
	var r struct {
		Domains []struct {
			Network string
			Ports   []struct {
				Port       string
				LastSeen   time.Time `json:"last_seen"`
				Statistics struct {
					Robust []struct {
						Of     string
						Blocks uint64
						Median float64
						Floor  float64
					}
				}
			}
		}
	}
	if err := p.get("/api/v1/report", &r); err != nil {
		return nil, err
	}
	taps := map[string]summed{}
	for _, d := range r.Domains {
		for _, port := range d.Ports {
			if port.Port != trueClock+"-1" {
				continue
			}
			s := summed{seen: port.LastSeen, delays: delays{}}
			for i, f := range port.Statistics.Robust {
				seconds := f.Floor
				if f.Of == "offset" {
					seconds = f.Median
				}
				s.delays[f.Of] = time.Duration(seconds * 1e9)
				if s.blocks = min(s.blocks, f.Blocks); i == 0 {
					s.blocks = f.Blocks
				}
			}
			taps[d.Network] = s
		}
	}
	for _, tap := range []string{near, far} {
		for _, f := range figures {
			if _, ok := taps[tap].delays[f]; !ok {
				return nil, fmt.Errorf("at %s there is no %s", tap, f)
			}
		}
	}
	return taps, nil
}

// kept is of how many blocks the report gives the median.
const kept = 32

// window turns the device and waits until all of what the agent sums up has come
// since, and returns that. A block that had begun by then does not count.
func (p *path) window(s *setting) taps {
	p.t.Helper()
	p.device.Turn(s.effect)
	since := time.Now()
	begun := map[string]uint64{} // blocks, by tap
	figures := taps{}
	await(p.t, 100*time.Millisecond, "a window of exchanges", func() error {
		now, err := p.report()
		if err != nil {
			return err
		}
		for tap, s := range now {
			if !s.seen.After(since) {
				return fmt.Errorf("%s was heard last at %v, want after %v", tap, s.seen, since)
			}
		}
		for tap, s := range now {
			if _, ok := begun[tap]; !ok {
				begun[tap] = s.blocks + 1
			}
			figures[tap] = s.delays
		}
		for tap, s := range now {
			if want := begun[tap] + kept; s.blocks < want {
				return fmt.Errorf("there are %d blocks at %s, want %d", s.blocks, tap, want)
			}
		}
		return nil
	})
	return figures
}

// delayOutcome is what TestPathDelay found of one setting, in nanoseconds.
type delayOutcome struct {
	Setting string           `json:"setting"`
	Added   map[string]int64 `json:"added_ns"` // to each figure
	Runs    int              `json:"runs"`
	Passed  int              `json:"passed"`
	// Far and Near are the largest errors of each figure on the client's side and
	// on the grandmaster's, where nothing is added.
	Far  map[string]int64 `json:"worst_error_client_side_ns"`
	Near map[string]int64 `json:"worst_error_grandmaster_side_ns"`
}

// add judges a run.
func (o *delayOutcome) add(t *testing.T, s *setting, off taps) {
	t.Helper()
	if o.Runs++; o.Runs == 1 {
		o.Setting, o.Added, o.Far, o.Near = s.name, map[string]int64{}, map[string]int64{}, map[string]int64{}
	}
	passed := true
	for _, f := range figures {
		adds := s.adds()[f]
		o.Added[f] = adds.Nanoseconds()
		for _, side := range []struct {
			tap   string
			adds  time.Duration
			worst map[string]int64
		}{{far, adds, o.Far}, {near, 0, o.Near}} {
			got, most := off[side.tap][f], tolerated(side.adds)
			side.worst[f] = max(side.worst[f], got.Abs().Nanoseconds())
			if s.judges(f) && got.Abs() > most {
				passed = false
				t.Errorf("%s: %s at %s moved by %v, want %v within %v", s.name, f, side.tap, side.adds+got, side.adds, most)
			}
		}
	}
	if passed {
		o.Passed++
	}
}

// reportDelays writes what was found, a line for each setting, where
// DELAY_RESULT says.
func reportDelays(t *testing.T, outcomes []delayOutcome) {
	var all bytes.Buffer
	lines := json.NewEncoder(&all)
	for _, o := range outcomes {
		if o.Runs == 0 {
			continue // it broke off before
		}
		if err := lines.Encode(o); err != nil {
			t.Fatal(err)
		}
	}
	if name := os.Getenv("DELAY_RESULT"); name != "" {
		if err := os.WriteFile(name, all.Bytes(), 0o644); err != nil {
			t.Error(err)
		}
	}
}
