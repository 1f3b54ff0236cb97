package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/journal"
)

// write makes a journal of quarters, and returns its folder.
func write(t *testing.T, quarters ...Quarter) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "journal")
	j := journal.New(journal.Options{Dir: dir, MaxAge: 1e6 * time.Hour, MaxBytes: 1 << 30}, slog.New(slog.DiscardHandler))
	for i := range quarters {
		j.Post(quarters[i].To, journal.Quarter, &quarters[i])
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return dir
}

// at is a quarter of an hour of the day.
func at(n float64) time.Time { return midnight.Add(time.Duration(n * float64(QuarterLength))) }

// kept is a quarter of which all was within.
func kept(from, to float64) Quarter {
	seconds := (to - from) * QuarterLength.Seconds()
	return Quarter{From: at(from), To: at(to), Domains: []DomainQuarter{{
		Network: "eth0", Domain: 24, SdoID: "0x000", Watched: seconds,
		Compliance: &ComplianceQuarter{Profile: "us-cat", Limit: 100e-6, Shown: Shown{Within: seconds}, Readings: 50, Error: Extent{1e-6, -2e-6, 3e-6}, Bound: 1e-6, Most: 4e-6},
	}}}
}

// TestNothingUnseenIsCompliant: within only where all of the period is on record,
// watched and measured.
func TestNothingUnseenIsCompliant(t *testing.T) {
	less := func(change func(*Quarter, *ComplianceQuarter)) Quarter {
		q := kept(1, 2)
		change(&q, q.Domains[0].Compliance)
		return q
	}
	for _, c := range []struct {
		name   string
		second Quarter
		want   string
	}{
		{"all", kept(1, 2), WordWithin},
		{"a second too late", kept(1+1.5/900, 2), WordNotShown},
		{"a second too early", kept(1, 2-1.5/900), WordNotShown},
		{"two seconds not measured", less(func(_ *Quarter, c *ComplianceQuarter) { c.Within -= 2 }), WordNotShown},
		{"two seconds undecided", less(func(_ *Quarter, c *ComplianceQuarter) { c.Within -= 2; c.Undecided = 2 }), WordNotShown},
		{"two seconds exceeded", less(func(_ *Quarter, c *ComplianceQuarter) { c.Within -= 2; c.Exceeded = 2 }), WordExceeded},
		{"without figures", less(func(_ *Quarter, c *ComplianceQuarter) {
			c.Shown, c.Readings, c.Error, c.Bound, c.Most = Shown{}, 0, Extent{}, 0, 0
		}), WordNotShown},
		{"not watched for two seconds", less(func(q *Quarter, c *ComplianceQuarter) { c.Within -= 2; q.Domains[0].Watched -= 2 }), WordNotShown},
		{"the domain is not there", less(func(q *Quarter, _ *ComplianceQuarter) { q.Domains = nil }), WordNotShown},
		{"held to nothing", less(func(q *Quarter, _ *ComplianceQuarter) { q.Domains[0].Compliance = nil }), WordNotShown},
		{"held to another limit", less(func(_ *Quarter, c *ComplianceQuarter) { c.Limit = 50e-3 }), WordNotShown},
		{"more than there is", less(func(_ *Quarter, c *ComplianceQuarter) { c.Within = 9000 }), WordNotShown},
		{"more than was watched", less(func(q *Quarter, _ *ComplianceQuarter) { q.Domains[0].Watched = 100 }), WordNotShown},
		{"the first once more", kept(0, 1), WordNotShown},
		{"half of the first once more", kept(0.5, 1), WordNotShown},
		{"of two quarters", Quarter{From: at(1), To: at(3)}, WordNotShown},
		{"backwards", Quarter{From: at(2), To: at(1)}, WordNotShown},
		{"deaf at another time", less(func(q *Quarter, _ *ComplianceQuarter) {
			q.Interfaces = []InterfaceQuarter{{Interface: "eth0", Blind: []Span{{at(5), at(6)}}}}
		}), WordNotShown},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Read(write(t, kept(0, 1), c.second), at(0), at(2))
			if err != nil {
				t.Fatal(err)
			}
			v := &r.Domains[0].Verdicts[0]
			if v.Word() != c.want {
				t.Errorf("%s, want %s: %+v", v.Word(), c.want, v)
			}
			for _, d := range r.Domains {
				whole(t, r, &d)
			}
		})
	}
	r, err := Read(write(t, kept(0, 1), kept(1, 2)), at(0), at(3))
	if err != nil {
		t.Fatal(err)
	}
	if v := &r.Domains[0].Verdicts[0]; v.Word() != WordNotShown || v.Unheard != 900 {
		t.Errorf("a period longer than the record is %s: %+v", v.Word(), v)
	}
}

// whole checks that the parts of a period are the period.
func whole(t *testing.T, r *Report, d *Domain) {
	t.Helper()
	if c := d.Coverage; math.Abs(c.Watched+c.Deaf+c.Unrecorded-r.Seconds()) > 2 {
		t.Errorf("%s: coverage %+v of %g s", d.where(), c, r.Seconds())
	}
	for i := range d.Verdicts {
		v := &d.Verdicts[i]
		if sum := v.Within + v.Exceeded + v.NotShown(); math.Abs(sum-r.Seconds()) > 2 {
			t.Errorf("%s: %g s of %g s: %+v", d.where(), sum, r.Seconds(), v)
		}
		if shown := v.Within + v.Exceeded + v.Undecided; shown > d.Coverage.Watched+2 || shown < 0 {
			t.Errorf("%s: %g s shown of %g s watched", d.where(), shown, d.Coverage.Watched)
		}
	}
}

