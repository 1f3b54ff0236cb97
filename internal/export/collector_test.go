package export

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// registryOf checks what a registry can check of a collector.
func registryOf(s *Snapshot) *prometheus.Registry {
	var store Store
	store.Publish(s)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(NewCollector(&store))
	return registry
}

// scrape returns the page of a snapshot as a client reads it.
func scrape(t *testing.T, s *Snapshot) string {
	t.Helper()
	page := httptest.NewRecorder()
	promhttp.HandlerFor(registryOf(s), promhttp.HandlerOpts{}).ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	if page.Code != 200 {
		t.Fatalf("scrape: status %d: %s", page.Code, page.Body)
	}
	return page.Body.String()
}

// samples are the lines of a page with a value, those that hold all parts.
func samples(page string, parts ...string) []string {
	var kept []string
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) }) {
			kept = append(kept, strings.TrimSuffix(line, "\n"))
		}
	}
	return kept
}

// sum adds the values of samples up.
func sum(t *testing.T, samples []string) float64 {
	t.Helper()
	var sum float64
	for _, s := range samples {
		value, err := strconv.ParseFloat(s[strings.LastIndex(s, " ")+1:], 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += value
	}
	return sum
}

// testdata/metrics.txt was checked against fixture by hand, line by line: no
// flag rewrites it.
func TestCollectorOfAHandComputedCase(t *testing.T) {
	want, err := os.ReadFile("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	for id := range families {
		f := &families[id]
		fmt.Fprintf(&page, "# HELP %s%s %s\n# TYPE %s%s %s\n", prefix, f.name, f.help(), prefix, f.name, f.typeWord())
		for line := range strings.Lines(string(want)) {
			name, _, _ := strings.Cut(line, " ")
			name = strings.TrimPrefix(strings.SplitN(name, "{", 2)[0], prefix)
			if cut, series, ok := cutLast(name, "_"); ok && f.kind == histogram && slices.Contains([]string{"bucket", "sum", "count"}, series) {
				name = cut
			}
			if name == f.name {
				page.WriteString(line)
			}
		}
	}
	text := strings.NewReplacer("GOVERSION", runtime.Version(), "GOOS", runtime.GOOS, "GOARCH", runtime.GOARCH).Replace(page.String())
	if err := testutil.GatherAndCompare(registryOf(fixture()), strings.NewReader(text)); err != nil {
		t.Error(err)
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func TestLint(t *testing.T) {
	problems, err := testutil.GatherAndLint(registryOf(fixture()))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestPromtoolAcceptsThePage(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatalf("%v (apt install prometheus)", err)
	}
	check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	check.Stdin = strings.NewReader(scrape(t, fixture()))
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

func TestEmptyStoreScrapes(t *testing.T) {
	page := scrape(t, &Snapshot{})
	want := []string{"ptpwatch_config_last_reload_successful 1"}
	if diff := cmp.Diff(want, samples(page, "config")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if (&Store{}).Load() == nil {
		t.Error("an empty store loads nil")
	}
}

func TestGoneAfterForget(t *testing.T) {
	s := fixture()
	if got := samples(scrape(t, s), clockB.String()); len(got) < 18 {
		t.Fatalf("%d series of %s before it is forgotten", len(got), clockB)
	}
	d := &s.View.Domains[0]
	d.Grandmasters, d.Ports = d.Grandmasters[1:], d.Ports[1:]
	s.View.Alerts, s.View.Pairs = s.View.Alerts[:1], nil
	if got := samples(scrape(t, s), clockB.String()); len(got) > 0 {
		t.Errorf("series outlived what they describe:\n%s", strings.Join(got, "\n"))
	}
	s.View.Domains = nil
	if got := samples(scrape(t, s), `domain="24"`, "ptpwatch_m"); len(got) > 0 {
		t.Errorf("series outlived their domain:\n%s", strings.Join(got, "\n"))
	}
}

func TestSecondScrapeDiffers(t *testing.T) {
	var store Store
	store.Publish(fixture())
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(NewCollector(&store))
	for _, want := range []string{"6", "7"} {
		line := `ptpwatch_grandmaster_clock_class{domain="24",grandmaster="ec4670.fffe.0a9aa4",network="eth0",sdo_id="0x000"} ` + want
		page := httptest.NewRecorder()
		promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
		if len(samples(page.Body.String(), line)) != 1 {
			t.Errorf("no %s", line)
		}
		next := fixture()
		next.View.Domains[0].Grandmasters[1].Dataset.GrandmasterClockQuality.ClockClass = 7
		store.Publish(next)
	}
}

// What was not measured is absent: a 0 would be a perfect measurement.
func TestAbsentIsNotZero(t *testing.T) {
	s := fixture()
	s.View.Domains[0].Ports[2].Timings = nil
	s.View.Domains[0].Ports[1].Claims = []analysis.ClaimView{{Source: analysis.ClaimSlaveEvent, Count: 1}}
	s.View.Domains[0].Ports[2].Intervals = []analysis.IntervalView{{Type: ptp.Sync}}
	page := scrape(t, s)
	for _, family := range []string{"_delay_seconds", "_offset_seconds{interface", "message_interval_seconds"} {
		if got := samples(page, family); len(got) > 0 {
			t.Errorf("not measured, yet there:\n%s", strings.Join(got, "\n"))
		}
	}
}

// A capture file names its interfaces as it likes; a scrape must not fail on
// it, nor count anything twice or not at all.
func TestHostileNames(t *testing.T) {
	long := strings.Repeat("x", 200)
	s := fixture()
	s.Captures = []packet.CaptureStats{
		{Interface: "a\x1b[31m\xff\u202e", Frames: 1}, {Interface: long + "1", Frames: 2}, {Interface: long + "2", Frames: 3},
	}
	s.Interfaces = []Interface{{Name: long + "1"}, {Name: long + "2", Up: true}}
	want := []string{
		`ptpwatch_capture_frames_total{interface="a\\x1b[31m\\xff\\u202e"} 1`,
		`ptpwatch_capture_frames_total{interface="` + long[:128] + `"} 5`,
	}
	if diff := cmp.Diff(want, samples(scrape(t, s), "capture_frames_total")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMetricsReferenceIsUpToDate(t *testing.T) {
	var want bytes.Buffer
	if err := WriteMetricsReference(&want); err != nil {
		t.Fatal(err)
	}
	golden(t, "../../docs/reference/metrics.md", want.Bytes())
}
