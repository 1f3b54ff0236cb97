//go:build hardware

package hardware

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
)

// linuxptp is what the guest has of Debian's linuxptp, with its libraries.
var linuxptp = map[string]string{
	"usr/sbin/ptp4l":             "usr/sbin/ptp4l",
	"usr/sbin/pmc":               "usr/sbin/pmc",
	"lib/libc.so.6":              "usr/lib/x86_64-linux-gnu/libc.so.6",
	"lib/libm.so.6":              "usr/lib/x86_64-linux-gnu/libm.so.6",
	"lib64/ld-linux-x86-64.so.2": "usr/lib64/ld-linux-x86-64.so.2",
}

// initrd is the guest's file system: linuxptp and the NIC's driver out of
// guest, where scripts/hwguest.sh put them, and programs (name there: file here).
func initrd(guest string, programs map[string]string) ([]byte, error) {
	a := &archive{have: map[string]bool{}}
	a.add("dev", modeDirectory, nil)
	a.node("dev/console", 5, 1)
	files := maps.Clone(programs)
	for name, file := range linuxptp {
		files[name] = filepath.Join(guest, "root", file)
	}
	modules, err := filepath.Glob(filepath.Join(guest, "kernel", "*.ko.xz"))
	if err != nil {
		return nil, err
	}
	for _, module := range modules {
		files["modules/"+filepath.Base(module)] = module
	}
	for name, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		a.add(name, modeProgram, data)
	}
	return a.end(), nil
}

// An archive is an initial RAM file system: cpio in the "newc" format of the
// kernel's early-userspace/buffer-format.rst.
type archive struct {
	out  bytes.Buffer
	have map[string]bool
}

const (
	modeDirectory = 0o040755
	modeProgram   = 0o100755
	modeTerminal  = 0o020600
)

// add puts in an entry below the directories it needs.
func (a *archive) add(name string, mode int, data []byte) {
	if dir := path.Dir(name); dir != "." && !a.have[dir] {
		a.add(dir, modeDirectory, nil)
	}
	a.have[name] = true
	a.entry(name, mode, data, 0, 0)
}

func (a *archive) node(name string, major, minor int) { a.entry(name, modeTerminal, nil, major, minor) }

func (a *archive) end() []byte {
	a.entry("TRAILER!!!", 0, nil, 0, 0)
	return a.out.Bytes()
}

func (a *archive) entry(name string, mode int, data []byte, major, minor int) {
	a.out.WriteString("070701")
	for _, field := range []int{0, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(name) + 1, 0} {
		fmt.Fprintf(&a.out, "%08X", field)
	}
	a.out.WriteString(name + "\x00")
	a.pad()
	a.out.Write(data)
	a.pad()
}

func (a *archive) pad() {
	for a.out.Len()%4 != 0 {
		a.out.WriteByte(0)
	}
}
