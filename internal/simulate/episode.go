package simulate

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ptpwatch/ptpwatch/internal/simulate/attack"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// episode is an episode of the truth while it is being made.
type episode struct {
	truth.Episode
	number     int // from 1
	start, end event.Time
	first      event.Time
	firstFrame uint64
	maxError   map[string]truth.Nanoseconds
	line       int
}

// truth reads what episodes there are.
func (m *model) truth() {
	for i := range m.file.Truth {
		k := &m.file.Truth[i]
		e := &episode{
			number: i + 1, start: event.Never, first: event.Never, maxError: map[string]truth.Nanoseconds{}, line: k.line,
			Episode: truth.Episode{
				Name: k.Episode, Kind: truth.Kind(k.Kind), Type: k.Type, Size: k.Size, Direction: string(k.Direction),
				Network: k.Network, Domain: or(k.Domain, m.profile.Domain), Alerts: texts(k.Alerts), Tolerated: texts(k.Tolerated), Severity: string(k.Severity),
			},
		}
		if m.episode(k.Episode) != nil {
			m.problem(k.line, k.key, "two episodes are called %q", k.Episode)
		}
		if len(e.Alerts) == 0 && e.Severity != "" || len(e.Alerts) > 0 && e.Severity == "" {
			m.problem(k.line, k.key, "alerts and severity go together")
		}
		if k.Attacker != nil {
			e.Attacker = m.identityOf(k.Attacker)
		}
		for n := range k.Clocks {
			e.Clocks = append(e.Clocks, m.identityOf(&k.Clocks[n]))
		}
		if len(e.Clocks) == 0 && e.Attacker != "" {
			e.Clocks = []string{e.Attacker}
		}
		m.episodes = append(m.episodes, e)
	}
}

// identityOf is the clock identity that a node goes by.
func (m *model) identityOf(r *ref) string {
	switch t := m.one(r); {
	case t.instance != nil:
		return t.instance.Identity.String()
	case t.host != nil:
		return t.host.Identity.String()
	case t.transparent != nil:
		return eui64(t.mac).String()
	case t.name != "":
		m.problem(r.line, r.key, "%q has no clock identity", r.name)
	}
	return ""
}

func (m *model) episode(name string) *episode {
	for _, e := range m.episodes {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// during has an episode last from a time to another at least.
func (e *episode) during(from, to event.Time) {
	e.start, e.end = min(e.start, from), max(e.end, to)
}

// mark is how whatever an episode does is kept for its record.
func (e *episode) mark() attack.Mark {
	if e == nil {
		return attack.Mark{}
	}
	return attack.Mark{Episode: e.number, Touched: func(at event.Time) { e.first = min(e.first, at) }}
}

// config is the operator's configuration, with the addresses of nodes filled in
// where it says "$gm.identity", "$gm.mac" or "$gm.ip".
func (m *model) config() string {
	n := m.file.Config
	if n.Kind == 0 {
		return ""
	}
	m.fillIn(&n)
	text, err := yaml.Marshal(&n)
	if err != nil {
		m.problem(n.Line, "config", "%v", err)
	}
	return string(text)
}

func (m *model) fillIn(n *yaml.Node) {
	n.Content = slices.Clone(n.Content)
	for i, c := range n.Content {
		copied := *c
		n.Content[i] = &copied
		m.fillIn(&copied)
	}
	if text, ok := strings.CutPrefix(n.Value, "$"); ok && n.Kind == yaml.ScalarNode {
		n.Value = m.address(text, n.Line)
	}
}

func (m *model) address(text string, line int) string {
	name, what, _ := strings.Cut(text, ".")
	if v := m.values[text]; v != nil {
		return v.Value
	}
	t := m.one(&ref{name, place{line, "config"}})
	switch {
	case what == "identity" && t.name != "":
		return m.identityOf(&ref{name, place{line, "config"}})
	case what == "mac" && t.name != "":
		return t.mac.String()
	case what == "ip" && len(t.ips) > 0 && t.ips[0].IsValid():
		return t.ips[0].String()
	case t.name != "":
		m.problem(line, "config", "$%s: accepted after a node's name: .identity, .mac, and .ip where it has one", text)
	}
	return ""
}

func texts[T ~string](names []T) (all []string) {
	for _, n := range names {
		all = append(all, string(n))
	}
	return all
}
