package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrInUse says that another process holds the folder.
var ErrInUse = errors.New("in use by another process")

// Dir is a folder that this process alone writes to.
type Dir struct {
	path string
	held *os.File // the folder itself; its lock ends with the process
}

// Open makes the folder, for its user alone, unless it is there, and takes hold
// of it. That it can be written to shows when something is written.
func Open(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	held, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if info, err := held.Stat(); err != nil || !info.IsDir() {
		held.Close()
		return nil, errors.Join(fmt.Errorf("%s: not a folder", path), err)
	}
	if err := lock(held); err != nil {
		held.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Dir{path, held}, nil
}

// Path is where the folder is.
func (d *Dir) Path() string { return d.path }

// File is the file of that name in the folder, of the version that this program
// writes and reads.
func (d *Dir) File(name string, version int) File {
	return File{filepath.Join(d.path, name), version}
}

// Close lets go of the folder.
func (d *Dir) Close() error { return d.held.Close() }
