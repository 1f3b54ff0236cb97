package config

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Write writes the configuration as YAML that Load reads back, with where each
// value came from behind it.
func (c *Config) Write(w io.Writer) error {
	p := printer{origins: c.origins}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(p.node("", reflect.ValueOf(*c), c.keys)); err != nil {
		return fmt.Errorf("print the configuration: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

type printer struct{ origins origins }

// node is the YAML of v, which k describes; nil when there is nothing to say.
func (p printer) node(path string, v reflect.Value, k *key) *yaml.Node {
	switch {
	case !v.IsValid():
		return nil // an alert that a domain leaves as it is
	case k.isScalar():
		return p.scalar(path, v, k)
	case k.item != nil:
		return p.list(path, v, k)
	default:
		return p.mapping(path, v, k)
	}
}

func (p printer) scalar(path string, v reflect.Value, k *key) *yaml.Node {
	from, given := p.origins[path]
	if !given && k.def == "" && strings.Contains(path, "[") {
		return nil // what an item of a list may leave out
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: format(v.Interface())}
	if v.Kind() == reflect.String {
		n.SetString(v.String()) // quoted where YAML would read something else
	}
	n.LineComment = "# " + from.String()
	return n
}

func (p printer) list(path string, v reflect.Value, k *key) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range v.Len() {
		if item := p.node(fmt.Sprintf("%s[%d]", path, i), v.Index(i), k.item); item != nil {
			n.Content = append(n.Content, item)
		}
	}
	if len(n.Content) == 0 {
		return nil
	}
	return n
}

func (p printer) mapping(path string, v reflect.Value, k *key) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, child := range k.keys {
		value := valueOf(v, child.name)
		if got := p.node(join(path, child.name), value, child); got != nil && (got.Kind != yaml.MappingNode || len(got.Content) > 0) {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: child.name}, got)
		}
	}
	return n
}

// valueOf is the value of the key called name in a struct or a map; what no
// field of a struct has is in its map of the rest.
func valueOf(v reflect.Value, name string) reflect.Value {
	if v.Kind() == reflect.Map {
		return v.MapIndex(reflect.ValueOf(name))
	}
	for f, value := range v.Fields() {
		switch f.Tag.Get("mapstructure") {
		case name:
			return value
		case ",remain":
			return value.MapIndex(reflect.ValueOf(name))
		}
	}
	return reflect.Value{}
}
