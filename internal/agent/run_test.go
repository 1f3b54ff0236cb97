package agent

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

// TestReload: what was learned and raised stays through a good configuration
// and a bad one, and which of the two it was is shown.
func TestReload(t *testing.T) {
	var next *config.Config
	var refusal error
	w, s, reload := startWatcher(t, func() (*config.Config, error) { return next, refusal })
	start := time.Now()
	at := start
	for seq := range uint16(10) {
		m := announce(gm1, 128, seq)
		at = start.Add(time.Duration(seq) * time.Second / 8)
		s.out <- event{&m, at}
	}
	at = at.Add(time.Minute)
	s.beat(at) // PTPGrandmasterLost by now
	ask := func() {
		t.Helper()
		reload <- syscall.SIGHUP
		at = at.Add(time.Second)
		s.beat(at)
	}
	check := func(when, name string, failed bool, interfaces int) {
		t.Helper()
		snapshot := w.store.Load()
		v := snapshot.View
		if len(v.Domains) != 1 || len(v.Domains[0].Grandmasters) != 1 || v.Domains[0].Grandmasters[0].Name != name {
			t.Errorf("%s: domains %+v, want the grandmaster under the name %q", when, v.Domains, name)
		}
		if len(v.Alerts) != 1 || v.Alerts[0].Name != analysis.AlertGrandmasterLost || !v.Alerts[0].Resolved.IsZero() {
			t.Errorf("%s: alerts %+v, want PTPGrandmasterLost, still raised", when, v.Alerts)
		}
		if snapshot.Reload.Failed != failed || len(snapshot.Interfaces) != interfaces {
			t.Errorf("%s: %+v, interfaces %+v", when, snapshot.Reload, snapshot.Interfaces)
		}
	}
	check("before", "", false, 1)
	first := w.store.Load().Reload.LastSuccess

	next = loopback()
	next.Interfaces = []config.Interface{{Name: "eth0"}, {Name: "eth1"}}
	next.Domains = []config.Domain{{DomainNumber: 0, Profile: "auto", Grandmasters: []config.Grandmaster{{Identity: gm1.ClockIdentity, Name: "north"}}}}
	ask()
	check("good", "north", false, 2)
	second := w.store.Load().Reload.LastSuccess
	if !second.After(first) {
		t.Errorf("reloaded at %s, and before that at %s", second, first)
	}

	next, refusal = nil, errors.New("unknown key")
	ask()
	check("refused", "north", true, 2)

	next, refusal = loopback(), nil
	ask()
	check("no interface", "north", true, 2)

	next = loopback()
	next.Interfaces = []config.Interface{{Name: "nowhere"}}
	s.mu.Lock()
	s.refuse = errors.New("no such interface")
	s.mu.Unlock()
	ask()
	check("an interface that is not there", "north", true, 2)
	if got := w.store.Load().Reload.LastSuccess; !got.Equal(second) {
		t.Errorf("last success at %s, want %s", got, second)
	}

	s.mu.Lock()
	s.refuse = nil
	s.mu.Unlock()
	next.Interfaces = []config.Interface{{Name: "eth0"}}
	ask()
	check("good again", "", false, 1)
}

func TestRunNeedsAnInterface(t *testing.T) {
	if err := Run(t.Context(), RunOptions{Config: loopback()}); !errors.Is(err, ErrNoInterface) {
		t.Errorf("error %v, want %v", err, ErrNoInterface)
	}
}
