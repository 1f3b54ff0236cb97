package stability

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// minTDEV from all values at once (ITU-T G.8260 I.4.2.1).
func directMinTDEV(samples []sample, tau int64) Metric {
	length, n := max(1, tau/factor), min(tau, factor)
	seconds := map[int64]float64{}
	last := int64(math.MinInt64)
	for _, s := range samples {
		k := int64(math.Floor(float64(s.at) / second))
		if k < last {
			continue
		}
		if v, ok := seconds[k]; !ok || s.v < v {
			seconds[k] = s.v
		}
		last = k
	}
	delete(seconds, last)
	units, counts := map[int64]float64{}, map[int64]int64{}
	for k, v := range seconds {
		u := floorDiv(k, length)
		if w, ok := units[u]; !ok || v < w {
			units[u] = v
		}
		counts[u]++
	}
	for u, c := range counts {
		if 2*c < length {
			delete(units, u)
		}
	}
	terms := map[int64][]float64{}
	for p := range units {
		if _, ok := units[p-3*n+1]; !ok {
			continue
		}
		var least [3]float64
		ok := true
		for third := range least {
			var in []float64
			for u := p - int64(third+1)*n + 1; u <= p-int64(third)*n; u++ {
				if v, has := units[u]; has {
					in = append(in, v)
				}
			}
			if ok = ok && 2*int64(len(in)) >= n; ok {
				least[third] = slices.Min(in)
			}
		}
		if d := least[0] - 2*least[1] + least[2]; ok {
			period := floorDiv(p*length, periods(tau))
			terms[period] = append(terms[period], d*d/6)
		}
	}
	list := lastTwo(terms)
	if len(list) < enough {
		return Metric{Tau: tau}
	}
	return Metric{tau, uint64(len(list)), math.Sqrt(mean(list))}
}

func TestMinTDEV(t *testing.T) {
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 5))
		samples := irregular(r)
		var m Minima
		for _, s := range samples {
			m.Add(s.at, s.v)
		}
		for i, tau := range Taus {
			got, want := m.MinTDEV(i), directMinTDEV(samples, tau)
			if got.Count != want.Count || !near(got.Value, want.Value, 1e-6) {
				t.Errorf("seed %d at %d s: %v, want %v", seed, tau, got, want)
			}
		}
	}
}

// A time error that swings: its mean, its extremes, and what the low-pass
// leaves of it, which for a sine has a formula.
func TestTimeError(t *testing.T) {
	const constant, amplitude = 40e-9, 100e-9
	for _, period := range []float64{5, 20, 100} {
		s := new(Series)
		for i := range 4000 {
			at := float64(i) + 0.5
			s.Add(int64(at*second), constant+amplitude*math.Sin(2*math.Pi*at/period))
		}
		got := s.TimeError()
		if !got.HasConstant || math.Abs(got.Constant-constant) > 1e-12 {
			t.Errorf("cTE %v, want %v", got.Constant, constant)
		}
		if math.Abs(got.Max-constant-amplitude) > 0.06*amplitude || math.Abs(constant-got.Min-amplitude) > 0.06*amplitude {
			t.Errorf("from %v to %v", got.Min, got.Max)
		}
		// y[n] = y[n-1] + a (x[n] - y[n-1]) has the gain a / |1 - (1-a) e^-jw|.
		a, w := 1-math.Exp(-2*math.Pi*filterBandwidth), 2*math.Pi/period
		gain := a / math.Hypot(1-(1-a)*math.Cos(w), (1-a)*math.Sin(w))
		if want := 2 * amplitude * gain; !got.HasDynamic || math.Abs(got.Dynamic-want) > 0.1*want {
			t.Errorf("dTE_L of a period of %v s: %v, want %v", period, got.Dynamic, want)
		}
	}
	short := new(Series)
	for i := range 900 {
		short.Add(int64(i)*second, 1)
	}
	if got := short.TimeError(); got.HasConstant || got.Count == 0 {
		t.Errorf("a quarter of an hour: %+v", got)
	}
	if got := new(Series).TimeError(); got != (TimeError{}) {
		t.Errorf("of nothing: %+v", got)
	}
}

