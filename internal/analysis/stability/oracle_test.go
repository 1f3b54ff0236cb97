package stability

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// oracle works out a Series' metrics from all values at once, as Series says
// they are defined.
type oracle struct {
	seconds []int64
	value   map[int64]float64
}

type sample struct {
	at int64
	v  float64
}

func newOracle(samples []sample) *oracle {
	type centroid struct{ at, v float64 }
	o := &oracle{value: map[int64]float64{}}
	grouped := map[int64][]sample{}
	for _, s := range samples {
		n := int64(math.Floor(float64(s.at) / second))
		if last := len(o.seconds) - 1; last < 0 || n > o.seconds[last] {
			o.seconds = append(o.seconds, n)
		} else if n < o.seconds[last] {
			continue
		}
		grouped[n] = append(grouped[n], s)
	}
	centre := func(n int64) (c centroid) {
		for _, s := range grouped[n] {
			c.at += float64(s.at)/second/float64(len(grouped[n])) - (float64(n)+0.5)/float64(len(grouped[n]))
			c.v += s.v / float64(len(grouped[n]))
		}
		return c
	}
	for i, n := range o.seconds[:len(o.seconds)-1] {
		c, next := centre(n), centre(o.seconds[i+1])
		at, from := float64(n)+c.at, c.v
		if i > 0 {
			for back := o.seconds[i-1] - rateOver + 1; ; back++ {
				if v, ok := o.value[back]; ok {
					at, from = float64(back), v
					break
				}
			}
		}
		rate := (next.v - from) / (float64(o.seconds[i+1]) + next.at - at)
		o.value[n] = c.v - rate*c.at
	}
	return o
}

type oracleUnit struct {
	count, mean float64
	counts      bool
}

// units have the averages; the rest is read from the seconds themselves.
func (o *oracle) units(length int64) map[int64]oracleUnit {
	units := map[int64]oracleUnit{}
	first, last := floorDiv(o.seconds[0], length), floorDiv(o.seconds[len(o.seconds)-4], length)
	for n := first; n <= last; n++ {
		var u oracleUnit
		at := 0.0
		for s := n * length; s < (n+1)*length; s++ {
			if v, ok := o.value[s]; ok {
				u.count++
				u.mean += v
				at += float64(s) - float64(n*length) - float64(length-1)/2
			}
		}
		u.mean /= u.count
		at /= u.count
		u.counts = u.count == float64(length)
		for before := n - 1; !u.counts && 2*u.count >= float64(length) && before >= n-ringSize; before-- {
			if b := units[before]; b.counts {
				u.mean -= at * (u.mean - b.mean) / (float64((n-before)*length) + at)
				u.counts = true
			}
		}
		units[n] = u
	}
	return units
}

// metrics give TDEV, ADEV and MTIE.
func (o *oracle) metrics(tau int64) (got [3]Metric) {
	length, n := max(1, tau/factor), min(tau, factor)
	units := o.units(length)
	terms := [3]map[int64][]float64{{}, {}, {}}
	first, last := floorDiv(o.seconds[0], length), floorDiv(o.seconds[len(o.seconds)-4], length)
	for p := first; p <= last+ringSize; p++ {
		period := floorDiv(p*length, periods(tau))
		if a, b, c, ok := averages(units, p, n); ok && units[p].counts && units[p-3*n+1].counts {
			terms[0][period] = append(terms[0][period], (c-2*b+a)*(c-2*b+a)/6)
		}
		x0, ok0 := o.value[(p-2*n)*length]
		x1, ok1 := o.value[(p-n)*length]
		x2, ok2 := o.value[p*length]
		if ok0 && ok1 && ok2 && p-2*n >= first {
			terms[1][period] = append(terms[1][period], (x2-2*x1+x0)*(x2-2*x1+x0)/2/float64(tau*tau))
		}
		if !ok1 || !ok2 || p-n < first {
			continue
		}
		low, high, count := x2, x2, int64(0)
		for u := p - n; u < p; u++ {
			if units[u].count > 0 {
				count++
			}
		}
		for s := (p - n) * length; s < p*length; s++ {
			if v, ok := o.value[s]; ok {
				low, high = min(low, v), max(high, v)
			}
		}
		if 2*count >= n {
			terms[2][period] = append(terms[2][period], high-low)
		}
	}
	for i, t := range terms {
		got[i].Tau = tau
		list := lastTwo(t)
		if len(list) < enough && i < 2 || len(list) == 0 {
			continue
		}
		got[i].Count, got[i].Value = uint64(len(list)), math.Sqrt(mean(list))
		if i == 2 {
			got[i].Value = slices.Max(list)
		}
	}
	return got
}

