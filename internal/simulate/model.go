package simulate

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/simulate/attack"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
	"github.com/ptpwatch/ptpwatch/internal/simulate/random"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// model is a scenario brought to life.
type model struct {
	*decoder // for what is wrong with the scenario
	file     *file
	net      *network.Network
	book     *book
	profile  node.Profile

	zero  event.Time // of the scenario: the warm-up is before
	start time.Time  // of the scenario
	utc   int16      // TAI - UTC

	things map[string]*thing
	order  []*thing
	owners map[*network.Port]*thing
	groups map[string][]*thing // by the name that they are written with
	links  map[string]*network.Link
	linked map[string][]*network.Link // by the name that they are written with
	taps   []*tap

	episodes []*episode
	changed  []truth.Path // delays since the start
	writer   *recorder
}

// thing is a node of the network.
type thing struct {
	name  string
	ports []*network.Port
	plug  func() *network.Port // gives it another port
	role  role                 // of a clock

	instance    *node.Instance
	clock       *oscillator.Clock
	bridge      *network.Switch
	transparent *node.Transparent
	router      *network.Router
	host        *attack.Host
	ips         []netip.Addr // of the ports
	mac         packet.MAC   // of the first port
	off         bool
}

// forwards says whether frames go through the thing.
func (t *thing) forwards() bool { return t.bridge != nil || t.router != nil }

const (
	defaultWarmup     = 100 * event.Second
	settled           = 12 // time constants after which servos have settled
	defaultUTCOffset  = 37
	defaultLatency    = 30 * event.Microsecond
	defaultJitter     = 0.003
	defaultGrants     = 512
	defaultStepAbove  = 1e6 // ns
	defaultResolution = 8 * event.Nanosecond
	defaultNoise      = event.Nanosecond
	defaultResidence  = 2 * event.Microsecond
)

var defaultStart = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)

// build makes the model of a file under a seed. Whatever is wrong with the
// file is in the model's problems.
func build(d *decoder, f *file, seed uint64) *model {
	m := &model{
		decoder: d, file: f, net: network.New(seed), book: newBook(seed, f.Name),
		zero: defaultWarmup, start: defaultStart, utc: defaultUTCOffset,
		things: map[string]*thing{}, groups: map[string][]*thing{}, owners: map[*network.Port]*thing{},
		links: map[string]*network.Link{}, linked: map[string][]*network.Link{},
	}
	m.profile = m.profileNamed(f.Profile, "default")
	m.zero = max(m.zero, event.OfSeconds(settled*m.profile.TimeConstant))
	if f.Warmup != nil {
		m.zero = event.Time(*f.Warmup)
	}
	if f.Start != nil {
		m.start = f.Start.Time
	}
	if f.UTCOffset != nil {
		m.utc = *f.UTCOffset
	}
	m.nodes()
	for i := range f.Links {
		m.link(&f.Links[i])
	}
	m.routes()
	m.masters()
	for i := range f.Taps {
		m.tap(&f.Taps[i])
	}
	m.truth()
	m.events()
	return m
}

func (m *model) profileNamed(names ...profileName) node.Profile {
	for _, name := range names {
		if name != "" {
			p, _ := node.ProfileNamed(string(name)) // checked when it was read
			return p
		}
	}
	return m.profile
}

func (m *model) nodes() {
	for i := range m.file.Clocks {
		k := &m.file.Clocks[i]
		if k.Count == 0 {
			m.addClock(k, k.Name)
			continue
		}
		for n := range k.Count {
			m.addClock(k, fmt.Sprintf("%s-%d", k.Name, n+1))
		}
	}
	for i := range m.file.Switches {
		m.addSwitch(&m.file.Switches[i])
	}
	for i := range m.file.Routers {
		m.addRouter(&m.file.Routers[i])
	}
	for i := range m.file.Hosts {
		m.addHost(&m.file.Hosts[i])
	}
}

// add makes a thing known by its own name and the one it is written with.
func (m *model) add(t *thing, written string, at place) {
	if m.things[t.name] != nil {
		m.problem(at.line, at.key, "two nodes are called %q", t.name)
	}
	m.things[t.name] = t
	m.order = append(m.order, t)
	m.groups[written] = append(m.groups[written], t)
}

// rand is chance of the scenario's own, by what it is for.
func (m *model) rand(name string) *rand.Rand { return random.Source(m.net.Seed, "scenario "+name) }

// drawn is a value of a span.
func (m *model) drawn(s span, name string) event.Time {
	if s.from == s.to {
		return s.from
	}
	return s.from + event.Time(m.rand(name).Float64()*float64(s.to-s.from))
}

// epoch is what a clock shows at network time zero, in ns.
func (m *model) epoch(utc bool) int64 {
	e := m.start.UnixNano() - int64(m.zero/event.Nanosecond)
	if !utc {
		e += int64(m.utc) * 1e9
	}
	return e
}

// when is a network time as UTC.
func (m *model) when(t event.Time) time.Time { return m.start.Add((t - m.zero).Duration()) }

// named are the things of a name, or of a group's.
func (m *model) named(r *ref) []*thing {
	if t := m.things[r.name]; t != nil {
		return []*thing{t}
	}
	if g := m.groups[r.name]; g != nil {
		return g
	}
	m.problem(r.line, r.key, "no node is called %q", r.name)
	return nil
}

// one is the thing of a name.
func (m *model) one(r *ref) *thing {
	ts := m.named(r)
	if len(ts) == 0 {
		return &thing{}
	}
	if len(ts) > 1 {
		m.problem(r.line, r.key, "%q is %d nodes: name one, %s", r.name, len(ts), ts[0].name)
	}
	return ts[0]
}

// instanceOf is the instance of the clock of a name.
func (m *model) instanceOf(r *ref) *node.Instance {
	t := m.one(r)
	if t.instance == nil && t.name != "" {
		m.problem(r.line, r.key, "%q is no clock", r.name)
	}
	return t.instance
}
