package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader walks a YAML document beside the tree of keys. It collects every
// problem, where every key stands, and the texts of all sound values.
type reader struct {
	file     string
	origins  origins
	problems Problems
	faulty   map[string]bool // the keys with problems, and lists with a faulty item
}

// origins says where a key's value came from, by key path. What is not in it
// has its default.
type origins map[string]origin

type origin struct {
	source string // a file's name, "environment PTPWATCH_LISTEN" or "flag --listen"
	line   int    // in the file
}

func (o origin) String() string {
	switch {
	case o == origin{}:
		return "default"
	case o.line > 0:
		return fmt.Sprintf("%s:%d", o.source, o.line)
	default:
		return o.source
	}
}

// read gives the document's values as maps, slices and texts.
func (r *reader) read(data []byte, root *key) map[string]any {
	if len(bytes.TrimSpace(data)) == 0 {
		r.problem(0, "", "the file is empty: half written? (comments alone are accepted)")
		return nil
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return nil // only comments
	} else if err != nil {
		r.syntax(err)
		return nil
	}
	if err := d.Decode(&more); err == nil {
		r.problem(more.Line, "", "a second YAML document: one is accepted")
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
	}
	values, _ := r.value("", doc.Content[0], root).(map[string]any)
	return values
}

// syntax reports an error of the YAML parser, which begins "yaml: line 7: ".
func (r *reader) syntax(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if n, _ := fmt.Sscanf(text, "line %d:", &line); n == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	r.problem(line, "", "not YAML: "+text)
}

func (r *reader) problem(line int, path, text string) {
	r.report(origin{r.file, line}, path, text)
}

func (r *reader) report(o origin, path, text string) {
	r.problems = append(r.problems, Problem{o, path, text})
	r.faulty[path] = true
	if list, isItem := strings.CutSuffix(path, "]"); isItem {
		r.faulty[list[:strings.LastIndexByte(list, '[')]] = true
	}
}

// value reads n as a k: a text for a scalar, otherwise a map or a slice of
// what is sound in it. It is nil when nothing is.
func (r *reader) value(path string, n *yaml.Node, k *key) any {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.problem(n.Line, path, "anchors and aliases are not accepted: write the value out")
		return nil
	}
	if k.isScalar() {
		return r.scalar(path, n, k)
	}
	if n.ShortTag() == "!!null" {
		return nil // "log:" with every line below it commented out
	}
	switch {
	case k.item != nil && n.Kind == yaml.SequenceNode:
		return r.list(path, n, k.item)
	case k.item != nil:
		r.problem(n.Line, path, what(n)+": a list is expected, lines that begin with \"- \" or [...]")
		return nil
	case n.Kind == yaml.MappingNode:
		return r.mapping(path, n, k)
	default:
		r.problem(n.Line, path, what(n)+": keys are expected: "+strings.Join(k.childNames(), ", "))
		return nil
	}
}

// what is n, for people.
func what(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "keys"
	default:
		return strconv.Quote(n.Value)
	}
}

func (r *reader) scalar(path string, n *yaml.Node, k *key) any {
	if n.Kind != yaml.ScalarNode {
		r.problem(n.Line, path, what(n)+": one value is expected")
		return nil
	}
	if n.ShortTag() == "!!null" {
		r.problem(n.Line, path, "no value: give one or remove the key")
		return nil
	}
	// The text, not what YAML makes of it: an identity of digits is no number.
	if err := k.check(n.Value); err != nil {
		r.problem(n.Line, path, err.Error())
		return nil
	}
	return n.Value
}

func (r *reader) list(path string, n *yaml.Node, item *key) any {
	values := []any{}
	for i, in := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		r.origins[at] = origin{r.file, in.Line}
		v := r.value(at, in, item)
		if v == nil { // keeps the numbering of those after it
			v = reflect.Zero(item.typ).Interface()
		}
		if m, ok := v.(map[string]any); ok {
			addDefaults(m, item)
		}
		values = append(values, v)
	}
	return values
}

// addDefaults completes an item of a list: viper's layers end where a list begins.
func addDefaults(m map[string]any, item *key) {
	for _, k := range item.keys {
		if _, given := m[k.name]; !given && k.def != "" {
			m[k.name] = k.def
		}
	}
}

func (r *reader) mapping(path string, n *yaml.Node, k *key) map[string]any {
	values := map[string]any{}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, v := n.Content[i], n.Content[i+1]
		child := k.child(name.Value)
		if child == nil || name.Kind != yaml.ScalarNode {
			r.problem(name.Line, path, unknown("key", name.Value, k.childNames()))
			continue
		}
		at := join(path, name.Value)
		if line, again := first[name.Value]; again {
			r.problem(name.Line, at, fmt.Sprintf("written twice, first in line %d", line))
			continue
		}
		first[name.Value] = name.Line
		r.origins[at] = origin{r.file, name.Line}
		if got := r.value(at, v, child); got != nil {
			values[name.Value] = got
		}
	}
	return values
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
