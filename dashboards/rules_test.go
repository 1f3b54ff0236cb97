package dashboards

import (
	"cmp"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// alertingRule is a rule of rules.yml.
type alertingRule struct {
	Alert, Record, Expr, For string
	KeepFiringFor            string `yaml:"keep_firing_for"`
	Labels, Annotations      map[string]string

	group string
}

func (r *alertingRule) name() string { return cmp.Or(r.Alert, r.Record) }

func rules(t *testing.T) (all []alertingRule) {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string
			Rules []alertingRule
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "rules.yml")), &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			r.group = g.Name
			all = append(all, r)
		}
	}
	if len(all) < 20 {
		t.Fatalf("rules.yml has %d rules only", len(all))
	}
	return all
}

// What those who keep mixins of rules ask of an alert: a name like the others,
// one of three severities, a headline that does not change with the labels, a
// description that says where, and a runbook that exists.
func TestRulesAreWellKept(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules(t) {
		complain := func(format string, args ...any) {
			t.Helper()
			t.Errorf(r.name()+": "+format, args...)
		}
		if seen[r.name()] {
			complain("is there twice")
		}
		if seen[r.name()] = true; r.Record != "" {
			continue
		}
		if !regexp.MustCompile(`^PTP[A-Z][A-Za-z0-9]+$`).MatchString(r.Alert) {
			complain("is no name in CamelCase that begins with PTP")
		}
		verdict := r.group == "ptpwatch-verdicts"
		if severity := r.Labels["severity"]; !verdict && !slices.Contains([]string{"critical", "warning", "info", "none"}, severity) {
			complain("severity %q", severity)
		}
		if verdict && (r.For != "0s" || r.KeepFiringFor == "" || !strings.Contains(r.Expr, "by (severity,")) {
			complain("a verdict fires at once, for a while, and with the agent's severity")
		}
		summary, description, runbook := r.Annotations["summary"], r.Annotations["description"], r.Annotations["runbook_url"]
		if !strings.HasSuffix(summary, ".") || strings.Contains(summary, "{{") {
			complain("summary %q is not one unchanging sentence", summary)
		}
		if !strings.HasSuffix(description, ".") || verdict && !strings.Contains(description, "{{") {
			complain("description %q", description)
		}
		const pages = "https://github.com/ptpwatch/ptpwatch/blob/main/"
		page, anchor, _ := strings.Cut(strings.TrimPrefix(runbook, pages), "#")
		text, err := os.ReadFile("../" + page)
		if err != nil || !strings.HasPrefix(runbook, pages) {
			complain("runbook %q: %v", runbook, err)
		}
		if heading := "\n## " + r.Alert + "\n"; anchor != "" && (anchor != strings.ToLower(r.Alert) || !strings.Contains(string(text), heading)) {
			complain("runbook %q: no such heading", runbook)
		}
	}
}

// promtool runs a case in which each alert fires, and one in which it does not.
func TestRulesAreTested(t *testing.T) {
	var file struct {
		Tests []struct {
			AlertRuleTest []struct {
				Alertname string
				ExpAlerts []any `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "rules_test.yml")), &file); err != nil {
		t.Fatal(err)
	}
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, c := range file.Tests {
		for _, a := range c.AlertRuleTest {
			fires[a.Alertname] = fires[a.Alertname] || len(a.ExpAlerts) > 0
			silent[a.Alertname] = silent[a.Alertname] || len(a.ExpAlerts) == 0
		}
	}
	for _, r := range rules(t) {
		if r.Alert == "PTPWatchdog" {
			silent[r.Alert] = true // never
		}
		if r.Alert != "" && !(fires[r.Alert] && silent[r.Alert]) {
			t.Errorf("%s: a case in which it fires: %t; in which it is silent: %t", r.Alert, fires[r.Alert], silent[r.Alert])
		}
	}
}
