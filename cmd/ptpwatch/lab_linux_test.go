package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// socket sends frames as they are into an interface.
func socket(t testing.TB, name string) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	at, err := net.InterfaceByName(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: at.Index}); err != nil {
		t.Fatal(err)
	}
	return fd
}

// frame is a message in an Ethernet frame, in these VLANs.
func frameOf(m *ptp.Message, vlans ...uint16) []byte {
	untagged := ethernet(m.SourcePortIdentity.ClockIdentity, m)
	f := slices.Clone(untagged[:12])
	for _, id := range vlans {
		f = append(f, 0x81, 0x00, byte(id>>8), byte(id))
	}
	f = append(f, untagged[12:]...)
	for len(f) < 60 {
		f = append(f, 0)
	}
	return f
}

// grandmasterOf is an Announce of a clock that says it is the best there is.
func grandmasterOf(clock ptp.ClockIdentity, domain uint8) *ptp.Message {
	return &ptp.Message{
		Type: ptp.AnnounceMessage, VersionPTP: 2, MinorVersionPTP: 1, DomainNumber: domain, LogMessageInterval: -3,
		SourcePortIdentity: ptp.PortIdentity{ClockIdentity: clock, PortNumber: 1},
		Flags:              ptp.FlagPTPTimescale | ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable | ptp.FlagCurrentUTCOffsetValid,
		Announce: ptp.Announce{
			CurrentUTCOffset: 37, GrandmasterPriority1: 128, GrandmasterPriority2: 128, TimeSource: 0x20,
			GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4E5D},
			GrandmasterIdentity:     clock,
		},
	}
}

// announce sends a grandmaster's Announce eight times a second, until stop is
// called or the test ends. An interface that is down is no error.
func announce(t testing.TB, name string, clock ptp.ClockIdentity, domain uint8, vlans ...uint16) (stop func()) {
	t.Helper()
	fd, m := socket(t, name), grandmasterOf(clock, domain)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(time.Second / 8)
		defer tick.Stop()
		for ; ctx.Err() == nil; m.SequenceID++ {
			_, _ = unix.Write(fd, frameOf(m, vlans...))
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	})
	stop = func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return stop
}

// process is a ptpwatch at work in the test's namespace, where it serves on its
// usual port.
type process struct {
	t      testing.TB
	cmd    *exec.Cmd
	ended  chan struct{} // then err is what Wait said
	err    error
	stdout output
	stderr output
}

// output is what a process has written so far.
type output struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.data.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.data.String()
}

// begin starts ptpwatch: this test binary, race detector and all, under that
// name (TestMain).
func begin(t testing.TB, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command("ptpwatch", args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("%v\n%s%s", p.cmd.Args, p.stdout.String(), p.stderr.String())
		}
	})
	return p
}

// beginRun starts `ptpwatch run` and waits until it serves.
func beginRun(t testing.TB, args ...string) *process {
	t.Helper()
	p := begin(t, append([]string{"run"}, args...)...)
	p.wait("to serve", func() bool { return strings.Contains(p.stdout.String(), "/metrics") })
	return p
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// stop ends the process as systemd does: it must be gone, with exit status 0,
// before a client that says nothing would be cut off, which takes 5 s.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(4 * time.Second):
		p.t.Fatal("still there 4 s after SIGTERM")
	}
	if p.err != nil {
		p.t.Fatalf("after SIGTERM: %v", p.err)
	}
}

// waitLimit is for what never happens. A busy machine takes its time.
const waitLimit = 30 * time.Second

// wait waits until something is true.
func (p *process) wait(what string, true func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(waitLimit); !true(); time.Sleep(50 * time.Millisecond) {
		select {
		case <-p.ended:
			p.t.Fatalf("waited for it %s, and it ended: %v", what, p.err)
		default:
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("waited %v for it %s; metrics:\n%s", waitLimit, what, p.ours())
		}
	}
}

// logs waits until the log has a line with all these texts.
func (p *process) logs(texts ...string) {
	p.t.Helper()
	p.wait(fmt.Sprintf("to log %q", texts), func() bool {
		for line := range strings.Lines(p.stderr.String()) {
			if !slices.ContainsFunc(texts, func(s string) bool { return !strings.Contains(line, s) }) {
				return true
			}
		}
		return false
	})
}

// dial connects to the agent. The socket must be made on this thread, which is
// in the namespace: package http would make it on another.
func dial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:9588")
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// get asks the agent by HTTP.
func (p *process) get(path string) (status int, body string) {
	p.t.Helper()
	conn := dial(p.t)
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(waitLimit))
	fmt.Fprintf(conn, "GET %s HTTP/1.0\r\n\r\n", path)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, string(data)
}

// ours are the samples of ptpwatch's own families.
func (p *process) ours() string {
	_, page := p.get("/metrics")
	var b strings.Builder
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "ptpwatch_") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// metric is the sum of the samples of a family that have all these labels,
// written as in a page (`kind="delay"`), and whether there is any.
func (p *process) metric(family string, labels ...string) (sum float64, found bool) {
	p.t.Helper()
	for line := range strings.Lines(p.ours()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if base, _, _ := strings.Cut(name, "{"); base != "ptpwatch_"+family {
			continue
		}
		if slices.ContainsFunc(labels, func(l string) bool { return !strings.Contains(name, l) }) {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			p.t.Fatalf("%s: %v", line, err)
		}
		sum, found = sum+v, true
	}
	return sum, found
}

// shows waits until a metric has a value.
func (p *process) shows(want float64, family string, labels ...string) {
	p.t.Helper()
	p.wait(fmt.Sprintf("to show %s%v %v", family, labels, want), func() bool {
		got, found := p.metric(family, labels...)
		return found && got == want
	})
}

// exceeds waits until a metric is above a value, and returns it.
func (p *process) exceeds(least float64, family string, labels ...string) (got float64) {
	p.t.Helper()
	p.wait(fmt.Sprintf("to show %s%v above %v", family, labels, least), func() bool {
		got, _ = p.metric(family, labels...)
		return got > least
	})
	return got
}

// quiet says that nothing was found.
func (p *process) quiet() {
	p.t.Helper()
	if n, found := p.metric("alerts_total"); n != 0 || !found {
		p.t.Errorf("%v alerts:\n%s\n%s", n, p.ours(), p.stderr.String())
	}
}

// packetSockets are the packet sockets of the namespace: inodes by interface
// index.
func packetSockets(t testing.TB) map[string]string {
	t.Helper()
	table, err := os.ReadFile("/proc/thread-self/net/packet")
	if err != nil {
		t.Fatal(err)
	}
	sockets := map[string]string{}
	for line := range strings.Lines(string(table)) {
		// sk RefCnt Type Proto Iface R Rmem User Inode; ours hear every protocol.
		if f := strings.Fields(line); len(f) == 9 && f[3] == "0003" {
			sockets[f[4]] = f[8]
		}
	}
	return sockets
}
