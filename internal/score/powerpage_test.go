package score

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the table of the power curve into the documentation")

const (
	powerPage  = "../../docs/explanation/detection.md"
	powerFile  = "../../docs/results/power.json"
	powerBegin = "<!-- from docs/results/power.json, by scripts/power.sh -->\n"
	powerEnd   = "<!-- end -->\n"
)

// The table of the power curve is what scripts/power.sh has found.
func TestPowerPage(t *testing.T) {
	data, err := os.ReadFile(powerFile)
	if err != nil {
		t.Fatal(err)
	}
	var result struct{ Outcome power }
	if err := json.Unmarshal(data, &result); err != nil {
		t.Fatalf("%s: %v", powerFile, err)
	}
	page, err := os.ReadFile(powerPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(page), powerBegin)
	table, after, ends := strings.Cut(rest, powerEnd)
	if !begins || !ends {
		t.Fatalf("%s: no table between %q and %q", powerPage, powerBegin, powerEnd)
	}
	want := result.Outcome.markdown()
	if *update {
		if err := os.WriteFile(powerPage, []byte(before+powerBegin+want+powerEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("run scripts/power.sh (-want +got):\n%s", diff)
	}
}

// markdown is the curve, and what sites say of themselves.
func (p *power) markdown() string {
	var b strings.Builder
	b.WriteString("\n| site | change of one direction | size | found | rightly named | wrongly | found after, median |\n|---|---|---|---|---|---|---|\n")
	for _, c := range p.Curve {
		unit := "σ"
		if c.Change == "ramp" {
			unit = "σ a day"
		}
		fmt.Fprintf(&b, "| %s | %s, %g %s | %s | %s | %s | %d | %s |\n", c.Site, c.Change, c.Sigmas, unit,
			seconds(&c.Size), share(c.Detected, c.Runs), share(c.Named, c.Runs), c.Wrong, afterwards(c.Tried))
	}
	b.WriteString("\n| site | says that it would find | size, median | did |\n|---|---|---|---|\n")
	for _, c := range p.Claims {
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", c.Site, c.Claim, seconds(&c.Size), share(c.Kept, c.Runs))
	}
	b.WriteString("\n")
	return b.String()
}

func afterwards(f *Tried) string {
	switch {
	case f.Detected == 0:
		return "-"
	case f.Median < 3600:
		return fmt.Sprintf("%.0f s", f.Median)
	}
	return fmt.Sprintf("%.1f h", f.Median/3600)
}
