//go:build linux

package lab

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// within runs f on a thread that is in a namespace of the lab. Sockets that f
// opens stay there.
func within(namespace string, f func() error) error {
	if !strings.HasPrefix(namespace, Prefix) || strings.Contains(namespace, "/") {
		return fmt.Errorf("namespace %q: the lab's are called %s...: its tools work nowhere else", namespace, Prefix)
	}
	done := make(chan error)
	go func() { done <- visit("/run/netns/"+namespace, f) }()
	return <-done
}

func visit(path string, f func() error) error {
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return fmt.Errorf("own namespace: %w", err)
	}
	defer home.Close()
	away, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("namespace: %w", err)
	}
	defer away.Close()
	if err := unix.Setns(int(away.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter %s: %w", path, err)
	}
	err = f()
	// A thread that cannot go home ends with its goroutine.
	if unix.Setns(int(home.Fd()), unix.CLONE_NEWNET) == nil {
		runtime.UnlockOSThread()
	}
	return err
}
