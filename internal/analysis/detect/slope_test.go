package detect

import "testing"

// A delay that grows evenly is named while it grows: it is no congestion, and the
// blocks that show it need not lie at one level.
func TestEvenSlope(t *testing.T) {
	const began, length, perSecond = 600.0, 900.0, 0.5
	grow := func(at float64) float64 { return perSecond * min(max(0, at-began), length) }
	for _, c := range []struct {
		kind    Kind
		arrange func(*site)
	}{
		{Forward, func(s *site) { s.forward = grow }},
		{Reverse, func(s *site) { s.reverse = grow }},
		{Both, func(s *site) { s.both(func(at float64) float64 { return grow(at) / 2 }) }},
	} {
		for seed := range uint64(5) {
			s := newSite(seed)
			c.arrange(s)
			s.run(began + 120)
			if len(s.changes) == 0 {
				t.Errorf("seed %d: %v: nothing is told of %.0f ns", seed, c.kind, grow(began+120))
			}
			s.run(began + length)
			if len(s.changes) > 0 && s.changes[0].Kind != c.kind {
				t.Errorf("seed %d: %v: first told as %+v", seed, c.kind, s.changes[0])
			}
			for _, got := range s.changes {
				if got.Kind != c.kind && (got.Kind == Forward || got.Kind == Reverse) {
					t.Errorf("seed %d: %v: %+v", seed, c.kind, got)
				}
			}
			if least, got := 0.4*grow(began+length)/2*1e-9, s.path.Moved(c.kind); got < least {
				t.Errorf("seed %d: %v: moved by %.4g s, want %.4g s at least", seed, c.kind, got, least)
			}
		}
	}
}

// A clock that begins to run at another rate has not stepped, nor has a delay
// moved.
func TestRateIsNoStep(t *testing.T) {
	for seed := range uint64(5) {
		s := newSite(seed)
		s.clock = func(at float64) float64 { return 1000*at + 0.5*max(0, at-600) }
		s.run(1800)
		for _, got := range s.changes {
			if got.Kind != Time {
				t.Errorf("seed %d: %+v", seed, got)
			}
		}
	}
}
