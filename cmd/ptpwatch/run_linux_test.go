package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/labtest"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const (
	north ptp.ClockIdentity = 0x001d7ffffe80024a
	south ptp.ClockIdentity = 0x0a0b0cfffe000001
)

func best(network string, clock ptp.ClockIdentity) []string {
	return []string{fmt.Sprintf("network=%q", network), fmt.Sprintf("grandmaster=%q", clock.String())}
}

// TestRunReload: a reload keeps what was learned, counted and raised and the
// sockets of interfaces that stay; a bad file changes nothing and is told.
func TestRunReload(t *testing.T) {
	labtest.Enter(t)
	labtest.Cable(t, "left", "right")
	labtest.Cable(t, "west", "east")
	const short = "detectors:\n  PTPGrandmasterLost: {after: 1s}\n"
	file := write(t, "ptpwatch.yaml", "interfaces:\n  - name: right\n"+short)
	change := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := beginRun(t, "--config", file)
	stop := announce(t, "left", north, 0)
	p.shows(1, "grandmaster_best", best("right", north)...)
	p.shows(1, "capture_interface_up", `interface="right"`)
	p.shows(0, "capture_hardware_timestamping", `interface="right"`)
	p.exceeds(0, "capture_timestamps_total", `interface="right"`, `source="software"`)
	p.shows(0, "capture_egress_events_total", `interface="right"`)
	p.shows(1, "config_last_reload_successful")
	loaded, _ := p.metric("config_last_reload_success_timestamp_seconds")
	sockets := packetSockets(t)

	stop()
	p.shows(1, "alert_active", `alert="PTPGrandmasterLost"`)
	heard, _ := p.metric("messages_total", `interface="right"`)

	// Another interface, and a name for the clock.
	change("interfaces:\n  - name: right\n  - name: east\ndomains:\n  - domain: 0\n    grandmasters:\n      - identity: " +
		north.String() + "\n        name: gm-north\n" + short)
	p.signal(syscall.SIGHUP)
	p.logs("configuration reloaded")
	p.shows(1, "grandmaster_info", `name="gm-north"`)
	p.exceeds(loaded, "config_last_reload_success_timestamp_seconds")
	p.shows(1, "capture_interface_up", `interface="east"`)
	p.shows(1, "alert_active", `alert="PTPGrandmasterLost"`)
	p.shows(1, "alerts_total", `alert="PTPGrandmasterLost"`)
	p.shows(heard, "messages_total", `interface="right"`)
	after := packetSockets(t)
	if len(after) != len(sockets)+1 {
		t.Errorf("packet sockets %v, then %v: want one more", sockets, after)
	}
	for index, inode := range sockets {
		if after[index] != inode {
			t.Errorf("interface %s had socket %s, has %s", index, inode, after[index])
		}
	}

	// Mistakes, each named; an interface that is not there.
	change("interfaces:\n  - name: right\n    promiscuous: maybe\nlisten: 9588\n")
	p.signal(syscall.SIGHUP)
	p.shows(0, "config_last_reload_successful")
	p.logs("not reloaded", file+":3: interfaces[0].promiscuous: ", "accepted: true, false")
	p.logs("not reloaded", file+":4: listen: ")
	change("interfaces:\n  - name: right\n  - name: nowhere\n")
	p.signal(syscall.SIGHUP)
	p.logs("not reloaded", "listen on nowhere: no such interface")
	change("")
	p.signal(syscall.SIGHUP)
	p.logs("not reloaded", "the file is empty")
	change("listen: :9588\n")
	p.signal(syscall.SIGHUP)
	p.logs("not reloaded", "no interface to listen to")
	p.shows(1, "capture_interface_up", `interface="east"`)
	p.shows(1, "alert_active", `alert="PTPGrandmasterLost"`)
	p.shows(1, "grandmaster_info", `name="gm-north"`)
	if diff := cmp.Diff(after, packetSockets(t)); diff != "" {
		t.Errorf("packet sockets (-before +after the bad files):\n%s", diff)
	}

	// A good one again, with one interface less.
	change("interfaces:\n  - name: right\nlisten: :9999\n" + short)
	p.signal(syscall.SIGHUP)
	p.shows(1, "config_last_reload_successful")
	p.logs("read at the start only")
	p.wait("to leave east", func() bool { _, found := p.metric("capture_interface_up", `interface="east"`); return !found })
	if diff := cmp.Diff(sockets, packetSockets(t)); diff != "" {
		t.Errorf("packet sockets (-at first +at last):\n%s", diff)
	}
	announce(t, "left", north, 0)
	p.exceeds(heard, "messages_total", `interface="right"`)
	p.logs("alert resolved", "PTPGrandmasterLost")
	p.stop()
}

