package simulate

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
)

// decision is what a clock has decided: its port's state and, unless that is
// PASSIVE, whom it takes for grandmaster.
type decision struct{ State, Grandmaster string }

// change is something that is done to a clock of a series.
type change struct {
	clock     string
	priority1 uint8 // 0: as it is
	priority2 uint8
	class     uint8
	accuracy  uint8
	silent    bool
	back      bool // from silence
}

// segment is four clocks and what is done to them, one after the other.
type segment struct {
	name    string
	profile string
	options []string // of ptp4l
	changes []change
}

var clocksOfSeries = []string{"a", "b", "c", "d"} // d is slave-only

var decisionSeries = []segment{
	{"default", "default", nil, []change{
		{clock: "a", class: 6, accuracy: 0x21},
		{clock: "b", class: 6, accuracy: 0x20},
		{clock: "a", priority1: 100},
		{clock: "a", class: 7, accuracy: 0x21},
		{clock: "b", priority1: 90},
		{clock: "b", silent: true},
		{clock: "a", class: 248, accuracy: 0xFE, priority1: 128},
		{clock: "c", priority2: 100},
		{clock: "c", silent: true},
		{clock: "b", back: true},
	}},
	{"g8275", "g8275.1", []string{"--dataset_comparison=G.8275.x", "--domainNumber=24"}, []change{
		{clock: "b", class: 6, accuracy: 0x21},
		{clock: "c", priority1: 1}, // does not count
		{clock: "a", class: 6, accuracy: 0x20},
		{clock: "a", class: 165, accuracy: 0xFE},
		{clock: "b", class: 248, accuracy: 0xFE},
		{clock: "c", priority2: 10},
		{clock: "a", silent: true},
		{clock: "c", silent: true},
		{clock: "a", back: true},
	}},
}

// The same segment with real ptp4l and in the simulator decides alike, change
// by change.
func TestDecisionsAreLinuxptps(t *testing.T) {
	t.Parallel()
	var series sync.WaitGroup
	defer series.Wait()
	for _, s := range decisionSeries {
		series.Go(func() { t.Run(s.name, func(t *testing.T) { decidesLikePTP4L(t, &s) }) }) // both wait most of the time
	}
}

func decidesLikePTP4L(t *testing.T, s *segment) {
	needsLab(t, "ptp4l", "pmc", "ip", "setpriv") // each: it is the thread's
	want := make([]map[string]decision, 0, len(s.changes)+1)
	sim := simulated(t, s)
	want = append(want, sim.decisions())
	for _, c := range s.changes {
		sim.apply(c)
		want = append(want, sim.decisions())
	}
	real := startReal(t, s)
	real.await("at the start", want[0])
	for i, c := range s.changes {
		real.apply(c)
		real.await(fmt.Sprintf("after %+v", c), want[i+1])
	}
}

// needsLab puts the test into a network namespace of its own.
func needsLab(t *testing.T, tools ...string) {
	t.Helper()
	lacks := t.Skipf
	if os.Getenv("PTPWATCH_REQUIRE_LAB") == "1" {
		lacks = t.Fatalf
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			lacks("%v", err)
		}
	}
	runtime.LockOSThread() // the thread ends with the test
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		lacks("no network namespace: %v", err)
	}
}

// macOf is the MAC address of the n-th clock, and identityOf what ptp4l makes
// of it.
func macOf(n int) string      { return fmt.Sprintf("02:50:54:00:00:%02x", n+1) }
func identityOf(n int) string { return fmt.Sprintf("025054.fffe.%06x", n+1) }

const announceEvery = 500 * event.Millisecond

// simulatedSegment is a series in the simulator.
type simulatedSegment struct {
	m *model
}

