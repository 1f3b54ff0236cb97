package alerts

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

//go:generate go test -run "TestSettings|TestReference" -update .

var update = flag.Bool("update", false, "write what is made of the table of alerts")

var sections = []string{"Meaning", "Impact", "Diagnosis", "Mitigation", "False alarms", "Settings"}

// Each alert has its runbook, each runbook its alert, all of one shape.
func TestRunbooks(t *testing.T) {
	files, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range analysis.Definitions {
		names = append(names, d.Name+".md")
		text, ok := Runbook(d.Name)
		if !ok {
			t.Errorf("%s has no runbook", d.Name)
			continue
		}
		check(t, &d, text)
	}
	slices.Sort(names)
	if diff := cmp.Diff(names, files); diff != "" {
		t.Errorf("runbooks (-of alerts +in the folder):\n%s", diff)
	}
}

func check(t *testing.T, d *analysis.Definition, text string) {
	t.Helper()
	head := "# " + d.Name + "\n\n" + d.Summary + "\n\n## "
	if !strings.HasPrefix(unwrapped(text), unwrapped(head)) {
		t.Errorf("%s does not begin with its name and %q", d.Name, d.Summary)
	}
	var found []string
	for line := range strings.Lines(text) {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			found = append(found, strings.TrimSpace(title))
		}
		if len([]rune(strings.TrimSuffix(line, "\n"))) > 80 {
			t.Errorf("%s: longer than 80 letters: %s", d.Name, line)
		}
	}
	if diff := cmp.Diff(sections, found); diff != "" {
		t.Errorf("%s: sections (-want +got):\n%s", d.Name, diff)
	}
	_, diagnosis, _ := strings.Cut(text, "## Diagnosis")
	diagnosis, _, _ = strings.Cut(diagnosis, "## Mitigation")
	if !strings.Contains(diagnosis, "```sh\n") || !strings.Contains(diagnosis, "pmc ") && !strings.Contains(diagnosis, "tshark ") {
		t.Errorf("%s: no command of pmc or tshark to look with", d.Name)
	}
}

// unwrapped is text whose lines are joined where they were wrapped.
func unwrapped(text string) string { return strings.Join(strings.Fields(text), " ") }

// The last section of each runbook is made of the table.
func TestSettings(t *testing.T) {
	for _, d := range analysis.Definitions {
		text, _ := Runbook(d.Name)
		head, _, ok := strings.Cut(text, "## Settings\n")
		if !ok {
			t.Errorf("%s has no settings", d.Name)
			continue
		}
		golden(t, d.Name+".md", head+"## Settings\n\n"+settings(&d))
	}
}

// The reference of all alerts is made of the table.
func TestReference(t *testing.T) {
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, d := range analysis.Definitions {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", d.Name, strings.ToLower(d.Name), words(d.Severities), d.Summary)
	}
	for _, d := range analysis.Definitions {
		fmt.Fprintf(&b, "\n## %s\n\n%s [What to do](../alerts/%s.md).\n\n%s", d.Name, d.Summary, d.Name, settings(&d))
	}
	golden(t, "../reference/alerts.md", b.String())
}

const referenceHead = `# Alerts

Made of the table of alerts in internal/analysis by ` + "`go generate ./docs/alerts`" + `; do not edit.

An alert has one name everywhere: in the label ` + "`alert`" + ` of the metrics, in the report, in the Prometheus rules
(dashboards/rules.yml), in the configuration, and of its runbook, which ` + "`ptpwatch explain NAME`" + ` prints.

- ` + "`critical`" + ` pages, ` + "`warning`" + ` opens a ticket, ` + "`info`" + ` is kept.
- It is raised once and counts how often its condition was met. After the condition has ended it goes on for its hold-down;
  met again by then, it is the same alert.
- While it holds it only gets graver. It is raised once more when it becomes graver, with what says so, and when what was
  ` + "`possible`" + ` has become ` + "`certain`" + `. What it was first raised by, and when, stays.
- Alerts of one network, domain and sdoId that overlap, or follow within a minute, are one incident. People need be told of an
  incident once, and again when it becomes critical: other alerts are ` + "`suppressed`" + ` and counted in
  ` + "`ptpwatch_alert_suppressed_total`" + `, but listed and exported like all. After an hour without news the next alert opens an
  incident of its own. Information belongs to an incident but opens none.
- At most 1024 alerts hold at a time, 768 of them warnings and information, 512 information. Beyond that only the first of its
  name in a domain is raised, and those about acceptable grandmasters or the agent itself, up to 2048.

| alert | severity | holds when |
|---|---|---|
`

// settings says what is fixed about an alert and what can be set.
func settings(d *analysis.Definition) string {
	var b strings.Builder
	item := func(format string, args ...any) { wrap(&b, fmt.Sprintf(format, args...)) }
	item("Severity: %s.", words(d.Severities))
	if d.HoldDown > 0 {
		item("Hold-down: %s.", short(d.HoldDown))
	} else {
		item("Hold-down: none, it ends with its condition.")
	}
	item("`detectors.%s.enabled: false` turns it off.", d.Name)
	item("`detectors.%s.severity`: %s", d.Name, severityText(d))
	for _, th := range d.Thresholds {
		def := fmt.Sprint(th.Count)
		if th.Time > 0 {
			def = short(th.Time)
		}
		item("`detectors.%s.%s` (%s): %s", d.Name, th.Name, def, th.Meaning)
	}
	item("The same keys under `domains[].detectors.%s` go before, for that domain.", d.Name)
	item("Metrics: `ptpwatch_alert_active`, `ptpwatch_alerts_total` and `ptpwatch_alert_suppressed_total` with `alert=\"%s\"`.", d.Name)
	b.WriteString("- References:\n")
	for _, r := range d.References {
		b.WriteString("  - " + r + "\n")
	}
	return b.String()
}

func severityText(d *analysis.Definition) string {
	if len(d.Severities) > 1 {
		return "the most it may be; milder cases stay " + string(d.Severities[1]) + "."
	}
	return "`critical`, `warning` or `info`."
}

// words lists severities, the usual one first.
func words(list []analysis.Severity) string {
	var text strings.Builder
	text.WriteString(string(list[0]))
	for _, s := range list[1:] {
		text.WriteString(", in milder cases " + string(s))
	}
	return text.String()
}

// short is a time without the zeros that String ends with: 10m, not 10m0s.
func short(d time.Duration) string {
	if text, ok := strings.CutSuffix(d.String(), "m0s"); ok {
		return text + "m"
	}
	return d.String()
}

// wrap writes an item of a list in lines of at most 80 letters.
func wrap(b *strings.Builder, text string) {
	line := "-"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 80 {
			b.WriteString(line + "\n")
			line = " "
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not up to date (-want +got)\n%s\ngo generate ./docs/alerts rewrites it", file, diff)
	}
}
