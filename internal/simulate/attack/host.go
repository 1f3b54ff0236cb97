package attack

import (
	"math/rand/v2"
	"net/netip"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
	"github.com/ptpwatch/ptpwatch/internal/simulate/random"
)

// Host is a machine on the network that is no PTP clock, and knows the time
// well enough to lie about it.
type Host struct {
	Settings
	network   *network.Network
	wire      *network.Port
	rng       *rand.Rand
	listeners []listener
	started   int
	sequence  [16]uint16
	ipID      uint16
}

// Settings are what a host is.
type Settings struct {
	Name     string
	Profile  node.Profile // of the traffic that it takes part in
	Identity ptp.ClockIdentity
	IP       netip.Addr
	// Stamper tells the host the PTP time.
	Stamper *oscillator.Stamper
	// Jitter is how evenly it announces, as a part of the interval.
	Jitter float64
	// Stranger makes up the n-th identity that the host can take on.
	Stranger func(n int) Stranger
}

// Stranger is an identity that a host makes up.
type Stranger struct {
	Identity ptp.ClockIdentity
	MAC      packet.MAC
	IP       netip.Addr
}

// listener is somebody in the host to whom frames are shown.
type listener struct {
	id   int
	hear func(*network.Frame)
}

// NewHost returns a host that does nothing.
func NewHost(n *network.Network, s Settings) *Host {
	h := &Host{Settings: s, network: n, rng: random.Source(n.Seed, "host "+s.Name)}
	for t := range h.sequence {
		h.sequence[t] = uint16(h.rng.Uint32()) // it has run for long
	}
	h.ipID = uint16(h.rng.Uint32())
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
		off := min(max(jitter*h.rng.NormFloat64(), -0.25), 0.25)
		t.Set(due + event.Time(off*float64(every)))
	})
	t.Set(due)
	return t.Stop
}

// time is what the host says is the PTP time at t, if that is some time off.
func (h *Host) time(t, off event.Time) ptp.Timestamp {
	return ptp.NewTimestamp(h.Stamper.Shifted(t, off).Nanoseconds)
}

// shift is a time that the host has heard, and some time more.
func shift(t ptp.Timestamp, by event.Time) ptp.Timestamp {
	ns, _ := ptp.Nanoseconds(t)
	return ptp.NewTimestamp(ns + int64(by/event.Nanosecond))
}

// Port is the port identity that the host has by itself.
func (h *Host) Port() ptp.PortIdentity {
	return ptp.PortIdentity{ClockIdentity: h.Identity, PortNumber: 1}
}

// next is the sequenceId of the host's next message of a type.
func (h *Host) next(t ptp.MessageType) uint16 {
	h.sequence[t]++
	return h.sequence[t]
}

// frame is a multicast message of a type as from some port, such as honest
// clocks of the profile send.
func (h *Host) frame(t ptp.MessageType, from ptp.PortIdentity, sequence uint16) *network.Frame {
	f := h.network.Frame()
	f.CopyFrom(&network.Frame{Source: h.wire.MAC, SourceIP: h.IP})
	h.Profile.Fill(f, t)
	f.Message.SourcePortIdentity, f.Message.SequenceID = from, sequence
	if f.Transport == packet.UDPv4 {
		f.IPID = h.ipID
		h.ipID++
	}
	return f
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
