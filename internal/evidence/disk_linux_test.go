package evidence

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// ownMounts runs the test again in a process with mounts of its own, where it
// is to go on, and says whether this is that process.
func ownMounts(t *testing.T) bool {
	t.Helper()
	const here = "PTPWATCH_TEST_MOUNTS"
	if os.Getenv(here) != "" {
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		return true
	}
	if os.Geteuid() != 0 {
		t.Fatal("needs root to mount file systems")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), here+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("%v: %s", err, out)
	}
	return false
}

// running has the recorder's writer running until the test ends.
func (r *rig) running() {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.recorder.Run(ctx) })
	r.t.Cleanup(func() { cancel(); wg.Wait() })
}

// TestDiskRefuses: a disk that is full, or read-only, before an alert or when
// its evidence is written, is told, and nothing that it leaves looks like
// evidence; what was gathered is written once that is possible.
func TestDiskRefuses(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	for _, c := range []struct {
		name          string
		refuse, allow func(t *testing.T, dir string)
		fault         string
	}{
		{"full", func(t *testing.T, dir string) { fill(t, dir, 0) }, empty, "no space left on device"},
		{"nearly full", func(t *testing.T, dir string) { fill(t, dir, 16<<10) }, empty, "no space left on device"},
		{"read-only", func(t *testing.T, dir string) { remount(t, dir, unix.MS_RDONLY) }, func(t *testing.T, dir string) { remount(t, dir, 0) }, "read-only file system"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			mount := t.TempDir()
			if err := unix.Mount("tmpfs", mount, "tmpfs", 0, "size=1m"); err != nil {
				t.Fatal(err)
			}
			defer unix.Unmount(mount, unix.MNT_DETACH)
			r.options.Dir = filepath.Join(mount, "evidence")
			r.begin()
			r.hijack()
			r.write() // one that stays as it is
			before, err := os.ReadFile(filepath.Join(r.options.Dir, r.documents()[0].Frames.File))
			if err != nil {
				t.Fatal(err)
			}
			c.refuse(t, mount)
			r.running()
			heard := r.heard
			r.hijack()
			r.wait("the fault", func(s Stats) bool { return strings.Contains(s.Fault, c.fault) })
			if r.heard-heard != 8*162 || r.recorder.Span() < r.options.Before {
				t.Errorf("%d frames heard, %v in memory", r.heard-heard, r.recorder.Span())
			}
			if report, err := Verify(r.options.Dir, ""); err != nil || len(report.Breaks) > 0 || report.Evidence != 1 {
				t.Errorf("while it refuses: %v, %+v", err, report)
			}
			c.allow(t, mount)
			r.wait("the evidence", func(s Stats) bool { return s.Written == 2 && s.Fault == "" })
			docs := r.documents()
			if len(docs) != 2 || r.recorder.Stats().Lost > 0 {
				t.Fatalf("%d documents, %+v", len(docs), r.recorder.Stats())
			}
			if got, _ := r.replay(docs[1]); len(got) == 0 {
				t.Error("the replay raises nothing")
			}
			if report, err := Verify(r.options.Dir, ""); err != nil || len(report.Breaks) > 0 || report.Evidence != 2 {
				t.Errorf("in the end: %v, %+v", err, report)
			}
			after, err := os.ReadFile(filepath.Join(r.options.Dir, docs[0].Frames.File))
			if err != nil || string(after) != string(before) {
				t.Errorf("what was there is not what it was: %v", err)
			}
		})
	}
}

// fill leaves so many octets of a file system.
func fill(t *testing.T, dir string, left int64) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	size, _ := f.Seek(0, 1)
	if err := f.Truncate(size&^4095 - left); err != nil {
		t.Fatal(err)
	}
}

func empty(t *testing.T, dir string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
		t.Fatal(err)
	}
}

func remount(t *testing.T, dir string, flags uintptr) {
	t.Helper()
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|flags, "size=1m"); err != nil {
		t.Fatal(err)
	}
}
