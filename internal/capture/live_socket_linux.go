package capture

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// SocketOptions say how to listen.
type SocketOptions struct {
	// Promiscuous takes every frame, as a mirror port needs; without it the
	// interface joins PTP's multicast groups.
	Promiscuous bool
	Delay       time.Duration // 0 is DefaultDelay
	buffer      int           // octets; 0 is receiveBuffer
}

// receiveBuffer holds 40000 small frames, a fifth of a second of the most that
// we can take: a busy machine may leave us waiting for that long. Without
// CAP_NET_ADMIN the kernel gives no more than net.core.rmem_max.
const receiveBuffer = 16 << 20

// Socket hears the frames of one Ethernet interface that may be PTP, received
// and sent, and nothing else: the filter stands before the first frame. One
// goroutine may read while another closes it.
type Socket struct {
	name        string
	promiscuous bool
	delay       time.Duration
	index       int // of the interface; 0 while there is none
	capacity    int // frames that fit the receive buffer, however large they are
	batch       *batchBuffer
	overflow    counter32 // frames lost, as the frames after them tell
	lost        uint64    // frames lost, as the socket's statistics tell

	mu sync.Mutex // closing against reading
	fd int        // -1 once it is closed

	// Of ZeroCopyReadPacketData.
	poll    *poller
	n, next int // frames of the batch, and of those handed on
	frame   liveFrame
	meta    FrameMeta
	metas   []any // &meta
}

// OpenSocket listens to the interface of that name.
func OpenSocket(name string, o SocketOptions) (*Socket, error) {
	s, err := newSocket(name, o)
	if err != nil {
		return nil, err
	}
	s.metas = []any{&s.meta}
	if s.poll, err = newPoller(); err == nil {
		err = s.poll.watch(s.fd)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("listen on %s: %w", name, err)
	}
	return s, nil
}

// newSocket is one that somebody else waits for.
func newSocket(name string, o SocketOptions) (*Socket, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", name, explainSocket(err))
	}
	s := &Socket{name: name, promiscuous: o.Promiscuous, delay: cmp.Or(o.Delay, DefaultDelay), batch: newBatchBuffer(), fd: fd}
	index, err := s.prepare(cmp.Or(o.buffer, receiveBuffer))
	if err == nil {
		err = s.bind(index)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("listen on %s: %w", name, err)
	}
	return s, nil
}

// explainSocket says what to do about a socket that the kernel refuses.
func explainSocket(err error) error {
	if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) {
		return fmt.Errorf("packet socket: %w", err)
	}
	program, e := os.Executable()
	if e != nil {
		program = "ptpwatch"
	}
	return fmt.Errorf("capturing needs the capability CAP_NET_RAW: run as root, or once `setcap cap_net_raw+ep %s`: %w", program, err)
}

// prepare sets all that must hold before the first frame comes, and finds the
// interface.
func (s *Socket) prepare(buffer int) (index int, err error) {
	fd := s.fd
	index, err = interfaceIndex(fd, s.name)
	if errors.Is(err, unix.ENODEV) {
		return 0, fmt.Errorf("no such interface (%s): %w", interfaceNames(), err)
	}
	if err != nil {
		return 0, err
	}
	kind, err := interfaceType(fd, s.name)
	if err != nil {
		return 0, err
	}
	if !carriesPTP(kind) {
		return 0, fmt.Errorf("not an Ethernet interface (its ARP hardware type is %d)", kind)
	}
	if err := attachFilter(fd); err != nil {
		return 0, err
	}
	if err := enableStamps(fd); err != nil {
		return 0, err
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1); err != nil {
		return 0, fmt.Errorf("PACKET_AUXDATA: %w", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1); err != nil {
		return 0, fmt.Errorf("SO_RXQ_OVFL: %w", err)
	}
	if kind == unix.ARPHRD_LOOPBACK { // what it sends it receives
		if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1); err != nil {
			return 0, fmt.Errorf("PACKET_IGNORE_OUTGOING: %w", err)
		}
	}
	s.capacity, err = setReceiveBuffer(fd, buffer)
	return index, err
}

func attachFilter(fd int) error {
	program, err := ptpFilter()
	if err != nil {
		return err
	}
	raw, err := bpf.Assemble(program)
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	fprog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &fprog); err != nil {
		return fmt.Errorf("SO_ATTACH_FILTER: %w", err)
	}
	return nil
}

// enableStamps asks for both stamps of every frame. Kernels before 5.1 know
// only the older form, before 4.13 not which NIC stamped.
func enableStamps(fd int) error {
	const both = unix.SOF_TIMESTAMPING_RX_HARDWARE | unix.SOF_TIMESTAMPING_RAW_HARDWARE |
		unix.SOF_TIMESTAMPING_RX_SOFTWARE | unix.SOF_TIMESTAMPING_SOFTWARE
	var err error
	for _, try := range []struct{ option, flags int }{
		{unix.SO_TIMESTAMPING_NEW, both | unix.SOF_TIMESTAMPING_OPT_PKTINFO},
		{unix.SO_TIMESTAMPING, both | unix.SOF_TIMESTAMPING_OPT_PKTINFO},
		{unix.SO_TIMESTAMPING, both},
	} {
		if err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, try.option, try.flags); err == nil {
			return nil
		}
	}
	return fmt.Errorf("SO_TIMESTAMPING: %w", err)
}

