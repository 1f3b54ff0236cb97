package audit

import (
	"flag"
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

// TestDay: a whole day from the wire to the report, in every format.
func TestDay(t *testing.T) {
	theDay = simulate(t)
	r := report(t, midnight, midnight.AddDate(0, 0, 1))
	golden(t, "day.txt", func(b *strings.Builder) error { return WriteText(b, r) })
	golden(t, "day.html", func(b *strings.Builder) error { return WriteHTML(b, r) })
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
