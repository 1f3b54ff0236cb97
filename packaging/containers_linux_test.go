package packaging

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
	"golang.org/x/sys/unix"
)

// TestContainers runs the agent with just what a container gives it: as the
// DaemonSet says, and as the image says. What makes containers is not there.
func TestContainers(t *testing.T) {
	m := boot(t)
	m.do("mv", m.copyIn(packageOf(t, first, "*-linux-*")), "/usr/bin/ptpwatch")
	pod := readPod(t)

	m.do("mkdir", "/etc/ptpwatch")
	if err := os.WriteFile(m.root+config, []byte(pod.config), 0o644); err != nil {
		t.Fatal(err)
	}
	m.do("ptpwatch", "check-config", config)

	t.Run("DaemonSet", func(t *testing.T) {
		m.runs(t, []string{"--property=NoNewPrivileges=yes", "--property=CapabilityBoundingSet=" + pod.capabilities, "--property=ProtectSystem=strict",
			"--property=ReadWritePaths=/var/lib/ptpwatch"}, pod.args...)
		for _, path := range pod.probes {
			if _, err := m.get(path); err != nil {
				t.Error(err)
			}
		}
		m.do("systemctl", "stop", "pod")
	})
	t.Run("image", func(t *testing.T) {
		m.do("useradd", "--system", "--uid=65532", "image") // systemd takes no user without a name
		m.do("chown", "-R", "image:", "/var/lib/ptpwatch")
		bring(t, filepath.Join(m.root, "usr/bin/ptpwatch"), unix.CAP_NET_RAW)
		args := []string{"run", "--config", config, "--state-dir", "/var/lib/ptpwatch"}
		user := []string{"--uid=image", "--property=CapabilityBoundingSet=CAP_NET_RAW"}
		m.runs(t, user, args...)
		m.do("systemctl", "stop", "pod")
		// As the Containerfile warns.
		if said, err := m.try(systemdRun(append(user, "--property=NoNewPrivileges=yes", "--wait"), args...)...); err == nil {
			t.Errorf("with no_new_privileges it runs all the same: %s", said)
		}
	})
}

// runs starts a service with these properties and waits until it hears.
func (m *machine) runs(t *testing.T, properties []string, args ...string) {
	t.Helper()
	defer func(before *testing.T) { m.t = before }(m.t)
	m.t = t
	m.do("install", "-d", "-m", "0700", "/var/lib/ptpwatch")
	if _, err := m.try(systemdRun(append(properties, "--unit=pod", "--service-type=notify"), args...)...); err != nil {
		t.Fatal(err, m.do("journalctl", "--unit=pod", "--output=cat"))
	}
	m.hearsGrandmaster()
	m.do("test", "-d", "/var/lib/ptpwatch")
}

// systemdRun is a command line that runs ptpwatch as a service.
func systemdRun(properties []string, args ...string) []string {
	return slices.Concat([]string{"systemd-run", "--quiet", "--collect"}, properties, []string{"/usr/bin/ptpwatch"}, args)
}

// bring gives a binary file a capability, as setcap +ep does: capabilities(7),
// VFS_CAP_REVISION_2.
func bring(t *testing.T, file string, capability uint) {
	t.Helper()
	var b []byte
	for _, word := range []uint32{0x02000001, 1 << capability, 0, 0, 0} {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	if err := unix.Setxattr(file, "security.capability", b, 0); err != nil {
		t.Fatal(err)
	}
}

// pod is what the manifests say of the agent.
type pod struct {
	args         []string
	capabilities string // "CAP_NET_RAW"
	probes       []string
	config       string
}

func readPod(t *testing.T) pod {
	t.Helper()
	container := dig(t, manifest(t, "daemonset.yaml"), "spec", "template", "spec", "containers", 0)
	p := pod{config: dig(t, manifest(t, "configmap.yaml"), "data", "ptpwatch.yaml").(string)}
	for _, arg := range dig(t, container, "args").([]any) {
		p.args = append(p.args, arg.(string))
	}
	for _, name := range dig(t, container, "securityContext", "capabilities", "add").([]any) {
		p.capabilities += " CAP_" + name.(string)
	}
	for _, probe := range []string{"livenessProbe", "readinessProbe"} {
		p.probes = append(p.probes, dig(t, container, probe, "httpGet", "path").(string))
	}
	return p
}

func manifest(t *testing.T, name string) any {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("kubernetes", name))
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := yaml.Unmarshal(b, &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// dig is what is at a path of names and positions.
func dig(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			fields, _ := v.(map[string]any)
			v = fields[step]
		case int:
			items, _ := v.([]any)
			if step >= len(items) {
				t.Fatalf("%v: no item %d", path, step)
			}
			v = items[step]
		}
		if v == nil {
			t.Fatalf("%v: no %v", path, step)
		}
	}
	return v
}
