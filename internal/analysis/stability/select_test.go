package stability

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestRobust(t *testing.T) {
	if _, _, ok := Robust(nil); ok {
		t.Error("nothing has a centre")
	}
	for _, c := range []struct {
		name           string
		values         []float64
		centre, spread float64
	}{
		{"one", []float64{7}, 7, 0},
		{"even", []float64{4, 1, 2, 3}, 2.5, 1.4826},
		{"less than half are nonsense", []float64{1, 1e9, 2, 3, -1e9}, 2, 1.4826},
	} {
		given := slices.Clone(c.values)
		centre, spread, ok := Robust(c.values)
		if !ok || centre != c.centre || !near(spread, c.spread, 1e-12) {
			t.Errorf("%s: %v %v, want %v %v", c.name, centre, spread, c.centre, c.spread)
		}
		if !slices.Equal(given, c.values) {
			t.Errorf("%s: the values were changed", c.name)
		}
	}
	// Of what is normally distributed, the spread is the standard deviation.
	r := rand.New(rand.NewPCG(1, 1))
	values := make([]float64, 100_000)
	for i := range values {
		values[i] = 5 + 3*r.NormFloat64()
	}
	if centre, spread, _ := Robust(values); !near(centre, 5, 0.01) || !near(spread, 3, 0.01) {
		t.Errorf("normal: %v %v, want 5 3", centre, spread)
	}
}

func TestBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var b Blocks
	var all []float64
	var floors, medians []float64
	for range 100*blockSize + 5 {
		v := r.ExpFloat64()
		all = append(all, v)
		got, ok := b.Add(v)
		if ok != (len(all)%blockSize == 0) {
			t.Fatalf("a block after %d values: %v", len(all), ok)
		}
		if !ok {
			continue
		}
		block := slices.Sorted(slices.Values(all[len(all)-blockSize:]))
		floors, medians = append(floors, (block[0]+block[1])/2), append(medians, (block[7]+block[8])/2)
		if n := len(floors) - 1; !near(got.Floor, floors[n], 1e-12) || !near(got.Median, medians[n], 1e-12) {
			t.Fatalf("block %d: %v, want %v %v", n, got, floors[n], medians[n])
		}
	}
	for _, c := range []struct {
		got  Figure
		from []float64
	}{{b.Floors(), floors}, {b.Medians(), medians}} {
		centre, spread, _ := Robust(c.from[len(c.from)-blocksKept:])
		if c.got.Count != 100 || !near(c.got.Centre, centre, 1e-12) || !near(c.got.Spread, spread, 1e-12) {
			t.Errorf("%v, want 100 blocks, %v %v", c.got, centre, spread)
		}
	}
	if f := new(Blocks).Floors(); f != (Figure{}) {
		t.Errorf("of nothing: %v", f)
	}
}

// Each window gives what sorting all of it gives, and what was not seen from
// its start gives nothing.
func TestWindows(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 3))
		rate, floor := math.Exp(r.Float64()*6), 1e-3*(r.Float64()-0.5)
		var w Windows
		byWindow := map[int64][]float64{}
		ended := map[int64]Window{}
		at := r.Int64N(1e12) - 5e11
		first := floorDiv(at, windowLength)
		last := first
		for last < first+6 {
			if r.IntN(20000) == 0 {
				at += r.Int64N(2 * windowLength)
			}
			if r.IntN(5000) == 0 {
				floor += 40e-6 * r.NormFloat64() // another route
			}
			at += int64(r.ExpFloat64() / rate * 1e9)
			v := floor + r.ExpFloat64()*100e-6
			last = floorDiv(at, windowLength)
			byWindow[last] = append(byWindow[last], v)
			if got, ok := w.add(at, v); ok {
				ended[got.Number] = got
			}
			if _, ok := w.add(at-windowLength, v-1); ok {
				t.Fatalf("seed %d: a value from before ended a window", seed)
			}
		}
		for n := first; n < last; n++ {
			got, ok := ended[n]
			if want := byWindow[n] != nil && byWindow[n-1] != nil; ok != want {
				t.Errorf("seed %d, window %d: given %v, want %v", seed, n-first, ok, want)
			}
			if ok {
				checkWindow(t, got, byWindow[n-1], byWindow[n])
			}
		}
	}
}

