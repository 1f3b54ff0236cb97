package dashboards

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/simulate"
)

// play is what one agent of a fleet hears: a scenario that ships, a variant of
// testdata/site.yaml, or a capture of real clocks.
type play struct {
	scenario      string
	cluster, site string
	after         time.Duration // since the fleet began
}

// recorder keeps what a Prometheus would have scraped of a play: every page that
// the agent's own server gave, each sample with its time and its target's labels.
type recorder struct {
	play
	t     *testing.T
	store *export.Store
	url   string
	stats packet.CaptureStats
	shift time.Duration // from the capture's time to the fleet's
	out   *bufio.Writer
}

// plainly asks for pages that are not compressed.
var plainly = &http.Client{Transport: &http.Transport{DisableCompression: true}}

// record plays a scenario through the agent's pipeline, as fast as it goes.
func record(t *testing.T, p play, out *bufio.Writer) {
	t.Helper()
	captured, settings := p.load(t)
	c, err := config.Parse(p.scenario, []byte(settings), agent.Alerts())
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{
		play: p, t: t, store: &export.Store{}, out: out,
		stats: packet.CaptureStats{Interface: "eth0", Stamps: map[packet.StampSource]uint64{}},
	}
	defer r.serve()()
	_, err = agent.Replay(t.Context(), agent.ReplayOptions{
		Captures: []string{"-"}, Stdin: captured, Config: c, OnObservation: r.count, OnView: r.scrape, Every: p.every(),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// every is how often its agent is scraped: the captures are short.
func (p *play) every() time.Duration {
	if strings.HasSuffix(p.scenario, ".pcapng") {
		return 5 * time.Second
	}
	return 15 * time.Second
}

// load is what is heard, and the configuration.
func (p *play) load(t *testing.T) (captured *bytes.Buffer, settings string) {
	t.Helper()
	if strings.HasSuffix(p.scenario, ".pcapng") {
		return bytes.NewBufferString(read(t, "../testdata/captures/"+p.scenario)), "# nothing is known\n"
	}
	scenario, err := simulate.Load(p.scenario)
	if variant, ok := strings.CutPrefix(p.scenario, "site/"); ok {
		var all []*simulate.Scenario
		all, err = simulate.Variants("site.yaml", []byte(read(t, "testdata/site.yaml")))
		for _, s := range all {
			if strings.HasSuffix(s.Name, "/"+variant) {
				scenario = s
			}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if settings, err = scenario.Config(1); err != nil {
		t.Fatal(err)
	}
	captured = new(bytes.Buffer)
	if _, err := scenario.Run(t.Context(), 1, captured); err != nil {
		t.Fatal(err)
	}
	return captured, settings
}

// serve serves what is in the store, as a running agent does.
func (r *recorder) serve() (stop func()) {
	server := export.NewServer(export.Options{Listen: "127.0.0.1:0", Store: r.store, Logger: slog.New(slog.DiscardHandler)})
	if err := server.Listen(); err != nil {
		r.t.Fatal(err)
	}
	r.url = "http://" + server.Addr().String() + "/metrics"
	ctx, cancel := context.WithCancel(r.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := server.Run(ctx); err != nil {
			r.t.Error(err)
		}
	})
	return func() { cancel(); wg.Wait() }
}

func (r *recorder) count(o *packet.Observation) {
	if r.stats.Frames == 0 {
		r.shift = fleetBegan.Add(r.after).Sub(o.At.Truncate(r.every()))
	}
	r.stats.Frames++
	r.stats.Bytes += uint64(o.Length)
	r.stats.Stamps[o.StampSource]++
}

// scrape gets the page, as Prometheus would at that time.
func (r *recorder) scrape(at time.Time, v *analysis.View) {
	stamps := map[packet.StampSource]uint64{}
	maps.Copy(stamps, r.stats.Stamps)
	stats := r.stats
	stats.Stamps = stamps
	r.store.Publish(&export.Snapshot{View: v, Captures: []packet.CaptureStats{stats}, Build: agent.Build()})
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.url, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	answer, err := plainly.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	target := fmt.Sprintf(`job="ptpwatch",cluster=%q,site=%q,instance="%s:9588"`, r.cluster, r.site, r.site)
	when := fmt.Sprintf("%d.%03d", at.Add(r.shift).Unix(), at.Nanosecond()/1e6)
	fmt.Fprintf(r.out, "up{%s} 1 %s\n", target, when)
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if line := lines.Text(); strings.HasPrefix(line, "ptpwatch_") {
			fmt.Fprintln(r.out, labelled(line, target), when)
		}
	}
	if err := lines.Err(); err != nil {
		r.t.Fatal(err)
	}
}

// labelled gives a sample the labels of its target.
func labelled(sample, target string) string {
	if name, rest, ok := strings.Cut(sample, "{"); ok {
		return name + "{" + target + "," + rest
	}
	name, value, _ := strings.Cut(sample, " ")
	return name + "{" + target + "} " + value
}

// fleetBegan is when the simulator's scenarios begin.
var fleetBegan = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// plays are the fleet: in cluster east three sites on one network; half an hour in,
// one is hijacked and one lied to. Elsewhere is what they do not have.
var plays = []play{
	{"site/calm", "east", "paris", 0},
	{"site/hijack", "east", "london", 0},
	{"site/altered", "east", "berlin", 0},
	{"healthy-peer-delay", "north", "oslo", 20 * time.Minute},
	{"healthy-peer-delay", "north", "oslo", 31 * time.Minute},
	{"healthy-three-g8275.1", "south", "rome", 20 * time.Minute},
	{"healthy-three-g8275.1", "south", "rome", 31 * time.Minute},
	{"slave-events.pcapng", "west", "nice", 27 * time.Minute},
	{"slave-events.pcapng", "west", "nice", 36 * time.Minute},
}

// windows are when the fleet was in a phase.
var windows = map[phases][2]time.Duration{
	calm:     {20 * time.Minute, 29 * time.Minute},
	hijacked: {33 * time.Minute, 38*time.Minute + 30*time.Second},
}

// simulated is a Prometheus that has all that it would have scraped of the fleet.
func simulated(t *testing.T) *prometheus {
	t.Helper()
	dir := t.TempDir()
	file, err := os.Create(dir + "/scraped.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	for _, p := range plays {
		record(t, p, out)
	}
	_, _ = io.WriteString(out, "# EOF\n")
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, "promtool", "tsdb", "create-blocks-from", "openmetrics", file.Name(), dir+"/data")
	return startPrometheus(t, dir, "{}\n")
}

// free is an address that nobody listens to.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
