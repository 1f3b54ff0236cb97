package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Options say where the journal is and how much of it is kept.
type Options struct {
	Dir      string
	MaxAge   time.Duration
	MaxBytes int64
}

// parts is how many segments make a full journal.
const parts = 8

// log is the journal on the disk. It is for one goroutine.
type log struct {
	options Options
	open    func(path string) (file, error)

	segments []segment // oldest first; the last is being written to
	file     file
	began    time.Time // the first record of that one
	dirty    bool      // there may be more in it than was acknowledged
	seq      uint64    // of the last record
	hash     Hash      // of its line
}

// recovery is what opening a journal had to mend.
type recovery struct {
	Segment string `json:"segment"`
	Torn    int64  `json:"torn_octets"`   // cut off its end
	Damaged int    `json:"damaged_lines"` // left in it
}

// openLog opens the journal in a folder, which is made unless it is there, and
// cuts off what was not acknowledged.
func openLog(o Options, open func(path string) (file, error)) (*log, recovery, error) {
	l := &log{options: o, open: open}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, recovery{}, err
	}
	list, err := segments(o.Dir)
	if err != nil {
		return nil, recovery{}, err
	}
	l.segments = list
	if len(list) == 0 {
		return l, recovery{}, nil
	}
	mended, err := l.resume()
	if err != nil {
		return nil, recovery{}, err
	}
	return l, mended, nil
}

// resume finds the last record and opens the newest segment behind its last
// whole line.
func (l *log) resume() (recovery, error) {
	newest := &l.segments[len(l.segments)-1]
	mended := recovery{Segment: newest.path}
	for i := len(l.segments) - 1; i >= 0; i-- {
		data, err := os.ReadFile(l.segments[i].path)
		if err != nil {
			return mended, err
		}
		found := scanSegment(data)
		if i == len(l.segments)-1 {
			mended.Torn, mended.Damaged = int64(len(data))-found.end, found.damaged
			newest.size, l.began = found.end, found.began
		}
		if found.found {
			l.seq, l.hash = found.last.Seq, found.hash
			break
		}
	}
	var err error
	if l.file, err = l.open(newest.path); err != nil {
		return mended, err
	}
	l.dirty = mended.Torn > 0
	return mended, l.clean()
}

// clean cuts off what follows the last acknowledged record.
func (l *log) clean() error {
	if !l.dirty {
		return nil
	}
	if err := l.file.Truncate(l.segments[len(l.segments)-1].size); err != nil {
		return err
	}
	l.dirty = false
	return nil
}

// entry is a record before it has its place in the journal.
type entry struct {
	at   time.Time
	kind Kind
	data json.RawMessage
}

// append records the entries, all or none, at the given time. When it returns
// nil they are on the disk.
func (l *log) append(now time.Time, entries []entry) error {
	if err := l.clean(); err != nil { // before the file is left behind
		return err
	}
	if err := l.rotate(now); err != nil {
		return err
	}
	if err := l.clean(); err != nil {
		return err
	}
	var lines bytes.Buffer
	seq, hash := l.seq, l.hash
	for _, e := range entries {
		seq++
		line, err := json.Marshal(Record{seq, e.at.UTC(), hash, e.kind, e.data})
		if err != nil {
			return fmt.Errorf("record %d: %w", seq, err)
		}
		hash = HashOf(line)
		lines.Write(line)
		lines.WriteByte('\n')
	}
	s := &l.segments[len(l.segments)-1]
	l.dirty = true
	if _, err := l.file.WriteAt(lines.Bytes(), s.size); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return err
	}
	if l.dirty = false; l.began.IsZero() {
		l.began = entries[0].at
	}
	s.size += int64(lines.Len())
	s.last, l.seq, l.hash = now, seq, hash
	return nil
}

// rotate begins another segment when the present one is full or old, and
// removes those that are too much.
func (l *log) rotate(now time.Time) error {
	path := segmentPath(l.options.Dir, l.seq+1)
	if n := len(l.segments); n > 0 {
		s := l.segments[n-1]
		full := s.size >= l.options.MaxBytes/parts
		old := !l.began.IsZero() && now.Sub(l.began) >= l.options.MaxAge/parts
		if !full && !old || s.path == path { // which has no record yet
			return nil
		}
	}
	f, err := l.open(path)
	if err != nil {
		return err
	}
	if l.file != nil {
		_ = l.file.Close() // all of it was synced
	}
	l.file, l.began, l.dirty = f, time.Time{}, true // whatever may be in it
	l.segments = append(l.segments, segment{path: path, last: now})
	return l.prune(now)
}

func (l *log) prune(now time.Time) (err error) {
	// The newest segment may still grow by its part.
	l.segments, err = prune(l.segments, l.options.MaxBytes-l.options.MaxBytes/parts, now.Add(-l.options.MaxAge))
	return err
}

// size is how many octets the journal takes.
func (l *log) size() (n int64) {
	for _, s := range l.segments {
		n += s.size
	}
	return n
}

func (l *log) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
