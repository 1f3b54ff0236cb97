package simulate

import (
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
)

// Whatever a file says, reading it ends with problems that name it or with a
// scenario that can be played: the same way twice, and into a capture of which
// every frame can be read.
func FuzzScenario(f *testing.F) {
	entries, err := shipped.ReadDir("scenarios")
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range entries {
		text, err := shipped.ReadFile(path.Join("scenarios", e.Name()))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse("fuzzed.yaml", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "fuzzed.yaml:") {
				t.Fatalf("a problem that does not name the file: %v", err)
			}
			return
		}
		if s = s.brief(); s == nil {
			return
		}
		var first, second bytes.Buffer
		if _, err := s.Run(t.Context(), 1, &first); err != nil {
			if _, refused := errors.AsType[Problems](err); refused {
				return // what happens at once may be impossible then
			}
			t.Fatal(err)
		}
		if _, err := s.Run(t.Context(), 1, &second); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatal("the same scenario and seed gave other bytes")
		}
		readable(t, &first)
	})
}

// brief is s cut down to some seconds, at the beginning of which all that
// happens happens; nil if it is too large.
func (s *Scenario) brief() *Scenario {
	f := *s.file
	clocks := 0
	for i := range f.Clocks {
		clocks += max(1, int(f.Clocks[i].Count))
	}
	if clocks > 40 {
		return nil
	}
	warmup := length(2 * event.Second)
	f.Warmup, f.Duration, f.Truth = &warmup, min(f.Duration, period(3*event.Second)), nil
	f.Events = slices.Clone(f.Events)
	for i := range f.Events {
		f.Events[i].At, f.Events[i].Episode = span{}, nil
	}
	return &Scenario{Name: s.Name, file: &f, values: s.values}
}

// readable reads every frame of a capture.
func readable(t *testing.T, octets io.Reader) {
	t.Helper()
	in, err := capture.OpenFiles([]string{"-"}, octets, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		var o packet.Observation
		if err := in.Next(&o); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
