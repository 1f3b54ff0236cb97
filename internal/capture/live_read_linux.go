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
		var err error
		s.next = 0
		if s.n, err = s.receive(); err != nil && err != unix.ENETDOWN {
			return nil, gopacket.CaptureInfo{}, err
		}
		if s.n > 0 {
			break
		}
		if _, err := s.poll.until(time.Time{}); err != nil {
			return nil, gopacket.CaptureInfo{}, io.EOF
		}
		time.Sleep(s.delay) // more may come, and transmit stamps
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

// receive reads a batch of what is there, which may be nothing. The error is
// io.EOF after Close.
func (s *Socket) receive() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return 0, io.EOF
	}
	return s.batch.receive(s.fd)
}

// read fills in a frame of the batch. The first frames of a socket may have
// come before the kernel began to stamp: they get the time they are read at.
func (s *Socket) read(i int, f *liveFrame) {
	s.batch.frame(i, f)
	if f.drops != 0 {
		s.overflow.update(f.drops)
	}
	if f.egress && f.stampedBy != 0 {
		f.hardware = 0 // of another NIC that had received the frame: a bridge passed it on
	}
	f.unstamped = f.software == 0
	if f.unstamped {
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
