package jury

import (
	"math"
	"testing"
)

// TestApart: what a clock's path does to its time shows against another, to a
// nanosecond, whatever the clock does that hears both.
func TestApart(t *testing.T) {
	h := newHall(2)
	h.sit(2)
	if _, _, ok := h.Apart(key(0)); ok {
		t.Error("it is known before levels are")
	}
	h.sit(30)
	h.path = func(i int, _ int64) (there, back float64) {
		if i == 0 {
			return 2e-6 + 60e-9, 1.9e-6
		}
		return 4e-6, 3.8e-6
	}
	h.sit(apartBlocks)
	for i, want := range []float64{-30e-9, 30e-9} {
		ahead, sigma, ok := h.Apart(key(i))
		if !ok || math.Abs(ahead-want) > 3e-9 || sigma <= 0 || sigma > 2e-9 {
			t.Errorf("clock %d: %g ahead, give or take %g, %v; want %g", i, ahead, sigma, ok, want)
		}
	}
	if _, _, ok := h.Apart(key(7)); ok {
		t.Error("of a clock that is not there")
	}
	h.claim = func(i int, _ int64) (float64, bool) { return 100e-9, i == 0 }
	h.sit(1)
	for i := range 2 {
		if _, _, ok := h.Apart(key(i)); ok {
			t.Errorf("clock %d, when only one is heard", i)
		}
	}
	alone := newHall(1)
	alone.sit(30)
	if _, _, ok := alone.Apart(key(0)); ok {
		t.Error("of one alone")
	}
}
