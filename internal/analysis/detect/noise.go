package detect

import (
	"math"

	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
)

// Noise is what a series was found to be like while nothing happened.
type Noise struct {
	Count  int     `json:"count"`  // values that it was learned from
	Centre float64 `json:"centre"` // their median
	Scale  float64 `json:"scale"`  // their spread, as of stability.Robust
	// Phi is how much of a value's distance from the centre the next one keeps.
	Phi float64 `json:"phi"`
	// Mean and Deviation are of what Phi leaves, in parts of Scale, with tails
	// cut off: noise that only waiting makes is lopsided.
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"`
}

const (
	// phiMost is the strongest correlation that is taken out: beyond, a step would
	// be taken for noise that lasts.
	phiMost = 0.9
	// tail is where values are cut off, in parts of the scale.
	tail = 5
)

// Learn finds the noise of values in their order. No scale is below least, which
// is what stamps are worth at best. It is false where there are too few.
func Learn(values []float64, least float64) (Noise, bool) {
	if len(values) < 8 {
		return Noise{}, false
	}
	n := Noise{Count: len(values)}
	n.Centre, n.Scale, _ = stability.Robust(values)
	n.Scale = max(n.Scale, least)
	var product, square float64
	for i := 1; i < len(values); i++ {
		a, b := clip(n.parts(values[i-1]), tail), clip(n.parts(values[i]), tail)
		product += a * b
		square += a * a
	}
	if square > 0 {
		n.Phi = min(max(product/square, 0), phiMost)
	}
	n.Deviation = 1
	var sum, squares float64
	for i := 1; i < len(values); i++ {
		z := n.White(values[i], values[i-1])
		sum += z
		squares += z * z
	}
	count := float64(len(values) - 1)
	n.Mean = sum / count
	n.Deviation = max(math.Sqrt(max(squares/count-n.Mean*n.Mean, 0)), 0.5)
	return n, true
}

// parts is how far a value is from the centre, in parts of the scale.
func (n *Noise) parts(v float64) float64 { return (v - n.Centre) / n.Scale }

// White is what is new about a value after the one before it, in standard
// deviations, cut off where tails begin.
func (n *Noise) White(v, before float64) float64 {
	fresh := clip(n.parts(v), 2*tail) - n.Phi*clip(n.parts(before), 2*tail)
	return clip((clip(fresh, tail)-n.Mean)/n.Deviation, tail)
}

// Error is the standard deviation of the mean of n values.
func (n *Noise) Error(count float64) float64 {
	return n.Scale * math.Sqrt((1+n.Phi)/(1-n.Phi)/max(count, 1))
}

func clip(v, most float64) float64 { return min(max(v, -most), most) }