// TestRunSurvivesItsInterface: down, gone and made anew, each is told, and the
// agent goes on without a restart.
func TestRunSurvivesItsInterface(t *testing.T) {
	labtest.Enter(t)
	labtest.Cable(t, "left", "right")
	p := beginRun(t, "-i", "right")
	p.logs("listening", "interface=right", "hardware_timestamps=false", "clock=system", "reason=")
	announce(t, "left", north, 0)
	heard := p.exceeds(0, "messages_total")
	ready(p, 200, "ptpwatch is ready.")

	labtest.IP(t, "link set right down")
	p.shows(0, "capture_interface_up", `interface="right"`)
	p.logs("level=WARN", "interface cannot be heard", "interface=right", "link=down")
	ready(p, 503, "interface right is down")

	labtest.IP(t, "link set right up")
	p.shows(1, "capture_interface_up", `interface="right"`)
	heard = p.exceeds(heard, "messages_total")
	ready(p, 200, "ptpwatch is ready.")

	labtest.IP(t, "link set left down") // the other end: no carrier
	p.shows(0, "capture_interface_up", `interface="right"`)
	labtest.IP(t, "link set left up")
	p.shows(1, "capture_interface_up", `interface="right"`)
	heard = p.exceeds(heard, "messages_total")

	labtest.IP(t, "link del left") // and with it the pair
	p.shows(0, "capture_interface_up", `interface="right"`)
	p.logs("interface cannot be heard", "link=gone")
	ready(p, 503, "interface right is gone")

	labtest.Cable(t, "left", "right")
	announce(t, "left", north, 0)
	p.shows(1, "capture_interface_up", `interface="right"`)
	heard = p.exceeds(heard, "messages_total")
	if frames, _ := p.metric("capture_frames_total", `interface="right"`); frames < heard {
		t.Errorf("%v frames and %v messages", frames, heard)
	}
	p.stop()
}

func ready(p *process, status int, text string) {
	p.t.Helper()
	if got, body := p.get("/-/ready"); got != status || !strings.Contains(body, text) {
		p.t.Errorf("/-/ready: %d %q, want %d %q", got, body, status, text)
	}
}

// TestRunKilled: nothing is left behind that keeps the next one from starting.
func TestRunKilled(t *testing.T) {
	labtest.Enter(t)
	labtest.Cable(t, "left", "right")
	announce(t, "left", north, 0)
	for range 3 {
		p := beginRun(t, "-i", "right")
		p.shows(1, "grandmaster_best", best("right", north)...)
		p.signal(syscall.SIGKILL)
		<-p.ended
		if left := packetSockets(t); len(left) > 0 {
			t.Errorf("packet sockets left behind: %v", left)
		}
		out, err := exec.Command("ip", "maddr", "show", "dev", "right").CombinedOutput()
		if err != nil || strings.Contains(string(out), "01:1b:19:00:00:00") {
			t.Errorf("ip maddr: %v: %s", err, out)
		}
	}
	p := beginRun(t, "-i", "right")
	p.shows(1, "grandmaster_best", best("right", north)...)
	p.stop()
}

// TestRunEndsWithAClientThatWaits: one that has connected and asks nothing, and
// one that has asked half, hold up nobody.
func TestRunEndsWithAClientThatWaits(t *testing.T) {
	labtest.Enter(t)
	labtest.Cable(t, "left", "right")
	p := beginRun(t, "-i", "right")
	for _, request := range []string{"", "GET /metrics HTTP/1.1\r\n"} {
		conn := dial(t)
		defer conn.Close()
		_, _ = io.WriteString(conn, request)
	}
	p.stop()
}

