package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	agentAddress      = "127.0.0.1:9588"
	prometheusAddress = "127.0.0.1:9090"
)

// scrape starts a Prometheus that scrapes the agent, both in the monitor's
// namespace.
func (l *lab) scrape(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := "scrape_configs: [{job_name: ptpwatch, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: ['" + agentAddress + "']}]}]\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l.monitor(t, "prometheus", "--config.file", config, "--storage.tsdb.path", filepath.Join(dir, "data"),
		"--web.listen-address", prometheusAddress, "--log.level", "warn")
}

// series are values by name and labels, as Prometheus writes them, without
// what all of them have in common.
type series map[string]float64

// label is a label and its value.
type label struct{ name, value string }

// key is the name of a series.
func key(family string, labels ...label) string {
	text := make([]string, 0, len(labels))
	for _, l := range labels {
		if l.value != "" { // which is no label, to Prometheus
			text = append(text, fmt.Sprintf("%s=%q", l.name, l.value))
		}
	}
	slices.Sort(text)
	return family + "{" + strings.Join(text, ",") + "}"
}

// stored is what the Prometheus in the monitor's namespace answers to a query.
func (l *lab) stored(t *testing.T, query string) (series, error) {
	t.Helper()
	ask := exec.CommandContext(t.Context(), "ip", "netns", "exec", l.namespaces+"-monitor",
		"promtool", "query", "instant", "-o", "json", "http://"+prometheusAddress, query)
	out, err := ask.Output()
	if err != nil {
		return nil, fmt.Errorf("promtool query: %w", err)
	}
	var answer []struct {
		Metric map[string]string
		Value  [2]any // the time and, as text, the value
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, fmt.Errorf("%s: %w", out, err)
	}
	got := series{}
	for _, a := range answer {
		name := strings.TrimPrefix(a.Metric["__name__"], "ptpwatch_")
		var labels []label
		for n, v := range a.Metric {
			// The profile is not the clocks' to say.
			if !slices.Contains([]string{"__name__", "instance", "job", "profile"}, n) {
				labels = append(labels, label{n, v})
			}
		}
		if got[key(name, labels...)], err = strconv.ParseFloat(fmt.Sprint(a.Value[1]), 64); err != nil {
			return nil, err
		}
	}
	return got, nil
}
