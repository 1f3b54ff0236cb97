package attack

import (
	"math/rand/v2"
	"net/netip"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
	"github.com/ptpwatch/ptpwatch/internal/simulate/random"
)

// Host is a machine on the network that is no PTP clock, and knows the time
// well enough to lie about it.
type Host struct {
	Profile  node.Profile // of the traffic that it takes part in
	Identity ptp.ClockIdentity
	IP       netip.Addr
	// Epoch is what the PTP timescale shows at time zero, in ns.
	Epoch int64

	network   *network.Network
	wire      *network.Port
	rng       *rand.Rand
	listeners []listener
	started   int
	ipID      uint16
}

// listener is somebody in the host to whom frames are shown.
type listener struct {
	id   int
	hear func(*network.Frame)
}

// NewHost returns a host that does nothing.
func NewHost(n *network.Network, name string, profile node.Profile, id ptp.ClockIdentity, ip netip.Addr, epoch int64) *Host {
	h := &Host{Profile: profile, Identity: id, IP: ip, Epoch: epoch, network: n, rng: random.Source(n.Seed, "host "+name)}
	h.wire = &network.Port{Node: h}
	return h
}

// Wire is the host's end of its link.
func (h *Host) Wire() *network.Port { return h.wire }

// Rand is the host's own chance.
func (h *Host) Rand() *rand.Rand { return h.rng }

// Wants implements network.Node.
func (h *Host) Wants(_ *network.Port, f *network.Frame) bool {
	return len(h.listeners) > 0 && f.VLAN == h.Profile.VLAN && f.Transport == h.Profile.Transport && f.Raw == nil &&
		f.Source != h.wire.MAC && (f.Multicast() || f.Destination == h.wire.MAC)
}

// Receive implements network.Node.
func (h *Host) Receive(_ *network.Port, f *network.Frame) {
	for _, l := range h.listeners {
		l.hear(f)
	}
}

// listen shows all frames to a function until stop is called.
func (h *Host) listen(hear func(*network.Frame)) (stop func()) {
	h.started++
	id := h.started
	h.listeners = append(h.listeners, listener{id, hear})
	return func() {
		var kept []listener
		for _, l := range h.listeners {
			if l.id != id {
				kept = append(kept, l)
			}
		}
		h.listeners = kept
	}
}

// repeat calls a function at regular times, some jitter aside, until stop is
// called.
func (h *Host) repeat(every event.Time, jitter float64, do func()) (stop func()) {
	due := h.network.Now()
	var t *network.Timer
	t = h.network.NewTimer(func() {
		do()
		due += every
		off := min(max(jitter*h.rng.NormFloat64(), -0.4), 0.4)
		t.Set(due + event.Time(off*float64(every)))
	})
	t.Set(due)
	return t.Stop
}

// time is the PTP time at t, in ns.
func (h *Host) time(t event.Time) int64 { return h.Epoch + int64(t/event.Nanosecond) }

// frame is a multicast message of a type as from some port.
func (h *Host) frame(t ptp.MessageType, from ptp.PortIdentity, sequence uint16) *network.Frame {
	f := h.network.Frame()
	f.CopyFrom(&network.Frame{
		Source: h.wire.MAC, VLAN: h.Profile.VLAN, PCP: h.Profile.PCP, Transport: h.Profile.Transport,
		SourceIP: h.IP, DSCP: h.Profile.DSCP, IPID: h.ipID,
	})
	h.ipID++
	f.Message = ptp.Message{
		Type: t, SdoID: h.Profile.SdoID, VersionPTP: 2, MinorVersionPTP: h.Profile.MinorVersion,
		DomainNumber: h.Profile.Domain, SourcePortIdentity: from, SequenceID: sequence, LogMessageInterval: ptp.NoInterval,
	}
	if h.Profile.Algorithm == node.BTCA {
		f.Message.Flags |= ptp.FlagPTPTimescale
	}
	h.Profile.Address(f)
	return f
}

// to addresses a frame to one receiver.
func to(f *network.Frame, mac packet.MAC, ip netip.Addr) {
	f.Destination, f.DestinationIP, f.TTL = mac, ip, 64
	f.Message.Flags |= ptp.FlagUnicast
}

// send puts a frame on the wire and gives it up.
func (h *Host) send(f *network.Frame, ready event.Time, mark *Mark) (at event.Time) {
	at = h.wire.Departure(ready)
	f.Episode = mark.Episode
	mark.touch(at)
	h.wire.Send(f, at)
	f.Release()
	return at
}

// soon is when software answers that does not do much else.
func (h *Host) soon() event.Time { return h.network.Now() + h.while(5*event.Microsecond) }

// while is a while of about that long: from it to three times it.
func (h *Host) while(least event.Time) event.Time {
	return least + event.Time(h.rng.Int64N(int64(2*least)))
}
