package packaging

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDebian is the life of the deb on a machine: installed, configured, at
// work, upgraded, removed, purged.
func TestDebian(t *testing.T) {
	m := boot(t)
	old := packageOf(t, first, "*.deb")
	newer := withOtherDefaults(t, packageOf(t, second, "*.deb"))
	for _, step := range []struct {
		name string
		test func(*testing.T)
	}{
		{"installed, it waits to be told what to listen to", func(*testing.T) { m.installs(old) }},
		{"files", func(*testing.T) { m.hasFiles() }},
		{"unit", func(*testing.T) { m.unitIsTight("/usr/lib/systemd/system/ptpwatch.service") }},
		{"without an interface it says so", func(*testing.T) { m.saysWhatIsMissing() }},
		{"it captures a grandmaster", func(*testing.T) { m.captures() }},
		{"privileges", func(*testing.T) { m.hasPrivileges(capNetRaw) }},
		{"the clocks of NICs", func(*testing.T) { m.opensClocks() }},
		{"state", func(*testing.T) { m.keepsState() }},
		{"reload", func(*testing.T) { m.reloads() }},
		{"killed, it comes back", func(*testing.T) { m.comesBack("KILL") }},
		{"hung, the watchdog ends it", func(*testing.T) { m.watchdogBites() }},
		{"hwtstamp.conf", func(*testing.T) { m.takesDropIn() }},
		{"upgrade", func(*testing.T) { m.upgrades(newer) }},
		{"removed", func(*testing.T) { m.removes() }},
		{"back again", func(*testing.T) { m.returns(newer) }},
		{"purged", func(*testing.T) { m.purges() }},
	} {
		if !t.Run(step.name, func(t *testing.T) {
			defer func(before *testing.T) { m.t = before }(m.t)
			m.t = t
			step.test(t)
		}) {
			return // what follows builds on it
		}
	}
}

// withOtherDefaults is the package with another default configuration, as a
// release may have.
func withOtherDefaults(t *testing.T, deb string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "deb")
	output(t, "dpkg-deb", "-R", deb, dir)
	file := filepath.Join(dir, "etc", "ptpwatch", "ptpwatch.yaml")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(b, "\nleap_file: \"\"\n"...), 0o640); err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(t.TempDir(), filepath.Base(deb))
	output(t, "dpkg-deb", "-Zgzip", "-b", dir, changed)
	return changed
}

const config = "/etc/ptpwatch/ptpwatch.yaml"

// configured is the configuration that the administrator of the machine wrote.
const configured = "interfaces:\n  - name: eth0\nstate_dir: /var/lib/ptpwatch\ndomains:\n  - domain: 24\n    learn_for: 1s\n"

func (m *machine) installs(deb string) {
	if said := m.do("dpkg", "--install", m.copyIn(deb)); !strings.Contains(said, "systemctl enable --now ptpwatch") {
		m.t.Errorf("what to do next is not told: %s", said)
	}
	if state, _ := m.try("systemctl", "is-enabled", "ptpwatch"); state != "disabled" {
		m.t.Errorf("is-enabled: %q", state)
	}
	if state := m.property("ActiveState"); state != "inactive" {
		m.t.Errorf("ActiveState %q", state)
	}
	if said, err := m.try("dpkg", "--verify", "ptpwatch"); err != nil || said != "" {
		m.t.Errorf("dpkg --verify: %s, %v", said, err)
	}
	if want, got := "ptpwatch 1.0.0", m.do("ptpwatch", "version"); !strings.HasPrefix(got, want) {
		m.t.Errorf("version: %q, want %q", got, want)
	}
	m.do("setpriv", "--reuid=ptpwatch", "--regid=ptpwatch", "--clear-groups", "ptpwatch", "check-config", config)
}

