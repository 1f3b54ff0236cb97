package state

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type value struct {
	N    int    `json:"n"`
	Fill string `json:"fill"`
}

func TestWriteAndRead(t *testing.T) {
	d := openDir(t, filepath.Join(t.TempDir(), "made", "of", "many"))
	f := d.File("value.json", 1)
	var got value
	if err := f.Read(&got); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("nothing was written: %v", err)
	}
	for _, want := range []value{{1, "one"}, {2, strings.Repeat("two", 100000)}, {3, "\x00\u2028<&>\""}} {
		if err := f.Write(want); err != nil {
			t.Fatal(err)
		}
		var got value
		if err := f.Read(&got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	for name, mode := range map[string]fs.FileMode{f.Path(): 0o600, d.Path(): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v, want %v", name, info.Mode(), err, mode)
		}
	}
	if names := list(t, d.Path()); len(names) != 1 {
		t.Errorf("files left behind: %q", names)
	}
}

// TestDamage: one bit in any octet, an end anywhere, and what is no such file at
// all are damage, told with what is wrong.
func TestDamage(t *testing.T) {
	d := openDir(t, t.TempDir())
	f := d.File("value.json", 1)
	if err := f.Write(value{7, "seven"}); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	try := func(name string, data []byte, want string) {
		t.Helper()
		if err := os.WriteFile(f.Path(), data, 0o600); err != nil {
			t.Fatal(err)
		}
		var v value
		err := f.Read(&v)
		if _, ok := errors.AsType[*Damage](err); !ok || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), f.Path()) {
			t.Errorf("%s: %v, want damage with %q", name, err, want)
		}
	}
	for i := range sound[:len(sound)-1] { // all but the newline
		try("an end", sound[:i], "")
		for _, bit := range []byte{0x01, 0x04, 0x10, 0x80} {
			flipped := bytes.Clone(sound)
			flipped[i] ^= bit
			try("a bit of "+string(sound[i]), flipped, "")
		}
	}
	try("nothing", nil, "at octet 0: EOF")
	try("zeros", make([]byte, len(sound)), "invalid character")
	try("a list", []byte("[]"), "cannot unmarshal array")
	try("more", append(bytes.Clone(sound), sound...), "more than one JSON value")
	try("a key", bytes.Replace(sound, []byte(`{"version"`), []byte(`{"x":1,"version"`), 1), `unknown field "x"`)
	try("content by hand", bytes.Replace(sound, []byte("seven"), []byte("eight"), 1), "its checksum is not that of its content")
	try("another version", bytes.Replace(sound, []byte(`"version":1`), []byte(`"version":2`), 1), "it is of version 2: this program reads version 1")
}

// TestSetAside: what was there is kept, and the file is there all the time.
func TestSetAside(t *testing.T) {
	d := openDir(t, t.TempDir())
	f := d.File("value.json", 1)
	if err := os.WriteFile(f.Path(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	name, err := f.SetAside(time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if want := f.Path() + ".damaged-20260102T030405.000000006Z"; name != want {
		t.Errorf("set aside as %s, want %s", name, want)
	}
	if _, err := os.Stat(f.Path()); err != nil {
		t.Errorf("as if it had never been there: %v", err)
	}
	if err := f.Write(value{N: 1}); err != nil {
		t.Fatal(err)
	}
	var v value
	if err := f.Read(&v); err != nil || v.N != 1 {
		t.Errorf("read %+v, %v", v, err)
	}
	if kept, err := os.ReadFile(name); err != nil || string(kept) != "{" {
		t.Errorf("set aside: %q, %v", kept, err)
	}
}

// TestWriteFails: an error leaves what was there, and nothing beside it.
func TestWriteFails(t *testing.T) {
	d := openDir(t, t.TempDir())
	f := d.File("value.json", 1)
	if err := f.Write(value{N: 1}); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(func() {}); err == nil {
		t.Error("a function was written")
	}
	if err := os.Mkdir(f.Path()+".new", 0o700); err != nil { // in the way
		t.Fatal(err)
	}
	if err := f.Write(value{N: 2}); err == nil {
		t.Error("written through a folder")
	}
	var v value
	if err := f.Read(&v); err != nil || v.N != 1 {
		t.Errorf("read %+v, %v, want what was there", v, err)
	}
}

func TestDirIsHeld(t *testing.T) {
	path := t.TempDir()
	first := openDir(t, path)
	if _, err := Open(path); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), path) {
		t.Errorf("a second one: %v, want %v", err, ErrInUse)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	openDir(t, path)
}

func TestOpenFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below"), "/proc/nowhere"} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func openDir(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func list(t *testing.T, path string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
