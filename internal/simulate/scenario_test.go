package simulate

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the expected texts anew")

// Each file is refused with just this text, which names line and key.
func TestInvalidScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/invalid-*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(filepath.Base(file), data)
			if err == nil {
				t.Fatal("it is accepted")
			}
			expected := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(expected, []byte(err.Error()+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, readErr := os.ReadFile(expected)
			if readErr != nil {
				t.Fatal(readErr)
			}
			if diff := cmp.Diff(string(want), err.Error()+"\n"); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	for _, c := range []struct{ name, want, problem string }{
		{"sync-delay", "sync-delay/50ns", ""},
		{"sync-delay/5us", "sync-delay/5us", ""},
		{"gm-lost", "gm-lost", ""},
		{"sync-delay/7us", "", "sync-delay/50ns, sync-delay/125ns, sync-delay/500ns, sync-delay/5us"},
		{"nothing", "", `no scenario is called "nothing"`},
	} {
		s, err := Load(c.name)
		switch {
		case c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)):
			t.Errorf("%s: %v, want %q", c.name, err, c.problem)
		case c.problem == "" && (err != nil || s.Name != c.want):
			t.Errorf("%s: %+v, %v", c.name, s, err)
		}
	}
}

// The same seed gives the same bytes and the same truth; another seed others.
func TestSeeds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"rogue-grandmaster-gptp", "unicast-cancel-spoof", "fuzz/fast", "healthy-transparent/short"} {
		t.Run(name, func(t *testing.T) {
			s, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			run := func(seed uint64) []byte {
				var b bytes.Buffer
				truth, err := s.Run(t.Context(), seed, &b)
				if err != nil {
					t.Fatal(err)
				}
				if err := truth.Write(&b); err != nil {
					t.Fatal(err)
				}
				return b.Bytes()
			}
			first := run(3)
			if !bytes.Equal(first, run(3)) {
				t.Error("the same seed gave something else")
			}
			if bytes.Equal(first, run(4)) {
				t.Error("another seed gave the same")
			}
		})
	}
}

// A long run needs no more memory than a short one: what is in use after an
// hour and after 23 differs by less than what the truth's series grow by.
func TestMemoryIsConstant(t *testing.T) {
	s, err := Load("healthy-default/day")
	if err != nil {
		t.Fatal(err)
	}
	inUse := map[time.Duration]uint64{1 * time.Hour: 0, 23 * time.Hour: 0}
	_, err = s.RunShown(t.Context(), 1, io.Discard, func(played time.Duration) {
		if _, look := inUse[played]; look {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			inUse[played] = m.HeapAlloc
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	first, last := inUse[time.Hour], inUse[23*time.Hour]
	if first == 0 || last > first+1<<19 {
		t.Errorf("%d octets in use after an hour, %d after 23", first, last)
	}
	t.Logf("%d octets in use after an hour, %d after 23", first, last)
}

type fullDisk struct{ room int }

var errFull = errors.New("disk full")

func (d *fullDisk) Write(b []byte) (int, error) {
	if d.room -= len(b); d.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestRunStops(t *testing.T) {
	s, err := Load("healthy-g8275.1/day")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(t.Context(), 1, &fullDisk{1 << 20}); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	stopped := contextThatIsDone(t)
	if _, err := s.Run(stopped, 1, io.Discard); !errors.Is(err, stopped.Err()) {
		t.Errorf("stopped: %v", err)
	}
}

func contextThatIsDone(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
