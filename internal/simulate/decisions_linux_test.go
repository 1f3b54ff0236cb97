package simulate

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/labtest"
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

// segment is some clocks and what is done to them, one after the other.
type segment struct {
	name    string
	profile string
	options []string // of ptp4l
	plugs   []plug
	// priorities are the local ones of a clock's ports.
	priorities map[string][]uint8
	changes    []change
}

// plug is a port of a clock, and what joins it with others. The clock d is
// slave-only.
type plug struct{ clock, bridge string }

var (
	oneNetwork = []plug{{"a", "br0"}, {"b", "br0"}, {"c", "br0"}, {"d", "br0"}}
	// twoWays has c hear a itself, and by way of b.
	twoWays = []plug{{"a", "br0"}, {"b", "br0"}, {"c", "br0"}, {"b", "br1"}, {"c", "br1"}}
)

// ports are the numbers of the plugs of each clock, in whose order they are
// its ports.
func (s *segment) ports() map[string][]int {
	all := map[string][]int{}
	for n, p := range s.plugs {
		all[p.clock] = append(all[p.clock], n)
	}
	return all
}

func (s *segment) clocks() []string { return slices.Sorted(maps.Keys(s.ports())) }

// nameOf is what the decision of a port goes by.
func nameOf(clock string, port int) string {
	if port == 0 {
		return clock
	}
	return fmt.Sprintf("%s port %d", clock, port+1)
}

var decisionSeries = []segment{
	{"default", "default", nil, oneNetwork, nil, []change{
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
	{"g8275", "g8275.1", []string{"--dataset_comparison=G.8275.x", "--domainNumber=24"}, oneNetwork, nil, []change{
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
	{"two ways", "g8275.1", []string{"--dataset_comparison=G.8275.x", "--domainNumber=24"}, twoWays, map[string][]uint8{"c": {128, 100}}, []change{
		{clock: "a", class: 6, accuracy: 0x21},
		{clock: "b", silent: true},
		{clock: "b", back: true},
		{clock: "b", class: 6, accuracy: 0x20},
		{clock: "a", silent: true},
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
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatal(err)
		}
	}
	labtest.Enter(t)
}

// macOf is the MAC address of the n-th clock, and identityOf what ptp4l makes
// of it.
func macOf(n int) string      { return fmt.Sprintf("02:50:54:00:00:%02x", n+1) }
func identityOf(n int) string { return fmt.Sprintf("025054.fffe.%06x", n+1) }

const announceEvery = 500 * event.Millisecond

// simulatedSegment is a series in the simulator.
type simulatedSegment struct {
	m      *model
	clocks []string
}

func simulated(t *testing.T, s *segment) *simulatedSegment {
	t.Helper()
	var text strings.Builder
	text.WriteString("name: test\ndescription: A segment.\nduration: 1h\nprofile: " + s.profile + "\nclocks:\n")
	for _, name := range s.clocks() {
		role, priorities := "boundary", ""
		if name == "d" {
			role = "client"
		}
		if p := s.priorities[name]; p != nil {
			priorities = ", local_priorities: " + strings.ReplaceAll(fmt.Sprint(p), " ", ", ")
		}
		text.WriteString(fmt.Sprintf("  - {name: %s, role: %s, identity: %s, announce_interval: 500ms%s}\n", name, role, identityOf(s.ports()[name][0]), priorities))
	}
	text.WriteString("switches: [{name: br0}, {name: br1}]\nlinks:\n")
	for _, p := range s.plugs {
		text.WriteString(fmt.Sprintf("  - {between: [%s, %s], delay: 1us}\n", p.clock, p.bridge))
	}
	text.WriteString("taps: [{name: eth0, link: a-br0}]\n")
	scenario := parsed(t, text.String())
	m := build(&decoder{file: s.name}, scenario.file, 1)
	var err error
	if m.writer, err = m.newRecorder(&strings.Builder{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range s.clocks() {
		m.things[name].instance.Holdover = ptp.ClockQuality{} // ptp4l has none
	}
	m.startAll()
	return &simulatedSegment{m, s.clocks()}
}

var stateNames = map[node.State]string{
	node.Listening: "LISTENING", node.PreMaster: "PRE_MASTER", node.Master: "MASTER", node.Passive: "PASSIVE", node.Slave: "SLAVE",
}

// decisions are what the clocks have decided some time later.
func (s *simulatedSegment) decisions() map[string]decision {
	s.m.net.Run(s.m.net.Now() + 30*announceEvery)
	all := map[string]decision{}
	for _, name := range s.clocks {
		i := s.m.things[name].instance
		if !i.On() {
			continue
		}
		for n, p := range i.Ports {
			d := decision{stateNames[p.State()], i.Grandmaster().String()}
			if d.State == "PASSIVE" {
				d.Grandmaster = ""
			}
			all[nameOf(name, n)] = d
		}
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
	for _, bridge := range []string{"br0", "br1"} {
		r.ip("link add " + bridge + " type bridge mcast_snooping 0 ageing_time 0")
		r.ip("link set " + bridge + " up")
	}
	for n, p := range s.plugs {
		r.ip(fmt.Sprintf("link add veth%d address %s type veth peer name hub%d", n, macOf(n), n))
		r.ip(fmt.Sprintf("link set hub%d master %s up", n, p.bridge))
		r.ip(fmt.Sprintf("link set veth%d up", n))
	}
	for _, name := range s.clocks() {
		r.start(name)
	}
	t.Cleanup(func() {
		for _, name := range s.clocks() {
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
		"--bounding-set", "-sys_time", "--", "ptp4l", "-f", r.configuration(name), "-2", "-m", "--time_stamping=software", "--free_running=1",
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

// configuration writes a clock's file, which names its ports.
func (r *realSegment) configuration(name string) string {
	r.t.Helper()
	var text strings.Builder
	text.WriteString("[global]\n")
	for port, n := range r.series.ports()[name] {
		text.WriteString(fmt.Sprintf("[veth%d]\n", n))
		if p := r.series.priorities[name]; p != nil {
			text.WriteString(fmt.Sprintf("G.8275.portDS.localPriority %d\n", p[port]))
		}
	}
	file := filepath.Join(r.dir, name+".conf")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return file
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
		gm := gmID.FindStringSubmatch(answer)
		for n, state := range portState.FindAllStringSubmatch(answer, -1) {
			if gm == nil {
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
			all[nameOf(name, n)] = d
		}
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
