package packaging

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// The versions that the tests install, each built once.
var (
	first  = sync.OnceValues(func() (string, error) { return build("..", "1.0.0", runtime.GOARCH) })
	second = sync.OnceValues(func() (string, error) { return build("..", "1.1.0", runtime.GOARCH) })
)

// built is where all that is built goes.
var built string

func TestMain(m *testing.M) {
	var err error
	if built, err = os.MkdirTemp("", "ptpwatch-packages-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(built)
	os.Exit(status)
}

// build makes the packages of a version from a tree, as make packages does, and
// returns the folder they are in. environ goes before this process's own.
func build(tree, version, arch string, environ ...string) (string, error) {
	dist, err := os.MkdirTemp(built, "")
	if err != nil {
		return "", err
	}
	packager, err := nfpm()
	if err != nil {
		return "", err
	}
	c := exec.Command("sh", filepath.Join(tree, "packaging", "build.sh"), dist, arch)
	// A day in 2026, in seconds.
	c.Env = append(os.Environ(), "VERSION="+version, "SOURCE_DATE_EPOCH=1780000000", "NFPM="+packager)
	c.Env = append(c.Env, environ...)
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build.sh: %w: %s", err, out)
	}
	return dist, nil
}

// nfpm is the packager.
var nfpm = sync.OnceValues(func() (string, error) {
	file := filepath.Join(built, "nfpm")
	c := exec.Command("go", "build", "-o", file, "github.com/goreleaser/nfpm/v2/cmd/nfpm")
	c.Dir = filepath.Join("..", "tools")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build nfpm: %w: %s", err, out)
	}
	return file, nil
})

// packageOf is a package of a version.
func packageOf(t *testing.T, version func() (string, error), pattern string) string {
	t.Helper()
	dist, err := version()
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dist, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %q, %v: want one file", pattern, found, err)
	}
	return found[0]
}

// TestReproducible builds the same sources twice: in another folder, time zone,
// language and umask the bytes are the same.
func TestReproducible(t *testing.T) {
	here, err := first()
	if err != nil {
		t.Fatal(err)
	}
	there := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Mkdir(there, 0o700); err != nil {
		t.Fatal(err)
	}
	copied := exec.Command("sh", "-c", `git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$1"`, "sh", there)
	copied.Dir = ".."
	if out, err := copied.CombinedOutput(); err != nil {
		t.Fatalf("copy of the tree: %v: %s", err, out)
	}
	other, err := build(there, "1.0.0", runtime.GOARCH, "TZ=Pacific/Auckland", "LC_ALL=C.UTF-8", "TMPDIR="+t.TempDir(), "HOSTNAME=elsewhere")
	if err != nil {
		t.Fatal(err)
	}
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