// TestRunWithoutCapability: an unprivileged user is told what to do in one
// sentence, and can look at the interfaces.
func TestRunWithoutCapability(t *testing.T) {
	labtest.Enter(t)
	labtest.Cable(t, "left", "right")
	program := unprivilegedCopy(t)
	as := func(status int, args ...string) (stdout, stderr string) {
		t.Helper()
		cmd := exec.Command(program, args...)
		var out, errOut strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &errOut
		cmd.Dir = "/"
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		_ = cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != status {
			t.Fatalf("%v: exit status %d, want %d: %s", args, got, status, errOut.String())
		}
		return out.String(), errOut.String()
	}
	for _, args := range [][]string{{"run", "-i", "left", "-i", "right"}, {"learn", "-i", "right"}} {
		_, got := as(statusFailed, args...)
		want := fmt.Sprintf("capturing needs the capability CAP_NET_RAW: run as root, or once `setcap cap_net_raw+ep %s`: operation not permitted\n", program)
		if strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "ptpwatch: listen on ") || !strings.HasSuffix(got, want) {
			t.Errorf("%v: %q, want one line that ends with %q", args, got, want)
		}
	}
	if got, _ := as(statusDone, "interfaces"); !strings.Contains("\n"+got, "\nright\n") {
		t.Errorf("interfaces: %s", got)
	}
}

// unprivilegedCopy is the program where everybody may run it.
func unprivilegedCopy(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "ptpwatch")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	program := filepath.Join(dir, "ptpwatch")
	if err := os.WriteFile(program, data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return program
}

// TestRunNetworksApart: one domain on two interfaces, each with a grandmaster
// of its own, is two networks and no finding; so it is in two VLANs of one.
func TestRunNetworksApart(t *testing.T) {
	labtest.Enter(t)
	labtest.Cable(t, "left", "right")
	labtest.Cable(t, "west", "east")
	p := beginRun(t, "-i", "right", "-i", "east")
	announce(t, "left", north, 24)
	announce(t, "west", south, 24)
	announce(t, "left", north+1, 24, 100)
	announce(t, "left", south+1, 24, 200)
	for network, clock := range map[string]ptp.ClockIdentity{"right": north, "east": south, "right.100": north + 1, "right.200": south + 1} {
		p.shows(1, "grandmaster_best", best(network, clock)...)
	}
	p.exceeds(80, "messages_total") // two seconds and more of each
	p.shows(4, "grandmaster_best")
	if n, _ := p.metric("grandmaster_changes_total"); n != 0 {
		t.Errorf("%v changes of a best grandmaster", n)
	}
	p.quiet()
	p.stop()
}

// TestRunTap: an optical breakout, the grandmaster's side on one interface and
// the client's on the other, is one link: its exchanges are whole, in the right
// order, and nothing is found.
func TestRunTap(t *testing.T) {
	labtest.Enter(t)
	labtest.Cable(t, "left", "right")
	labtest.Cable(t, "west", "east")
	file := write(t, "ptpwatch.yaml", "interfaces:\n  - {name: right, tap: uplink}\n  - {name: east, tap: uplink}\n"+
		"networks:\n  - {name: plant, interfaces: [right, east]}\n")
	p := beginRun(t, "--config", file)
	p.shows(1, "capture_interface_up", `interface="right"`)
	p.shows(1, "capture_interface_up", `interface="east"`)
	announce(t, "left", north, 24)
	const rounds = 100
	exchange(t, socket(t, "left"), socket(t, "west"), rounds)
	for kind, least := range map[string]float64{"sync": rounds, "delay": rounds} {
		p.shows(least, "exchanges_total", `kind="`+kind+`"`, `result="complete"`)
	}
	all, _ := p.metric("exchanges_total")
	if all != 2*rounds {
		t.Errorf("%v exchanges, of which %v are whole:\n%s", all, 2*rounds, p.ours())
	}
	if delay, found := p.metric("mean_path_delay_seconds", `interface="uplink"`, `network="plant"`); !found || math.Abs(delay) > 0.05 {
		t.Errorf("mean path delay %v s, %v:\n%s", delay, found, p.ours())
	}
	var report struct {
		Captures []struct{ File string }
		Domains  []struct {
			Ports []struct {
				Tap, Port       string
				TimestampSource string `json:"timestamp_source"`
			}
		}
	}
	_, body := p.get("/api/v1/report")
	if err := json.Unmarshal([]byte(body), &report); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	measured := 0
	for _, d := range report.Domains {
		for _, port := range d.Ports {
			if port.Tap == "uplink" && port.TimestampSource == "software" {
				measured++
			}
		}
	}
	if len(report.Captures) != 2 || report.Captures[0].File != "right" || measured == 0 {
		t.Errorf("the report has no port measured by software stamps on the tap, or not both its captures:\n%s", body)
	}
	p.quiet()
	p.stop()
}