// hasFiles looks for what is not the unit's business: each with owner and mode.
func (m *machine) hasFiles() {
	want := `755 root:root /usr/bin/ptpwatch
750 root:ptpwatch /etc/ptpwatch
640 root:ptpwatch /etc/ptpwatch/ptpwatch.yaml
644 root:root /usr/lib/systemd/system/ptpwatch.service
644 root:root /usr/lib/sysusers.d/ptpwatch.conf
644 root:root /usr/lib/udev/rules.d/60-ptpwatch.rules
644 root:root /usr/share/bash-completion/completions/ptpwatch
644 root:root /usr/share/fish/vendor_completions.d/ptpwatch.fish
644 root:root /usr/share/zsh/vendor-completions/_ptpwatch
755 root:root /usr/share/doc/ptpwatch
644 root:root /usr/share/doc/ptpwatch/CHANGELOG.md.gz
644 root:root /usr/share/doc/ptpwatch/changelog.gz
644 root:root /usr/share/doc/ptpwatch/copyright
644 root:root /usr/share/doc/ptpwatch/licenses.gz
644 root:root /usr/share/doc/ptpwatch/reference.yaml
644 root:root /usr/share/doc/ptpwatch/examples/hwtstamp.conf
644 root:root /usr/share/doc/ptpwatch/examples/alertmanager.yml
644 root:root /usr/share/doc/ptpwatch/examples/prometheus.yml
644 root:root /usr/share/man/man1/ptpwatch.1.gz
644 root:root /usr/share/man/man1/ptpwatch-run.1.gz
644 root:root /usr/share/ptpwatch/dashboards/ptpwatch-overview.json
644 root:root /usr/share/ptpwatch/provisioning/dashboards.yml
644 root:root /usr/share/ptpwatch/provisioning/datasources.yml
644 root:root /usr/share/ptpwatch/rules.yml`
	files := []string{"stat", "--format=%a %U:%G %n"}
	for line := range strings.Lines(want) {
		files = append(files, strings.Fields(line)[2])
	}
	if diff := cmp.Diff(want, m.do(files...)); diff != "" {
		m.t.Errorf("-want +got:\n%s", diff)
	}
	if passwd := m.do("getent", "passwd", "ptpwatch"); !strings.HasSuffix(passwd, ":/var/lib/ptpwatch:/usr/sbin/nologin") {
		m.t.Errorf("user: %s", passwd)
	}
	for _, question := range []string{
		"bash -n /usr/share/bash-completion/completions/ptpwatch",
		"zcat /usr/share/man/man1/ptpwatch-run.1.gz | grep -q '^.TH.*1.0.0'",
		"zcat /usr/share/doc/ptpwatch/licenses.gz | grep -q 'prometheus/client_golang'",
		"ptpwatch check-config /usr/share/doc/ptpwatch/reference.yaml",
	} {
		m.do("sh", "-c", question)
	}
	// udevadm reads every rules file for any device, and complains of bad ones.
	if said, _ := m.try("udevadm", "test", "/sys/class/net/eth0"); !strings.Contains(said, "/usr/lib/udev/rules.d/60-ptpwatch.rules") ||
		strings.Contains(said, "60-ptpwatch.rules:") {
		m.t.Errorf("udev does not take the rules: %s", said)
	}
}

// unitIsTight holds the unit against systemd's own judgement: no complaint, and
// an exposure of at most 2.5 of 10.
func (m *machine) unitIsTight(unit string) {
	// The manual is not installed in there.
	if said, err := m.try("systemd-analyze", "verify", "--man=no", unit); err != nil || said != "" {
		m.t.Errorf("verify: %s, %v", said, err)
	}
	said, err := m.try("systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager", unit)
	if err != nil {
		m.t.Error(err)
	}
	lines := strings.Split(said, "\n")
	m.t.Log(lines[len(lines)-1])
}

// saysWhatIsMissing starts it as it is installed.
func (m *machine) saysWhatIsMissing() {
	if _, err := m.try("systemctl", "start", "ptpwatch"); err == nil {
		m.t.Error("it starts with nothing to listen to")
	}
	m.journal("ptpwatch", "under interfaces:", "status=2/INVALIDARGUMENT")
}

// journal waits until what is logged of a unit has all of this.
func (m *machine) journal(unit string, want ...string) {
	m.t.Helper()
	m.eventually("the journal", func() error {
		log := m.do("journalctl", "--unit="+unit, "--output=cat")
		for _, text := range want {
			if !strings.Contains(log, text) {
				return fmt.Errorf("no %q in\n%s", text, log)
			}
		}
		return nil
	})
}

// captures names the interface: systemctl returns when the agent has told
// systemd that it is ready, and then it hears.
func (m *machine) captures() {
	if err := os.WriteFile(m.root+config, []byte(configured), 0); err != nil {
		m.t.Fatal(err)
	}
	m.do("systemctl", "enable", "--now", "ptpwatch")
	if got := m.property("Type") + " " + m.property("ActiveState") + " " + m.property("SubState"); got != "notify active running" {
		m.t.Errorf("the unit is %q", got)
	}
	m.hearsGrandmaster()
	if _, err := m.get("/-/ready"); err != nil {
		m.t.Error(err)
	}
	if said := m.do("ptpwatch", "healthcheck", "--config", config); said != "ptpwatch is healthy." {
		m.t.Errorf("healthcheck: %s", said)
	}
	// /proc/stat, which has the machine's start, stays in sight.
	if _, err := m.metric("process_start_time_seconds"); err != nil {
		m.t.Error(err)
	}
}

