package stability

import (
	"math"
	"testing"
)

// feed gives a Series values a second apart, in the middle of each, and then
// some from far away: what was before them is whole.
func feed(values []float64) *Series {
	s := new(Series)
	for i, v := range values {
		s.Add(int64(i)*second+second/2, v)
	}
	s.Add(int64(1e6)*second, 0)
	s.Add(int64(2e6)*second, 0)
	s.Add(int64(3e6)*second, 0)
	return s
}

// phases integrates frequencies.
func phases(frequencies []float64) []float64 {
	x := []float64{0}
	for _, y := range frequencies {
		x = append(x, x[len(x)-1]+y)
	}
	return x
}

// thousand is the series of NIST SP 1065 12.4.
func thousand() []float64 {
	var y []float64
	for n := int64(1234567890); len(y) < 1000; n = n * 16807 % 2147483647 {
		y = append(y, float64(n)/2147483647)
	}
	return y
}

// nine is the series of NBS Monograph 140 annex 8.E.
var nine = []float64{892, 809, 823, 798, 671, 644, 883, 903, 677}

// The rulers that the tests hold a Series to, from the formulas of ITU-T G.810
// appendix II; step is how far the intervals that they look at begin from each
// other.

func directADEV(x []float64, m, step int) float64 {
	sum, n := 0.0, 0
	for i := 0; i+2*m < len(x); i += step {
		d := x[i+2*m] - 2*x[i+m] + x[i]
		sum += d * d
		n++
	}
	return math.Sqrt(sum / (2 * float64(n*m*m)))
}

func directTDEV(x []float64, m, step int) float64 {
	sum, n := 0.0, 0
	for j := 0; j+3*m <= len(x); j += step {
		d := 0.0
		for i := j; i < j+m; i++ {
			d += x[i+2*m] - 2*x[i+m] + x[i]
		}
		sum += d * d / float64(m*m)
		n++
	}
	return math.Sqrt(sum / (6 * float64(n)))
}

func near(got, want, relative float64) bool { return math.Abs(got-want) <= relative*math.Abs(want) }

// The direct formulas give the published figures: NIST SP 1065 tables 30 and 31.
func TestRulers(t *testing.T) {
	for _, c := range []struct {
		name                                string
		x                                   []float64
		m                                   int
		allan, overlapping, modified, tdev_ float64
	}{
		{"nine", phases(nine), 1, 91.22945, 91.22945, 91.22945, 52.67135},
		{"nine", phases(nine), 2, 115.8082, 85.95287, 74.78849, 86.35831},
		{"thousand", phases(thousand()), 1, 2.922319e-01, 2.922319e-01, 2.922319e-01, 1.687202e-01},
		{"thousand", phases(thousand()), 10, 9.965736e-02, 9.159953e-02, 6.172376e-02, 3.563623e-01},
		{"thousand", phases(thousand()), 100, 3.897804e-02, 3.241343e-02, 2.170921e-02, 1.253382},
	} {
		tdev := directTDEV(c.x, c.m, 1)
		for _, f := range []struct {
			what      string
			got, want float64
		}{
			{"ADEV", directADEV(c.x, c.m, c.m), c.allan},
			{"overlapping ADEV", directADEV(c.x, c.m, 1), c.overlapping},
			{"MDEV", tdev * math.Sqrt(3) / float64(c.m), c.modified},
			{"TDEV", tdev, c.tdev_},
		} {
			if !near(f.got, f.want, 1e-6) {
				t.Errorf("%s at %d: %s %.7g, want %.7g", c.name, c.m, f.what, f.got, f.want)
			}
		}
	}
}

// A Series gives the published figures at 1 and 10 s, where it looks at every
// interval; at 100 s it looks at one in ten, which changes little.
func TestPublished(t *testing.T) {
	s := feed(phases(thousand()))
	for i, want := range []struct{ adev, tdev, tolerance float64 }{
		{2.922319e-01, 1.687202e-01, 1e-6},
		{9.159953e-02, 3.563623e-01, 1e-6},
		{3.241343e-02, 1.253382, 0.1},
	} {
		if got := s.ADEV(i).Value; !near(got, want.adev, want.tolerance) {
			t.Errorf("ADEV at %d s: %.7g, want %.7g", Taus[i], got, want.adev)
		}
		if got := s.TDEV(i).Value; !near(got, want.tdev, want.tolerance) {
			t.Errorf("TDEV at %d s: %.7g, want %.7g", Taus[i], got, want.tdev)
		}
	}
	for i := 3; i < len(Taus); i++ {
		if a, d := s.ADEV(i), s.TDEV(i); a.Count+d.Count > 0 {
			t.Errorf("at %d s of a thousand: %v %v", Taus[i], a, d)
		}
	}
}
