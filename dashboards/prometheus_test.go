package dashboards

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// prometheus is one that runs.
type prometheus struct {
	t       *testing.T
	address string
}

// startPrometheus starts one on the data in a folder.
func startPrometheus(t *testing.T, dir, config string) *prometheus {
	t.Helper()
	return start(t, dir, config, "--storage.tsdb.path", filepath.Join(dir, "data"), "--storage.tsdb.retention.time", "100y", "--web.enable-remote-write-receiver")
}

func start(t *testing.T, dir, config string, options ...string) *prometheus {
	t.Helper()
	address := free(t)
	file := filepath.Join(dir, address+".yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "prometheus", append(options, "--config.file", file, "--web.listen-address", address, "--log.level", "error")...)
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the test's context ends it
	p := &prometheus{t, address}
	p.await("to start", func() bool { return p.get("/-/ready", nil, nil) == nil })
	return p
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
}

// await waits, two minutes at most.
func (p *prometheus) await(what string, done func() bool) {
	p.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !done(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("waited in vain for Prometheus %s", what)
		}
	}
}

// get asks the HTTP API; into is its data.
func (p *prometheus) get(path string, values url.Values, into any) error {
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "http://"+p.address+path+"?"+values.Encode(), http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if into == nil && answer.StatusCode == http.StatusOK {
		return nil
	}
	var body struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		return fmt.Errorf("%s: %w", answer.Status, err)
	}
	if body.Status != "success" {
		return fmt.Errorf("%s", body.Error)
	}
	return json.Unmarshal(body.Data, into)
}

// series is one that a query found.
type series struct {
	Metric map[string]string
	Values [][2]any // of a range
	Value  [2]any   // at an instant
}

// last is the newest value.
func (s *series) last() string {
	v := s.Value
	if len(s.Values) > 0 {
		v = s.Values[len(s.Values)-1]
	}
	return fmt.Sprint(v[1])
}

// ask evaluates an expression over a time, or at its end.
func (p *prometheus) ask(expr string, from, to time.Time, instant bool) ([]series, error) {
	values := url.Values{"query": {expr}, "time": {seconds(to)}}
	path := "/api/v1/query"
	if !instant {
		path, values = "/api/v1/query_range", url.Values{"query": {expr}, "start": {seconds(from)}, "end": {seconds(to)}, "step": {"15"}}
	}
	var data struct{ Result []series }
	err := p.get(path, values, &data)
	return slices.DeleteFunc(data.Result, func(s series) bool { return len(s.Values) == 0 && s.last() == "NaN" }), err
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

var labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)

// choices are what a variable offers.
func (p *prometheus) choices(v *variable, fill *strings.Replacer) (found []string, err error) {
	m := labelValues.FindStringSubmatch(v.Query)
	if m == nil {
		return nil, fmt.Errorf("%s is no label_values(series, label)", v.Query)
	}
	err = p.get("/api/v1/label/"+m[2]+"/values", url.Values{"match[]": {fill.Replace(m[1])}}, &found)
	return found, err
}

// filled is how Grafana fills in the variables while all is chosen.
func (d *dashboard) filled(window time.Duration) *strings.Replacer {
	pairs := []string{"$__rate_interval", "1m", "$__range", fmt.Sprintf("%ds", int(window.Seconds()))}
	for _, v := range d.Templating.List[1:] {
		pairs = append(pairs, "$"+v.Name, v.AllValue)
	}
	return strings.NewReplacer(pairs...)
}

// labels are all that the series have.
func labels(found []series) map[string]bool {
	all := map[string]bool{}
	for _, s := range found {
		for l := range maps.Keys(s.Metric) {
			all[l] = true
		}
	}
	return all
}