// Records have what the formulas say of the values in their periods.
func TestHistory(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 6))
		var h History
		values := map[int64][]float64{}
		now := r.Int64N(1e18)
		start := now
		for now < start+3*day {
			now += int64(r.ExpFloat64() * 100e9)
			if r.IntN(500) == 0 {
				now += r.Int64N(3 * quarter)
			}
			v := 1e-6 + r.NormFloat64()*1e-7
			h.Add(now, v)
			values[floorDiv(now, quarter)] = append(values[floorDiv(now, quarter)], v)
		}
		records := h.records(0)
		list := records.Quarters()
		if len(list) != 1+quartersKept {
			t.Fatalf("seed %d: %d quarters", seed, len(list))
		}
		for i, got := range list {
			n := floorDiv(got.Start, quarter)
			in := values[n]
			sorted := slices.Sorted(slices.Values(in))
			squares := 0.0
			for _, v := range in {
				squares += (v - mean(in)) * (v - mean(in))
			}
			sigma := math.Sqrt(squares / float64(len(in)))
			if got.Count != uint64(len(in)) || !near(got.Average, mean(in), 1e-9) || !near(got.Min, sorted[0], 1e-6) ||
				!near(got.Max, sorted[len(in)-1], 1e-6) || math.Abs(got.StdDev-sigma) > 1e-6*sigma+1e-15 {
				t.Errorf("seed %d, quarter %d: %+v", seed, i, got)
			}
			if want := i > 0 && values[n-1] != nil; got.Complete != want {
				t.Errorf("seed %d, quarter %d: complete %v, want %v", seed, i, got.Complete, want)
			}
			if i > 0 && got.Start >= list[i-1].Start {
				t.Errorf("seed %d: quarter %d is not before the last", seed, i)
			}
		}
		days := records.Days()
		if len(days) != 2 || days[0].Complete || !days[1].Complete || days[0].Start != days[1].Start+day {
			t.Errorf("seed %d: days %+v", seed, days)
		}
	}
}

// What a restart breaks is not complete, and a new base shifts all there is.
func TestRecordsOverRestart(t *testing.T) {
	var m Monitor
	m.Base(Offset, 0)
	for i := range int64(4 * 90) { // an hour, every 10 s
		m.Add(Offset, i*10e9, i*10e9, 5e-6)
		if i == 200 {
			m.Restart(Offset)
			m.Base(Offset, 1000)
		}
	}
	records := m.history[Offset].records(0)
	list := records.Quarters()
	var complete []bool
	for _, r := range list {
		complete = append(complete, r.Complete)
	}
	// That the first quarter was seen from its start cannot be known.
	if want := []bool{false, false, true, false}; !slices.Equal(complete, want) {
		t.Errorf("complete are %v, want %v", complete, want)
	}
	if got := list[3].Average; !near(got, 4e-6, 1e-9) {
		t.Errorf("the first quarter is %g s, want 4e-6 less the new base", got)
	}
	if got := m.offset.TimeError(); got.Count > 160 {
		t.Errorf("%d values of a series that began anew 159 ago", got.Count)
	}
}

