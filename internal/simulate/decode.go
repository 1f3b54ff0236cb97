package simulate

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one thing that is wrong with a scenario.
type Problem struct {
	File string
	Line int
	Key  string // "links[0].delay"; "" for the whole file
	Text string // what is wrong and what is accepted
}

func (p Problem) Error() string {
	if p.Key == "" {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Key, p.Text)
}

// Problems is the error of a scenario that is refused: all that is wrong with
// it, in the order of its lines.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// decoder reads YAML into structs by their `yaml` tags and leaves nothing
// unsaid: a key that is unknown, twice there or missing though required is a
// problem. A text that begins with "$" stands for a value of the variant.
type decoder struct {
	file     string
	values   map[string]*yaml.Node
	problems Problems
}

func (d *decoder) problem(line int, key, format string, args ...any) {
	d.problems = append(d.problems, Problem{d.file, line, key, fmt.Sprintf(format, args...)})
}

// err is all problems, in order of lines; nil if there are none.
func (d *decoder) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(d.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return d.problems
}

// document is the only document of a file.
func document(file string, data []byte) (*yaml.Node, error) {
	y := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := y.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, Problem{File: file, Line: 1, Text: "the file is empty"}
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := y.Decode(&more); err == nil {
		return nil, Problem{File: file, Line: more.Line, Text: "a second YAML document: one is accepted"}
	} else if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return doc.Content[0], nil
}

// located is a value that wants to know where it stood.
type located interface{ at(line int, key string) }

func (d *decoder) fill(key string, n *yaml.Node, into reflect.Value) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.problem(n.Line, key, "anchors and aliases are not accepted: write the value out")
		return
	}
	if name, ok := strings.CutPrefix(n.Value, "$"); ok && n.Kind == yaml.ScalarNode && into.Type() != reflect.TypeFor[yaml.Node]() {
		v := d.values[name]
		if v == nil {
			d.problem(n.Line, key, "$%s: no variant gives it a value", name)
			return
		}
		n = v
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	if l, ok := into.Addr().Interface().(located); ok {
		l.at(n.Line, key)
	}
	switch v, isValue := into.Addr().Interface().(value); {
	case into.Type() == reflect.TypeFor[yaml.Node]():
		into.Set(reflect.ValueOf(*n))
	case isValue || into.Kind() != reflect.Struct && into.Kind() != reflect.Slice:
		d.scalar(key, n, into, v)
	case into.Kind() == reflect.Slice:
		d.list(key, n, into)
	default:
		d.mapping(key, n, into)
	}
}

func (d *decoder) scalar(key string, n *yaml.Node, into reflect.Value, v value) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		d.problem(n.Line, key, "one value is expected")
		return
	}
	var err error
	switch text := n.Value; {
	case v != nil:
		err = v.set(text)
	case into.Kind() == reflect.String:
		into.SetString(text)
	case into.Kind() == reflect.Bool:
		if text != "true" && text != "false" {
			err = errors.New("accepted: true, false")
		}
		into.SetBool(text == "true")
	case into.CanUint():
		var u uint64
		u, err = whole(text, into.Type().Bits())
		into.SetUint(u)
	case into.CanInt():
		var i int64
		if i, err = strconv.ParseInt(text, 10, into.Type().Bits()); err != nil {
			err = fmt.Errorf("a whole number of %d bits", into.Type().Bits())
		}
		into.SetInt(i)
	}
	if err != nil {
		d.problem(n.Line, key, "%q: %v", n.Value, err)
	}
}

func (d *decoder) list(key string, n *yaml.Node, into reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.problem(n.Line, key, "a list is expected")
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		d.fill(fmt.Sprintf("%s[%d]", key, i), item, into.Index(i))
	}
}

func (d *decoder) mapping(key string, n *yaml.Node, into reflect.Value) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		n = &yaml.Node{Kind: yaml.MappingNode, Line: n.Line} // "stop:" with nothing in it
	}
	if n.Kind != yaml.MappingNode {
		d.problem(n.Line, key, "keys are expected: %s", strings.Join(sortedKeys(fields(into)), ", "))
		return
	}
	known := fields(into)
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		at := strings.TrimPrefix(key+"."+name, ".")
		f, ok := known[name]
		switch {
		case !ok:
			d.problem(n.Content[i].Line, key, "unknown key %q: accepted here: %s", name, strings.Join(sortedKeys(known), ", "))
			continue
		case seen[name]:
			d.problem(n.Content[i].Line, at, "written twice")
			continue
		}
		seen[name] = true
		d.fill(at, n.Content[i+1], f.value)
	}
	for _, name := range sortedKeys(known) {
		if known[name].required && !seen[name] {
			d.problem(n.Line, key, "%s is missing", name)
		}
	}
}

type field struct {
	value    reflect.Value
	required bool
}

// fields are a struct's fields by their keys, those of embedded structs too.
func fields(v reflect.Value) map[string]field {
	all := map[string]field{}
	for i := range v.NumField() {
		t := v.Type().Field(i)
		if t.Anonymous {
			maps.Copy(all, fields(v.Field(i)))
			continue
		}
		if tag, ok := t.Tag.Lookup("yaml"); ok {
			name, option, _ := strings.Cut(tag, ",")
			all[name] = field{v.Field(i), option == "required"}
		}
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
