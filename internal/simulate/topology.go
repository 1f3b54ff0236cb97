package simulate

import (
	"fmt"
	"net/netip"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
)

// link joins two nodes, or each of a group with a node.
func (m *model) link(k *linkKeys) {
	if len(k.Between) != 2 {
		m.problem(k.line, k.key, "between: two nodes are expected: [gm, switch]")
		return
	}
	as, bs := m.named(&k.Between[0]), m.named(&k.Between[1])
	if len(as) > 1 && len(bs) > 1 {
		m.problem(k.Between[0].line, k.Between[0].key, "a link joins one node, or each of several, with one")
		return
	}
	written := k.Name
	if written == "" {
		written = k.Between[0].name + "-" + k.Between[1].name
	}
	for _, a := range as {
		for _, b := range bs {
			name := written
			if len(as)+len(bs) > 2 {
				name = fmt.Sprintf("%s-%s", a.name, b.name)
			}
			m.join(k, name, written, a, b)
		}
	}
}

func (m *model) join(k *linkKeys, name, written string, a, b *thing) {
	line := k.Between[0].line
	switch {
	case m.links[name] != nil:
		m.problem(line, k.Between[0].key, "two links are called %q: give one a name", name)
		return
	case m.reaches(a, b):
		m.problem(line, k.Between[0].key, "%s would close a ring of switches: frames would go round for ever", name)
		return
	case a.host != nil && len(a.ports) > 0 || b.host != nil && len(b.ports) > 0:
		m.problem(line, k.Between[0].key, "a host has one link")
		return
	}
	pa, pb := a.plug(), b.plug()
	a.ports, b.ports = append(a.ports, pa), append(b.ports, pb)
	m.owners[pa], m.owners[pb] = a, b
	l := m.net.Join(name, pa, pb)
	m.links[name] = l
	m.linked[written] = append(m.linked[written], l)
	l.SetDelay(m.ways(&k.Between[0], name, m.drawn(k.Delay, "delay of "+name), event.Time(k.Asymmetry)))
	l.SetLoss(float64(k.Loss))
	m.load(l, 0, k.Load)
	if k.LoadBack != nil {
		m.load(l, 1, k.LoadBack)
	} else {
		m.load(l, 1, k.Load)
	}
}

// ways are the delays of a link there and back, a mean and an asymmetry being
// written at r.
func (m *model) ways(r *ref, link string, mean, asymmetry event.Time) (there, back event.Time) {
	half := asymmetry / 2
	if mean < half || mean < -half {
		m.problem(r.line, r.key, "%s: an asymmetry of more than twice the delay", link)
		half = 0
	}
	return mean + half, mean - half
}

// The load of a link of which only the share is told: packets of 1500 octets
// on a gigabit Ethernet, in clumps.
const (
	defaultPacket      = 12 * event.Microsecond
	defaultCorrelation = 5 * event.Millisecond
	defaultLimit       = event.Millisecond
)

func (m *model) load(l *network.Link, side int, k *loadKeys) {
	if k != nil {
		l.SetLoad(side, m.loadOf(k))
	}
}

func (m *model) loadOf(k *loadKeys) network.Load {
	if k == nil {
		return network.Load{}
	}
	load := network.Load{
		Mean: float64(k.Mean), Swing: float64(k.Swing),
		Packet:      event.Time(or(k.Packet, length(defaultPacket))),
		Correlation: event.Time(or(k.Correlation, length(defaultCorrelation))),
		Limit:       event.Time(or(k.Limit, length(defaultLimit))),
	}
	if k.Peak != nil { // a time of day
		midnight := m.start.Truncate(24 * 3600e9)
		load.Peak = m.zero + event.Of(midnight.Sub(m.start)) + event.Time(*k.Peak)
	}
	if b := k.Burst; b != nil {
		load.Burst = network.Burst{Load: float64(b.Load), Every: event.Time(b.Every), Lasts: event.Time(b.Lasts)}
	}
	return load
}

// owner is whose port it is.
func (m *model) owner(p *network.Port) *thing { return m.owners[p] }

// walk visits what a frame that leaves a thing's port gets to, through
// switches and, if it may, routers. Visit is told the port that the frame
// comes to and how: the links so far, and the first router's port on the way.
func (m *model) walk(from *network.Port, visit func(at *network.Port, through []*network.Port, router *network.Port) (on bool)) {
	seen := map[*network.Port]bool{}
	var step func(out *network.Port, through []*network.Port, router *network.Port)
	step = func(out *network.Port, through []*network.Port, router *network.Port) {
		at := out.Peer()
		if at == nil || seen[at] {
			return
		}
		seen[at] = true
		through = append(through[:len(through):len(through)], out)
		if !visit(at, through, router) {
			return
		}
		t := m.owner(at)
		if t.router != nil && router == nil {
			router = at
		}
		for _, next := range t.ports {
			if next != at {
				step(next, through, router)
			}
		}
	}
	step(from, nil, nil)
}

// reaches says whether frames get from one switch to another already.
func (m *model) reaches(a, b *thing) bool {
	if a == b {
		return true
	}
	if !a.forwards() || !b.forwards() {
		return false
	}
	found := false
	for _, p := range a.ports {
		m.walk(p, func(at *network.Port, _ []*network.Port, _ *network.Port) bool {
			t := m.owner(at)
			found = found || t == b
			return t.forwards()
		})
	}
	return found
}

// hop is where packets for an address are sent from a port: to its owner, or
// to the first router on the way.
type hop struct {
	mac packet.MAC
	ip  netip.Addr
}

// hops are the addresses that can be reached from a port.
func (m *model) hops(from *network.Port) map[netip.Addr]hop {
	found := map[netip.Addr]hop{}
	m.walk(from, func(at *network.Port, _ []*network.Port, router *network.Port) bool {
		t := m.owner(at)
		if t.forwards() {
			return true
		}
		for i, p := range t.ports {
			if p == at && i < len(t.ips) && t.ips[i].IsValid() {
				h := hop{p.MAC, t.ips[i]}
				if router != nil {
					h.mac = router.MAC
				}
				found[h.ip] = h
			}
		}
		return false
	})
	return found
}

// routes tells routers where everybody is.
func (m *model) routes() {
	for _, t := range m.order {
		if t.router == nil {
			continue
		}
		for _, p := range t.ports {
			for ip, h := range m.hops(p) {
				t.router.Route(ip, p, h.mac)
			}
		}
	}
}

// masters fills the unicast master tables.
func (m *model) masters() {
	for i := range m.file.Clocks {
		k := &m.file.Clocks[i]
		for n := range k.Masters {
			to := m.one(&k.Masters[n])
			for _, t := range m.groups[k.Name] {
				m.follow(t, to, &k.Masters[n], uint8(n))
			}
		}
	}
}

func (m *model) follow(t, to *thing, r *ref, priority uint8) {
	for _, p := range t.ports {
		found := m.hops(p)
		for _, ip := range to.ips {
			if h, ok := found[ip]; ok {
				t.instance.Follow(p, node.Address{MAC: h.mac, IP: h.ip}, priority+1)
				return
			}
		}
	}
	m.problem(r.line, r.key, "%s cannot be reached from %s", to.name, t.name)
}

// linksOf are the links of a name, or of the group that is written so.
func (m *model) linksOf(r *ref) []*network.Link {
	if l := m.links[r.name]; l != nil {
		return []*network.Link{l}
	}
	if ls := m.linked[r.name]; ls != nil {
		return ls
	}
	m.problem(r.line, r.key, "no link is called %q", r.name)
	return nil
}