func checkWindow(t *testing.T, got Window, before, values []float64) {
	t.Helper()
	sorted := slices.Sorted(slices.Values(values))
	k := min(max(1, int(math.Ceil(0.0025*float64(len(values))))), fastestKept)
	if want := mean(sorted[:k]); got.Packets != uint64(len(values)) || !near(got.Selected, want, 1e-9) {
		t.Errorf("%d packets, %.12g selected, want %d, %.12g", got.Packets, got.Selected, len(values), want)
	}
	// FPP lies between what the formula says with the cluster as it is and with
	// one part in sixteen less.
	low := min(sorted[0], slices.Min(before))
	within := func(d float64) float64 {
		n := 0
		for _, v := range values {
			if v < low+d {
				n++
			}
		}
		return 100 * float64(n) / float64(len(values))
	}
	moved := math.Abs(sorted[0] - slices.Min(before))
	switch {
	case moved > 3*floorCluster/floorCells && got.HasFloor:
		t.Errorf("the floor moved by %g s and there is a floor packet percentage", moved)
	case moved < floorCluster/floorCells && !got.HasFloor:
		t.Errorf("the floor moved by %g s and there is no floor packet percentage", moved)
	case got.HasFloor && (got.FloorPacketPercentage > within(floorCluster) || got.FloorPacketPercentage < within(floorCluster*(1-1.0/floorCells))):
		t.Errorf("floor packet percentage %g, want %g to %g", got.FloorPacketPercentage, within(floorCluster*(1-1.0/floorCells)), within(floorCluster))
	}
}

// An envelope's hull may lose corners to its bound, never its ends, and the
// floor then errs to one side only: upward.
func TestHullBound(t *testing.T) {
	var hull []point
	for i := range 1000 {
		x := float64(i)
		hull = push(hull, point{x, x * x})
	}
	if len(hull) > maxHull || hull[0].at != 0 || hull[len(hull)-1].at != 999 {
		t.Errorf("%d corners from %v to %v", len(hull), hull[0], hull[len(hull)-1])
	}
	for i := 2; i < len(hull); i++ {
		if above(hull[i-2], hull[i-1], hull[i]) {
			t.Errorf("corner %d is none", i-1)
		}
	}
}

// Of all lines under the points of both directions none is further apart than
// what an envelope finds.
func TestEnvelopeIsWidest(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 4))
		var e Envelope
		var points [2][]point
		rate := 1e-4 * r.NormFloat64()
		for range 10 + r.IntN(60) {
			at, reverse := r.Int64N(envelopeLength), r.IntN(2)
			points[reverse] = append(points[reverse], point{float64(at-envelopeLength/2) / 1e9, 0})
		}
		for i := range points {
			slices.SortFunc(points[i], func(a, b point) int { return int(math.Copysign(1, a.at-b.at)) })
			for j := range points[i] {
				p := &points[i][j]
				p.value = float64(1-2*i)*rate*p.at + 1e-5*r.ExpFloat64() - 3e-6*r.Float64()
				e.add(i == 1, int64(p.at*1e9)+envelopeLength/2, p.value)
			}
		}
		got, ok := e.add(false, envelopeLength, 0)
		if enough := len(points[0]) >= enoughEach && len(points[1]) >= enoughEach; ok != enough {
			t.Fatalf("seed %d: found %v of %d and %d", seed, ok, len(points[0]), len(points[1]))
		}
		if !ok {
			continue
		}
		widest := math.Inf(-1)
		for s := -1e-3; s < 1e-3; s += 1e-8 {
			widest = max(widest, (least(points[0], -s)+least(points[1], s))/2)
		}
		if got.MeanPathDelay < widest-1e-12 || got.MeanPathDelay > widest+1e-7 {
			t.Errorf("seed %d: half the gap is %.9g, by trying all rates %.9g", seed, got.MeanPathDelay, widest)
		}
	}
}
