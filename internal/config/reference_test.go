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
)

// commentedOut matches the "#" of an example: "#networks:" and "#  - name: a",
// but not "# Prose".
var commentedOut = regexp.MustCompile(`(?m)^#(  |\w)`)

// examples is the reference with its examples in force.
func examples() []byte {
	return []byte(commentedOut.ReplaceAllString(Reference, "$1"))
}

func TestReferenceStatesTheDefaults(t *testing.T) {
	got, err := load("reference.yaml", []byte(Reference), nil, options)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(Default(alerts), got, same); diff != "" {
		t.Errorf("-default +reference\n%s", diff)
	}
	keyTree(alerts).scalars(nil, func(path []string, _ *key) {
		if _, ok := got.origins[strings.Join(path, ".")]; !ok {
			t.Errorf("the reference lacks %s", path)
		}
	})
}

func TestReferenceExamples(t *testing.T) {
	got, err := load("reference.yaml", examples(), nil, options)
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
		for _, c := range k.keys {
			missing(join(path, c.name), c)
		}
		if k.item != nil {
			missing(path+"[0]", k.item)
		}
	}
	missing("", keyTree(alerts))
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
	rows(&b, "", doc.Content[0], keyTree(alerts))
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
