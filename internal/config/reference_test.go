package config

import (
	"cmp"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// commentedOut matches the "#" of an example: "#networks:" and "#  - name: a",
// but not "# Prose".
var commentedOut = regexp.MustCompile(`(?m)^#(  |\w)`)

// examples is the reference with its examples in force.
func examples() []byte {
	return []byte(commentedOut.ReplaceAllString(Reference, "$1"))
}

// allAlerts are those that there are.
func allAlerts() []Alert {
	var list []Alert
	for _, d := range analysis.Definitions {
		a := Alert{Name: d.Name, Severity: string(d.Severities[0])}
		for _, t := range d.Thresholds {
			a.Thresholds = append(a.Thresholds, Threshold{t.Name, defaultValue(t)})
		}
		list = append(list, a)
	}
	return list
}

func defaultValue(t analysis.Threshold) any {
	if t.Time > 0 {
		return t.Time
	}
	return t.Count
}

var allOptions = Options{Alerts: allAlerts()}

// TestReferenceDetectors: the section of detectors is made of the analysis's
// table of alerts.
func TestReferenceDetectors(t *testing.T) {
	const begin, end = "\ndetectors:\n", "\n\n# How much is tracked"
	head, rest, ok := strings.Cut(Reference, begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("no section of detectors")
	}
	want := head + begin + strings.TrimSuffix(detectorSection(), "\n") + end + tail
	golden(t, "reference.yaml", want)
}

func detectorSection() string {
	var b strings.Builder
	for i, d := range analysis.Definitions {
		comment(&b, "  ", d.Summary)
		fmt.Fprintf(&b, "  %s:\n", d.Name)
		if i == 0 {
			comment(&b, "    ", "false: never raised.")
		}
		b.WriteString("    enabled: true\n")
		switch {
		case len(d.Severities) > 1:
			comment(&b, "    ", fmt.Sprintf("The most it may be; milder cases are %s.", d.Severities[1]))
		case i == 0:
			comment(&b, "    ", "critical, warning or info.")
		}
		fmt.Fprintf(&b, "    severity: %s\n", d.Severities[0])
		for _, th := range d.Thresholds {
			comment(&b, "    ", th.Meaning)
			fmt.Fprintf(&b, "    %s: %s\n", th.Name, format(defaultValue(th)))
		}
	}
	return b.String()
}

// comment writes text as lines of at most 80 letters.
func comment(b *strings.Builder, indent, text string) {
	line := indent + "#"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 80 {
			b.WriteString(line + "\n")
			line = indent + "#"
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

func TestReferenceStatesTheDefaults(t *testing.T) {
	got, err := load("reference.yaml", []byte(Reference), nil, allOptions)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(Default(allAlerts()), got, same); diff != "" {
		t.Errorf("-default +reference\n%s", diff)
	}
	keyTree(allAlerts()).scalars(nil, func(path []string, _ *key) {
		if _, ok := got.origins[strings.Join(path, ".")]; !ok {
			t.Errorf("the reference lacks %s", path)
		}
	})
}

func TestReferenceExamples(t *testing.T) {
	got, err := load("reference.yaml", examples(), nil, allOptions)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Warnings) > 0 {
		t.Error(Problems(got.Warnings))
	}
	var missing func(path string, k *key)
	missing = func(path string, k *key) {
		if _, ok := got.origins[path]; !ok && path != "" {
			t.Errorf("the reference lacks %s", path)
		}
		if path == "domains[0].detectors" {
			return // one alert is example enough
		}
		for _, c := range k.keys {
			missing(join(path, c.name), c)
		}
		if k.item != nil {
			missing(path+"[0]", k.item)
		}
	}
	missing("", keyTree(allAlerts()))
}

// TestDocument: docs/reference/configuration.md is made of the reference.
func TestDocument(t *testing.T) {
	golden(t, "../../docs/reference/configuration.md", document(t))
}

//go:embed testdata/document.md
var documentHead string

func document(t *testing.T) string {
	var doc yaml.Node
	if err := yaml.Unmarshal(examples(), &doc); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(documentHead)
	b.WriteString("\n## Keys\n\n| key | default | environment | meaning |\n|---|---|---|---|\n")
	rows(&b, "", doc.Content[0], keyTree(allAlerts()))
	b.WriteString("\n## The whole file\n\n```yaml\n" + Reference + "```\n")
	return b.String()
}

// rows writes a line for each key below n. What lists hold is described once.
func rows(b *strings.Builder, path string, n *yaml.Node, k *key) {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		at, child := join(path, name.Value), k.child(name.Value)
		comment := name.HeadComment
		if i == 0 {
			comment = cmp.Or(comment, n.HeadComment) // YAML has it before the item's dash
		}
		if child.item != nil {
			at += "[]"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", at, defaultOf(child), variable(at, child), prose(comment))
		if child.item != nil && len(value.Content) > 0 {
			rows(b, at, value.Content[0], child.item)
			continue
		}
		rows(b, at, value, child)
	}
}

func defaultOf(k *key) string {
	switch {
	case !k.isScalar():
		return ""
	case k.def == "":
		return "none"
	default:
		return "`" + k.def + "`"
	}
}

func variable(path string, k *key) string {
	if !k.isScalar() || strings.Contains(path, "[]") {
		return ""
	}
	return "`" + environment(slices.Collect(strings.SplitSeq(path, "."))) + "`"
}

// prose is a comment on one line.
func prose(comment string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(comment, "#", "")), " ")
}
