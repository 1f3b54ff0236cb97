package dashboards

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unused are the families that neither a panel nor a rule shows, and why not.
var unused = map[string]string{}

// foreign are the families of others that panels and rules may use.
var foreign = []string{"up", "process_cpu_seconds_total", "process_resident_memory_bytes"}

// familyName finds the families in an expression, and leaves out what rules
// record, as network:ptpwatch_agents:count.
var familyName = regexp.MustCompile(`(?:^|[^a-z0-9_:])(ptpwatch_[a-z0-9_]+)`)

// Every family that a panel or a rule uses is exported, and every exported one
// is used or listed as unused. The generated reference has all that are
// exported.
func TestFamilies(t *testing.T) {
	exported := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^## `(ptpwatch_[a-z0-9_]+)`$").FindAllStringSubmatch(read(t, "../docs/reference/metrics.md"), -1) {
		exported[m[1]] = true
	}
	if len(exported) < 60 {
		t.Fatalf("the reference of metrics names %d families only", len(exported))
	}
	used := map[string]bool{}
	for where, expr := range expressions(t) {
		for _, m := range familyName.FindAllStringSubmatch(expr, -1) {
			name := m[1]
			for _, part := range []string{"_bucket", "_sum", "_count"} {
				if whole := strings.TrimSuffix(name, part); exported[whole] {
					name = whole
				}
			}
			if used[name] = true; !exported[name] {
				t.Errorf("%s uses %s, which is not exported", where, name)
			}
		}
	}
	for name := range exported {
		if why, listed := unused[name]; listed == used[name] {
			t.Errorf("%s: used by a panel or a rule: %t; listed as unused: %t (%s)", name, used[name], listed, why)
		}
	}
	for name := range unused {
		if !exported[name] {
			t.Errorf("%s is listed as unused and does not exist", name)
		}
	}
}

// expressions are all of the dashboards and the rules, by where they are.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, d := range all() {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				found[d.UID+", "+p.Title+", "+q.RefID] = q.Expr
			}
		}
		for _, v := range d.Templating.List {
			found[d.UID+", variable "+v.Name] = v.Query
		}
		for _, a := range d.Annotations.List {
			found[d.UID+", annotation "+a.Name] = a.Expr
		}
	}
	for _, r := range rules(t) {
		found["rules.yml, "+r.name()] = r.Expr
	}
	return found
}

// What is recorded is used, and the other way round.
func TestRecords(t *testing.T) {
	recorded, used := map[string]bool{}, map[string]bool{}
	for _, r := range rules(t) {
		if r.Record != "" {
			recorded[r.Record] = true
		}
	}
	for _, expr := range expressions(t) {
		for _, name := range regexp.MustCompile(`[a-z]+:[a-z_]+:[a-z]+`).FindAllString(expr, -1) {
			used[name] = true
		}
	}
	if diff := cmp.Diff(recorded, used); diff != "" {
		t.Errorf("series that are recorded and used (-recorded +used):\n%s", diff)
	}
}

// Only names in front of selectors are families; what is left of an expression
// without them is functions, labels and numbers.
func TestForeignFamilies(t *testing.T) {
	for where, expr := range expressions(t) {
		for _, m := range regexp.MustCompile(`([a-z_:]+)\{`).FindAllStringSubmatch(expr, -1) {
			if !strings.HasPrefix(m[1], "ptpwatch_") && !strings.Contains(m[1], ":") && !slices.Contains(foreign, m[1]) {
				t.Errorf("%s uses %s, which is not ours", where, m[1])
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
