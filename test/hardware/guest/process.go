//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// A process is a program in the guest. What it prints goes to the console.
type process struct {
	name string
	cmd  *exec.Cmd
	done chan error
}

func start(name, program string, args ...string) (*process, error) {
	p := &process{name: name, cmd: exec.Command(program, args...), done: make(chan error, 1)}
	r, w := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = w, w
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		for lines := bufio.NewScanner(r); lines.Scan(); {
			fmt.Println(name+":", lines.Text())
		}
	}()
	go func() {
		p.done <- p.cmd.Wait()
		w.Close()
	}()
	return p, nil
}

// stop ends the process as an operator would and says how that went.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop %s: %w", p.name, err)
	}
	select {
	case err := <-p.done:
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		return nil
	case <-time.After(5 * time.Second):
		return errors.Join(fmt.Errorf("%s: still there 5 s after SIGTERM", p.name), p.cmd.Process.Kill())
	}
}
