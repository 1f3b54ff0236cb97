package compliance

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the reference anew")

const referenceFile = "../../../docs/reference/compliance.md"

// TestReference: docs/reference/compliance.md holds the table.
func TestReference(t *testing.T) {
	head, err := os.ReadFile("testdata/reference-head.md")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.Write(head)
	for i := range Profiles {
		writeProfile(&b, &Profiles[i])
	}
	if *update {
		if err := os.WriteFile(referenceFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s: -want +got\n%s", referenceFile, diff)
	}
}

func writeProfile(b *strings.Builder, p *Profile) {
	fmt.Fprintf(b, "\n## `%s`\n\n%s.\n\n| limit | whom, or where | clause | source | applies from | checked |\n|---|---|---|---|---|---|\n", p.Name, p.Title)
	for i, t := range p.Tiers {
		limit := "`" + t.Limit.String() + "`"
		if i == 0 {
			limit += ", the default"
		}
		checked := string(t.Checked)
		if t.Where != "" {
			checked += ": " + t.Where
		}
		fmt.Fprintf(b, "| %s | %s | %s | [%s](%s) | %s | %s |\n", limit, t.Who, t.Clause, t.Source.Title, t.Source.URL, t.Source.Since, checked)
	}
	b.WriteString("\n")
	for _, n := range p.Notes {
		fmt.Fprintf(b, "- %s\n", n)
	}
}

// TestTable: every figure has all that an auditor asks of it.
func TestTable(t *testing.T) {
	for i := range Profiles {
		p := &Profiles[i]
		if found, ok := Lookup(p.Name); !ok || found != p {
			t.Errorf("Lookup(%q) finds %v", p.Name, found)
		}
		if len(p.Tiers) == 0 || p.Title == "" || p.Name == None {
			t.Fatalf("%q: %+v", p.Name, p)
		}
		seen := map[time.Duration]bool{}
		for _, tier := range p.Tiers {
			if tier.Limit <= 0 || tier.Who == "" || tier.Clause == "" || tier.Source.Title == "" || tier.Source.URL == "" || tier.Source.Since == "" || seen[tier.Limit] {
				t.Errorf("%s: incomplete, or twice: %+v", p.Name, tier)
			}
			seen[tier.Limit] = true
			if tier.Checked != InText && tier.Checked != SecondHand || (tier.Where == "") != (tier.Checked == InText) {
				t.Errorf("%s: %s: checked %q in %q", p.Name, tier.Limit, tier.Checked, tier.Where)
			}
		}
	}
	for _, name := range []string{None, "", "eu"} {
		if p, ok := Lookup(name); ok {
			t.Errorf("Lookup(%q) finds %s", name, p.Name)
		}
	}
}

// TestFigures: what the rules say, a second time and from elsewhere than the
// table.
func TestFigures(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	want := map[string][]time.Duration{
		"eu-2025-1155": {100 * us, ms, time.Second},
		"uk-rts25":     {100 * us, ms, time.Second},
		"us-cat":       {100 * us, 50 * ms, time.Second},
		"us-finra4590": {50 * ms, time.Second},
		"g8271":        {1100, 1350, 1500, 100},
	}
	got := map[string][]time.Duration{}
	for i := range Profiles {
		got[Profiles[i].Name] = Profiles[i].Limits()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	eu, _ := Lookup("eu-2025-1155")
	if eu.Default() != 100*us || eu.Tiers[0].Source.Since != "2026-03-02" {
		t.Errorf("%s since %s", eu.Default(), eu.Tiers[0].Source.Since)
	}
	if tier, ok := eu.Tier(ms); !ok || tier.Limit != ms {
		t.Errorf("tier %+v", tier)
	}
	if _, ok := eu.Tier(2 * ms); ok {
		t.Error("there is a tier of 2 ms")
	}
}
