package dashboards

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Grafana's own types accept the dashboards, key by key.
func TestTypes(t *testing.T) {
	types, err := filepath.Abs("types")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "import type { Dashboard } from %q;\n", filepath.Join(types, "classic"))
	for i, d := range all() {
		text, err := d.render()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "export const dashboard%d: Dashboard = %s;\n", i, text)
	}
	if out, err := compile(t, types, b.String()); err != nil {
		t.Errorf("tsc: %v\n%s", err, out)
	}
	if out, err := compile(t, types, strings.Replace(b.String(), `"palette-classic"`, `"palette-classics"`, 1)); err == nil {
		t.Errorf("a colour mode that is none was accepted: %s", out)
	}
}

// compile has TypeScript's compiler look at a file.
func compile(t *testing.T, types, text string) ([]byte, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "check.ts")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	compiler := filepath.Join(types, "node_modules", "typescript", "bin", "tsc")
	if _, err := os.Stat(compiler); err != nil {
		t.Fatalf("needs what make deps installs: %v", err)
	}
	return exec.CommandContext(t.Context(), "node", compiler, "--noEmit", "--strict", "--skipLibCheck", "--module", "esnext",
		"--moduleResolution", "bundler", "--target", "es2022", file).CombinedOutput()
}
