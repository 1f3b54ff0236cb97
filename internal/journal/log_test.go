package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustOpen(t testing.TB, o Options) (*log, recovery) {
	t.Helper()
	l, mended, err := openLog(o, openSegment)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.close() })
	return l, mended
}

func mustAppend(t testing.TB, l *log, now time.Time, data ...string) {
	t.Helper()
	var entries []entry
	for _, d := range data {
		entries = append(entries, entry{now, Event, json.RawMessage(d)})
	}
	if err := l.append(now, entries); err != nil {
		t.Fatal(err)
	}
}

// TestResume: what a crash or worse leaves of a segment with records 1 to 3.
func TestResume(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(lines []string) string
		torn    int64
		damaged int
		next    uint64
		left    int // whole lines
	}{
		{"nothing", func(l []string) string { return strings.Join(l, "") }, 0, 0, 4, 3},
		{"half a line", func(l []string) string { return strings.Join(l, "") + l[2][:20] }, 20, 0, 4, 3},
		{"no newline", func(l []string) string { return l[0] + l[1] + l[2][:len(l[2])-1] }, 0, 0, 3, 2},
		{"zeros, for the file grew and its octets did not come", func(l []string) string { return strings.Join(l, "") + strings.Repeat("\x00", 4096) }, 4096, 0, 4, 3},
		{"one octet", func(l []string) string { return strings.Join(l, "") + "{" }, 1, 0, 4, 3},
		{"nothing at all", func([]string) string { return "" }, 0, 0, 1, 0},
		{"half the first line", func(l []string) string { return l[0][:5] }, 5, 0, 1, 0},
		{"damage in the middle", func(l []string) string { return l[0] + strings.Replace(l[1], "seq", "sEq\"", 1) + l[2] }, 0, 1, 4, 3},
		{"damage at the end is kept", func(l []string) string { return l[0] + l[1] + "{}\n" }, 0, 1, 3, 3},
		{"damage all over", func([]string) string { return "a\nb\n\nc" }, 1, 3, 1, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(t.TempDir())
			l, _ := mustOpen(t, o)
			mustAppend(t, l, start, "1", "2", "3")
			path := l.segments[0].path
			sound, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			changed := c.change(strings.SplitAfter(string(sound), "\n"))
			if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			l, mended := mustOpen(t, o)
			torn := c.torn
			if c.name == "no newline" {
				torn = int64(len(strings.SplitAfter(string(sound), "\n")[2])) - 1
			}
			if mended.Torn != torn || mended.Damaged != c.damaged {
				t.Errorf("%+v, want %d octets torn and %d lines damaged", mended, torn, c.damaged)
			}
			mustAppend(t, l, start, `"next"`)
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			kept := changed[:int64(len(changed))-torn]
			line, ok := strings.CutPrefix(string(after), kept)
			if !ok || strings.Count(kept, "\n") != c.left {
				t.Fatalf("whole lines are not as they were:\n%s", after)
			}
			r, err := parse([]byte(strings.TrimSuffix(line, "\n")))
			if err != nil || r.Seq != c.next || string(r.Data) != `"next"` {
				t.Errorf("appended %q: %v, want record %d", line, err, c.next)
			}
		})
	}
}

