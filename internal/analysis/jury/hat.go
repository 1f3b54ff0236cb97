package jury

import (
	"math"
	"slices"
)

// Restlessness is how unsteady one clock is at tau seconds, by itself, as far as
// it can be told from the others' and from what the packets add. What could not
// be told is 0.
type Restlessness struct {
	Tau        int64
	ADEV, TDEV float64
}

// tauBlocks are the taus, in blocks.
var tauBlocks = [...]int{1, 4, 16, 32}

// hatLeast is how many differences a deviation is made of.
const hatLeast = 10

// Hat is the three-cornered hat (NIST SP 1065 10.13): of n clocks, three or
// more, the variances of their differences make n equations for their own. An
// estimate below 0 says nothing and is left out. The lists are in the order of
// the verdicts; what is heard twice, or is the reference, has none.
func (p *Panel) Hat(verdicts []Verdict) [][]Restlessness {
	out := make([][]Restlessness, len(verdicts))
	var jurors []*juror
	var index []int
	var seen []uint64
	for i := range verdicts {
		k := verdicts[i].Key
		if j := p.find(k); j != nil && !k.Reference && !slices.Contains(seen, k.group()) {
			jurors, index, seen = append(jurors, j), append(index, i), append(seen, k.group())
		}
	}
	if len(jurors) < 3 {
		return out
	}
	for _, m := range tauBlocks {
		adev := hat(jurors, func(x func(int64) float64) (float64, bool) { return p.allan(x, m) })
		tdev := hat(jurors, func(x func(int64) float64) (float64, bool) { return p.time(x, m) })
		for i := range jurors {
			r := Restlessness{Tau: int64(m) * BlockSeconds}
			if adev != nil && adev[i] > 0 {
				r.ADEV = math.Sqrt(adev[i])
			}
			if tdev != nil && tdev[i] > 0 {
				r.TDEV = math.Sqrt(tdev[i])
			}
			if r.ADEV > 0 || r.TDEV > 0 {
				out[index[i]] = append(out[index[i]], r)
			}
		}
	}
	return out
}

// hat solves for the variance of each; nil where one of a difference is missing.
func hat(jurors []*juror, variance func(x func(int64) float64) (float64, bool)) []float64 {
	n := float64(len(jurors))
	sums, all := make([]float64, len(jurors)), 0.0
	for i, a := range jurors {
		for k, b := range jurors[:i] {
			v, ok := variance(func(at int64) float64 { return a.blocks.at(at) - b.blocks.at(at) })
			if !ok {
				return nil
			}
			sums[i] += v
			sums[k] += v
			all += v
		}
	}
	for i := range sums {
		sums[i] = (sums[i] - all/(n-1)) / (n - 2)
	}
	return sums
}

// allan is the Allan variance at m blocks of a series of time errors
// (IEEE 1588-2019 annex J, NIST SP 1065 5.2.4).
func (p *Panel) allan(x func(int64) float64, m int) (float64, bool) {
	tau := float64(m * BlockSeconds)
	sum, n := 0.0, 0
	for i := p.number - kept + 1; i+2*int64(m) <= p.number; i++ {
		if d := x(i+2*int64(m)) - 2*x(i+int64(m)) + x(i); !math.IsNaN(d) {
			sum += d * d
			n++
		}
	}
	return sum / (2 * tau * tau * float64(max(n, 1))), n >= hatLeast
}

// time is the time variance (ITU-T G.810 II.3).
func (p *Panel) time(x func(int64) float64, m int) (float64, bool) {
	sum, n := 0.0, 0
	for i := p.number - kept + 1; i+3*int64(m)-1 <= p.number; i++ {
		d := 0.0
		for k := range int64(m) {
			d += x(i+2*int64(m)+k) - 2*x(i+int64(m)+k) + x(i+k)
		}
		if d /= float64(m); !math.IsNaN(d) {
			sum += d * d
			n++
		}
	}
	return sum / (6 * float64(max(n, 1))), n >= hatLeast
}
