package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// build makes the packages of a version from a tree, as make packages does, and
// returns the folder they are in.
func build(t *testing.T, tree, version string, env []string, archs ...string) string {
	t.Helper()
	dist := t.TempDir()
	c := exec.Command("sh", append([]string{filepath.Join(tree, "packaging", "build.sh"), dist}, archs...)...)
	// A day in 2026, in seconds.
	c.Env = append(os.Environ(), "VERSION="+version, "SOURCE_DATE_EPOCH=1780000000", "NFPM="+nfpm(t))
	c.Env = append(c.Env, env...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v: %s", err, out)
	}
	return dist
}

// nfpm is the packager, built once.
func nfpm(t *testing.T) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("..", "bin", "nfpm"))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("go", "build", "-o", file, "github.com/goreleaser/nfpm/v2/cmd/nfpm")
	c.Dir = filepath.Join("..", "tools")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("nfpm: %v: %s", err, out)
	}
	return file
}

// one is the only file in a folder that matches.
func one(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %q, %v: want one file", pattern, found, err)
	}
	return found[0]
}

// TestReproducible builds the same sources twice: in another folder, time zone,
// language and umask the bytes are the same.
func TestReproducible(t *testing.T) {
	here := build(t, "..", "1.0.0", nil, runtime.GOARCH)
	there := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Mkdir(there, 0o700); err != nil {
		t.Fatal(err)
	}
	copied := exec.Command("sh", "-c", `git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$1"`, "sh", there)
	copied.Dir = ".."
	if out, err := copied.CombinedOutput(); err != nil {
		t.Fatalf("copy of the tree: %v: %s", err, out)
	}
	other := build(t, there, "1.0.0", []string{"TZ=Pacific/Auckland", "LC_ALL=C.UTF-8", "TMPDIR=" + t.TempDir(), "HOSTNAME=elsewhere"}, runtime.GOARCH)
	want, got := sums(t, here), sums(t, other)
	if got != want {
		t.Errorf("not the same bytes:\n%s\nand elsewhere\n%s", want, got)
	}
	if n := strings.Count(want, "\n"); n != 3 {
		t.Errorf("%d sums, want those of a deb, an rpm and a binary:\n%s", n, want)
	}
}

func sums(t *testing.T, dist string) string {
	t.Helper()
	c := exec.Command("sha256sum", "--check", "--quiet", "SHA256SUMS")
	c.Dir = dist
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("SHA256SUMS: %v: %s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(dist, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
