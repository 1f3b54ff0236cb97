//go:build linux

package lab

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// settle is how long what was sent may take until it is recorded, on a busy
// machine.
const settle = 200 * time.Millisecond

// largest is how much a recording may hold, in octets: it is kept in memory, to
// be written in order of time.
const largest = 256 << 20

// recorder records the PTP of several interfaces of a namespace.
type recorder struct {
	interfaces []string
	sockets    []*capture.Socket
	readers    sync.WaitGroup

	mu     sync.Mutex
	frames []frame
	size   int
	err    error
}

type frame struct {
	iface int
	capture.Record
}

// record starts.
func record(namespace string, interfaces []string) (*recorder, error) {
	r := &recorder{interfaces: interfaces}
	if err := within(namespace, r.open); err != nil {
		r.stop()
		return nil, fmt.Errorf("record: %w", err)
	}
	for i, s := range r.sockets {
		r.readers.Go(func() { r.read(i, s) })
	}
	return r, nil
}

func (r *recorder) open() error {
	for _, name := range r.interfaces {
		s, err := capture.OpenSocket(name, capture.SocketOptions{Promiscuous: true})
		if err != nil {
			return err
		}
		r.sockets = append(r.sockets, s)
	}
	return nil
}

func (r *recorder) read(i int, s *capture.Socket) {
	for {
		data, info, err := s.ZeroCopyReadPacketData()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				r.fail(err)
			}
			return
		}
		direction := capture.Inbound
		if info.AncillaryData[0].(*capture.FrameMeta).Egress {
			direction = capture.Outbound
		}
		r.add(frame{i, capture.Record{Time: info.Timestamp.UnixNano(), Direction: direction, Data: bytes.Clone(data), Length: info.Length}})
	}
}

func (r *recorder) add(f frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.size+len(f.Data) > largest {
		r.err = fmt.Errorf("record: it is over %d octets: the rest is missing", largest)
		return
	}
	r.frames, r.size = append(r.frames, f), r.size+len(f.Data)
}

func (r *recorder) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = errors.Join(r.err, fmt.Errorf("record: %w", err))
}

// end stops once all is recorded that was sent before, and leaves the frames
// sent until then in order of time.
func (r *recorder) end() error {
	until := time.Now().UnixNano()
	time.Sleep(settle)
	r.stop()
	r.frames = slices.DeleteFunc(r.frames, func(f frame) bool { return f.Time > until })
	slices.SortStableFunc(r.frames, func(a, b frame) int { return cmp.Compare(a.Time, b.Time) })
	return r.err
}

func (r *recorder) stop() {
	for _, s := range r.sockets {
		s.Close()
	}
	r.readers.Wait()
}

// first is the first frame that went out and is hostile, by its number from 1;
// 0 if there is none.
func (r *recorder) first(hostile func(*packet.Observation) bool) (number uint64, at time.Time) {
	decoder := capture.NewDecoder()
	for i := range r.frames {
		f := &r.frames[i]
		var o packet.Observation
		if f.Direction == capture.Outbound && decoder.Decode(capture.Frame{Link: capture.LinkEthernet, Data: f.Data, Length: f.Length}, &o) && hostile(&o) {
			return uint64(i + 1), time.Unix(0, f.Time).UTC()
		}
	}
	return 0, time.Time{}
}

func (r *recorder) write(name string) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w, err := capture.NewWriter(file, "ptpwatch lab")
	if err != nil {
		return err
	}
	for _, name := range r.interfaces {
		if _, err := w.AddInterface(name, capture.LinkEthernet); err != nil {
			return err
		}
	}
	for i := range r.frames {
		if err := w.Write(r.frames[i].iface, &r.frames[i].Record); err != nil {
			return err
		}
	}
	return w.Flush()
}
