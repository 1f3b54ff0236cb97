package stability

import (
	"math"
	"slices"
)

// madNormal makes a median absolute deviation the standard deviation of what is
// normally distributed: 1 / (the normal distribution's third quartile).
const madNormal = 1.4826

// Robust is the median of values and their spread: the median distance from it,
// as a standard deviation. Neither minds what less than half of the values are.
// It is false where there are none.
func Robust(values []float64) (centre, spread float64, ok bool) {
	if len(values) == 0 {
		return 0, 0, false
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	centre = middle(sorted)
	for i, v := range sorted {
		sorted[i] = math.Abs(v - centre)
	}
	slices.Sort(sorted)
	return centre, madNormal * middle(sorted), true
}

// middle is the median of sorted values.
func middle(sorted []float64) float64 {
	n := len(sorted)
	return sorted[(n-1)/2] + (sorted[n/2]-sorted[(n-1)/2])/2
}

// mean of the values given, of which there is one at least.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v - values[0] // small differences lose no digits
	}
	return values[0] + sum/float64(len(values))
}
