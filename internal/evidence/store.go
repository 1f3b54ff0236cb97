package evidence

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/journal"
	"github.com/ptpwatch/ptpwatch/internal/state"
)

// store is the folder with the evidence. It is for one goroutine.
type store struct {
	options Options
	dir     *state.Dir
	entries []entry // oldest first
	prev    journal.Hash
	next    uint64
}

// entry is one evidence: a pcapng and a JSON file whose names differ in nothing
// else.
type entry struct {
	seq      uint64
	name     string    // without extension
	size     int64     // of both files
	at       time.Time // when it was written
	document bool      // there is a JSON file: without one it is none
	frames   bool
}

const (
	frameSuffix    = ".pcapng"
	documentSuffix = ".json"
	partSuffix     = ".part" // of what is not whole yet
)

// fileName is what evidence is called: its number, the time of its first alert,
// and the alert's name. Nothing else in the folder is ours.
var fileName = regexp.MustCompile(`^((\d{8,19})-\d{8}T\d{6}Z-[A-Za-z0-9]+)(\.pcapng|\.json)(\.part)?$`)

func evidenceName(seq uint64, at time.Time, alert string) string {
	return fmt.Sprintf("%08d-%s-%s", seq, at.UTC().Format("20060102T150405Z"), alert)
}

// list finds the evidence in a folder, oldest first, and what was left half
// written.
func list(dir string) (entries []entry, parts []string, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	byName := make(map[string]*entry)
	for _, f := range files {
		m := fileName.FindStringSubmatch(f.Name())
		if m == nil {
			continue
		}
		if m[4] != "" {
			parts = append(parts, f.Name())
			continue
		}
		info, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // gone since
		} else if err != nil {
			return nil, nil, err
		}
		seq, err := strconv.ParseUint(m[2], 10, 63)
		if err != nil {
			continue
		}
		e := byName[m[1]]
		if e == nil {
			e = &entry{seq: seq, name: m[1]}
			byName[m[1]] = e
		}
		e.size += info.Size()
		if m[3] == documentSuffix {
			e.document, e.at = true, info.ModTime()
		} else {
			e.frames = true
		}
	}
	for _, e := range byName {
		entries = append(entries, *e)
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.name, b.name)) })
	return entries, parts, nil
}

// openStore takes hold of the folder, which is made unless it is there.
func openStore(o Options) (*store, error) {
	dir, err := state.Open(o.Dir)
	if err != nil {
		return nil, err
	}
	s := &store{options: o, dir: dir, next: 1}
	if err = s.probe(); err == nil {
		err = s.look()
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *store) close() { _ = s.dir.Close() }

// look finds what there is, and clears away what an agent that was killed has
// left half written.
func (s *store) look() error {
	entries, parts, err := list(s.options.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.document {
			s.entries, s.next = append(s.entries, e), e.seq+1
		}
	}
	for _, e := range entries {
		if !e.document && e.seq >= s.next { // it was about to become one
			parts = append(parts, e.name+frameSuffix)
		}
	}
	for _, name := range parts {
		if err := os.Remove(filepath.Join(s.options.Dir, name)); err != nil {
			return err
		}
	}
	if newest := s.newest(); newest != nil {
		data, err := readFile(s.path(newest.name, documentSuffix))
		if err != nil {
			return err
		}
		s.prev = journal.HashOf(data)
	}
	return nil
}

func (s *store) newest() *entry {
	if len(s.entries) == 0 {
		return nil
	}
	return &s.entries[len(s.entries)-1]
}

func (s *store) path(name, suffix string) string {
	return filepath.Join(s.options.Dir, name+suffix)
}

// probeSize is what must be possible to write for all to be well.
const probeSize = 4096

// probe finds out whether the folder can be written to before it has to be.
func (s *store) probe() error {
	path := filepath.Join(s.options.Dir, "probe"+partSuffix)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, probeSize))
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(path))
}

