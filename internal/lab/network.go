//go:build linux

package lab

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Prefix begins the name of every namespace made here.
const Prefix = "ptpw-"

// Network is a set of namespaces with a name of their own each, "gm1", and
// what connects them.
type Network struct {
	prefix  string
	nodes   []string
	segment int // segments laid
	member  int // interfaces made
	clocks  []*Clock
}

// NewNetwork prepares an empty network. It needs root.
func NewNetwork() (*Network, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("lab: needs root, for network namespaces")
	}
	var b [3]byte
	rand.Read(b[:])
	return &Network{prefix: Prefix + hex.EncodeToString(b[:]) + "-"}, nil
}

// Namespace is a node's name for `ip netns`.
func (n *Network) Namespace(node string) string { return n.prefix + node }

// Close ends what was started and removes every namespace.
func (n *Network) Close() error {
	var errs []error
	for _, c := range n.clocks {
		c.Stop()
	}
	for _, node := range n.nodes {
		errs = append(errs, run("ip", "netns", "del", n.Namespace(node)))
	}
	n.clocks, n.nodes = nil, nil
	return errors.Join(errs...)
}

// Node makes a node, unless it is there.
func (n *Network) Node(name string) error {
	if slices.Contains(n.nodes, name) {
		return nil
	}
	if err := run("ip", "netns", "add", n.Namespace(name)); err != nil {
		return err
	}
	n.nodes = append(n.nodes, name)
	return n.ip(name, "link set lo up")
}

// Hub lays a segment that carries every frame to all: each node gets an
// interface of that name.
func (n *Network) Hub(name string, nodes ...string) error {
	if err := n.Bridge("switch", name); err != nil {
		return err
	}
	n.segment++
	for _, node := range nodes {
		if err := n.Plug(node, name, name); err != nil {
			return err
		}
	}
	return nil
}

// Bridge makes a bridge in a node. ageing_time 0 floods, so that a monitor sees
// unicast too; group_fwd_mask passes 01-80-C2-00-00-0E (IEEE 1588-2019 E.3),
// which a bridge keeps to itself.
func (n *Network) Bridge(node, name string) error {
	if err := n.Node(node); err != nil {
		return err
	}
	if err := n.ip(node, "link add name "+name+" type bridge mcast_snooping 0 ageing_time 0 group_fwd_mask 0x4000"); err != nil {
		return err
	}
	return n.ip(node, "link set dev "+name+" up")
}

// Plug connects a new interface of a node to a hub.
func (n *Network) Plug(node, name, hub string) error {
	port := fmt.Sprintf("%s-%d", hub, n.member)
	if err := n.Cable(node, name, "switch", port); err != nil {
		return err
	}
	return n.Enslave("switch", port, hub)
}

// Enslave makes an interface part of a bridge on the same node.
func (n *Network) Enslave(node, name, bridge string) error {
	return n.ip(node, "link set dev "+name+" master "+bridge)
}

// Cable connects two nodes by an interface each. The first has an address.
func (n *Network) Cable(node, name, peer, peerName string) error {
	for _, end := range []string{node, peer} {
		if err := n.Node(end); err != nil {
			return err
		}
	}
	n.member++
	if err := n.ip(peer, "link add name "+peerName+" type veth peer name "+name+" netns "+n.Namespace(node)); err != nil {
		return err
	}
	for _, c := range []struct{ node, command string }{
		{node, fmt.Sprintf("link set dev %s address 02:50:54:00:%02x:%02x", name, n.segment, n.member)},
		{node, "addr add " + n.address().String() + "/24 dev " + name},
		{node, "link set dev " + name + " up"},
		{peer, "link set dev " + peerName + " up"},
	} {
		if err := n.ip(c.node, c.command); err != nil {
			return err
		}
	}
	for _, end := range []struct{ node, name string }{{node, name}, {peer, peerName}} {
		// Checksums are left to hardware, which a veth does not have.
		if err := run("ip", "netns", "exec", n.Namespace(end.node), "ethtool", "-K", end.name, "tx", "off"); err != nil {
			return err
		}
	}
	return nil
}

func (n *Network) address() netip.Addr {
	return netip.AddrFrom4([4]byte{10, 77, byte(n.segment), byte(n.member)})
}

func (n *Network) ip(node, command string) error {
	return run("ip", append([]string{"-n", n.Namespace(node)}, strings.Fields(command)...)...)
}

func run(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Dial connects by TCP to a server on a node, from there.
func (n *Network) Dial(node, address string) (conn net.Conn, err error) {
	err = within(n.Namespace(node), func() error {
		conn, err = net.Dial("tcp", address)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", node, err)
	}
	return conn, nil
}

// Listen listens on a node by TCP. The caller closes it.
func (n *Network) Listen(node, address string) (listener net.Listener, err error) {
	err = within(n.Namespace(node), func() error {
		listener, err = net.Listen("tcp", address)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", node, err)
	}
	return listener, nil
}

// Clock starts ptp4l on a node; Close stops it.
func (n *Network) Clock(node string, options ...string) (*Clock, error) {
	c, err := StartClock(n.Namespace(node), options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", node, err)
	}
	n.clocks = append(n.clocks, c)
	return c, nil
}