// hearsGrandmaster waits for a domain with a best master in the report.
func (m *machine) hearsGrandmaster() {
	m.eventually("a best grandmaster", func() error {
		page, err := m.get("/api/v1/report")
		if err != nil {
			return err
		}
		var report struct {
			Domains []struct {
				Network string
				Domain  int
				Best    string `json:"best_grandmaster"`
			}
		}
		if err := json.Unmarshal([]byte(page), &report); err != nil {
			return err
		}
		for _, d := range report.Domains {
			if d.Network == "eth0" && d.Domain == 24 && d.Best != "" {
				return nil
			}
		}
		return fmt.Errorf("domains %+v", report.Domains)
	})
}

const (
	capNetRaw      = "0000000000002000" // capabilities(7), bit 13
	capNetAdminRaw = "0000000000003000" // and 12
)

// hasPrivileges says which the process has: these, and no way to more.
func (m *machine) hasPrivileges(capabilities string) {
	uid, gid := m.do("id", "-u", "ptpwatch"), m.do("id", "-g", "ptpwatch")
	four := func(id string) string { return strings.Join(slices.Repeat([]string{id}, 4), " ") }
	want := map[string]string{
		"Uid": four(uid), "Gid": four(gid), "NoNewPrivs": "1", "Seccomp": "2",
		"CapInh": capabilities, "CapPrm": capabilities, "CapEff": capabilities, "CapBnd": capabilities, "CapAmb": capabilities,
	}
	got := make(map[string]string)
	for field := range want {
		got[field] = m.status(field)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		m.t.Errorf("-want +got:\n%s", diff)
	}
}

// opensClocks tries the unit's way to the clocks of NICs: the group that the
// udev rule gives may read, the unit's list of devices lets it, and neither lets
// it write. There is no clock behind the node, so the one who may open it hears
// "No such device".
func (m *machine) opensClocks() {
	major := m.do("awk", `$2 == "ptp" {print $1}`, "/proc/devices")
	if major == "" {
		m.t.Fatal("this kernel has no PTP clocks, with which DeviceAllow=char-ptp means nothing")
	}
	m.do("sh", "-c", "mknod /dev/ptp77 c "+major+" 77 && chgrp ptpwatch /dev/ptp77 && chmod 640 /dev/ptp77")
	m.do("sh", "-c", "mknod /dev/other c 10 200 && chmod 666 /dev/other")
	m.dropIn("clocks.conf", `[Service]
ExecStartPre=-/bin/sh -c ': </dev/ptp77'
ExecStartPre=-/bin/sh -c ': >/dev/ptp77'
ExecStartPre=-/bin/sh -c ': </dev/other'
`)
	m.journal("ptpwatch",
		"cannot open /dev/ptp77: No such device or address",
		"cannot create /dev/ptp77: Permission denied",
		"cannot open /dev/other: Operation not permitted")
	m.do("rm", "/etc/systemd/system/ptpwatch.service.d/clocks.conf", "/dev/ptp77", "/dev/other")
}

// keepsState looks into the state folder, which systemd made.
func (m *machine) keepsState() {
	if got, want := m.do("stat", "--format=%a %U:%G", "/var/lib/ptpwatch"), "700 ptpwatch:ptpwatch"; got != want {
		m.t.Errorf("/var/lib/ptpwatch: %s, want %s", got, want)
	}
	m.eventually("a pinned baseline", func() error {
		said, err := m.try("ptpwatch", "baseline", "list", "--config", config)
		if err == nil && !strings.Contains(said, "pinned") {
			err = errors.New(said)
		}
		return err
	})
	m.eventually("it on disk", func() error {
		_, err := m.try("test", "-s", "/var/lib/ptpwatch/baselines.json")
		return err
	})
}

func (m *machine) reloads() {
	before, err := m.metric("ptpwatch_config_last_reload_success_timestamp_seconds")
	if err != nil {
		m.t.Fatal(err)
	}
	pid := m.property("MainPID")
	m.do("systemctl", "reload", "ptpwatch")
	m.eventually("a reload", func() error {
		now, err := m.metric("ptpwatch_config_last_reload_success_timestamp_seconds")
		if err == nil && now <= before {
			err = errors.New("not reloaded")
		}
		return err
	})
	if now := m.property("MainPID"); now != pid {
		m.t.Errorf("it is another process: %s, was %s", now, pid)
	}
}

