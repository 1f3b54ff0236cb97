// Package archtest holds the code to its own design: imports point one way,
// and the analysis reads no clock.
package archtest

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ptpwatch/ptpwatch/"

// allowed says what each package may import of this module; everyone may
// import ptp and packet. A package that is not here may import nothing else.
var allowed = map[string][]string{
	"docs":                        {}, // a test only
	"dashboards":                  {},
	"docs/alerts":                 {},
	"cmd/ptpwatch":                {"docs/alerts", "internal/agent", "internal/analysis", "internal/audit", "internal/capture", "internal/config", "internal/evidence", "internal/export", "internal/score", "internal/simulate", "internal/simulate/truth"},
	"internal/agent":              {"internal/analysis", "internal/analysis/compliance", "internal/audit", "internal/capture", "internal/config", "internal/evidence", "internal/export", "internal/journal", "internal/state"},
	"internal/export":             {"internal/analysis", "internal/analysis/detect", "internal/analysis/stability", "internal/words"},
	"internal/analysis":           {"internal/analysis/keep", "internal/analysis/bmca", "internal/analysis/compliance", "internal/analysis/delay", "internal/analysis/detect", "internal/analysis/jury", "internal/analysis/profile", "internal/analysis/stability", "internal/analysis/tamper", "internal/analysis/transit", "internal/leap", "internal/words"},
	"internal/analysis/bmca":      {},
	"internal/analysis/delay":     {"internal/analysis/keep", "internal/analysis/detect", "internal/analysis/stability"},
	"internal/analysis/detect":    {"internal/analysis/keep", "internal/analysis/stability"},
	"internal/analysis/stability": {"internal/analysis/keep"},
	"internal/analysis/tamper":    {"internal/analysis/keep"},
	"internal/analysis/jury":      {"internal/analysis/keep"},
	"internal/analysis/transit":   {"internal/analysis/delay", "internal/analysis/stability"},
	"internal/analysis/profile":   {"internal/analysis/bmca"},
	"internal/analysis/keep":      {},
	"internal/capture":            {},
	"internal/leap":               {},
	"internal/words":              {},
	"internal/config":             {"internal/analysis/compliance", "internal/leap"},
	"internal/journal":            {},
	"internal/evidence":           {"internal/analysis", "internal/capture", "internal/journal", "internal/state"},
	"internal/packet":             {},
	"internal/ptp":                {},
	"internal/state":              {},
	"internal/archtest":           {},
	"test/hardware":               {},
	"test/hardware/guest":         {"test/hardware"},
	"internal/conformance":        {},
	"internal/e2e":                {},
	"internal/lab":                {"internal/capture", "internal/simulate/truth"},
	"packaging":                   {},
	"internal/labtest":            {},
	"lab/labtool":                 {"internal/lab"},

	"internal/analysis/keep/keeptest": {"internal/analysis/keep"},

	"internal/analysis/compliance": {},
	"internal/audit":               {"internal/analysis", "internal/analysis/compliance", "internal/analysis/stability", "internal/journal", "internal/words"},

	"internal/score":           {"internal/agent", "internal/analysis", "internal/config", "internal/score/reference", "internal/simulate", "internal/simulate/truth"},
	"internal/score/reference": {},

	"internal/simulate": {
		"internal/capture", "internal/simulate/attack", "internal/simulate/event", "internal/simulate/network",
		"internal/simulate/node", "internal/simulate/oscillator", "internal/simulate/random", "internal/simulate/truth",
	},
	"internal/simulate/attack":     {"internal/simulate/event", "internal/simulate/network", "internal/simulate/node", "internal/simulate/oscillator", "internal/simulate/random"},
	"internal/simulate/event":      {},
	"internal/simulate/network":    {"internal/simulate/event", "internal/simulate/oscillator", "internal/simulate/random"},
	"internal/simulate/node":       {"internal/simulate/event", "internal/simulate/network", "internal/simulate/oscillator", "internal/simulate/random"},
	"internal/simulate/oscillator": {"internal/simulate/event", "internal/simulate/random"},
	"internal/simulate/random":     {},
	"internal/simulate/truth":      {},
}

// confined names modules that live in one package only.
var confined = map[string]string{
	"github.com/google/gopacket": "internal/capture",
	"github.com/prometheus/":     "internal/export",
	"github.com/spf13/viper":     "internal/config",
	"github.com/spf13/cobra":     "cmd/ptpwatch",
}

type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports", "./...")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		all = append(all, p)
	}
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		may, known := allowed[p.ImportPath]
		if !known {
			t.Errorf("%s is not in the table of packages: say what it may import", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if own, ok := strings.CutPrefix(imported, module); ok {
				everyone := own == "internal/ptp" || own == "internal/packet" && p.ImportPath != "internal/ptp"
				if !everyone && !slices.Contains(may, own) {
					t.Errorf("%s imports %s", p.ImportPath, own)
				}
			}
			for prefix, home := range confined {
				if strings.HasPrefix(imported, prefix) && p.ImportPath != home {
					t.Errorf("%s imports %s, which belongs in %s only", p.ImportPath, imported, home)
				}
			}
		}
	}
}

// impure names what makes the result of an analysis hang on anything but its
// input.
var impure = map[string][]string{
	"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
	"os":   {"*"}, "net": {"*"}, "math/rand": {"*"}, "math/rand/v2": {"*"}, "crypto/rand": {"*"}, "sync": {"*"},
}

func TestAnalysisIsPure(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath != "internal/ptp" && p.ImportPath != "internal/packet" && !strings.HasPrefix(p.ImportPath, "internal/analysis") {
			continue
		}
		for _, name := range p.GoFiles {
			for _, finding := range impurities(t, filepath.Join(p.Dir, name)) {
				t.Errorf("%s/%s: %s", p.ImportPath, name, finding)
			}
		}
	}
}

func impurities(t *testing.T, path string) (found []string) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range f.Imports {
		if name := strings.Trim(i.Path.Value, `"`); slices.Contains(impure[name], "*") {
			found = append(found, "imports "+name)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = append(found, "starts a goroutine at "+fset.Position(n.Pos()).String())
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && slices.Contains(impure[x.Name], n.Sel.Name) {
				found = append(found, "calls "+x.Name+"."+n.Sel.Name)
			}
		}
		return true
	})
	return found
}

// The checks themselves must be able to fail.
func TestImpuritiesAreFound(t *testing.T) {
	got := impurities(t, filepath.Join("testdata", "impure.go.txt"))
	want := []string{"imports os", "starts a goroutine", "calls time.Now"}
	for i, w := range want {
		if i >= len(got) || !strings.HasPrefix(got[i], w) {
			t.Fatalf("found %q, want %q", got, want)
		}
	}
}
