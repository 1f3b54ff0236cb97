package packaging

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/lab"
)

// bound is how long anything that is waited for may take.
const bound = 60 * time.Second

// machine is a small Debian with systemd as its init, in a container, on a
// network where a grandmaster speaks in domain 24.
type machine struct {
	t       *testing.T
	root    string // its file system, seen from here
	network *lab.Network
	init    string // process that is its init, seen from here
	client  http.Client
}

// needs skips the test where a machine is not to be had.
func needs(t *testing.T) {
	t.Helper()
	missing := ""
	if os.Geteuid() != 0 {
		missing = "root, for containers"
	}
	for _, tool := range []string{"ip", "ethtool", "setpriv", "ptp4l", "mmdebstrap", "systemd-nspawn", "nsenter", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing = tool
		}
	}
	if missing != "" {
		t.Fatalf("needs %s", missing)
	}
}

// boot starts a machine that has never had ptpwatch.
func boot(t *testing.T) *machine {
	t.Helper()
	needs(t)
	archive := filepath.Join("..", ".cache", "debian-root.tar")
	output(t, "sh", "debian-root.sh", archive)
	m := &machine{t: t, root: filepath.Join(t.TempDir(), "root")}
	if err := os.Mkdir(m.root, 0o755); err != nil {
		t.Fatal(err)
	}
	output(t, "tar", "-xf", archive, "-C", m.root, "--exclude=./dev/*", "--numeric-owner")
	// As Debian's installer leaves it.
	if err := os.WriteFile(m.root+"/etc/hosts", []byte("127.0.0.1 localhost\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	m.connect()
	m.start()
	return m
}

// connect lays the network: the machine is "monitor" on it, its NIC is eth0.
func (m *machine) connect() {
	m.t.Helper()
	n, err := lab.NewNetwork()
	if err != nil {
		m.t.Fatal(err)
	}
	m.network = n
	m.t.Cleanup(func() {
		if err := n.Close(); err != nil {
			m.t.Error(err)
		}
	})
	if err := n.Hub("eth0", "gm", "monitor"); err != nil {
		m.t.Fatal(err)
	}
	if _, err := n.Clock("gm", "-i", "eth0", "-2", "--domainNumber", "24", "--logAnnounceInterval", "-2"); err != nil {
		m.t.Fatal(err)
	}
	m.client.Transport = &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
			return n.Dial("monitor", address)
		},
	}
}

// start boots it and waits for its systemd.
func (m *machine) start() {
	m.t.Helper()
	var console bytes.Buffer
	nspawn := exec.Command("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--console=pipe",
		"--machine="+strings.ToLower("ptpw-"+rand.Text()[:8]), "--directory="+m.root,
		"--network-namespace-path=/run/netns/"+m.network.Namespace("monitor"), "--capability=CAP_NET_ADMIN,CAP_BPF", "--system-call-filter=bpf")
	// Debian's own systemd would take the host's old hierarchy, if that has one.
	nspawn.Env = append(os.Environ(), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1")
	nspawn.Stdout, nspawn.Stderr = &console, &console
	// However this process ends, the machine does.
	nspawn.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := nspawn.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() {
		_ = nspawn.Process.Signal(syscall.SIGTERM)
		late := time.AfterFunc(bound, func() { _ = nspawn.Process.Kill() })
		defer late.Stop()
		_ = nspawn.Wait()
		if m.t.Failed() {
			m.t.Logf("console:\n%s", console.String())
		}
	})
	children := fmt.Sprintf("/proc/%d/task/%[1]d/children", nspawn.Process.Pid)
	m.eventually("a container that runs", func() error {
		b, err := os.ReadFile(children)
		if err != nil {
			return err
		}
		m.init = strings.TrimSpace(string(b))
		_, err = m.try("systemctl", "is-system-running", "--wait")
		if state, _ := m.try("systemctl", "is-system-running"); state == "running" || state == "degraded" {
			return nil
		}
		return err
	})
}

// try runs a command in the machine, as root, and returns what it says.
func (m *machine) try(command ...string) (string, error) {
	enter := []string{"--target", m.init, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd", "--",
		"env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"}
	out, err := exec.Command("nsenter", append(enter, command...)...).CombinedOutput()
	said := strings.TrimSpace(string(out))
	if err != nil {
		return said, fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, said)
	}
	return said, nil
}

// do is try for what must go well.
func (m *machine) do(command ...string) string {
	m.t.Helper()
	said, err := m.try(command...)
	if err != nil {
		m.t.Fatal(err)
	}
	return said
}

// copyIn copies a file into the machine and says where it is.
func (m *machine) copyIn(file string) string {
	m.t.Helper()
	at := "/srv/" + filepath.Base(file)
	output(m.t, "cp", file, m.root+at)
	return at
}

// property is what systemd says of the unit.
func (m *machine) property(name string) string {
	m.t.Helper()
	return m.do("systemctl", "show", "--value", "--property="+name, "ptpwatch.service")
}

// status is a field of /proc/PID/status of the agent.
func (m *machine) status(field string) string {
	m.t.Helper()
	for line := range strings.Lines(m.do("cat", "/proc/"+m.property("MainPID")+"/status")) {
		if name, value, _ := strings.Cut(line, ":"); name == field {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	m.t.Fatalf("/proc/PID/status has no %s", field)
	return ""
}

// get asks the agent.
func (m *machine) get(path string) (string, error) {
	response, err := m.client.Get("http://127.0.0.1:9588" + path)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s: %s", path, response.Status, body.String())
	}
	return body.String(), nil
}

// metric is a sample of the agent, named with its labels.
func (m *machine) metric(series string) (float64, error) {
	page, err := m.get("/metrics")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(page) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("no %s", series)
}

func (m *machine) eventually(what string, try func() error) {
	m.t.Helper()
	var err error
	for end := time.Now().Add(bound); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	m.t.Fatalf("waited %v for %s: %v", bound, what, err)
}

// output runs a command here, which must go well.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