// setReceiveBuffer returns how many frames fit at least.
func setReceiveBuffer(fd, octets int) (int, error) {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, octets) != nil {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, octets); err != nil {
			return 0, fmt.Errorf("SO_RCVBUF: %w", err)
		}
	}
	const frame = 4096 // what drivers spend on a frame at most, headers and unused room included
	granted, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	if err != nil {
		return 0, fmt.Errorf("SO_RCVBUF: %w", err)
	}
	return max(granted/frame, 1), nil
}

// bind turns the socket to the interface of that index, and to its groups. The
// interface it was bound to before may be gone.
func (s *Socket) bind(index int) error {
	for _, m := range memberships(s.index, s.promiscuous) {
		_ = unix.SetsockoptPacketMreq(s.fd, unix.SOL_PACKET, unix.PACKET_DROP_MEMBERSHIP, &m) // none, if it is gone
	}
	s.index = 0
	for _, m := range memberships(index, s.promiscuous) {
		if err := unix.SetsockoptPacketMreq(s.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &m); err != nil {
			return fmt.Errorf("PACKET_ADD_MEMBERSHIP: %w", err)
		}
	}
	all := uint16(unix.ETH_P_ALL)
	if err := unix.Bind(s.fd, &unix.SockaddrLinklayer{Protocol: all<<8 | all>>8, Ifindex: index}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	s.index = index
	return nil
}

// bound is the index of the interface that the socket hears; less than 1 once
// that is gone.
func (s *Socket) bound() int {
	name, _ := unix.Getsockname(s.fd)
	at, ok := name.(*unix.SockaddrLinklayer)
	if !ok {
		return 0
	}
	return at.Ifindex
}

// groups are the multicast addresses of PTP: IEEE 1588-2019 E.3 (and IEEE
// 802.1AS-2020 11.3.4), C.3 with those of version 1's alternate domains, D.3.
var groups = [...][6]byte{
	{0x01, 0x1b, 0x19, 0, 0, 0}, {0x01, 0x80, 0xc2, 0, 0, 0x0e},
	{0x01, 0, 0x5e, 0, 0x01, 0x81}, {0x01, 0, 0x5e, 0, 0x01, 0x82}, {0x01, 0, 0x5e, 0, 0x01, 0x83}, {0x01, 0, 0x5e, 0, 0x01, 0x84},
	{0x01, 0, 0x5e, 0, 0, 0x6b},
	{0x33, 0x33, 0, 0, 0x01, 0x81}, {0x33, 0x33, 0, 0, 0, 0x6b},
}

func memberships(index int, promiscuous bool) []unix.PacketMreq {
	switch {
	case index == 0:
		return nil
	case promiscuous:
		return []unix.PacketMreq{{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}}
	}
	m := make([]unix.PacketMreq, len(groups))
	for i, g := range groups {
		m[i] = unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_MULTICAST, Alen: uint16(len(g))}
		copy(m[i].Address[:], g[:])
	}
	return m
}

// drops is how many frames were lost for want of room. Two counters of the
// kernel tell; the frames' is the earlier, the socket's also counts what no
// frame followed.
func (s *Socket) drops() uint64 {
	if st, err := unix.GetsockoptTpacketStats(s.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
		s.lost += uint64(st.Drops) // reading it resets it
	}
	return max(s.lost, s.overflow.total)
}

// Close stops listening and wakes whoever reads.
func (s *Socket) Close() error {
	if s.poll != nil {
		_ = s.poll.close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return nil
	}
	err := unix.Close(s.fd)
	s.fd = -1
	return err
}

// counter32 follows a counter of 32 bits past its end.
type counter32 struct {
	last  uint32
	total uint64
}

func (c *counter32) update(now uint32) {
	c.total += uint64(now - c.last)
	c.last = now
}

// interfaceIndex is unix.ENODEV where there is no such interface.
func interfaceIndex(fd int, name string) (int, error) {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return 0, fmt.Errorf("not a name of an interface: %w", err)
	}
	err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, request)
	return int(request.Uint32()), err
}

func interfaceType(fd int, name string) (uint16, error) {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return 0, err
	}
	err = unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, request)
	return request.Uint16(), err
}

// interfaceNames is for whoever named one that is not there.
func interfaceNames() string {
	all, err := net.Interfaces()
	if err != nil || len(all) == 0 {
		return "none is known"
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return "there are " + strings.Join(names, ", ")
}
