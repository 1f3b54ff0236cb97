//go:build hardware

package hardware

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// limit bounds the guest's life, which is half a minute on an idle machine.
const limit = 5 * time.Minute

// play builds the guest, runs it once and returns its steps by name.
func play(t *testing.T) map[string]Step {
	t.Helper()
	guest := filepath.Join("..", "..", ".cache", "hwguest")
	if _, err := os.Stat(filepath.Join(guest, "made-by")); err != nil {
		t.Fatalf("there is no guest in .cache/hwguest: run `make test-hardware`, which fetches it (%v)", err)
	}
	dir := t.TempDir()
	init, agent := filepath.Join(dir, "init"), filepath.Join(dir, "ptpwatch")
	build(t, init, "./guest")
	build(t, agent, "../../cmd/ptpwatch")
	ram, console := filepath.Join(dir, "initrd"), filepath.Join(dir, "console.log")
	image, err := initrd(guest, map[string]string{
		"init": init, "ptpwatch": agent, "observe.yaml": "testdata/observe.yaml", "enable.yaml": "testdata/enable.yaml",
	})
	if err == nil {
		err = os.WriteFile(ram, image, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { showConsole(t, console) })
	ctx, cancel := context.WithTimeoutCause(t.Context(), limit, fmt.Errorf("the guest was still busy after %v", limit))
	defer cancel()
	began := time.Now()
	steps, err := boot(ctx, guest, ram, console)
	t.Logf("the guest ran for %v", time.Since(began).Round(time.Second))
	if err != nil {
		t.Errorf("%v; after %d steps", err, len(steps))
	}
	named := map[string]Step{}
	for _, s := range steps {
		named[s.Name] = s
	}
	return named
}

// build builds a program for the guest.
func build(t *testing.T, output, pkg string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", output, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

func showConsole(t *testing.T, name string) {
	if !t.Failed() && !testing.Verbose() {
		return
	}
	b, err := os.ReadFile(name)
	t.Logf("%v the guest's console:\n%s", err, b)
}