// exchange sends what a grandmaster and its client say to each other: the one
// into down, the other into up, each answer at once.
func exchange(t *testing.T, down, up, rounds int) {
	t.Helper()
	master := ptp.PortIdentity{ClockIdentity: north, PortNumber: 1}
	client := ptp.PortIdentity{ClockIdentity: south, PortNumber: 1}
	send := func(fd int, m ptp.Message) {
		t.Helper()
		m.VersionPTP, m.MinorVersionPTP, m.DomainNumber = 2, 1, 24
		if _, err := unix.Write(fd, frameOf(&m)); err != nil {
			t.Fatal(err)
		}
	}
	now := func() ptp.Timestamp { return ptp.NewTimestamp(time.Now().UnixNano() + 37e9) }
	const interval = -4 // 16 a second, as in ITU-T G.8275.1
	for seq := range uint16(rounds) {
		at := now()
		send(down, ptp.Message{Type: ptp.Sync, Flags: ptp.FlagTwoStep, SourcePortIdentity: master, SequenceID: seq, LogMessageInterval: interval})
		send(down, ptp.Message{Type: ptp.FollowUp, SourcePortIdentity: master, SequenceID: seq, LogMessageInterval: interval, Timestamp: at})
		send(up, ptp.Message{Type: ptp.DelayReq, SourcePortIdentity: client, SequenceID: seq, LogMessageInterval: 0x7f})
		send(down, ptp.Message{
			Type: ptp.DelayResp, SourcePortIdentity: master, SequenceID: seq, LogMessageInterval: interval,
			Timestamp: now(), PortIdentity: client,
		})
		time.Sleep(time.Second >> -interval)
	}
}

// TestLearnLive: what is heard by the end, or by Ctrl-C, is printed and is a
// configuration.
func TestLearnLive(t *testing.T) {
	labtest.Enter(t)
	labtest.Cable(t, "left", "right")
	announce(t, "left", north, 24)
	for name, end := range map[string]func(*process){
		"for": func(*process) {},
		"Ctrl-C": func(p *process) {
			p.logs("listening")
			time.Sleep(time.Second)
			p.signal(os.Interrupt)
		},
	} {
		span := map[string]string{"for": "1s", "Ctrl-C": "1h"}[name]
		p := begin(t, "learn", "-i", "right", "--for", span)
		end(p)
		select {
		case <-p.ended:
		case <-time.After(waitLimit):
			t.Fatalf("%s: learn goes on", name)
		}
		if got := p.stdout.String(); p.err != nil || !strings.Contains(got, "  - domain: 24\n") || !strings.Contains(got, "identity: "+north.String()) {
			t.Errorf("%s: %v: %s", name, p.err, got)
		}
		check := begin(t, "check-config", write(t, "learned.yaml", p.stdout.String()))
		<-check.ended
		if check.err != nil {
			t.Errorf("%s: check-config: %v: %s", name, check.err, check.stderr.String())
		}
	}
	silent := begin(t, "learn", "-i", "left", "--for", "1ms")
	<-silent.ended
	if got := silent.cmd.ProcessState.ExitCode(); got != statusFailed || !strings.Contains(silent.stderr.String(), "no PTP domain was heard") {
		t.Errorf("of nothing: exit status %d: %s", got, silent.stderr.String())
	}
}

// TestInterfaces: what is there, what is not, and what the configuration says.
func TestInterfaces(t *testing.T) {
	labtest.Enter(t)
	labtest.Cable(t, "left", "right")
	file := write(t, "ptpwatch.yaml", "interfaces:\n  - {name: right, timestamping: hardware}\n  - name: nowhere\n")
	p := begin(t, "interfaces", "--config", file, "--format", "json")
	<-p.ended
	type line struct {
		Name, Driver       string
		Configured, Absent bool
		Use                struct{ Timestamps, Warning string }
	}
	var got []line
	if err := json.Unmarshal([]byte(p.stdout.String()), &got); err != nil || p.err != nil {
		t.Fatalf("%v, %v: %s", p.err, err, p.stderr.String())
	}
	byName := map[string]line{}
	for _, l := range got {
		byName[l.Name] = l
	}
	if l := byName["left"]; l.Driver != "veth" || l.Configured || l.Absent || l.Use.Timestamps != "software" || l.Use.Warning != "" {
		t.Errorf("left: %+v", l)
	}
	if l := byName["right"]; !l.Configured || l.Use.Timestamps != "software" || !strings.Contains(l.Use.Warning, "timestamping: hardware") {
		t.Errorf("right: %+v", l)
	}
	if l := byName["nowhere"]; !l.Configured || !l.Absent {
		t.Errorf("nowhere: %+v", l)
	}
}
