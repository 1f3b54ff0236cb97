//go:build hardware

package hardware

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// limit bounds the guest's life, which is under a minute where nothing hangs.
const limit = 3 * time.Minute

func TestHardware(t *testing.T) {
	steps := play(t)
	for _, s := range steps {
		t.Logf("%+v", s)
	}
}

// play builds the guest, runs it once and returns its steps by name.
func play(t *testing.T) map[string]Step {
	t.Helper()
	guest := filepath.Join("..", "..", ".cache", "hwguest")
	run(t, nil, "sh", "../../scripts/hwguest.sh", guest)
	dir := t.TempDir()
	init := filepath.Join(dir, "init")
	static := []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64"}
	run(t, static, "go", "build", "-o", init, "./guest")
	image, err := initrd(guest, map[string]string{"init": init})
	if err != nil {
		t.Fatal(err)
	}
	ram, console := filepath.Join(dir, "initrd"), filepath.Join(dir, "console.log")
	if err := os.WriteFile(ram, image, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { showConsole(t, console) })
	ctx, cancel := context.WithTimeout(t.Context(), limit)
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

func run(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
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
