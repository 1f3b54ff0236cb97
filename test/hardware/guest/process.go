//go:build linux && amd64

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// A program can be started in the guest.
type program struct {
	name  string // on the console
	args  []string
	ready condition
}

// A process is a program that runs. What it prints goes to the console.
type process struct {
	name    string
	cmd     *exec.Cmd
	done    chan error // one, of Wait
	printed bytes.Buffer
	read    chan struct{} // closed when printed has it all
}

func start(p program) (*process, error) {
	run := &process{name: p.name, cmd: exec.Command(p.args[0], p.args[1:]...), done: make(chan error, 1), read: make(chan struct{})}
	out, in := io.Pipe()
	run.cmd.Stdout, run.cmd.Stderr = in, in
	if err := run.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(run.read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			fmt.Printf("%s: %s\n", p.name, lines.Bytes())
			fmt.Fprintf(&run.printed, "%s\n", lines.Bytes())
		}
	}()
	go func() {
		run.done <- run.cmd.Wait()
		in.Close()
	}()
	return run, nil
}

// stop ends the process as an operator would; it is an error if it does not
// go well.
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
		return fmt.Errorf("%s: still there 5 s after SIGTERM", p.name)
	}
}

// output is what the process printed until it ended.
func (p *process) output() string {
	<-p.read
	return p.printed.String()
}

// kill ends the process if stop has not.
func (p *process) kill() {
	if p.cmd.Process.Kill() == nil {
		<-p.done
	}
}
