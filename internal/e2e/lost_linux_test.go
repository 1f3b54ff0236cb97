package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLostOrBlind: a grandmaster that is killed is lost. One that is not heard
// because the monitor's own interface went down is not: the monitor is blind,
// and says so. Both happen at once, so that the one tells how long to wait for
// the other.
func TestLostOrBlind(t *testing.T) {
	t.Parallel()
	s := lay(t, 2, brisk, "gm", "stranger")
	if err := s.network.Hub("eth1", "other", "monitor"); err != nil {
		t.Fatal(err)
	}
	s.clock("gm", "--clockIdentity", trueClock)
	other, err := s.network.Clock("other", append([]string{"-i", "eth1", "--clockIdentity", otherClock}, brisk...)...)
	if err != nil {
		t.Fatal(err)
	}
	s.follow(trueClock, 0)
	a := s.watched("  - {name: eth1, promiscuous: true}\n" + listed(0, trueClock, otherClock))
	a.best(trueClock)
	a.best(otherClock)
	link := func(state string) {
		if out, err := exec.Command("ip", "-n", s.namespaces+"-monitor", "link", "set", "eth0", state).CombinedOutput(); err != nil {
			t.Fatalf("eth0 %s: %v: %s", state, err, out)
		}
	}
	link("down")
	other.Stop()
	if r := a.raises(otherClock, "PTPGrandmasterLost"); r.Network != "eth1" || r.Severity != "critical" {
		t.Errorf("%+v", r)
	}
	a.raises("", "PTPWatchDegraded")
	link("up")
	a.best(trueClock)
	for _, r := range a.alerts() {
		blind := r.Alert == "PTPWatchDegraded" && strings.Contains(r.Expected, "eth0")
		if lost := r.Alert == "PTPGrandmasterLost" && r.Network == "eth1"; !blind && !lost && r.Severity != "info" {
			t.Errorf("%s of %s: %s", r.Alert, r.Network, r.Observed)
		}
	}
}