// comesBack sends the agent a signal and waits for another agent.
func (m *machine) comesBack(signal string) {
	pid := m.property("MainPID")
	m.do("systemctl", "kill", "--kill-whom=main", "--signal="+signal, "ptpwatch")
	m.eventually("another agent", func() error {
		if now := m.property("MainPID"); now == pid || now == "0" || m.property("SubState") != "running" {
			return fmt.Errorf("main process %s, was %s, unit %s", now, pid, m.property("SubState"))
		}
		return nil
	})
	m.hearsGrandmaster()
}

// watchdogBites stops the agent dead. The unit's half minute is cut short.
func (m *machine) watchdogBites() {
	m.dropIn("watchdog.conf", "[Service]\nWatchdogSec=3s\n")
	m.comesBack("STOP")
	m.journal("ptpwatch", "Watchdog timeout")
	m.do("rm", "/etc/systemd/system/ptpwatch.service.d/watchdog.conf")
}

func (m *machine) dropIn(name, text string) {
	dir := m.root + "/etc/systemd/system/ptpwatch.service.d"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
	m.do("systemctl", "daemon-reload")
	m.do("systemctl", "restart", "ptpwatch")
}

// takesDropIn adds what hwtstamp: enable needs, as the example says.
func (m *machine) takesDropIn() {
	text := m.do("cat", "/usr/share/doc/ptpwatch/examples/hwtstamp.conf")
	m.dropIn("hwtstamp.conf", text)
	m.hasPrivileges(capNetAdminRaw)
	m.unitIsTight("ptpwatch.service")
	m.do("rm", "-r", "/etc/systemd/system/ptpwatch.service.d")
	m.do("systemctl", "daemon-reload")
	m.do("systemctl", "restart", "ptpwatch")
}

// upgrades installs a version with another default configuration over an edited
// one, as unattended upgrades do.
func (m *machine) upgrades(deb string) {
	pid := m.property("MainPID")
	m.do("dpkg", "--install", "--force-confdef", "--force-confold", m.copyIn(deb))
	if now := m.property("MainPID"); now == pid || m.property("ActiveState") != "active" {
		m.t.Errorf("main process %s, was %s, unit %s: want another, active", now, pid, m.property("ActiveState"))
	}
	if diff := cmp.Diff(configured, m.do("cat", config)+"\n"); diff != "" {
		m.t.Errorf("configuration: -want +got:\n%s", diff)
	}
	if got, want := m.do("stat", "--format=%a %U:%G", config), "640 root:ptpwatch"; got != want {
		m.t.Errorf("configuration: %s, want %s", got, want)
	}
	m.do("test", "-e", config+".dpkg-dist")
	m.eventually("what was learned", func() error {
		pinned, err := m.metric(`ptpwatch_baseline_state{domain="24",network="eth0",sdo_id="0x000",state="pinned"}`)
		if err == nil && pinned != 1 {
			err = errors.New("not pinned")
		}
		return err
	})
	if page, err := m.get("/metrics"); err != nil || !strings.Contains(page, `version="1.1.0"`) {
		m.t.Errorf("build_info is not of 1.1.0: %v", err)
	}
}

// removes leaves what was configured and learned.
func (m *machine) removes() {
	m.do("dpkg", "--remove", "ptpwatch")
	if _, err := m.get("/-/healthy"); err == nil {
		m.t.Error("it still runs")
	}
	for _, path := range []string{"/usr/bin/ptpwatch", "/usr/lib/systemd/system/ptpwatch.service", "/usr/share/doc/ptpwatch"} {
		m.do("test", "!", "-e", path)
	}
	m.do("test", "-s", config)
	m.do("test", "-s", "/var/lib/ptpwatch/baselines.json")
}

// returns installs it after it was removed: it was enabled, and is again.
func (m *machine) returns(deb string) {
	m.do("dpkg", "--install", "--force-confold", m.copyIn(deb))
	if state, _ := m.try("systemctl", "is-enabled", "ptpwatch"); state != "enabled" {
		m.t.Errorf("is-enabled: %q", state)
	}
	m.do("systemctl", "start", "ptpwatch")
	m.hearsGrandmaster()
}

// purges leaves nothing but the user.
func (m *machine) purges() {
	m.do("dpkg", "--purge", "ptpwatch")
	if left := m.do("sh", "-c", "find / -xdev -name '*ptpwatch*' -not -path '/srv/*'"); left != "" {
		m.t.Errorf("it leaves %s", left)
	}
	m.do("getent", "passwd", "ptpwatch")
}