func averages(units map[int64]oracleUnit, p, n int64) (a, b, c float64, ok bool) {
	var at []int64
	for u := p - 3*n + 1; u <= p; u++ {
		if units[u].counts {
			at = append(at, u)
		}
	}
	rate := 0.0
	if len(at) > 1 {
		rate = (units[at[len(at)-1]].mean - units[at[0]].mean) / float64(at[len(at)-1]-at[0])
	}
	var means [3]float64
	for third := range means {
		count, where, sum := 0.0, 0.0, 0.0
		for u := p - int64(3-third)*n + 1; u <= p-int64(2-third)*n; u++ {
			if units[u].counts {
				count++
				where += float64(u) - (float64(p-int64(3-third)*n+1) + float64(n-1)/2)
				sum += units[u].mean
			}
		}
		if 2*count < float64(n) {
			return 0, 0, 0, false
		}
		means[third] = sum/count - rate*where/count
	}
	return means[0], means[1], means[2], true
}

// lastTwo has what is of the last period, and of the one right before it.
func lastTwo(terms map[int64][]float64) []float64 {
	last := int64(math.MinInt64)
	for p := range terms {
		last = max(last, p)
	}
	return append(slices.Clone(terms[last]), terms[last-1]...)
}

// Whatever comes, whenever it comes, a Series says what the formulas say.
func TestSeriesAgainstFormulas(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		samples := irregular(r)
		s := new(Series)
		for _, v := range samples {
			s.Add(v.at, v.v)
		}
		o := newOracle(samples)
		for i, tau := range Taus {
			want := o.metrics(tau)
			for k, got := range [...]Metric{s.TDEV(i), s.ADEV(i), s.MTIE(i)} {
				if got.Count != want[k].Count || !near(got.Value, want[k].Value, 1e-6) {
					t.Errorf("seed %d: %s at %d s: %d %.9g, want %d %.9g", seed, [...]string{"TDEV", "ADEV", "MTIE"}[k], tau,
						got.Count, got.Value, want[k].Count, want[k].Value)
				}
			}
		}
	}
}

// irregular is a noise that comes at random times, at a rate, with holes and
// values that are overtaken.
func irregular(r *rand.Rand) []sample {
	var list []sample
	walk, drift, x := r.Float64(), (r.Float64()-0.5)*2e-3, 0.0
	each := math.Exp(r.Float64()*3-2) * second // apart
	at := r.Int64N(1e15)
	if seed := r.IntN(3); seed == 0 {
		at = -at
	}
	for range 500 + r.IntN(30000) {
		step := int64(r.ExpFloat64() * each)
		if r.IntN(2000) == 0 {
			step += r.Int64N(2000 * second)
		}
		at += step
		x += walk*r.NormFloat64() + drift*float64(step)/second
		v := sample{at, x + r.NormFloat64()}
		if r.IntN(50) == 0 {
			v.at -= r.Int64N(3 * second)
		}
		list = append(list, v)
	}
	return append(list, sample{at + 1e6*second, 0}, sample{at + 2e6*second, 0}, sample{at + 3e6*second, 0})
}