// TestSegments: by size and by age, and the chain goes through all of them.
func TestSegments(t *testing.T) {
	o := Options{Dir: t.TempDir(), MaxAge: 80 * time.Hour, MaxBytes: 16 << 10}
	l, _ := mustOpen(t, o)
	filler := fmt.Sprintf("%q", strings.Repeat("x", 100))
	now := time.Now()
	for i := range 1000 {
		mustAppend(t, l, now, filler)
		if size := l.size(); size > o.MaxBytes {
			t.Fatalf("after %d records: %d octets of at most %d", i+1, size, o.MaxBytes)
		}
		if i%37 == 0 { // whoever opens it anew finds the same
			if err := l.close(); err != nil {
				t.Fatal(err)
			}
			l, _ = mustOpen(t, o)
		}
	}
	got := records(t, o.Dir)
	list, _ := segments(o.Dir)
	if len(list) < parts-2 || len(list) > parts+1 || got[len(got)-1].Seq != 1000 || int64(len(got))*100 < o.MaxBytes/3 {
		t.Errorf("%d segments with %d records, the last %d", len(list), len(got), got[len(got)-1].Seq)
	}
	if list[0].path != segmentPath(o.Dir, got[0].Seq) {
		t.Errorf("%s begins with record %d", list[0].path, got[0].Seq)
	}

	// A quiet time: a segment is closed when it is old, and goes when it is too old.
	before := len(list)
	mustAppend(t, l, now.Add(9*time.Hour), `"quiet"`) // the segment is younger than 10 h
	mustAppend(t, l, now.Add(11*time.Hour), `"later"`)
	if list, _ = segments(o.Dir); len(list) > before+1 || list[len(list)-1].path != segmentPath(o.Dir, 1002) {
		t.Errorf("segments %v, want a new one for record 1002", list)
	}
	old := now.Add(-81 * time.Hour)
	if err := os.Chtimes(list[0].path, old, old); err != nil {
		t.Fatal(err)
	}
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	l, _ = mustOpen(t, o)
	if err := l.prune(now); err != nil {
		t.Fatal(err)
	}
	if left, _ := segments(o.Dir); len(left) != len(list)-1 || left[0].path == list[0].path {
		t.Errorf("segments %v, want all but %s", left, list[0].path)
	}
	records(t, o.Dir)
}

// TestNewestSegmentStays, however old and large: it says which number is next.
func TestNewestSegmentStays(t *testing.T) {
	o := Options{Dir: t.TempDir(), MaxAge: time.Hour, MaxBytes: 10}
	l, _ := mustOpen(t, o)
	mustAppend(t, l, start, `"a"`, `"b"`)
	if err := l.prune(start.Add(1000 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	l, _ = mustOpen(t, o)
	mustAppend(t, l, start.Add(1000*time.Hour), `"c"`)
	if diff := cmp.Diff([]string{`3 event "c"`}, told(records(t, o.Dir))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// FuzzResume: whatever is in the newest segment, whole lines stay as they are,
// what is appended is found again, and its number is above those before it.
func FuzzResume(f *testing.F) {
	o := options(f.TempDir())
	l, _ := mustOpen(f, o)
	mustAppend(f, l, start, "1", `"two"`, "[3]")
	sound, err := os.ReadFile(l.segments[0].path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sound)
	f.Add(sound[:len(sound)-1])
	f.Add([]byte("\n\n{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o := options(t.TempDir())
		path := segmentPath(o.Dir, 1)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		l, mended, err := openLog(o, func(path string) (file, error) {
			f, err := openSegment(path)
			return unsynced{f}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		defer l.close()
		before := scanSegment(data)
		mustAppend(t, l, start, `"next"`)
		var after []byte // it may be in a new segment: the time in this one may be any
		for _, s := range l.segments {
			more, err := os.ReadFile(s.path)
			if err != nil {
				t.Fatal(err)
			}
			after = append(after, more...)
		}
		kept := data[:bytes.LastIndexByte(data, '\n')+1]
		if !bytes.HasPrefix(after, kept) || int(mended.Torn) != len(data)-len(kept) {
			t.Fatalf("whole lines were changed, or %d octets are not what is torn", mended.Torn)
		}
		found := scanSegment(after)
		if !found.found || string(found.last.Data) != `"next"` || found.last.Seq != before.last.Seq+1 || found.last.Prev != before.hash {
			t.Fatalf("appended %+v after %+v", found.last, before.last)
		}
	})
}

// unsynced does without the disk, which is slow.
type unsynced struct{ file }

func (unsynced) Sync() error { return nil }
