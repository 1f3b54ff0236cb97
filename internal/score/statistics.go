package score

import (
	"math"
	"slices"
)

// Interval is a confidence interval.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// normal975 is the 97.5 % point of the normal distribution: 95 % lie within
// so many standard deviations.
const normal975 = 1.959963984540054

// Wilson is the 95 % score interval of a proportion, successes out of so many
// (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927). Of none out of none it is
// [0, 1].
func Wilson(successes, of int) Interval {
	if of == 0 {
		return Interval{0, 1}
	}
	const z = normal975
	n := float64(of)
	p := float64(successes) / n
	centre, half := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	i := Interval{(centre - half) / scale, (centre + half) / scale}
	if successes == 0 {
		i.Low = 0 // but for rounding
	}
	if successes == of {
		i.High = 1
	}
	return i
}

// Poisson is the exact 95 % interval of the mean of a Poisson variable of which
// a count was seen (F. Garwood, Biometrika 28, 1936): with any smaller mean so
// many or more, and with any larger one so many or fewer, come up in less than
// 2.5 % of cases.
func Poisson(count int) Interval {
	n := float64(count)
	far := n + 10*math.Sqrt(n+1) + 10
	i := Interval{High: bisect(n, far, func(mean float64) bool { return atMost(count, mean) > 0.025 })}
	if count > 0 {
		i.Low = bisect(0, n, func(mean float64) bool { return 1-atMost(count-1, mean) < 0.025 })
	}
	return i
}

// bisect finds where, between low and high, below stops to hold.
func bisect(low, high float64, below func(float64) bool) float64 {
	for range 100 {
		if middle := (low + high) / 2; below(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// atMost is the probability that a Poisson variable of some mean is k or less.
func atMost(k int, mean float64) float64 {
	if mean == 0 {
		return 1
	}
	sum := 0.0
	for i := k; i >= 0; i-- {
		gamma, _ := math.Lgamma(float64(i) + 1)
		term := math.Exp(float64(i)*math.Log(mean) - mean - gamma)
		sum += term
		if float64(i) < mean && term < sum*1e-17 {
			break // what is left is smaller still
		}
	}
	return min(sum, 1)
}

// Quantile is the value below which a share of values lies, between two of them
// in proportion (definition 7 of R. J. Hyndman and Y. Fan, Am. Stat. 50, 1996);
// NaN of none.
func Quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	at := share * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}
