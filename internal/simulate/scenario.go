package simulate

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// Scenario is a scenario that can be run, one variant of a file if that has
// several.
type Scenario struct {
	Name        string // "sync-delay/500ns"
	Description string
	Duration    time.Duration

	file   *file
	values map[string]*yaml.Node
}

// Kind is what happens: the kind of the first episode, "healthy" if there is
// none.
func (s *Scenario) Kind() string {
	if len(s.file.Truth) == 0 {
		return "healthy"
	}
	return string(s.file.Truth[0].Kind)
}

// Parse reads a scenario and finds all that is wrong with it, which is a
// Problems. Of a file with variants it is the first; Variants has all.
func Parse(name string, data []byte) (*Scenario, error) {
	all, err := Variants(name, data)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Variants are all variants of a scenario, in the order of the file.
func Variants(name string, data []byte) ([]*Scenario, error) {
	root, err := document(name, data)
	if err != nil {
		return nil, err
	}
	d := &decoder{file: name}
	rows := d.variants(root)
	if err := d.err(); err != nil {
		return nil, err
	}
	var all []*Scenario
	for _, row := range rows {
		s, err := parse(name, root, row)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// variant is a row of values, by name; the name "name" is its own.
type variant map[string]*yaml.Node

// variants are the rows under "variants"; one without values if there are none.
func (d *decoder) variants(root *yaml.Node) []variant {
	rows := []variant{}
	seen := map[string]bool{}
	for i := 0; root.Kind == yaml.MappingNode && i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != "variants" {
			continue
		}
		list := root.Content[i+1]
		if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
			d.problem(list.Line, "variants", "a list is expected, of rows such as {name: small, delay: 50ns}")
			continue
		}
		for n, row := range list.Content {
			v := d.row(row, fmt.Sprintf("variants[%d]", n))
			if name := v["name"]; name == nil || seen[name.Value] || strings.ContainsAny(name.Value, "/ ") {
				d.problem(row.Line, fmt.Sprintf("variants[%d]", n), "a row needs a name of its own, without spaces and slashes")
			} else {
				seen[name.Value] = true
			}
			rows = append(rows, v)
		}
	}
	if len(rows) == 0 {
		rows = append(rows, nil)
	}
	return rows
}

func (d *decoder) row(n *yaml.Node, key string) variant {
	v := variant{}
	if n.Kind != yaml.MappingNode {
		d.problem(n.Line, key, "keys are expected: {name: small, delay: 50ns}")
		return v
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		v[n.Content[i].Value] = n.Content[i+1]
	}
	return v
}

func parse(name string, root *yaml.Node, row variant) (*Scenario, error) {
	d := &decoder{file: name, values: row}
	f := new(file)
	d.fill("", root, reflect.ValueOf(f).Elem())
	if f.Duration <= 0 && len(d.problems) == 0 {
		d.problem(root.Line, "duration", "a duration above 0s is expected")
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	m := build(d, f, 0)
	m.config()
	if err := d.err(); err != nil {
		return nil, err
	}
	s := &Scenario{Name: f.Name, Description: strings.TrimSpace(f.Description), Duration: event.Time(f.Duration).Duration(), file: f, values: row}
	if v := row["name"]; v != nil {
		s.Name += "/" + v.Value
	}
	return s, nil
}

// Config is the operator's configuration, YAML, to replay a run under a seed
// with: what its truth says too, when the run is over.
func (s *Scenario) Config(seed uint64) (string, error) {
	m := build(&decoder{file: s.Name, values: s.values}, s.file, seed)
	text := m.config()
	return text, m.err()
}

// Run plays the scenario under a seed, writes the capture to w and returns
// what happened. It stops early, with its error, when ctx is done.
func (s *Scenario) Run(ctx context.Context, seed uint64, w io.Writer) (*truth.Truth, error) {
	return s.RunShown(ctx, seed, w, nil)
}

// RunShown is Run, which calls show, unless that is nil, after each simulated
// second with how much of the Duration has been played.
func (s *Scenario) RunShown(ctx context.Context, seed uint64, w io.Writer, show func(played time.Duration)) (*truth.Truth, error) {
	m, err := s.open(seed, w)
	if err != nil {
		return nil, err
	}
	t, err := m.play(ctx, s, show)
	if err != nil {
		return nil, fmt.Errorf("simulate %s: %w", s.Name, err)
	}
	return t, nil
}

// open builds the scenario's model, which will write to w.
func (s *Scenario) open(seed uint64, w io.Writer) (*model, error) {
	m := build(&decoder{file: s.Name, values: s.values}, s.file, seed)
	if err := m.err(); err != nil {
		return nil, err
	}
	var err error
	if m.writer, err = m.newRecorder(w); err != nil {
		return nil, fmt.Errorf("simulate %s: %w", s.Name, err)
	}
	return m, nil
}

// play lets everything happen, the warm-up first.
func (m *model) play(ctx context.Context, s *Scenario, show func(played time.Duration)) (*truth.Truth, error) {
	t := m.newTruth(s)
	all := m.watch(t)
	t.Paths = m.paths(m.zero)
	m.startAll()
	end := m.zero + event.Time(s.file.Duration)
	for at := m.zero % event.Second; ; at += event.Second {
		m.net.Run(min(at, end))
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		if m.writer.err != nil || at >= end {
			break
		}
		if at < m.zero {
			continue
		}
		m.sample(all, at)
		if show != nil {
			show((at - m.zero).Duration())
		}
	}
	if err := m.writer.flush(); err != nil {
		return nil, err
	}
	t.Paths = append(t.Paths, m.changed...)
	m.finish(t)
	return t, nil
}

// startAll switches on what is not off, not all at the same moment.
func (m *model) startAll() {
	for _, t := range m.order {
		if t.transparent != nil {
			t.transparent.Start()
		}
		if t.instance != nil && !t.off {
			m.net.At(event.Time(m.rand("start of "+t.name).Int64N(int64(2*event.Second))), t.instance.Start)
		}
	}
}
