package analysis

import (
	"errors"
	"testing"
	"time"
)

// TestBaselineOutlivesItsScope: silence for long enough to forget a scope is no
// way to have it learned anew.
func TestBaselineOutlivesItsScope(t *testing.T) {
	s := Scope{Network: "eth0"}
	b := newBench(t, Config{})
	b.seconds(20, announceFrom(gmA, 128))
	b.sleep(time.Hour)
	if n := len(b.View().Domains); n != 0 {
		t.Fatalf("%d scopes, want it forgotten", n)
	}
	if got := b.Baselines(); len(got) != 1 || got[0].Grandmasters[0].Identity != gmA.ClockIdentity {
		t.Errorf("baselines %+v", got)
	}
	b.log = nil
	b.seconds(20, announceFrom(gmB, 128))
	found := false
	for _, l := range b.log {
		found = found || l == "1h0m25s raised PTPRogueGrandmaster present certain #26"
	}
	if !found {
		t.Errorf("a stranger speaks there first: %q", b.log)
	}

	b.sleep(time.Hour)
	b.log = nil
	if err := b.ResetBaseline(s, b.at, b.emit); err != nil {
		t.Fatal(err)
	}
	b.expect("2h0m40s baseline_reset 0>0")
	if got := b.Baselines(); len(got) != 0 {
		t.Errorf("after a reset: %+v", got)
	}
	if err := b.ResetBaseline(s, b.at, b.emit); !errors.Is(err, ErrUnknownScope) {
		t.Errorf("once more: %v", err)
	}
}

// TestInventedBaselines: a stranger who invents scopes and waits cannot have
// more of them remembered than there is room for.
func TestInventedBaselines(t *testing.T) {
	b := newBench(t, Config{Limits: Limits{Domains: 4}})
	for range 3 {
		first := b.domain
		for range 20 {
			for b.domain = first; b.domain < first+4; {
				b.domain++
				b.send(announceFrom(gmA, 128))
			}
			b.sleep(time.Second)
		}
		b.sleep(time.Hour)
	}
	got := b.Baselines()
	if len(got) != 4 || got[0].Scope.DomainNumber != 1 {
		t.Errorf("%d baselines, the first of domain %d: want the first four", len(got), got[0].Scope.DomainNumber)
	}
}
