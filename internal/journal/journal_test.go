package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

func options(dir string) Options {
	return Options{Dir: dir, MaxAge: 1000 * time.Hour, MaxBytes: 1 << 20}
}

// run has a journal running until stop is called, or the test ends.
func run(t *testing.T, j *Journal) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func newJournal(dir string) *Journal { return New(options(dir), slog.New(slog.DiscardHandler)) }

// records reads all of a journal and holds every line against the one before
// it.
func records(t *testing.T, dir string) []Record {
	t.Helper()
	list, err := segments(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []Record
	var before Hash
	for _, s := range list {
		data, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			r, err := parse(bytes.TrimSuffix(line, []byte{'\n'}))
			if err != nil || line[len(line)-1] != '\n' {
				t.Fatalf("%s: %q: %v", s.path, line, err)
			}
			if n := len(all); n > 0 && (r.Seq != all[n-1].Seq+1 || r.Prev != before) {
				t.Fatalf("%s: record %d with prev %x follows record %d, which is %x", s.path, r.Seq, r.Prev, all[n-1].Seq, before)
			}
			before = HashOf(line[:len(line)-1])
			all = append(all, r)
		}
	}
	return all
}

// told is a record as a test writes it: "7 act 1".
func told(all []Record) (list []string) {
	for _, r := range all {
		list = append(list, fmt.Sprintf("%d %s %s", r.Seq, r.Kind, r.Data))
	}
	return list
}

func TestRecords(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	j := newJournal(dir)
	stop := run(t, j)
	j.Post(start, Start, map[string]string{"version": "1.0"})
	if err := j.Commit(t.Context(), start.In(time.FixedZone("", 3600)), Act, "accept"); err != nil {
		t.Fatal(err)
	}
	if got := records(t, dir); len(got) != 2 { // on the disk when Commit returns
		t.Errorf("%d records, want 2", len(got))
	}
	j.Post(start.Add(time.Second), Stop, nil)
	stop()
	stats := j.Stats()
	if stats.Records != 3 || stats.Bytes == 0 || stats.Fault != "" || stats.Lost+stats.Errors+stats.Torn > 0 {
		t.Errorf("%+v", stats)
	}

	j = newJournal(dir) // the next run goes on
	stop = run(t, j)
	j.Post(start.Add(time.Minute), Start, nil)
	stop()
	got := records(t, dir)
	want := []string{`1 start {"version":"1.0"}`, `2 act "accept"`, `3 stop null`, `4 start null`}
	if diff := cmp.Diff(want, told(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got[0].Prev != (Hash{}) || !got[1].At.Equal(start) || got[1].At.Location() != time.UTC {
		t.Errorf("first %+v, second at %v", got[0], got[1].At)
	}
}

// fakeFile is a segment in memory on a disk that a test fills and breaks.
type fakeFile struct {
	disk *fakeDisk
	data []byte
}

type fakeDisk struct {
	mu    sync.Mutex
	fail  string // the call that fails
	files map[string]*fakeFile
	calls []string
}

func (d *fakeDisk) open(path string) (file, error) {
	if err := d.call("open"); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[path]
	if f == nil {
		f = &fakeFile{disk: d}
		d.files[path] = f
	}
	return f, nil
}

func (d *fakeDisk) call(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, name)
	if d.fail == name {
		return fmt.Errorf("%s: %w", name, syscall.ENOSPC)
	}
	return nil
}

func (d *fakeDisk) failing(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = name
}

// records are those of the only file.
func (d *fakeDisk) records(t *testing.T) []Record {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	dir := t.TempDir()
	for path, f := range d.files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), f.data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return records(t, dir)
}

func (f *fakeFile) WriteAt(b []byte, at int64) (int, error) {
	err := f.disk.call("write")
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err != nil {
		b = b[:len(b)/2] // a full disk takes what it can
	}
	f.data = append(f.data[:min(int(at), len(f.data))], b...)
	return len(b), err
}

func (f *fakeFile) Truncate(size int64) error {
	if err := f.disk.call("truncate"); err != nil {
		return err
	}
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.data = f.data[:size]
	return nil
}

func (f *fakeFile) Sync() error  { return f.disk.call("sync") }
func (f *fakeFile) Close() error { return f.disk.call("close") }

