package stability

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Middles tell the offset in the middle of each block of a clock that runs free,
// whatever is held up on its way to the tap.
func TestMiddles(t *testing.T) {
	const rate, mean = 20e-6, 900e-9
	r := rand.New(rand.NewPCG(1, 2))
	var m Monitor
	m.Base(Offset, 5)
	for at := int64(3e9); at < 5*envelopeLength; at += 50e6 {
		theta := rate * float64(at) / 1e9
		queue := r.NormFloat64() * 4e-9
		switch r.IntN(10) {
		case 0:
			queue += r.ExpFloat64() * 2e-6 // on the way of a Sync
		case 1:
			queue -= r.ExpFloat64() * 2e-6 // of a request, to the tap
		}
		m.Add(MeanPath, at, at, mean+queue)
		m.Add(Offset, at, at, theta+queue)
	}
	got, base := m.Middles()
	if len(got) != 4 || base != 5 {
		t.Fatalf("%d blocks less %d: %+v", len(got), base, got)
	}
	for i, b := range got {
		want := rate * (float64(b.Number)*16 + 8)
		if b.Number != int64(i) || math.Abs(b.Offset-want) > 4e-9 || math.Abs(b.MeanPathDelay-mean) > 4e-9 {
			t.Errorf("block %+v: off by %g", b, b.Offset-want)
		}
		if b.Error < 0.2e-9 || b.Error > 3e-9 || b.Count < middleSize/2 || b.Count > middleSize {
			t.Errorf("block %+v", b)
		}
	}
}

// Too few packets tell nothing, and what is of another base is gone.
func TestMiddlesOfFew(t *testing.T) {
	var m Monitor
	for at := int64(0); at < 4*envelopeLength; at += 3.2e9 {
		m.Add(Offset, at, at, 1)
	}
	if got, _ := m.Middles(); len(got) != 0 {
		t.Errorf("of five packets each: %+v", got)
	}
	for at := int64(4 * envelopeLength); at < 20*envelopeLength; at += 1e9 {
		m.Add(Offset, at, at, 1)
	}
	if got, _ := m.Middles(); len(got) != middlesKept || got[0].MeanPathDelay != 0 {
		t.Errorf("%d blocks: %+v", len(got), got)
	}
	m.Base(Offset, 7)
	if got, _ := m.Middles(); len(got) != 0 {
		t.Errorf("of another base: %+v", got)
	}
}
