package score

import (
	"math"
	"testing"
)

func near(got, want, within float64) bool { return math.Abs(got-want) <= within }

// The figures are those of the papers' tables and of textbooks.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		successes, of int
		want          Interval
	}{
		{81, 263, Interval{0.2553, 0.3662}}, // Newcombe, Stat. Med. 17, 1998, table I, method 3
		{15, 148, Interval{0.0624, 0.1605}},
		{0, 20, Interval{0, 0.1611}},
		{1, 29, Interval{0.0061, 0.1718}},
		{29, 29, Interval{0.8830, 1}}, // what is 0 of 29, seen from the other side
		{0, 0, Interval{0, 1}},
	} {
		got := Wilson(c.successes, c.of)
		if !near(got.Low, c.want.Low, 5e-5) || !near(got.High, c.want.High, 5e-5) {
			t.Errorf("%d of %d: %.4f, want %.4f", c.successes, c.of, got, c.want)
		}
	}
}

func TestPoisson(t *testing.T) {
	for _, c := range []struct {
		count int
		want  Interval
	}{
		{0, Interval{0, 3.689}}, // Pearson and Hartley, Biometrika Tables I, table 40
		{1, Interval{0.0253, 5.572}},
		{2, Interval{0.242, 7.225}},
		{5, Interval{1.623, 11.668}},
		{10, Interval{4.795, 18.390}},
		{30, Interval{20.241, 42.827}},
		{50, Interval{37.111, 65.919}},
		{100, Interval{81.364, 121.627}},
		{100000, Interval{99381.2, 100621.7}}, // n ± 1.96 sqrt n, moved by 1.3 and 2
	} {
		got := Poisson(c.count)
		within := 5e-4 * math.Max(1, float64(c.count)/500)
		if !near(got.Low, c.want.Low, within) || !near(got.High, c.want.High, within) {
			t.Errorf("%d: %.4f, want %.4f", c.count, got, c.want)
		}
	}
}

func TestQuantile(t *testing.T) {
	oneToTen := []float64{10, 1, 9, 2, 8, 3, 7, 4, 6, 5}
	for _, c := range []struct {
		values      []float64
		share, want float64
	}{
		{oneToTen, 0.25, 3.25}, // quantile(1:10) of R
		{oneToTen, 0.5, 5.5},
		{oneToTen, 0.95, 9.55},
		{oneToTen, 1, 10},
		{oneToTen, 0, 1},
		{[]float64{7}, 0.95, 7},
	} {
		if got := Quantile(c.values, c.share); !near(got, c.want, 1e-12) {
			t.Errorf("%g of %v: %g, want %g", c.share, c.values, got, c.want)
		}
	}
	if got := Quantile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("of nothing: %g", got)
	}
	if oneToTen[0] != 10 {
		t.Error("it sorts what it is given")
	}
}
