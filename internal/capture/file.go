package capture

import (
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// file is one capture file being replayed.
type file struct {
	path  string    // as the user named it
	label string    // of interfaces without a name
	index int       // among the files
	size  int64     // -1 when not known
	pipe  io.Reader // stdin, or what is no regular file: it can be read once
	start int64     // time of the first frame; the least there is if nobody looked

	opened io.Closer // what is ours to close
	reader *Reader
	record Record
	seen   []*Interface // that had a frame
	head   *slot        // the next observation, while the file is active
	lost   uint64       // the reader's drops, once it is gone
	clock  string       // that stamped the frame before, where the file tells

	tally
	fault error
}

// newFile looks at a path without reading from it.
func newFile(path string, stdin io.Reader) (*file, error) {
	f := &file{path: path, size: -1, start: math.MinInt64, tally: newTally()}
	if path == "-" {
		f.pipe = stdin
		return f, nil
	}
	opened, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := opened.Stat()
	switch {
	case err != nil:
		opened.Close()
		return nil, err
	case info.IsDir():
		opened.Close()
		return nil, fmt.Errorf("open %s: a directory: %s", path, acceptedFormats)
	case info.Mode().IsRegular(): // opened again when its time comes
		f.size = info.Size()
		return f, opened.Close()
	}
	f.pipe, f.opened = opened, opened
	return f, nil
}

// open begins to read the file from its start.
func (f *file) open(read *atomic.Int64, before func()) error {
	r := f.pipe
	if r == nil {
		opened, err := os.Open(f.path)
		if err != nil {
			return err
		}
		r, f.opened = opened, opened
	}
	var err error
	f.reader, err = NewReader(f.path, &countingReader{r, read, before})
	return err
}

// close lets go of the file and of the reader's buffers: there may be thousands
// of files.
func (f *file) close() {
	if f.reader != nil {
		f.lost = f.reader.Drops()
		f.reader.Close()
		f.reader, f.record = nil, Record{}
	}
	if f.opened != nil {
		f.opened.Close()
		f.opened = nil
	}
}

// probe finds out when a regular file starts. What is wrong with it comes up
// again when it is read.
func (f *file) probe() {
	if f.open(new(atomic.Int64), nil) == nil && f.reader.Next(&f.record) == nil {
		f.start = f.record.Time
	}
	f.close()
}

// next reads on to the next frame that is PTP, into s.
func (f *file) next(d *Decoder, names *namer, s *slot) error {
	r := &f.record
	for {
		if err := f.reader.Next(r); err != nil {
			return err
		}
		f.count(r)
		if r.Interface.frames++; r.Interface.frames == 1 {
			f.seen = append(f.seen, r.Interface)
		}
		if !r.Interface.Link.Decoded() {
			f.skip(f.interfaceLabel(r.Interface), r.Interface.Link)
			continue
		}
		if d.Decode(Frame{r.Interface.Link, r.Data, r.Length}, &s.observation) {
			f.observe(d, names, s)
			return nil
		}
	}
}

// interfaceLabel is the interface's name in observations: Naming says how.
func (f *file) interfaceLabel(i *Interface) string {
	if i.label == "" {
		switch {
		case i.Name != "":
			i.label = i.Name
		case i.ID == 0:
			i.label = f.label
		default:
			i.label = fmt.Sprintf("%s#%d", f.label, i.ID)
		}
	}
	return i.label
}

// observe adds to an observation what the record and the file tell.
func (f *file) observe(d *Decoder, names *namer, s *slot) {
	r, o := &f.record, &s.observation
	s.file, s.at = f, r.Time
	s.keep()
	o.At = time.Unix(0, r.Time).UTC()
	o.Stamp = o.At
	o.StampSource = packet.StampCapture
	o.Frame = packet.Frame{File: f.path, Number: r.Number}
	p := names.place(f.interfaceLabel(r.Interface), d.InterfaceIndex(r.Interface.Link), o.VLANs)
	o.Interface, o.Tap, o.Network = p.iface, p.tap, p.network
	o.Egress = o.Egress || r.Direction == Outbound
	if r.Untimed {
		o.StampSource = packet.StampUnknown
	}
	if len(r.Comment) > 0 {
		f.restore(r.Comment, o)
	}
	o.Others, o.Lost = r.Interface.since()
	f.judge(o)
}

// restore gives an observation of a recording of ours its stamps back.
func (f *file) restore(comment []byte, o *packet.Observation) {
	var s Stamps
	clock, ok := s.parse(comment)
	if !ok {
		return
	}
	o.Hardware, o.Software, o.StampSource = s.Hardware, s.Software, s.Source
	o.Stamp = s.Software
	if s.Source == packet.StampHardware {
		o.Stamp = s.Hardware
	}
	if f.clock != string(clock) { // there are few
		f.clock = printable(clock)
	}
	o.StampClock = f.clock
}

// since is how many other frames an interface had, and how many were lost, since
// the observation before this one.
func (i *Interface) since() (others, lost uint32) {
	frames, drops := i.frames-i.toldFrames, i.drops()-i.toldDrops
	i.toldFrames, i.toldDrops = i.frames, i.drops()
	return uint32(min(frames-1, math.MaxUint32)), uint32(min(drops, math.MaxUint32))
}

// lostAfter is what the file told of drops after the last observation.
func (f *file) lostAfter() map[string]uint64 {
	var lost map[string]uint64
	for _, i := range f.seen {
		if n := i.drops() - i.toldDrops; n > 0 {
			if lost == nil {
				lost = make(map[string]uint64)
			}
			lost[f.interfaceLabel(i)] += n
		}
	}
	return lost
}

// finish ends the reading of the file, for which err is the reason.
func (f *file) finish(err error) {
	if err == io.EOF {
		err = f.nothingDecoded()
	}
	f.fault = err
	f.close()
}

// nothingDecoded is an error where the file has frames and not one of them is
// of a link type that is decoded.
func (f *file) nothingDecoded() error {
	reasons := f.skippedReasons()
	var skipped uint64
	for _, n := range reasons {
		skipped += n
	}
	if f.frames == 0 || skipped < f.frames {
		return nil
	}
	return fmt.Errorf("%s: none of %d frames is of a link type that is decoded: %s: %s",
		f.path, f.frames, strings.Join(slices.Sorted(maps.Keys(reasons)), ", "), acceptedLinks)
}

func (f *file) stats() packet.CaptureStats {
	s := f.tally.stats()
	s.File, s.Drops = f.path, f.lost
	if f.reader != nil {
		s.Drops = f.reader.Drops()
	}
	s.LostAfter = f.lostAfter()
	if f.fault != nil {
		s.Fault = f.fault.Error()
	}
	return s
}

// countingReader counts what was read, for whoever shows progress, and calls
// before ahead of each read.
type countingReader struct {
	io.Reader
	n      *atomic.Int64
	before func()
}

func (c *countingReader) Read(b []byte) (int, error) {
	if c.before != nil {
		c.before()
	}
	n, err := c.Reader.Read(b)
	c.n.Add(int64(n))
	return n, err
}
