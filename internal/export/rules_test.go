package export

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// Every alert has its rule, and every metric that a rule names is exported.
func TestRulesMatchTheCode(t *testing.T) {
	text, err := os.ReadFile("../../dashboards/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	rules := string(text)
	for _, d := range analysis.Definitions {
		if !strings.Contains(rules, "- alert: "+d.Name+"\n") {
			t.Errorf("no rule for %s", d.Name)
		}
	}
	var known []string
	for _, f := range families {
		known = append(known, prefix+f.name)
	}
	for _, name := range regexp.MustCompile(`ptpwatch_[a-z_]+`).FindAllString(rules, -1) {
		if !slices.Contains(known, name) {
			t.Errorf("a rule uses %s, which is not exported", name)
		}
	}
}