// periods: whatever part of the day is asked for, its parts add up.
func periods(t *testing.T, dir string) {
	for from := 0.0; from < 96; from += 7 {
		for _, length := range []float64{1, 4, 40} {
			r, err := Read(dir, at(from), at(from+length))
			if err != nil {
				t.Fatal(err)
			}
			for i := range r.Domains {
				whole(t, r, &r.Domains[i])
			}
			for _, g := range r.Gaps {
				if g.From.Before(r.From) || g.To.After(r.To) || !g.From.Before(g.To) {
					t.Errorf("%v to %v: gap %+v", r.From, r.To, g)
				}
			}
		}
	}
	for name, c := range map[string][2]time.Time{
		"not a quarter": {midnight.Add(time.Minute), at(4)}, "nor this": {at(0), at(4).Add(time.Second)}, "empty": {at(4), at(4)}, "backwards": {at(4), at(0)},
	} {
		if _, err := Read(dir, c[0], c[1]); !errors.Is(err, ErrPeriod) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(filepath.Join(dir, "nowhere"), at(0), at(1)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no journal: %v", err)
	}
}

// TestTampered: whatever is changed or taken out, every format says so.
func TestTampered(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"a figure": func(b []byte) []byte { return bytes.Replace(b, []byte(`"within":900`), []byte(`"within":899`), 1) },
		"a record": func(b []byte) []byte {
			_, rest, _ := bytes.Cut(b, []byte("\n"))
			second, third, _ := bytes.Cut(rest, []byte("\n"))
			_ = second
			return append(b[:len(b)-len(rest):len(b)-len(rest)], third...)
		},
		"the begin":      func(b []byte) []byte { _, rest, _ := bytes.Cut(b, []byte("\n")); return rest },
		"a line of junk": func(b []byte) []byte { return append([]byte("junk\n"), b...) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, kept(0, 1), kept(1, 2), kept(2, 3))
			files, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
			data, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(files[0], change(bytes.Clone(data)), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := Read(dir, at(0), at(3))
			if err != nil {
				t.Fatal(err)
			}
			if r.Journal.Whole() || !strings.Contains(r.Journal.state(), "BROKEN") {
				t.Fatalf("nothing is said: %+v", r.Journal)
			}
			var text, html, csv strings.Builder
			if err := errors.Join(WriteText(&text, r), WriteHTML(&html, r), WriteCSV(&csv, r, "inputs")); err != nil {
				t.Fatal(err)
			}
			for format, s := range map[string]string{"text": text.String(), "html": html.String(), "csv": csv.String()} {
				if !strings.Contains(s, "BROKEN") || !strings.Contains(s, "broken") {
					t.Errorf("%s does not say it:\n%s", format, s)
				}
			}
		})
	}
}

// TestStrangersText: what came from a packet or an operator is text, in a page and
// in a spreadsheet.
func TestStrangersText(t *testing.T) {
	q := kept(0, 1)
	q.Domains[0].Network = `<script>alert(1)</script>`
	q.Domains[0].Masters = []Reign{{`=HYPERLINK("http://x")`, `"><img src=x>`, at(0), at(1)}}
	r, err := Read(write(t, q), at(0), at(1))
	if err != nil {
		t.Fatal(err)
	}
	var html, csv strings.Builder
	if err := errors.Join(WriteHTML(&html, r), WriteCSV(&csv, r, "masters")); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(html.String(), "<script") || strings.Contains(html.String(), "<img") {
		t.Error("the page has elements of a stranger")
	}
	if !strings.Contains(csv.String(), `"'=HYPERLINK(""http://x"")"`) {
		t.Errorf("the table has a formula of a stranger: %s", csv.String())
	}
}

// FuzzQuarter: whatever a record says, the report has no more time than there is,
// and can be written.
func FuzzQuarter(f *testing.F) {
	for _, q := range []Quarter{kept(0, 1), kept(0.5, 1), {From: at(1), To: at(0)}, {}} {
		text, err := json.Marshal(q)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"from":"2026-03-02T00:00:00Z","to":"2026-03-02T00:15:00Z","domains":[{"watched":900,"compliance":{"limit":-1,"within":1e308,"exceeded":-1e308}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := &reader{Report: Report{From: at(0), To: at(2)}, domains: map[domainKey]*Domain{}, alerts: map[string]*Alert{}}
		for range 2 {
			r.record(&journal.Record{Seq: 1, At: at(1), Kind: journal.Quarter, Data: text}, journal.Hash{})
		}
		r.finish()
		for i := range r.Domains {
			whole(t, &r.Report, &r.Domains[i])
		}
		var out strings.Builder
		err := errors.Join(WriteText(&out, &r.Report), WriteHTML(&out, &r.Report))
		for _, name := range Tables() {
			err = errors.Join(err, WriteCSV(&out, &r.Report, name))
		}
		if err != nil {
			t.Error(err)
		}
	})
}

// TestTables: whoever scripts against them finds them.
func TestTables(t *testing.T) {
	if diff := cmp.Diff([]string{"quarters", "verdicts", "coverage", "gaps", "masters", "measurements", "power", "jury", "alerts", "acts", "inputs"}, Tables()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, tab := range tables {
		tab.rows(&Report{From: at(0), To: at(1)}, func(cells ...any) {
			if len(cells) != len(tab.header) {
				t.Errorf("%s: %d cells under %d names", tab.name, len(cells), len(tab.header))
			}
		})
	}
	if err := WriteCSV(&strings.Builder{}, &Report{}, "none"); err == nil {
		t.Error("there is a table none")
	}
}
