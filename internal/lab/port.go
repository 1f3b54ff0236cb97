//go:build linux

package lab

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// Port sends and receives whole frames, of any protocol, on an interface of the
// lab. What it sends itself it does not receive. It is not safe for concurrent
// use; to send in one goroutine and receive in another open two.
type Port struct {
	Name string
	MAC  packet.MAC
	IPv4 netip.Addr // zero if it has none
	IPv6 netip.Addr // link-local; zero if it has none

	fd     int
	buffer []byte
	oob    []byte
}

const room = 4 // in the buffer before a frame, for a tag

// OpenPort opens an interface in a namespace of the lab.
func OpenPort(namespace, name string) (p *Port, err error) {
	err = within(namespace, func() error {
		p, err = openPort(name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return p, nil
}

func openPort(name string) (*Port, error) {
	iface, err := net.InterfaceByName(name)
	if err != nil {
		return nil, err
	}
	p := &Port{Name: name, MAC: packet.MAC(iface.HardwareAddr), buffer: make([]byte, 1<<16), oob: make([]byte, 256)}
	addresses, err := iface.Addrs()
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		prefix, err := netip.ParsePrefix(a.String())
		switch {
		case err != nil:
		case prefix.Addr().Is4():
			p.IPv4 = prefix.Addr()
		case prefix.Addr().IsLinkLocalUnicast():
			p.IPv6 = prefix.Addr()
		}
	}
	if p.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0); err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	if err := p.prepare(iface.Index); err != nil {
		unix.Close(p.fd)
		return nil, err
	}
	return p, nil
}

// prepare has the socket hear every frame on the interface but our own.
func (p *Port) prepare(index int) error {
	for _, o := range []struct{ level, option, value int }{
		{unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1},
		{unix.SOL_PACKET, unix.PACKET_AUXDATA, 1},
		{unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, 1},
	} {
		if err := unix.SetsockoptInt(p.fd, o.level, o.option, o.value); err != nil {
			return fmt.Errorf("socket option %d: %w", o.option, err)
		}
	}
	all := binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, unix.ETH_P_ALL))
	if err := unix.Bind(p.fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	request := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(p.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &request); err != nil {
		return fmt.Errorf("promiscuous: %w", err)
	}
	return nil
}

// Close closes the socket.
func (p *Port) Close() error { return unix.Close(p.fd) }

// Send sends a frame as it is.
func (p *Port) Send(frame []byte) error {
	if _, err := unix.Write(p.fd, frame); err != nil {
		return fmt.Errorf("send on %s: %w", p.Name, err)
	}
	return nil
}

// Receive waits at most so long for a frame; nil if there was none. It holds
// until the next call. With it comes when the kernel took it, by the system's
// clock. A tag that the kernel took out is put back.
func (p *Port) Receive(wait time.Duration) (frame []byte, at time.Time, err error) {
	if wait > 0 {
		limit := unix.NsecToTimespec(int64(wait))
		if _, err := unix.Ppoll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, &limit, nil); err != nil && err != unix.EINTR {
			return nil, at, fmt.Errorf("poll %s: %w", p.Name, err)
		}
	}
	n, oobn, _, _, err := unix.Recvmsg(p.fd, p.buffer[room:], p.oob, 0)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return nil, at, nil
	case err != nil:
		return nil, at, fmt.Errorf("receive on %s: %w", p.Name, err)
	}
	frame, at = p.buffer[room:room+n], time.Now()
	messages, err := unix.ParseSocketControlMessage(p.oob[:oobn])
	if err != nil {
		return nil, at, fmt.Errorf("receive on %s: control messages: %w", p.Name, err)
	}
	for _, m := range messages {
		switch {
		case m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS_NEW && len(m.Data) >= 16:
			at = time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:])))
		case m.Header.Level == unix.SOL_PACKET && m.Header.Type == unix.PACKET_AUXDATA && len(m.Data) >= auxiliarySize && n >= 14:
			frame = p.retag(n, m.Data)
		}
	}
	return frame, at, nil
}

// auxiliarySize is that of struct tpacket_auxdata of packet(7): status, len,
// snaplen of 32 bits, mac, net, vlan_tci, vlan_tpid of 16.
const auxiliarySize = 20

// retag puts the tag back that the kernel took out of the frame of n octets.
func (p *Port) retag(n int, auxiliary []byte) []byte {
	status := binary.NativeEndian.Uint32(auxiliary)
	if status&unix.TP_STATUS_VLAN_VALID == 0 {
		return p.buffer[room : room+n]
	}
	frame := p.buffer[:room+n]
	copy(frame, frame[room:room+12])
	tpid := uint16(unix.ETH_P_8021Q)
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		tpid = binary.NativeEndian.Uint16(auxiliary[18:])
	}
	binary.BigEndian.PutUint16(frame[12:], tpid)
	binary.BigEndian.PutUint16(frame[14:], binary.NativeEndian.Uint16(auxiliary[16:]))
	return frame
}
