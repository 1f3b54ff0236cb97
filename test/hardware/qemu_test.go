//go:build hardware

package hardware

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// boot runs the guest until it turns itself off or ctx ends, and returns what
// it told. Whatever else it printed is in console.
func boot(ctx context.Context, guest, initrd, console string) (steps []Step, err error) {
	cmd := qemu(ctx, guest, initrd, console)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	// Pdeathsig goes by the thread that forked.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	steps, err = read(out)
	if err != nil {
		err = errors.Join(err, cmd.Cancel())
	}
	if err = errors.Join(err, cmd.Wait(), context.Cause(ctx)); err != nil {
		return steps, fmt.Errorf("qemu: %w: %s", err, complaints.Bytes())
	}
	return steps, nil
}

func read(r io.Reader) (steps []Step, err error) {
	for d := json.NewDecoder(r); ; {
		var s Step
		switch err := d.Decode(&s); {
		case err == io.EOF:
			return steps, nil
		case err != nil:
			return steps, fmt.Errorf("what the guest tells: %w", err)
		}
		steps = append(steps, s)
	}
}

// qemu is a machine with two igb NICs on one hub. Each has a root port of its
// own, as the slots of their virtual functions would collide on one bus.
func qemu(ctx context.Context, guest, initrd, console string) *exec.Cmd {
	root := filepath.Join(guest, "root")
	// Debian's QEMU with Debian's libraries, whatever this system is. Time in the
	// guest counts instructions and skips idling: it makes no difference there
	// how busy this system is.
	cmd := exec.CommandContext(ctx, filepath.Join(root, "usr/lib64/ld-linux-x86-64.so.2"),
		"--library-path", filepath.Join(root, "usr/lib/x86_64-linux-gnu"), filepath.Join(root, "usr/bin/qemu-system-x86_64"),
		"-L", filepath.Join(root, "usr/share/qemu"), "-L", filepath.Join(root, "usr/share/seabios"),
		"-machine", "q35", "-m", "384", "-accel", "tcg", "-icount", "shift=1,sleep=off",
		"-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
		"-serial", "file:"+console, "-serial", "stdio",
		"-kernel", filepath.Join(guest, "kernel/vmlinuz"), "-initrd", initrd,
		"-append", "console=ttyS0 quiet no_timer_check panic=-1 iomem=relaxed mitigations=off")
	for i := range 2 {
		cmd.Args = append(cmd.Args,
			"-netdev", fmt.Sprintf("hubport,id=leg%d,hubid=0", i),
			"-device", fmt.Sprintf("pcie-root-port,id=port%d,slot=%d,chassis=%d", i, i+1, i+1),
			"-device", fmt.Sprintf("igb,bus=port%d,netdev=leg%d,mac=52:54:00:00:00:%02d,romfile=", i, i, i+1))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}
