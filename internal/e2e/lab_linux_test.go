package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// bound is how long anything that is waited for may take.
const bound = 45 * time.Second

// lab is a scenario of lab/scenarios, held by lab/hold.sh until the test ends.
type lab struct {
	namespaces string // what the names of its namespaces start with
	hubs       []string
	clocks     []clock
}

// clock is a ptp4l.
type clock struct {
	name       string
	domain     uint8
	socket     string   // where pmc finds it
	interfaces []string // of its ports, the first first; each is a hub of the lab
}

// needs skips the test where there is no lab to be had.
func needs(t *testing.T) {
	t.Helper()
	missing := ""
	if os.Geteuid() != 0 {
		missing = "root, for network namespaces"
	}
	for _, tool := range []string{"ip", "ethtool", "setpriv", "ptp4l", "pmc", "prometheus", "promtool", "prometheus-alertmanager", "amtool", "tcpdump"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing = tool
		}
	}
	if missing != "" {
		t.Fatalf("needs %s", missing)
	}
}

// hold brings up a scenario and waits until its clocks have settled.
func hold(t *testing.T, scenario string) *lab {
	t.Helper()
	needs(t)
	var complaints bytes.Buffer
	script := exec.Command(filepath.Join("..", "..", "lab", "hold.sh"), scenario)
	script.Stderr = &complaints
	script.WaitDelay = time.Second
	release, err := script.StdinPipe() // it cleans up when this ends, even with us
	if err != nil {
		t.Fatal(err)
	}
	said, err := script.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := script.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		release.Close()
		if err := script.Wait(); err != nil {
			t.Errorf("lab/hold.sh %s: %v: %s", scenario, err, complaints.String())
		}
	})
	tooLong := time.AfterFunc(bound, func() { script.Process.Signal(syscall.SIGTERM) })
	defer tooLong.Stop()
	l, err := parseLab(bufio.NewScanner(said))
	if err != nil {
		t.Fatalf("lab/hold.sh %s: %v: %s", scenario, err, complaints.String())
	}
	eventually(t, "clocks to settle", func() error { return l.settled(t) })
	return l
}

// parseLab reads what lab/hold.sh says until it is ready.
func parseLab(said *bufio.Scanner) (*lab, error) {
	l := &lab{}
	for said.Scan() {
		switch words := strings.Fields(said.Text()); {
		case len(words) == 2 && words[0] == "namespaces":
			l.namespaces = words[1]
		case len(words) == 2 && words[0] == "hub":
			l.hubs = append(l.hubs, words[1])
		case len(words) >= 5 && words[0] == "clock":
			domain, err := strconv.ParseUint(words[2], 10, 8)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", said.Text(), err)
			}
			l.clocks = append(l.clocks, clock{words[1], uint8(domain), words[3], words[4:]})
		case slices.Equal(words, []string{"ready"}):
			return l, nil
		default:
			return nil, fmt.Errorf("unexpected %q", said.Text())
		}
	}
	return nil, fmt.Errorf("ended before it was ready: %w", said.Err())
}

// settled says which clock has not found its place yet. A port is settled when
// it sends time or receives it; the latter is called UNCALIBRATED because these
// clocks run free. A clock of several ports must receive time by one of them.
func (l *lab) settled(t *testing.T) error {
	for _, c := range l.clocks {
		d, err := c.ask(t)
		if err != nil {
			return err
		}
		receives := false
		for _, p := range d.ports {
			switch p["portState"] {
			case "MASTER":
			case "UNCALIBRATED", "SLAVE":
				receives = true
			default:
				return fmt.Errorf("port %s of %s is %s", p["portIdentity"], c.name, p["portState"])
			}
		}
		if !receives && len(c.interfaces) > 1 {
			return fmt.Errorf("%s follows nobody", c.name)
		}
	}
	return nil
}

// program runs in the monitor's namespace.
type program struct {
	t    *testing.T
	name string
	log  string // file of what it says
	stop func() // asks it to end, which it must; once is enough
}

// monitor starts a program in the monitor's namespace, which is stopped when the
// test ends at the latest.
func (l *lab) monitor(t *testing.T, name string, args ...string) *program {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", l.namespaces + "-monitor", name}, args...)...)
	command.Stdout, command.Stderr = log, log
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 10 * time.Second
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, name: name, log: log.Name()}
	p.stop = sync.OnceFunc(func() {
		cancel()
		command.Wait() // whose error is the context's
		if code := command.ProcessState.ExitCode(); code != 0 {
			t.Errorf("%s: exit status %d when asked to stop", name, code)
		}
		log.Close()
	})
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, p.said())
		}
	})
	return p
}

// said is what it has said so far.
func (p *program) said() string {
	p.t.Helper()
	said, err := os.ReadFile(p.log)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(said)
}

// eventually waits until there is nothing to complain about.
func eventually(t *testing.T, what string, complaint func() error) {
	t.Helper()
	await(t, time.Second, what, complaint)
}

// await looks more often than eventually, or less.
func await(t *testing.T, every time.Duration, what string, complaint func() error) {
	t.Helper()
	for deadline := time.Now().Add(bound); ; time.Sleep(every) {
		err := complaint()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s: %v", bound, what, err)
		}
	}
}
