package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestVerify: each way to tamper with a journal of records 1 to 6 in two files
// is found, and it is said what is missing.
func TestVerify(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(first, second []string) (string, string)
		want   []string
	}{
		{"nothing", func(a, b []string) (string, string) { return join(a), join(b) }, nil},
		{"half a line at the end", func(a, b []string) (string, string) { return join(a), join(b) + b[1][:20] }, nil},
		{"a value is changed", func(a, b []string) (string, string) {
			return strings.Replace(join(a), `"two"`, `"TWO"`, 1), join(b)
		}, []string{"1: line 3: record 3 was written after another record 2 than the one before it: record 2 as it was written is missing"}},
		{"a time is changed in the last record of a file", func(a, b []string) (string, string) {
			return join(a[:2]) + strings.Replace(a[2], "2026-01-02", "2026-01-03", 1), join(b)
		}, []string{"4: line 1: record 4 was written after another record 3 than the one before it: record 3 as it was written is missing"}},
		{"a record is taken out", func(a, b []string) (string, string) { return a[0] + a[2], join(b) },
			[]string{"1: line 2: record 3 follows record 1: record 2 is missing"}},
		{"the end of a file is cut off", func(a, b []string) (string, string) { return a[0], join(b) },
			[]string{"4: line 1: record 4 follows record 1: records 2 to 3 are missing"}},
		{"half of the end of a file is cut off", func(a, b []string) (string, string) { return a[0] + a[1] + a[2][:9], join(b) }, []string{
			"1: line 3: half a line, and the journal goes on in another file: the end of this one is missing",
			"4: line 1: record 4 follows record 2: record 3 is missing",
		}},
		{"the beginning of a file is cut off", func(a, b []string) (string, string) { return join(a[1:]), join(b) },
			[]string{"1: line 1: record 2 is the first of a file that was named for record 1"}},
		{"a file is gone, as the oldest are in time", func(_, b []string) (string, string) { return "", join(b) }, nil},
		{"a record is there twice", func(a, b []string) (string, string) { return a[0] + a[1] + a[1] + a[2], join(b) }, []string{
			"1: line 3: record 2 follows record 2: one of the two does not belong here",
		}},
		{"two change places", func(a, b []string) (string, string) { return a[0] + a[2] + a[1], join(b) }, []string{
			"1: line 2: record 3 follows record 1: record 2 is missing",
			"1: line 3: record 2 follows record 3: one of the two does not belong here",
			"4: line 1: record 4 follows record 2: record 3 is missing",
		}},
		{"a line is written over", func(a, b []string) (string, string) { return a[0] + "\n" + a[2], join(b) }, []string{
			"1: line 2: no record: EOF: what was here, after record 1, is missing",
			"1: line 3: record 3 follows record 1: record 2 is missing",
		}},
		{"all of it begins anew", func(a, b []string) (string, string) {
			return strings.Replace(a[0], strings.Repeat("0", 64), strings.Repeat("1", 64), 1), ""
		}, []string{"1: line 1: record 1 names one before it"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			l, _ := mustOpen(t, Options{Dir: dir, MaxAge: time.Hour, MaxBytes: 1 << 20})
			mustAppend(t, l, start, `"one"`, `"two"`, `"three"`)
			mustAppend(t, l, start.Add(time.Hour), `"four"`, `"five"`, `"six"`)
			var text [2][]string
			for i, first := range []uint64{1, 4} {
				data, err := os.ReadFile(segmentPath(dir, first))
				if err != nil {
					t.Fatal(err)
				}
				text[i] = strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
				text[i][2] += "\n"
			}
			first, second := c.change(slices.Clone(text[0]), slices.Clone(text[1]))
			for n, data := range map[uint64]string{1: first, 4: second} {
				if err := os.WriteFile(segmentPath(dir, n), []byte(data), 0o600); err != nil {
					t.Fatal(err)
				}
				if data == "" {
					if err := os.Remove(segmentPath(dir, n)); err != nil {
						t.Fatal(err)
					}
				}
			}
			seen := uint64(0)
			chain, err := Verify(dir, func(*Record, Hash) { seen++ })
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range chain.Breaks {
				b.File = strings.TrimLeft(strings.TrimSuffix(strings.TrimPrefix(b.File, segmentPrefix), segmentSuffix), "0")
				got = append(got, b.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if seen != chain.Records || chain.Files == 0 {
				t.Errorf("%d records shown of %+v", seen, chain)
			}
		})
	}
}

func join(lines []string) string { return strings.Join(lines, "") }

// TestVerifyHead is what the journal says of itself.
func TestVerifyHead(t *testing.T) {
	dir := t.TempDir()
	j := newJournal(dir)
	stop := run(t, j)
	for i := range 3 {
		if err := j.Commit(t.Context(), start, Act, i); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	chain, err := Verify(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if head := j.Stats().Head; head != (Head{3, chain.Head}) || chain.Last != 3 || chain.First != 1 || len(chain.Breaks) > 0 {
		t.Errorf("the journal says %+v, and is %+v", head, chain)
	}
	if _, err := Verify(filepath.Join(dir, "nowhere"), nil); !os.IsNotExist(err) {
		t.Errorf("no folder: %v", err)
	}
}

// TestNothingIsLeftBehind: a write that failed and a file that is old come
// together, and no record is there twice.
func TestNothingIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	var broken error
	l, _, err := openLog(Options{Dir: dir, MaxAge: time.Hour, MaxBytes: 1 << 20}, func(path string) (file, error) {
		f, err := openSegment(path)
		return &unsyncable{f, &broken}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	mustAppend(t, l, start, `"one"`)
	broken = fmt.Errorf("the disk is gone")
	if err := l.append(start, []entry{{start, Event, []byte(`"two"`)}}); err == nil {
		t.Fatal("appended without the disk")
	}
	broken = nil
	mustAppend(t, l, start.Add(time.Hour), `"two"`)
	chain, err := Verify(dir, nil)
	if err != nil || len(chain.Breaks) > 0 || chain.Last != 2 || chain.Files != 2 {
		t.Errorf("%+v, %v", chain, err)
	}
}

// unsyncable writes and does not sync while there is an error.
type unsyncable struct {
	file
	err *error
}

func (u *unsyncable) Sync() error {
	if *u.err != nil {
		return *u.err
	}
	return u.file.Sync()
}
