package capture

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	batchFrames = 64
	tagSize     = 4
	// frameRoom is for a tag that we put back, and the frame as it is on links
	// of up to 9216 octets. An odd number of cache lines, so that the frames'
	// beginnings do not all compete for the same few.
	frameRoom   = 151 * 64
	controlRoom = 256
)

// batchBuffer is what recvmmsg(2) reads into, again and again.
type batchBuffer struct {
	headers   [batchFrames]unix.Mmsghdr
	vectors   [batchFrames]unix.Iovec
	addresses [batchFrames]unix.RawSockaddrLinklayer
	control   []byte
	data      []byte
}

func newBatchBuffer() *batchBuffer {
	b := &batchBuffer{control: make([]byte, batchFrames*controlRoom), data: make([]byte, batchFrames*frameRoom)}
	for i := range b.headers {
		b.vectors[i].Base = &b.data[i*frameRoom+tagSize]
		b.vectors[i].SetLen(frameRoom - tagSize)
		h := &b.headers[i].Hdr
		h.Name = (*byte)(unsafe.Pointer(&b.addresses[i]))
		h.Iov = &b.vectors[i]
		h.SetIovlen(1)
		h.Control = &b.control[i*controlRoom]
	}
	return b
}

// receive reads what is there, which may be nothing.
func (b *batchBuffer) receive(fd int) (int, error) {
	for i := range b.headers {
		h := &b.headers[i].Hdr
		h.Namelen = unix.SizeofSockaddrLinklayer
		h.SetControllen(controlRoom)
	}
	for {
		n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.headers[0])), batchFrames, unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EAGAIN:
			return 0, nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

// liveFrame is a frame as it was on the wire, in a buffer that the next batch
// overwrites.
type liveFrame struct {
	ancillary
	data      []byte
	egress    bool // sent by this host
	unstamped bool // by the kernel: software is when it was read
}

// frame fills in the frame of that number of the batch. It may be called once
// for each: it puts the VLAN tag back that the kernel took out.
func (b *batchBuffer) frame(i int, f *liveFrame) {
	h := &b.headers[i]
	f.parse(b.control[i*controlRoom:][:min(int(h.Hdr.Controllen), controlRoom)])
	f.egress = b.addresses[i].Pkttype == unix.PACKET_OUTGOING
	room := b.data[i*frameRoom:][:frameRoom]
	n := min(int(h.Len), frameRoom-tagSize)
	f.data, f.length = room[tagSize:tagSize+n], max(f.length, n)
	const addresses = 12 // the two that the tag stands behind
	if f.tagged && n >= addresses {
		f.data = room[:tagSize+n]
		copy(f.data, room[tagSize:tagSize+addresses])
		binary.BigEndian.PutUint16(f.data[addresses:], f.tpid)
		binary.BigEndian.PutUint16(f.data[addresses+2:], f.tci)
		f.length += tagSize
	}
}