// Ports of which a day was seen take the memory that the package says.
func TestMemory(t *testing.T) {
	const ports = 20
	memory := func() uint64 {
		runtime.GC()
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before := memory()
	monitors := make([]Monitor, ports)
	for i := range monitors {
		m := &monitors[i]
		m.Base(Forward, 0)
		m.Base(Reverse, 0)
		for at := int64(0); at < 26*3600e9; at += 10e9 {
			for _, k := range [...]Kind{Forward, Reverse, MeanPath, Offset} {
				m.Add(k, at+int64(k)*1e8, at, float64(at%7)*1e-9)
			}
		}
		for at := int64(26 * 3600e9); at < 26*3600e9+400e9; at += 1e8 { // a window is full
			m.Add(Forward, at, at, float64(at%7)*1e-9)
			m.Add(Reverse, at, at, float64(at%7)*1e-9)
		}
	}
	each := (memory() - before) / ports
	t.Logf("%d octets a port", each)
	if each > 36<<10 { // with what the allocator rounds up
		t.Errorf("%d octets a port", each)
	}
	runtime.KeepAlive(monitors)
}

func BenchmarkAdd(b *testing.B) {
	var m Monitor
	m.Base(Forward, 0)
	m.Base(Reverse, 0)
	r := rand.New(rand.NewPCG(1, 1))
	values := make([]float64, 1024)
	for i := range values {
		values[i] = r.ExpFloat64() * 1e-6
	}
	b.ReportAllocs()
	for i := int64(0); b.Loop(); i++ { // one exchange: A, B, M and O
		at, v := i*62.5e6, values[i%1024]
		m.Add(Forward, at, at, v)
		m.Add(Reverse, at+1e6, at, values[(i+7)%1024])
		m.Add(MeanPath, at+1e6, at, v)
		m.Add(Offset, at+1e6, at, v)
	}
}

// The low-pass begins anew after a hole, and what it begins with does not count.
func TestFilterSettles(t *testing.T) {
	s := new(Series)
	for i := range int64(300) {
		if i >= 100 && i < 160 {
			continue
		}
		v := 0.0
		if i == 0 || i == 160 {
			v = 1e-6
		}
		s.Add(i*second+second/2, v)
	}
	if got := s.TimeError(); !got.HasDynamic || got.Dynamic > 1e-8 || got.Max != 1e-6 {
		t.Errorf("%+v", got)
	}
}

// Directions by two clocks give neither a floor nor readings, and a restart of
// either forgets those there are. What cannot be told apart from a base is not
// told.
func TestMonitorOfTwoClocks(t *testing.T) {
	fill := func(reverse int64) *Monitor {
		m := new(Monitor)
		m.Base(Forward, 1000)
		m.Base(Reverse, reverse)
		for at := int64(0); at < 900e9; at += 1e9 {
			m.Add(Forward, at, at, 1e-6)
			m.Add(Reverse, at+1e8, at, 2e-6)
		}
		return m
	}
	known := func(Kind, int64) (float64, bool) { return 0, true }
	f := fill(-1000).Figures(known)
	if f.Floor.Count == 0 || !near(f.Floor.MeanPathDelay, 1.5e-6, 1e-9) || f.Selected == nil || !near(f.Selected.Offset, -0.5e-6, 1e-9) {
		t.Errorf("of one clock: floor %+v, selected %+v", f.Floor, f.Selected)
	}
	m := fill(-1001)
	f = m.Figures(known)
	if r, _ := m.Readings(); f.Floor.Count > 0 || f.Selected != nil || len(r) > 0 {
		t.Errorf("of two clocks: floor %+v, selected %+v, readings %v", f.Floor, f.Selected, r)
	}
	m = fill(-1000)
	if r, _ := m.Readings(); len(r) != readingsKept {
		t.Errorf("%d readings", len(r))
	}
	m.Restart(Reverse)
	f = m.Figures(known)
	if r, _ := m.Readings(); len(r) > 0 || f.Floor.Count > 0 || f.Windows[0] != nil || f.Records[Reverse] == nil {
		t.Errorf("after a restart: readings %v, %+v", r, f)
	}
	f = m.Figures(func(k Kind, base int64) (float64, bool) { return float64(base) / 1e9, k == Forward })
	if f.Records[Reverse] != nil || f.Records[Forward] == nil || f.Blocks[Reverse].Median.Count > 0 {
		t.Errorf("reverse is not known: %+v", f)
	}
	if q := f.Records[Forward].Quarters(); !near(q[0].Average, 2e-6, 1e-9) {
		t.Errorf("forward with its base: %+v", q[0])
	}
}