// TestAcknowledgedAfterSync: who waits is told after the disk has it, and what
// waits together is written together.
func TestAcknowledgedAfterSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &fakeDisk{files: map[string]*fakeFile{}}
		j := newJournal(t.TempDir())
		j.open = disk.open
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				if err := j.Commit(t.Context(), start, Act, i); err != nil {
					t.Error(err)
				}
				disk.mu.Lock()
				defer disk.mu.Unlock()
				if n := len(disk.calls); disk.calls[n-1] != "sync" {
					t.Errorf("told after %v", disk.calls)
				}
			})
		}
		synctest.Wait() // all are queued
		run(t, j)
		wg.Wait()
		if diff := cmp.Diff([]string{"open", "truncate", "write", "sync"}, disk.calls); diff != "" {
			t.Errorf("calls -want +got\n%s", diff)
		}
		if got := disk.records(t); len(got) != 100 {
			t.Errorf("%d records", len(got))
		}
	})
}

// TestDiskFails: whatever fails, nobody who posts waits, what there is room for
// is written once the disk takes it, and the rest is counted, in the journal
// too.
func TestDiskFails(t *testing.T) {
	for _, call := range []string{"open", "write", "sync", "truncate"} {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				disk := &fakeDisk{files: map[string]*fakeFile{}}
				j := newJournal(t.TempDir())
				j.open = disk.open
				if call != "open" && call != "truncate" {
					stop := run(t, j)
					if err := j.Commit(t.Context(), start, Start, "before"); err != nil {
						t.Fatal(err)
					}
					stop()
				}
				disk.failing(call)
				j = newJournal(j.options.Dir)
				j.open = disk.open
				j.queue = make(chan *order, 100)
				stop := run(t, j)
				err := j.Commit(t.Context(), start, Act, "refused")
				if !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("Commit: %v", err)
				}
				const more = 1000
				for i := range more {
					j.Post(start, Event, i)
				}
				time.Sleep(time.Minute)
				s := j.Stats()
				if s.Fault == "" || s.Errors < 30 || s.Errors > 120 || s.Records > 0 || s.Lost == 0 || s.Lost >= more {
					t.Errorf("while it fails: %+v", s)
				}
				disk.failing("")
				time.Sleep(3 * time.Second)
				s = j.Stats()
				if s.Fault != "" || s.Records+s.Lost != more+2 { // with the refused one and the one about the loss
					t.Errorf("when it works: %+v", s)
				}
				stop()
				all := told(disk.records(t))
				if !slices.ContainsFunc(all, func(r string) bool { return strings.HasSuffix(r, fmt.Sprintf(` lost {"records":%d}`, s.Lost)) }) {
					t.Errorf("no record of the loss of %d", s.Lost)
				}
				if n := slices.IndexFunc(all, func(r string) bool { return strings.HasSuffix(r, ` act "refused"`) }); n < 0 {
					t.Error("the first that was refused is not there")
				}
			})
		})
	}
}

// TestEndsOnABrokenDisk: it ends when it is told to, and counts what it could
// not write.
func TestEndsOnABrokenDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file", "journal")
	if err := os.WriteFile(filepath.Dir(dir), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	j := newJournal(dir)
	stop := run(t, j)
	if err := j.Commit(t.Context(), start, Act, 1); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("Commit: %v", err)
	}
	j.Post(start, Event, 2)
	stop()
	if s := j.Stats(); s.Lost != 2 || s.Records != 0 || s.Fault == "" {
		t.Errorf("%+v", s)
	}
}

// TestCommitGivesUp: nobody runs the journal.
func TestCommitGivesUp(t *testing.T) {
	j := newJournal(t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := j.Commit(ctx, start, Act, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := j.Commit(t.Context(), start, Act, func() {}); err == nil {
		t.Error("a function was taken")
	}
	if err := j.Commit(t.Context(), start.AddDate(9000, 0, 0), Act, 1); err == nil {
		t.Error("the year 11026 was taken")
	}
	for range queueLength {
		j.Post(start, Event, 0)
	}
	if err := j.Commit(t.Context(), start, Act, 1); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("queue is full: %v", err)
	}
	if s := j.Stats(); s.Lost != 1 {
		t.Errorf("%+v, want 1 lost", s)
	}
}
