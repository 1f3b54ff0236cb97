package dashboards

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

// A real Prometheus scrapes two agents, one that listens to an interface and
// keeps a journal and evidence, and the demo: the panels that only a running
// agent fills have data, and when the demo's rogue takes over its rule fires.
func TestLive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	targets := []string{
		serving(t, fmt.Sprintf("interfaces: [{name: lo}]\nstate_dir: %[1]s/state\nevidence: {dir: %[1]s/evidence}\ncontrol_socket: ''\nclients: [{socket: %[1]s/nobody, answer_dir: %[1]s}]\n", dir), runs),
		serving(t, "", demo),
	}
	rules, err := filepath.Abs("rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	p := startPrometheus(t, dir, fmt.Sprintf(`
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%s]
scrape_configs:
  - job_name: ptpwatch
    static_configs: [{targets: ['%s'], labels: {cluster: east, site: here}}]
`, rules, strings.Join(targets, "', '")))
	middle, written := federating(t, p), forwarding(t, targets)
	for _, d := range all() {
		for _, panel := range d.Panels {
			for _, q := range panel.Targets {
				if q.in&live != 0 {
					p.fills(d, panel, q, live)
				}
			}
		}
	}
	p.await("and the rule of the takeover", func() bool {
		found, err := p.ask(`ALERTS{alertname="PTPRogueGrandmaster",alertstate="firing",severity="critical",cluster="east"}`, time.Time{}, time.Now(), true)
		return err == nil && len(found) > 0
	})
	for _, panel := range overview().Panels {
		for _, q := range panel.Targets {
			if q.in&hijacked != 0 && panel.Title != "Warnings" && panel.Title != "Alerts held back" {
				p.fills(overview(), panel, q, hijacked)
				middle.fills(overview(), panel, q, never)
				written.fills(overview(), panel, q, never)
			}
		}
	}
}

// federating is a Prometheus that has what docs/how-to/fleet.md has it fetch from
// another.
func federating(t *testing.T, from *prometheus) *prometheus {
	t.Helper()
	config := example(t, "/federate")
	config = regexp.MustCompile(`rule_files: .*`).ReplaceAllString(config, "global: {scrape_interval: 1s}")
	config = regexp.MustCompile(`targets: \[.*\]`).ReplaceAllString(config, "targets: ['"+from.address+"']")
	return startPrometheus(t, t.TempDir(), strings.Replace(config, "15s", "1s", 1))
}

// forwarding is a Prometheus that one in agent mode writes to, as fleet.md has
// it.
func forwarding(t *testing.T, targets []string) *prometheus {
	t.Helper()
	to := startPrometheus(t, t.TempDir(), "{}\n")
	config := strings.Replace(example(t, "remote_write"), "https://metrics.example.net", "http://"+to.address, 1)
	config = strings.Replace(config, "localhost:9588", strings.Join(targets, ", "), 1)
	dir := t.TempDir()
	start(t, dir, strings.Replace(config, "5s", "1s", 1), "--enable-feature", "agent", "--storage.agent.path", dir)
	return to
}

// example is the configuration in fleet.md that has a word.
func example(t *testing.T, word string) string {
	t.Helper()
	for _, block := range strings.Split(read(t, "../docs/how-to/fleet.md"), "```")[1:] {
		if text, ok := strings.CutPrefix(block, "yaml\n"); ok && strings.Contains(text, word) {
			return text
		}
	}
	t.Fatalf("fleet.md has no example with %s", word)
	return ""
}

// fills waits until a query has data.
func (p *prometheus) fills(d *dashboard, panel *panel, q *query, phase phases) {
	p.t.Helper()
	p.await(fmt.Sprintf("and data for %s, %s, query %s: %s", d.Title, panel.Title, q.RefID, q.Expr), func() bool {
		now := time.Now()
		found, err := p.ask(d.filled(time.Minute).Replace(q.Expr), now.Add(-time.Minute), now, q.Instant)
		if err != nil || len(found) == 0 {
			return false
		}
		return q.above&phase == 0 || found[0].last() != "0"
	})
}

func runs(ctx context.Context, c *config.Config, ready func(string)) error {
	return agent.Run(ctx, agent.RunOptions{Config: c, Log: slog.New(slog.DiscardHandler), OnReady: ready})
}

func demo(ctx context.Context, c *config.Config, ready func(string)) error {
	return agent.Demo(ctx, agent.DemoOptions{Config: c, Log: slog.New(slog.DiscardHandler), OnReady: ready})
}

// serving starts an agent and says where it serves.
func serving(t *testing.T, settings string, start func(context.Context, *config.Config, func(string)) error) string {
	t.Helper()
	c, err := config.Parse("live", []byte("listen: 127.0.0.1:0\n"+settings), agent.Alerts())
	if err != nil {
		t.Fatal(err)
	}
	address := make(chan string, 1)
	var agents sync.WaitGroup
	agents.Go(func() {
		if err := start(t.Context(), c, func(a string) { address <- a }); err != nil {
			t.Error(err)
		}
		close(address)
	})
	t.Cleanup(agents.Wait)
	a, ok := <-address
	if !ok {
		t.Fatal("the agent ended")
	}
	return a
}
