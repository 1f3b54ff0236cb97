package export

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// runbooks is where those who are paged find docs/alerts.
const runbooks = "https://github.com/ptpwatch/ptpwatch/blob/main/docs/alerts/"

// rule is what the templates of the rules and their tests need of an alert.
type rule struct {
	*analysis.Definition
	labels []string
	Next   string // another alert
}

func newRule(i int) rule {
	r := rule{Definition: &analysis.Definitions[i], Next: analysis.Definitions[(i+1)%len(analysis.Definitions)].Name}
	r.labels = []string{"cluster", "network", "domain", "sdo_id"}
	if r.aboutMonitor() {
		r.labels = []string{"cluster", "job", "instance"}
	}
	r.labels = append(r.labels, r.Labels...)
	return r
}

// aboutMonitor says whether the alert is about an agent, not about clocks.
func (r rule) aboutMonitor() bool { return slices.Contains(r.Labels, "interface") }

func (r rule) By() string      { return strings.Join(append([]string{"severity"}, r.labels...), ", ") }
func (r rule) Runbook() string { return runbooks + r.Name + ".md" }

// Description says where, and what to do first.
func (r rule) Description() string {
	return r.describe(func(l string) string { return "{{ $labels." + l + " }}" })
}

func (r rule) describe(value func(label string) string) string {
	where := "Network " + value("network") + ", domain " + value("domain")
	if r.aboutMonitor() {
		where = "Agent " + value("instance")
	}
	for i, l := range r.Labels {
		where += []string{": ", ", "}[min(i, 1)] + l + " " + value(l)
	}
	return where + ". " + r.Advice
}

// What the tests of the rules feed and expect.
var sample = map[string]string{
	"cluster": "east", "network": "eth0", "domain": "24", "sdo_id": "0x000", "grandmaster": "gm", "port": "gm-1", "interface": "tap0", "job": "ptpwatch", "instance": "a:9588",
}

func (r rule) Series() string {
	pairs := []string{`severity="` + string(r.Severities[0]) + `"`}
	for _, l := range []string{"cluster", "network", "domain", "sdo_id", "grandmaster", "port", "interface", "job", "instance"} {
		pairs = append(pairs, l+`="`+sample[l]+`"`)
	}
	return strings.Join(pairs, ",")
}

func (r rule) Expected() string {
	pairs := []string{"severity: " + string(r.Severities[0])}
	for _, l := range r.labels {
		pairs = append(pairs, l+`: "`+sample[l]+`"`)
	}
	return strings.Join(pairs, ", ")
}

func (r rule) Described() string { return r.describe(func(l string) string { return sample[l] }) }
func (r rule) Firing() []string  { return []string{"15s", "2m30s"} }

// The rules, and the tests of the rules that promtool runs, are made of the
// table of alerts.
func TestRulesAreUpToDate(t *testing.T) {
	var rules []rule
	for i := range analysis.Definitions {
		rules = append(rules, newRule(i))
	}
	for _, name := range []string{"rules.yml", "rules_test.yml"} {
		tmpl, err := template.New(name+".tmpl").Delims("[[", "]]").ParseFiles("testdata/" + name + ".tmpl")
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := tmpl.Execute(&b, rules); err != nil {
			t.Fatal(err)
		}
		golden(t, "../../dashboards/"+name, b.Bytes())
	}
}

// Every alert that a rule asks for exists.
func TestRulesMatchTheCode(t *testing.T) {
	rules, err := os.ReadFile("../../dashboards/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\balert="(\w+)"`).FindAllSubmatch(rules, -1) {
		if !slices.ContainsFunc(analysis.Definitions, func(d analysis.Definition) bool { return d.Name == string(m[1]) }) {
			t.Errorf("a rule asks for %s, which does not exist", m[1])
		}
	}
}
