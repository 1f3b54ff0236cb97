package labtest

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Enter puts the test into a network namespace of its own, which is gone when
// the test has ended: its goroutine never gives the thread back. Only that
// goroutine is in there, and what it starts: no subtests.
func Enter(t testing.TB) {
	t.Helper()
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatalf("needs root for a network namespace: %v", err)
	}
	IP(t, "link set lo up")
}

// IP runs ip(8) in the test's namespace.
func IP(t testing.TB, command string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", command, err, out)
	}
}

// Cable lays a pair of interfaces, both up, that nobody else talks on.
func Cable(t testing.TB, left, right string) {
	t.Helper()
	IP(t, "link add "+left+" type veth peer name "+right)
	for _, end := range []string{left, right} {
		if err := os.WriteFile("/proc/sys/net/ipv6/conf/"+end+"/disable_ipv6", []byte("1"), 0); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		IP(t, "link set "+end+" up")
	}
}