func simulated(t *testing.T, s *segment) *simulatedSegment {
	t.Helper()
	var text strings.Builder
	text.WriteString("name: test\ndescription: A segment.\nduration: 1h\nprofile: " + s.profile + "\nclocks:\n")
	for n, name := range clocksOfSeries {
		role := "boundary"
		if name == "d" {
			role = "client"
		}
		text.WriteString(fmt.Sprintf("  - {name: %s, role: %s, identity: %s, announce_interval: 500ms}\n", name, role, identityOf(n)))
	}
	text.WriteString("switches: [{name: switch}]\nlinks:\n")
	for _, name := range clocksOfSeries {
		text.WriteString(fmt.Sprintf("  - {between: [%s, switch], delay: 1us}\n", name))
	}
	text.WriteString("taps: [{name: eth0, link: a-switch}]\n")
	scenario := parsed(t, text.String())
	m := build(&decoder{file: s.name}, scenario.file, 1)
	var err error
	if m.writer, err = m.newRecorder(&strings.Builder{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range clocksOfSeries {
		m.things[name].instance.Holdover = ptp.ClockQuality{} // ptp4l has none
	}
	m.startAll()
	return &simulatedSegment{m}
}

var stateNames = map[node.State]string{
	node.Listening: "LISTENING", node.PreMaster: "PRE_MASTER", node.Master: "MASTER", node.Passive: "PASSIVE", node.Slave: "SLAVE",
}

// decisions are what the clocks have decided some time later.
func (s *simulatedSegment) decisions() map[string]decision {
	s.m.net.Run(s.m.net.Now() + 30*announceEvery)
	all := map[string]decision{}
	for _, name := range clocksOfSeries {
		i := s.m.things[name].instance
		if !i.On() {
			continue
		}
		d := decision{stateNames[i.Ports[0].State()], i.Grandmaster().String()}
		if d.State == "PASSIVE" {
			d.Grandmaster = ""
		}
		all[name] = d
	}
	return all
}

func (s *simulatedSegment) apply(c change) {
	i := s.m.things[c.clock].instance
	switch {
	case c.silent:
		i.Stop()
		return
	case c.back:
		i.Start()
		return
	}
	if c.priority1 != 0 {
		i.Priority1 = c.priority1
	}
	if c.priority2 != 0 {
		i.Priority2 = c.priority2
	}
	if c.class != 0 {
		setClass(&i.Quality, c.class)
		put(&i.Quality.ClockAccuracy, &c.accuracy, as[uint8](i.Quality.ClockAccuracy))
		i.Quality.OffsetScaledLogVariance = 0xFFFF
	}
	i.Reconfigure()
}

// realSegment is a series with ptp4l.
type realSegment struct {
	t       *testing.T
	series  *segment
	dir     string
	running map[string]*exec.Cmd
	set     map[string][]string // what each clock was told, for when it comes back
}

func startReal(t *testing.T, s *segment) *realSegment {
	t.Helper()
	r := &realSegment{t: t, series: s, dir: t.TempDir(), running: map[string]*exec.Cmd{}, set: map[string][]string{}}
	r.ip("link add br0 type bridge mcast_snooping 0 ageing_time 0")
	r.ip("link set br0 up")
	for n, name := range clocksOfSeries {
		r.ip("link add veth-" + name + " address " + macOf(n) + " type veth peer name hub-" + name)
		r.ip("link set hub-" + name + " master br0 up")
		r.ip("link set veth-" + name + " up")
		r.start(name)
	}
	t.Cleanup(func() {
		for _, name := range clocksOfSeries {
			r.stop(name)
		}
	})
	return r
}

func (r *realSegment) ip(command string) {
	r.t.Helper()
	if out, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput(); err != nil {
		r.t.Fatalf("ip %s: %v: %s", command, err, out)
	}
}

func (r *realSegment) socket(name string) string { return filepath.Join(r.dir, name+".uds") }

// start runs a clock that cannot touch the machine's time.
func (r *realSegment) start(name string) {
	r.t.Helper()
	args := append([]string{
		"--bounding-set", "-sys_time", "--", "ptp4l", "-i", "veth-" + name, "-2", "-m", "--time_stamping=software", "--free_running=1",
		"--logAnnounceInterval=-1", "--uds_address=" + r.socket(name),
	}, r.series.options...)
	if name == "d" {
		args = append(args, "--slaveOnly=1")
	}
	cmd := exec.Command("setpriv", args...)
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.running[name] = cmd
	for range 50 {
		if _, err := os.Stat(r.socket(name)); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, set := range r.set[name] {
		r.pmc(name, set)
	}
}

func (r *realSegment) stop(name string) {
	if cmd := r.running[name]; cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.Remove(r.socket(name))
		delete(r.running, name)
	}
}

// pmc sends a clock management messages and returns its answers.
func (r *realSegment) pmc(name string, messages ...string) string {
	domain := "0"
	for _, o := range r.series.options {
		if d, ok := strings.CutPrefix(o, "--domainNumber="); ok {
			domain = d
		}
	}
	ctx, cancel := context.WithTimeout(r.t.Context(), 5*time.Second)
	defer cancel()
	args := []string{"-u", "-b", "0", "-d", domain, "-i", filepath.Join(r.dir, "pmc"), "-s", r.socket(name)}
	out, _ := exec.CommandContext(ctx, "pmc", append(args, messages...)...).Output()
	return string(out)
}

func (r *realSegment) apply(c change) {
	r.t.Helper()
	switch {
	case c.silent:
		r.stop(c.clock)
		return
	case c.back:
		r.start(c.clock)
		return
	}
	var sets []string
	if c.priority1 != 0 {
		sets = append(sets, fmt.Sprint("SET PRIORITY1 ", c.priority1))
	}
	if c.priority2 != 0 {
		sets = append(sets, fmt.Sprint("SET PRIORITY2 ", c.priority2))
	}
	if c.class != 0 {
		sets = append(sets, fmt.Sprintf("SET GRANDMASTER_SETTINGS_NP clockClass %d clockAccuracy %#x offsetScaledLogVariance 0xffff "+
			"currentUtcOffset 37 leap61 0 leap59 0 currentUtcOffsetValid 0 ptpTimescale 1 timeTraceable 0 frequencyTraceable 0 timeSource 0xa0",
			c.class, c.accuracy))
	}
	for _, set := range sets {
		if answer := r.pmc(c.clock, set); !strings.Contains(answer, "RESPONSE MANAGEMENT") {
			r.t.Fatalf("%s: %s: %q", c.clock, set, answer)
		}
	}
	r.set[c.clock] = append(r.set[c.clock], sets...)
}

var (
	portState = regexp.MustCompile(`portState\s+(\S+)`)
	gmID      = regexp.MustCompile(`grandmasterIdentity\s+(\S+)`)
)

func (r *realSegment) decisions() map[string]decision {
	all := map[string]decision{}
	for name := range r.running {
		answer := r.pmc(name, "GET PORT_DATA_SET", "GET PARENT_DATA_SET")
		state, gm := portState.FindStringSubmatch(answer), gmID.FindStringSubmatch(answer)
		if state == nil || gm == nil {
			continue
		}
		d := decision{state[1], gm[1]}
		switch d.State {
		case "UNCALIBRATED":
			d.State = "SLAVE"
		case "GRAND_MASTER":
			d.State = "MASTER"
		case "PASSIVE":
			d.Grandmaster = ""
		}
		all[name] = d
	}
	return all
}

// await waits until the clocks have decided, and have stayed with it for as
// long as it takes them to change their mind.
func (r *realSegment) await(when string, want map[string]decision) {
	r.t.Helper()
	const stays = 5 * time.Second / 2
	var got map[string]decision
	since := time.Now()
	for end := since.Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if got = r.decisions(); !cmp.Equal(want, got) {
			since = time.Now()
		} else if time.Since(since) > stays {
			return
		}
	}
	r.t.Fatalf("%s: -simulated +ptp4l:\n%s", when, cmp.Diff(want, got))
}
