package network

import (
	"math/rand/v2"
	"net/netip"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/random"
)

// Router forwards IP packets for one receiver by routes that it is given.
type Router struct {
	// Residence is what a packet spends in it at least, and Jitter what it may
	// spend beyond, evenly distributed.
	Residence, Jitter event.Time

	network *Network
	ports   []*Port
	routes  map[netip.Addr]route
	rng     *rand.Rand
}

type route struct {
	out *Port
	mac packet.MAC // of the next hop
}

// NewRouter returns a router without ports.
func (n *Network) NewRouter(name string) *Router {
	return &Router{network: n, routes: map[netip.Addr]route{}, rng: random.Source(n.Seed, "router "+name)}
}

// AddPort gives the router another port.
func (r *Router) AddPort() *Port {
	p := &Port{Node: r, Queues: true}
	r.ports = append(r.ports, p)
	return p
}

// Ports are the router's ports.
func (r *Router) Ports() []*Port { return r.ports }

// Route has packets to an address leave through a port for the next hop's.
func (r *Router) Route(to netip.Addr, out *Port, nextHop packet.MAC) {
	r.routes[to] = route{out, nextHop}
}

// Wants implements Node.
func (r *Router) Wants(p *Port, f *Frame) bool {
	return f.Destination == p.MAC && f.Transport != packet.IEEE8023
}

// Receive implements Node.
func (r *Router) Receive(p *Port, f *Frame) {
	to, known := r.routes[f.DestinationIP]
	if !known || f.TTL <= 1 || to.out == p {
		return
	}
	g := f.Copy()
	defer g.Release()
	g.Source, g.Destination, g.TTL, g.VLAN = to.out.MAC, to.mac, f.TTL-1, 0
	if !to.out.Carries(g) {
		return
	}
	ready := r.network.now + r.Residence
	if r.Jitter > 0 {
		ready += event.Time(r.rng.Int64N(int64(r.Jitter)))
	}
	to.out.Send(g, to.out.Departure(ready))
}
