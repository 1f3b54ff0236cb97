package evidence

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/journal"
)

// chained is a folder with evidence 1 to 4 and a journal of 9 records, as an
// agent leaves them: that of evidence n is number 2n.
func chained(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	j := journal.New(journal.Options{Dir: filepath.Join(dir, "journal"), MaxAge: 1e6 * time.Hour, MaxBytes: 1 << 20}, slog.New(slog.DiscardHandler))
	r := newRig(t)
	r.options.Dir = filepath.Join(dir, "evidence")
	r.begin()
	r.recorder.journal = Log{Record: j.Post, Head: func() journal.Head { return j.Stats().Head }}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = j.Run(ctx) })
	wg.Go(func() { _ = r.recorder.Run(ctx) })
	for n := range 5 {
		if err := j.Commit(t.Context(), epoch, journal.Act, "an act"); err != nil {
			t.Fatal(err)
		}
		if n < 4 {
			r.hijack()
			r.wait("the evidence", func(s Stats) bool { return s.Written == uint64(n+1) })
		}
	}
	cancel()
	wg.Wait()
	return dir
}

// TestVerify: each way to tamper is found, and it is said what is missing.
func TestVerify(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t *testing.T, f folder)
		want   []string // the beginnings of what is broken
		note   string   // what is noted
	}{
		{"nothing", func(*testing.T, folder) {}, nil, ""},
		{"a frame is changed", func(t *testing.T, f folder) { f.edit(t, "evidence/00000002*.pcapng", "\x88\xf7", "\x88\xf8") },
			[]string{"00000002.pcapng: it is not as it was written: 00000002.json says "}, ""},
		{"frames are cut off", func(t *testing.T, f folder) { f.cut(t, "evidence/00000003*.pcapng", 100) },
			[]string{"00000003.pcapng: it is not as it was written: the last 100 of "}, ""},
		{"frames are gone", func(t *testing.T, f folder) { f.remove(t, "evidence/00000003*.pcapng") },
			[]string{"00000003.json: its frames are missing: there is no 00000003.pcapng"}, ""},
		{"a document is changed", func(t *testing.T, f folder) {
			f.edit(t, "evidence/00000002*.json", "001d7f.fffe.800203", "001d7f.fffe.800204")
		}, []string{
			"00000002.json: it is not as it was written: record 4 of the journal tells of 00000002.json with SHA-256 ",
			"00000003.json: it was written after another evidence 2 than the one before it: evidence 2 as it was written is missing",
		}, ""},
		{"a document is no more", func(t *testing.T, f folder) { f.cut(t, "evidence/00000004*.json", 30) },
			[]string{"00000004.json: it is not as it was written: record 8 of the journal tells of "}, ""},
		{"evidence is gone", func(t *testing.T, f folder) { f.remove(t, "evidence/00000002*") },
			[]string{"00000003.json: evidence 2 before it is missing, and the journal does not tell that it was removed"}, ""},
		{"the oldest is gone", func(t *testing.T, f folder) { f.remove(t, "evidence/00000001*") },
			[]string{"00000001.json: evidence 1 is missing: record 2 of the journal tells of it, and none that it was removed"}, ""},
		{"the newest two are gone", func(t *testing.T, f folder) { f.remove(t, "evidence/0000000[34]*") }, []string{
			"00000003.json: evidence 3 is missing: record 6 of the journal",
			"00000004.json: evidence 4 is missing: record 8 of the journal",
		}, ""},
		{"all of it is gone", func(t *testing.T, f folder) { f.remove(t, "evidence/0*") }, []string{
			"00000001.json: evidence 1 is missing", "00000002.json: evidence 2 is missing", "00000003.json: evidence 3 is missing", "00000004.json: evidence 4 is missing",
		}, ""},
		{"the document alone is gone", func(t *testing.T, f folder) { f.remove(t, "evidence/00000004*.json") },
			[]string{"00000004.json: evidence 4 is missing: record 8 of the journal"}, "00000004.pcapng: there is no 00000004.json beside it"},
		{"the journal is cut off at its end", func(t *testing.T, f folder) { f.lines(t, "journal/*", func(l []string) []string { return l[:4] }) }, []string{
			"journal: it ends with record 4, and had 5 when 00000003.json was written: record 5 is missing",
			"journal: it ends with record 4, and had 7 when 00000004.json was written: records 5 to 7 are missing",
		}, ""},
		{"a record is changed", func(t *testing.T, f folder) { f.edit(t, "journal/*", `"kept"`, `"KEPT"`) }, []string{
			"journal-00000000000000000001.jsonl: line 3: record 3 was written after another record 2 than the one before it",
		}, ""},
		{"the journal's record of an evidence is taken out", func(t *testing.T, f folder) {
			f.lines(t, "journal/*", func(l []string) []string { return append(l[:3:3], l[4:]...) })
		}, []string{
			"journal-00000000000000000001.jsonl: line 4: record 5 follows record 3: record 4 is missing",
			"00000002.json: the journal does not tell of it",
		}, ""},
		{"evidence was about to be written", func(t *testing.T, f folder) {
			f.write(t, "evidence/00000005-20260101T000000Z-PTPFlood.pcapng.part", "x")
		}, nil, "half written, and not evidence yet"},
		{"half a record", func(t *testing.T, f folder) { f.append(t, "journal/*", `{"seq":10`) }, nil, "the journal ends in half a line"},
		{"one is there twice", func(t *testing.T, f folder) {
			f.copy(t, "evidence/00000002*.json", "evidence/00000002-20260101T000000Z-PTPFlood.json")
		}, []string{
			"00000002-20260101T000000Z-PTPFlood.json: it is not as it was written: record 4 of the journal tells of ",
			"00000002-20260101T000000Z-PTPFlood.json: it says that its frames are in ",
			"00000002.json: evidence 2 is there twice",
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := folder(chained(t))
			names := f.names(t)
			c.change(t, f)
			report, err := Verify(filepath.Join(string(f), "evidence"), filepath.Join(string(f), "journal"))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i, b := range report.Breaks {
				text := b.String()
				for long, short := range names {
					text = strings.ReplaceAll(text, long, short)
				}
				if i < len(c.want) && strings.HasPrefix(text, c.want[i]) {
					text = c.want[i]
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			notes := strings.Join(report.Notes, "\n")
			for long, short := range names {
				notes = strings.ReplaceAll(notes, long, short)
			}
			if !strings.Contains(notes, c.note) || (c.note == "") != (notes == "") {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}

// TestVerifyWithoutAJournal, evidence holds together by itself.
func TestVerifyWithoutAJournal(t *testing.T) {
	f := folder(chained(t))
	evidence := filepath.Join(string(f), "evidence")
	report, err := Verify(evidence, "")
	if err != nil || len(report.Breaks) > 0 || report.Evidence != 4 || report.Journal != nil {
		t.Errorf("%v, %+v", err, report)
	}
	f.edit(t, "evidence/00000001*.json", "001d7f.fffe.800203", "001d7f.fffe.800204")
	if report, err = Verify(evidence, ""); err != nil || len(report.Breaks) != 1 || !strings.HasPrefix(report.Breaks[0].File, "00000002") {
		t.Errorf("%v, %+v", err, report)
	}
	f.remove(t, "evidence/00000001*")
	if report, err = Verify(evidence, ""); err != nil || len(report.Breaks) != 0 || len(report.Notes) != 1 {
		t.Errorf("%v, %+v", err, report)
	}
	if report, err = Verify("", filepath.Join(string(f), "journal")); err != nil || len(report.Breaks) != 4 {
		t.Errorf("the journal alone: %v, %+v", err, report)
	}
}

// FuzzDecode: a document that is taken is one that Verify and a replay can use.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"version":1,"seq":1,"frames":{"file":"a.pcapng"},"state":{"version":1}}`))
	f.Add([]byte(`{"version":1,"seq":1,"frames":{"file":"../a.pcapng"},"state":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Decode(data)
		if err != nil {
			return
		}
		if d.Seq == 0 || d.State == nil || strings.ContainsRune(d.Frames.File, '/') || d.Frames.File == ".." && d.Frames.Count > 0 {
			t.Fatalf("%+v", d)
		}
	})
}

// folder is a state_dir to tamper with.
type folder string

// names are the short names of all evidence.
func (f folder) names(t *testing.T) map[string]string {
	t.Helper()
	names := make(map[string]string)
	all, err := filepath.Glob(filepath.Join(string(f), "evidence", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		names[name] = name[:8]
	}
	return names
}

func (f folder) each(t *testing.T, pattern string, change func(path string, data []byte) []byte) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(string(f), pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %q, %v", pattern, paths, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		after := change(path, bytes.Clone(data))
		if bytes.Equal(after, data) {
			t.Fatalf("%s is as it was", path)
		}
		if err := os.WriteFile(path, after, 0o600); err != nil {
			t.Fatal(err)
		}
		if after == nil {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (f folder) edit(t *testing.T, pattern, from, to string) {
	t.Helper()
	f.each(t, pattern, func(_ string, data []byte) []byte { return bytes.Replace(data, []byte(from), []byte(to), 1) })
}

func (f folder) cut(t *testing.T, pattern string, n int) {
	t.Helper()
	f.each(t, pattern, func(_ string, data []byte) []byte { return data[:len(data)-n] })
}

func (f folder) append(t *testing.T, pattern, text string) {
	t.Helper()
	f.each(t, pattern, func(_ string, data []byte) []byte { return append(data, text...) })
}

func (f folder) remove(t *testing.T, pattern string) {
	t.Helper()
	f.each(t, pattern, func(string, []byte) []byte { return nil })
}

func (f folder) lines(t *testing.T, pattern string, change func([]string) []string) {
	t.Helper()
	f.each(t, pattern, func(_ string, data []byte) []byte {
		return []byte(strings.Join(change(strings.SplitAfter(string(data), "\n")), ""))
	})
}

func (f folder) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(string(f), name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f folder) copy(t *testing.T, from, to string) {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(string(f), from))
	data, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, to, string(data))
}
