package capture

import (
	"io"
	"time"

	"github.com/google/gopacket"
	"golang.org/x/sys/unix"
)

var _ gopacket.ZeroCopyPacketDataSource = (*Socket)(nil)

// FrameMeta is the first of a frame's CaptureInfo.AncillaryData, as *FrameMeta.
// It holds until the next frame is read.
type FrameMeta struct {
	Hardware, Software time.Time // zero: the frame has no such stamp
	StampedBy          int       // index of the interface whose clock read Hardware; 0 where the kernel does not tell
	Egress             bool      // sent by this host
}

// ZeroCopyReadPacketData waits for the next frame. It holds until the next
// call. An interface that goes down is waited for; after Close the error is
// io.EOF.
func (s *Socket) ZeroCopyReadPacketData() ([]byte, gopacket.CaptureInfo, error) {
	for s.next == s.n {
		s.next, s.n, s.parked = 0, 0, false
		if s.conn.Read(s.waiting) != nil {
			return nil, gopacket.CaptureInfo{}, io.EOF
		}
		if s.err != nil && s.err != unix.ENETDOWN {
			return nil, gopacket.CaptureInfo{}, s.err
		}
	}
	f := &s.frame
	s.read(s.next, f)
	s.next++
	s.meta = FrameMeta{Hardware: unixTime(f.hardware), Software: unixTime(f.software), StampedBy: int(f.stampedBy), Egress: f.egress}
	info := gopacket.CaptureInfo{
		Timestamp: s.meta.Software, CaptureLength: len(f.data), Length: f.length, InterfaceIndex: s.index, AncillaryData: s.metas,
	}
	if f.hardware != 0 {
		info.Timestamp = s.meta.Hardware
	}
	return f.data, info, nil
}

// readWaiting reads a batch once there is one. When it was woken it gives more
// frames, and their transmit stamps, the time to come.
func (s *Socket) readWaiting(fd uintptr) bool {
	if s.parked {
		time.Sleep(s.delay)
	}
	s.parked = !s.readNow(fd)
	return !s.parked
}

func (s *Socket) readNow(fd uintptr) bool {
	s.n, s.err = s.batch.receive(fd)
	return s.err != unix.EAGAIN
}

// receive reads a batch of what is there, which may be nothing. The error is
// io.EOF after Close.
func (s *Socket) receive() (int, error) {
	s.n, s.err = 0, nil
	if s.conn.Read(s.now) != nil {
		return 0, io.EOF
	}
	if s.err == unix.EAGAIN {
		s.err = nil
	}
	return s.n, s.err
}

// read fills in a frame of the batch. The first frames of a socket may come
// before the kernel has begun to stamp: they get the time they are read at.
func (s *Socket) read(i int, f *liveFrame) {
	s.batch.frame(i, f)
	if f.drops != 0 {
		s.overflow.update(f.drops)
	}
	if f.egress && f.stampedBy != 0 {
		f.hardware = 0 // of another NIC that had received the frame: a bridge passed it on
	}
	if f.software == 0 {
		f.software = time.Now().UnixNano()
	}
}

// unixTime is zero for zero.
func unixTime(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
