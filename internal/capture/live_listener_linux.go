package capture

import (
	"maps"

	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// listener is one interface of a Live.
type listener struct {
	options LiveInterface
	socket  *Socket
	stamps  stamping
	state   InterfaceState
	told    InterfaceState // to OnChange
	clock   string         // that the NIC's stamps are of

	// Times of the steady clock: when the socket was last seen empty, and when
	// the last frame read of it came.
	empty, last int64
	undrained   bool // there was more than its turn's worth
	relook      bool // at the NIC: it was never looked at, or the options changed

	frames, bytes, ptp, v1, fragments, late, lost uint64 // lost in our own queue
	egressEvents, egressStamped                   uint64
	stamped                                       [packet.StampHardware + 1]uint64
	malformed                                     map[ptp.Malformation]uint64
	first, newest                                 int64
}

func newListener(options LiveInterface, nics nicSettings, onSet func(Setting)) (*listener, error) {
	s, err := newSocket(options.Name, SocketOptions{Promiscuous: options.Promiscuous})
	if err != nil {
		return nil, err
	}
	return &listener{
		options: options, socket: s,
		stamps: stamping{nics: nics, options: options.StampOptions, onSet: onSet}, relook: true,
		malformed: make(map[ptp.Malformation]uint64),
	}, nil
}

// choose changes which stamps are wanted.
func (n *listener) choose(o StampOptions) {
	if o == n.options.StampOptions {
		return
	}
	if o.HWTstamp != HWTstampEnable {
		_ = n.stamps.restore() // the next check shows what it is now
	}
	n.options.StampOptions, n.stamps.options, n.relook = o, o, true
}

// count takes note of a frame, PTP or not.
func (n *listener) count(f *liveFrame, at int64) {
	if n.frames == 0 {
		n.first = at
	}
	n.frames++
	n.bytes += uint64(len(f.data))
	n.last, n.newest = at, max(n.newest, at)
}

// describe adds to what was decoded of a frame what the kernel tells of it.
func (n *listener) describe(o *packet.Observation, f *liveFrame, at int64, clock string) {
	o.At = unixTime(at)
	o.Hardware, o.Software = unixTime(f.hardware), unixTime(f.software)
	o.Stamp, o.StampSource = o.Software, packet.StampSoftware
	if f.hardware != 0 && n.options.Timestamping != TimestampingSoftware {
		o.Stamp, o.StampSource, o.StampClock = o.Hardware, packet.StampHardware, clock
	}
	o.Frame.Number = n.frames
	o.Interface = n.options.Name
	o.Egress = f.egress

	n.stamped[o.StampSource]++
	if o.Fragment {
		n.fragments++
	}
	fault := o.Malformed
	if fault == "" {
		n.ptp++
		fault = o.Message.Fault
		if o.V1 != nil {
			n.v1++
			fault = o.V1.Fault
		}
		if f.egress && o.V1 == nil && o.Message.Type <= ptp.PdelayResp { // an event message
			n.egressEvents++
			if f.hardware != 0 {
				n.egressStamped++
			}
		}
	}
	if fault != "" {
		n.malformed[fault]++
	}
}

// stats is what was read so far.
func (n *listener) stats() packet.CaptureStats {
	s := packet.CaptureStats{
		Interface: n.options.Name, Frames: n.frames, Bytes: n.bytes, Drops: n.socket.drops() + n.lost,
		PTP: n.ptp, V1: n.v1, Fragments: n.fragments, OutOfOrder: n.late,
		Malformed: maps.Clone(n.malformed), Stamps: make(map[packet.StampSource]uint64),
		First: unixTime(n.first), Last: unixTime(n.newest),
		Up: n.state.Link == LinkUp, HardwareStamp: n.state.Hardware, Clock: n.state.Clock,
		EgressEvents: n.egressEvents, EgressStamped: n.egressStamped,
		Fault: n.state.Fault,
	}
	if n.stamps.choice.Source == packet.StampUnknown {
		s.HardwareStamp = n.stamped[packet.StampHardware] > 0
	}
	for source, count := range n.stamped {
		if count > 0 {
			s.Stamps[packet.StampSource(source)] = count
		}
	}
	return s
}

// check finds out how the interface is, and binds the socket anew where
// another has come under its name.
func (n *listener) check(k *kernelNICs) {
	before := n.state
	n.state.Interface, n.state.Fault = n.options.Name, ""
	name := n.options.Name
	bound := n.socket.bound()
	index, err := interfaceIndex(k.fd, name)
	if err != nil {
		if name = k.nameOf(bound); name == "" {
			n.state.Link = LinkGone
			return
		}
		index = bound // renamed, and still the same wire
	}
	rebound := index != bound
	if rebound {
		if err := n.socket.bind(index); err != nil {
			n.state.Link, n.state.Fault = LinkDown, err.Error()
			return
		}
	}
	n.state.Link = k.linkState(name)
	cameUp := n.state.Link == LinkUp && before.Link != LinkUp
	switch {
	case rebound || cameUp || n.relook:
		n.relook = false
		n.stamps.look(name)
	case !n.stamps.poll():
		return
	}
	n.state.choose(&n.stamps)
	n.clock = n.stamps.nic.clock()
}

func (k *kernelNICs) linkState(name string) LinkState {
	request, err := unix.NewIfreq(name)
	if err != nil || unix.IoctlIfreq(k.fd, unix.SIOCGIFFLAGS, request) != nil {
		return LinkGone
	}
	const heard = unix.IFF_UP | unix.IFF_RUNNING
	if request.Uint16()&heard == heard {
		return LinkUp
	}
	return LinkDown
}

// close puts the NIC back as it was found.
func (n *listener) close() error {
	err := n.stamps.restore()
	_ = n.socket.Close()
	return err
}
