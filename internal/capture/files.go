package capture

import (
	"cmp"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// DefaultWindow is how far frames of several interfaces are seen to be out of
// order in one file: what a kernel holds back before it hands on a batch.
const DefaultWindow = 20 * time.Millisecond

// Options say how capture files are replayed.
type Options struct {
	Naming Naming
	// BeforeRead, unless nil, is called by Next before each read of a file or of
	// standard input, which may block.
	BeforeRead func()
	// Window is how much older than a frame before it a frame may be and still
	// be put in its place; 0 is DefaultWindow. It holds no more than 1024
	// messages.
	Window time.Duration
}

// Files replays capture files as one source, in order of time. It is not safe
// for concurrent use, but for Progress.
type Files struct {
	decoder *Decoder
	names   *namer
	files   []*file // as they were named
	parked  []*file // not open yet, by start
	active  []*file // open, each with its next observation in hand
	window  *reorder
	free    []*slot
	handed  bool
	newest  int64 // time of the youngest handed on
	read    atomic.Int64

	beforeRead func()
}

// OpenFiles takes the names of capture files, and stdin for "-". It fails for a
// name that cannot be opened; what is wrong inside a file comes up when Next
// gets there.
func OpenFiles(paths []string, stdin io.Reader, o Options) (*Files, error) {
	f := &Files{decoder: NewDecoder(), names: newNamer(o.Naming), window: newReorder(int64(cmp.Or(o.Window, DefaultWindow))), beforeRead: o.BeforeRead}
	var errs []error
	for i, path := range paths {
		if path == "-" && slices.Index(paths, path) < i {
			errs = append(errs, errors.New("open -: named twice: there is one standard input"))
			continue
		}
		c, err := newFile(path, stdin)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		c.index, c.label = i, label(path, paths)
		f.files = append(f.files, c)
	}
	if len(errs) > 0 {
		f.Close()
		return nil, errors.Join(errs...)
	}
	f.park()
	return f, nil
}

// label is the file's base name, or all of its path where two share that.
func label(path string, paths []string) string {
	if path == "-" {
		return "stdin"
	}
	base := filepath.Base(path)
	for _, other := range paths {
		if other != path && filepath.Base(other) == base {
			return path
		}
	}
	return base
}

// park sorts the files by when they start, so that of many that follow each
// other, as a rotating capture leaves them, few are open at a time.
func (f *Files) park() {
	f.parked = slices.Clone(f.files)
	if len(f.parked) < 2 {
		return
	}
	for _, c := range f.parked {
		if c.pipe == nil {
			c.probe()
		}
	}
	slices.SortStableFunc(f.parked, func(a, b *file) int { return cmp.Compare(a.start, b.start) })
}

// Next fills o with the next frame that is PTP, or claims to be, of all files.
// What o.Message.TLVs and o.V1 point to holds until the next call.
//
// The error is io.EOF when all files were read to their end. Where one ended
// early the others are read all the same, and the faults of all are returned in
// place of io.EOF.
func (f *Files) Next(o *packet.Observation) error {
	for !f.window.ready() {
		s := f.oldest()
		if s != nil {
			f.window.push(s)
			continue
		}
		if f.window.size == 0 {
			return f.end()
		}
		f.window.closed = true
	}
	s := f.window.pop()
	if f.handed && s.at < f.newest {
		s.file.late++
	} else {
		f.newest, f.handed = s.at, true
	}
	*o = s.observation
	f.release(s) // which leaves what o points to alone until the next call
	return nil
}

// oldest takes the oldest of the files' next observations; nil at the end.
func (f *Files) oldest() *slot {
	for {
		var from *file
		for _, c := range f.active {
			if from == nil || c.head.at < from.head.at || c.head.at == from.head.at && c.index < from.index {
				from = c
			}
		}
		if len(f.parked) > 0 && (from == nil || f.parked[0].start <= from.head.at) {
			f.activate(f.parked[0])
			f.parked = f.parked[1:]
			continue
		}
		if from == nil {
			return nil
		}
		s := from.head
		f.advance(from)
		return s
	}
}

func (f *Files) activate(c *file) {
	if err := c.open(&f.read, f.beforeRead); err != nil {
		c.finish(err)
		return
	}
	f.active = append(f.active, c)
	f.advance(c)
}

// advance puts the next observation of a file into its hand, or ends the file.
func (f *Files) advance(c *file) {
	s := f.take()
	if err := c.next(f.decoder, f.names, s); err != nil {
		f.release(s)
		c.finish(err)
		c.head = nil
		f.active = slices.DeleteFunc(f.active, func(a *file) bool { return a == c })
		return
	}
	c.head = s
}

func (f *Files) take() *slot {
	if n := len(f.free); n > 0 {
		s := f.free[n-1]
		f.free = f.free[:n-1]
		return s
	}
	return &slot{}
}

func (f *Files) release(s *slot) {
	if cap(s.tlvs) > keptTLVs {
		s.tlvs = nil
	}
	f.free = append(f.free, s)
}

func (f *Files) end() error {
	var faults []error
	for _, c := range f.files {
		faults = append(faults, c.fault)
	}
	return cmp.Or(errors.Join(faults...), io.EOF)
}

// Stats is what was read so far, a file each, as they were named.
func (f *Files) Stats() []packet.CaptureStats {
	stats := make([]packet.CaptureStats, 0, len(f.files))
	for _, c := range f.files {
		stats = append(stats, c.stats())
	}
	return stats
}

// Progress is how many octets of the files were read, and how many they have
// together; 0 where that is not known. It may be called at any time from
// anywhere.
func (f *Files) Progress() (read, total int64) {
	for _, c := range f.files {
		if c.size < 0 {
			return f.read.Load(), 0
		}
		total += c.size
	}
	return f.read.Load(), total
}

// Close closes what is still open. It leaves stdin alone.
func (f *Files) Close() error {
	for _, c := range f.files {
		c.close()
	}
	return nil
}
