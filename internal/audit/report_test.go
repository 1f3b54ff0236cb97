package audit

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// theDay is the journal of the day that is simulated, made once.
var theDay string

func report(t *testing.T, from, to time.Time) *Report {
	t.Helper()
	r, err := Read(theDay, from, to)
	if err != nil {
		t.Fatal(err)
	}
	r.Program, r.Journal.Dir = "ptpwatch 1.0", "journal"
	return r
}

// hashed checks the hashes of what was read, and puts others in their place: the
// last digit of a float differs from processor to processor.
func hashed(t *testing.T, r *Report) {
	t.Helper()
	for i := range r.Journal.Files {
		f := &r.Journal.Files[i]
		data, err := os.ReadFile(filepath.Join(theDay, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%x", sha256.Sum256(data)); f.SHA256 != want || f.Bytes != int64(len(data)) {
			t.Errorf("%s: SHA-256 %s of %d octets, want %s", f.Name, f.SHA256, f.Bytes, want)
		}
		lines := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
		if want := fmt.Sprintf("%x", sha256.Sum256(lines[len(lines)-1])); i == len(r.Journal.Files)-1 && r.Journal.Head != want {
			t.Errorf("last record: SHA-256 %s, want %s", r.Journal.Head, want)
		}
		f.SHA256, f.Bytes = "f11e", 100000
	}
	r.Journal.Head = "4ead"
}

// judged checks that it is there how well paths were judged and what others say of
// grandmasters, and puts figures in its place that do not hang on how that is done.
func judged(t *testing.T, r *Report) {
	t.Helper()
	for i := range r.Domains {
		for j := range r.Domains[i].Ports {
			p := &r.Domains[i].Ports[j]
			if p.Power == nil || p.Power.Step <= 0 || p.Jury["agrees"] == 0 {
				t.Errorf("%s: power %+v, others %v", p.Port, p.Power, p.Jury)
			}
			p.Power, p.Jury = &Power{30e-9, 20e-9, 50e-9, 40e-9}, map[string]int{"agrees": 80, "outvoted": 2}
			for k := range p.Quarters {
				p.Quarters[k].Power, p.Quarters[k].Jury = p.Power, &Jury{"agrees", 1, 5e-9, 200e-9}
			}
		}
	}
}

// TestDay: a whole day from the wire to the report, in every format.
func TestDay(t *testing.T) {
	theDay = simulate(t)
	r := report(t, midnight, midnight.AddDate(0, 0, 1))
	hashed(t, r)
	judged(t, r)
	golden(t, "day.txt", func(b *strings.Builder) error { return WriteText(b, r) })
	golden(t, "day.html", func(b *strings.Builder) error { return WriteHTML(b, r) })
	t.Run("periods", func(t *testing.T) { periods(t, theDay) })
	for _, name := range Tables() {
		golden(t, "day-"+name+".csv", func(b *strings.Builder) error { return WriteCSV(b, r, name) })
	}
}

// golden compares what is written with a file, and with itself: the same report
// twice is the same octets.
func golden(t *testing.T, name string, write func(*strings.Builder) error) {
	t.Helper()
	var got, again strings.Builder
	for _, b := range []*strings.Builder{&got, &again} {
		if err := write(b); err != nil {
			t.Fatal(err)
		}
	}
	if got.String() != again.String() {
		t.Errorf("%s: written twice it differs", name)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s: -want +got\n%s", name, diff)
	}
}