// write puts evidence on the disk, once makeRoom was told how large it is. Its
// JSON file gets its name last, so that there is either all of it or none.
func (s *store) write(j *job, head journal.Head, makeRoom func(size int64) error) (*entry, error) {
	e := entry{seq: s.next, name: evidenceName(s.next, j.opened, j.alerts[0].Name), document: true, frames: true}
	frames, document := s.path(e.name, frameSuffix), s.path(e.name, documentSuffix)
	size, hash, err := s.writeParts(j, &e, head)
	if err == nil {
		err = makeRoom(size)
	}
	if err == nil {
		err = s.commit(frames, document)
	}
	if err != nil {
		_ = os.Remove(frames + partSuffix)
		_ = os.Remove(document + partSuffix)
		return nil, err
	}
	e.size, e.at = size, time.Now()
	s.entries = append(s.entries, e)
	s.next, s.prev = e.seq+1, hash
	return s.newest(), nil
}

// writeParts writes both files under names that say that they are not whole,
// and returns their size and the hash of the JSON file.
func (s *store) writeParts(j *job, e *entry, head journal.Head) (size int64, hash journal.Hash, err error) {
	var w *written
	err = create(s.path(e.name, frameSuffix+partSuffix), func(f *os.File) error {
		w, err = writeFrames(f, j, s.options.Agent)
		return err
	})
	if err != nil {
		return 0, hash, err
	}
	w.File = e.name + frameSuffix
	text, err := json.MarshalIndent(s.document(j, e, w, head), "", "  ")
	if err != nil {
		return 0, hash, err
	}
	text = append(text, '\n')
	err = create(s.path(e.name, documentSuffix+partSuffix), func(f *os.File) error {
		_, err := f.Write(text)
		return err
	})
	return w.Bytes + int64(len(text)), journal.HashOf(text), err
}

func (s *store) document(j *job, e *entry, w *written, head journal.Head) *Document {
	d := &Document{
		Version: Version, Seq: e.seq, Prev: s.prev, Agent: s.options.Agent, More: j.more, Frames: w.Frames,
		Settings: j.settings.Analysis, Naming: j.settings.Naming, State: j.from.State,
	}
	d.Settings.Baselines = j.from.Baselines
	if head != (journal.Head{}) {
		d.Journal = &head
	}
	for i := range j.alerts {
		a := &j.alerts[i]
		d.Alerts = append(d.Alerts, Alert{Frame: w.at[alertOrigin(&a.Alert)], Event: a.event})
	}
	return d
}

// commit gives both files their names.
func (s *store) commit(frames, document string) error {
	if err := os.Rename(frames+partSuffix, frames); err != nil {
		return err
	}
	err := os.Rename(document+partSuffix, document)
	if err == nil {
		err = syncDir(s.options.Dir)
	}
	if err != nil {
		_ = os.Remove(document)
		_ = os.Remove(frames)
	}
	return err
}

// excessive says whether the oldest evidence has to go: for so much more to fit,
// or because it is too old. The newest stays, unless there is more: it says
// which number is next.
func (s *store) excessive(more int64, now time.Time) bool {
	if len(s.entries) == 0 || len(s.entries) == 1 && more == 0 {
		return false
	}
	return s.size()+more > s.options.MaxBytes || now.Sub(s.entries[0].at) > s.options.MaxAge
}

// remove removes the oldest evidence.
func (s *store) remove() error {
	e := s.entries[0]
	for _, suffix := range []string{frameSuffix, documentSuffix} {
		if err := os.Remove(s.path(e.name, suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	s.entries = slices.Delete(s.entries, 0, 1)
	return nil
}

func (s *store) size() (n int64) {
	for _, e := range s.entries {
		n += e.size
	}
	return n
}

// create writes a file and has it on the disk.
func create(path string, fill func(*os.File) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncDir puts a folder's list of names on the disk.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
