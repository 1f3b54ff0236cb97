package packaging

import "testing"

// TestRPM is the life of the rpm, on the same Debian: its rpm has no database of
// what a distribution brings, so that dependencies are not looked at.
func TestRPM(t *testing.T) {
	m := boot(t)
	old, newer := packageOf(t, first, "*.rpm"), packageOf(t, second, "*.rpm")

	m.do("rpm", "--install", "--nodeps", m.copyIn(old))
	if said := m.do("rpm", "--verify", "--nodeps", "ptpwatch"); said != "" {
		t.Errorf("rpm --verify: %s", said)
	}
	if got, want := m.do("stat", "--format=%a %U:%G", config), "640 root:ptpwatch"; got != want {
		t.Errorf("configuration: %s, want %s", got, want)
	}
	if state, _ := m.try("systemctl", "is-enabled", "ptpwatch"); state != "disabled" && state != "enabled" {
		t.Errorf("is-enabled: %q: want what the distribution's preset says", state)
	}
	m.captures()
	m.hasPrivileges(capNetRaw)

	pid := m.property("MainPID")
	m.do("rpm", "--upgrade", "--nodeps", m.copyIn(newer))
	if now := m.property("MainPID"); now == pid || m.property("ActiveState") != "active" {
		t.Errorf("main process %s, was %s, unit %s: want another, active", now, pid, m.property("ActiveState"))
	}
	if got := m.do("cat", config) + "\n"; got != configured {
		t.Errorf("the upgrade touched the configuration: %s", got)
	}

	m.do("rpm", "--erase", "ptpwatch")
	if _, err := m.get("/-/healthy"); err == nil {
		t.Error("it still runs")
	}
	m.do("test", "!", "-e", "/usr/bin/ptpwatch")
	m.do("test", "-s", config+".rpmsave")
	m.do("test", "-d", "/var/lib/ptpwatch")
}
