//go:build linux

package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// gather is how long frames of one interface may wait for those of another:
// well inside the window in which a replay puts them in order.
const gather = time.Millisecond

// recorder writes the PTP of several interfaces of a namespace to a pcapng
// file, and notes the first frame of an attack.
type recorder struct {
	file    *os.File
	sockets []*capture.Socket
	readers sync.WaitGroup

	mu      sync.Mutex
	writer  *capture.Writer
	hostile func(*packet.Observation) bool
	frames  uint64
	first   time.Time
	number  uint64
	err     error
}

// record starts. hostile is asked of frames that went out of the interfaces
// until it says yes.
func record(name, namespace string, interfaces []string, hostile func(*packet.Observation) bool) (r *recorder, err error) {
	r = &recorder{hostile: hostile}
	if r.file, err = os.Create(name); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	if r.writer, err = capture.NewWriter(r.file, "ptpwatch lab"); err != nil {
		r.file.Close()
		return nil, fmt.Errorf("record: %w", err)
	}
	err = within(namespace, func() error { return r.open(interfaces) })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("record: %w", err), r.close())
	}
	for i, s := range r.sockets {
		r.readers.Go(func() { r.read(i, interfaces[i], s) })
	}
	return r, nil
}

func (r *recorder) open(interfaces []string) error {
	for _, name := range interfaces {
		if _, err := r.writer.AddInterface(name, capture.LinkEthernet); err != nil {
			return err
		}
		s, err := capture.OpenSocket(name, capture.SocketOptions{Promiscuous: true, Delay: gather})
		if err != nil {
			return err
		}
		r.sockets = append(r.sockets, s)
	}
	return nil
}

func (r *recorder) read(i int, name string, s *capture.Socket) {
	decoder := capture.NewDecoder()
	for {
		data, info, err := s.ZeroCopyReadPacketData()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				r.note(err)
			}
			return
		}
		direction, o := capture.Inbound, packet.Observation{}
		if info.AncillaryData[0].(*capture.FrameMeta).Egress {
			direction = capture.Outbound
			if !decoder.Decode(capture.Frame{Link: capture.LinkEthernet, Data: data, Length: info.Length}, &o) {
				continue
			}
			o.Egress, o.Interface, o.At = true, name, info.Timestamp
		}
		r.add(i, &o, &capture.Record{Time: info.Timestamp.UnixNano(), Direction: direction, Data: data, Length: info.Length})
	}
}

func (r *recorder) add(i int, o *packet.Observation, frame *capture.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.writer.Write(i, frame); err != nil {
		r.err = errors.Join(r.err, err)
		return
	}
	r.frames++
	if o.Egress && r.number == 0 && r.hostile(o) {
		r.first, r.number = o.At, r.frames
	}
}

func (r *recorder) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = errors.Join(r.err, err)
}

// close ends the recording once what was sent before is in it.
func (r *recorder) close() error {
	time.Sleep(20 * gather)
	for _, s := range r.sockets {
		s.Close()
	}
	r.readers.Wait()
	return errors.Join(r.err, r.writer.Flush(), r.file.Close())
}
