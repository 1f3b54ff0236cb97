//go:build linux

package lab

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Clock is a ptp4l at work. It stamps in software, leaves the clock alone
// (free_running) and has lost the capability to set it.
type Clock struct {
	namespace string
	folder    string // of its sockets and its log
	command   *exec.Cmd
	ended     chan struct{}
}

// StartClock starts ptp4l in a namespace of the lab with options as its command
// line takes them, interfaces included.
func StartClock(namespace string, options ...string) (*Clock, error) {
	if !strings.HasPrefix(namespace, Prefix) {
		return nil, fmt.Errorf("start ptp4l: namespace %q: the lab's are called %s", namespace, Prefix)
	}
	folder, err := os.MkdirTemp("", Prefix)
	if err != nil {
		return nil, fmt.Errorf("start ptp4l: %w", err)
	}
	c := &Clock{namespace: namespace, folder: folder, ended: make(chan struct{})}
	if err := c.start(options); err != nil {
		os.RemoveAll(folder)
		return nil, fmt.Errorf("start ptp4l: %w", err)
	}
	return c, nil
}

func (c *Clock) start(options []string) error {
	log, err := os.Create(filepath.Join(c.folder, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{
		"netns", "exec", c.namespace, "setpriv", "--bounding-set", "-sys_time", "--",
		"ptp4l", "-m", "--time_stamping", "software", "--free_running", "1",
		"--uds_address", c.Socket(),
	}
	c.command = exec.Command("ip", append(args, options...)...)
	c.command.Stdout, c.command.Stderr = log, log
	// However this process ends, its clocks do.
	c.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.command.Start(); err != nil {
		return err
	}
	go func() {
		_ = c.command.Wait()
		close(c.ended)
	}()
	for range 50 {
		if _, err := os.Stat(c.Socket()); err == nil {
			return nil
		}
		select {
		case <-c.ended:
			return errors.New(c.Log())
		case <-time.After(100 * time.Millisecond):
		}
	}
	c.end()
	return errors.New("no answer in 5 s: " + c.Log())
}

// Socket is where pmc reaches it.
func (c *Clock) Socket() string { return filepath.Join(c.folder, "uds") }

// Log is what it has written.
func (c *Clock) Log() string {
	b, err := os.ReadFile(filepath.Join(c.folder, "log"))
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(b))
}

// Ask sends a command to the clock by pmc and returns the answer.
func (c *Clock) Ask(command string) (string, error) {
	out, err := exec.Command("ip", "netns", "exec", c.namespace, "pmc", "-u", "-b", "0",
		"-i", filepath.Join(c.folder, "pmc"), "-s", c.Socket(), command).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("pmc %s: %w: %s", command, err, out)
	}
	return string(out), nil
}

// Stop ends it and removes its files.
func (c *Clock) Stop() {
	c.end()
	os.RemoveAll(c.folder)
}

func (c *Clock) end() {
	_ = c.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(2 * time.Second):
		_ = c.command.Process.Kill()
		<-c.ended
	}
}
