package journal

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// segment is a file of the journal. Its name tells the number of its first
// record, so that names sort as records do.
type segment struct {
	path string
	size int64
	last time.Time // when it was written to last
}

const (
	segmentPrefix = "journal-"
	segmentSuffix = ".jsonl"
)

func segmentPath(dir string, first uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%s%020d%s", segmentPrefix, first, segmentSuffix))
}

// segments lists those of a folder, oldest first.
func segments(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, err
	}
	var list []segment
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), segmentPrefix) || !strings.HasSuffix(e.Name(), segmentSuffix) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		list = append(list, segment{filepath.Join(dir, e.Name()), info.Size(), info.ModTime()})
	}
	return list, nil
}

// prune removes the oldest segments, all but the newest one, until the rest is
// as small and as young as wanted.
func prune(list []segment, maxBytes int64, oldest time.Time) ([]segment, error) {
	var total int64
	for _, s := range list {
		total += s.size
	}
	for len(list) > 1 && (total > maxBytes || list[0].last.Before(oldest)) {
		if err := os.Remove(list[0].path); err != nil && !os.IsNotExist(err) {
			return list, err
		}
		total -= list[0].size
		list = slices.Delete(list, 0, 1)
	}
	return list, nil
}

// file is what a segment is written to.
type file interface {
	WriteAt(b []byte, offset int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// openSegment opens a segment to write to, and makes it if it is not there.
func openSegment(path string) (file, error) {
	_, err := os.Lstat(path)
	made := os.IsNotExist(err)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fs.FileMode(0o600))
	if err != nil {
		return nil, err
	}
	if made {
		if err := syncDir(filepath.Dir(path)); err != nil {
			f.Close()
			return nil, err
		}
	}
	return f, nil
}

// syncDir puts a folder's list of names on the disk.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
