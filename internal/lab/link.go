//go:build linux

package lab

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// unbridge takes an interface out of the bridge it is in, if any, and returns
// what puts it back.
func unbridge(namespace, name string) (back func() error, err error) {
	out, err := exec.Command("ip", "-n", namespace, "-j", "link", "show", "dev", name).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w: %s", name, err, out)
	}
	var links []struct{ Master string }
	if err := json.Unmarshal(out, &links); err != nil || len(links) != 1 {
		return nil, fmt.Errorf("interface %s: what ip says of it: %w: %s", name, err, out)
	}
	master := links[0].Master
	if master == "" {
		return func() error { return nil }, nil
	}
	if err := run("ip", "-n", namespace, "link", "set", "dev", name, "nomaster"); err != nil {
		return nil, err
	}
	return func() error { return run("ip", "-n", namespace, "link", "set", "dev", name, "master", master) }, nil
}

// priority has f run on a thread that goes before others, as far as that is
// allowed: without it a busy machine delays frames as it likes. The thread must
// outlive f: the clocks it started end with it.
func priority(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := schedule(unix.SCHED_FIFO, 1); err == nil {
		defer schedule(unix.SCHED_NORMAL, 0)
	}
	return f()
}

func schedule(policy, priority uint32) error {
	return unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: policy, Priority: priority}, 0)
}
