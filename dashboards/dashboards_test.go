package dashboards

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the dashboards")

func TestDashboardsAreUpToDate(t *testing.T) {
	var want []string
	for _, d := range all() {
		file := filepath.Join("grafana", d.UID+".json")
		want = append(want, file)
		got, err := d.render()
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		committed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(committed), string(got)); diff != "" {
			t.Errorf("%s is not up to date (-want +got)\n%s\ngo generate ./dashboards rewrites it", file, diff)
		}
	}
	slices.Sort(want)
	got, err := filepath.Glob("grafana/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files in grafana (-want +got):\n%s", diff)
	}
}
