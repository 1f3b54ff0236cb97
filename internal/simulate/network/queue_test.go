package network

import (
	"math"
	"slices"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/random"
)

var traffic = Load{Mean: 0.4, Packet: 12 * event.Microsecond, Correlation: 20 * event.Millisecond, Limit: event.Millisecond}

// waits are what frames wait that come at regular times.
func waits(l Load, n int, every event.Time) []float64 {
	q := newQueue(random.Source(1, "queue"))
	q.set(l)
	all := make([]float64, n)
	for i := range all {
		all[i] = float64(q.wait(event.Time(i) * every))
	}
	return all
}

// The share that waits, and how long, is as Load says.
func TestQueuePercentiles(t *testing.T) {
	const n = 400_000
	for _, load := range []float64{0.05, 0.4, 0.9} {
		l := traffic
		l.Mean = load
		sorted := waits(l, n, 100*event.Millisecond) // apart enough to be independent
		slices.Sort(sorted)
		idle, _ := slices.BinarySearch(sorted, 1)
		if got := float64(idle) / n; math.Abs(got-(1-load)) > 0.004 {
			t.Errorf("load %g: %.4f do not wait", load, got)
		}
		for _, exceeded := range []float64{0.5, 0.2, 0.1, 0.01, 0.001} {
			want := float64(l.Exceeded(exceeded, load))
			got := sorted[int((1-exceeded)*n)]
			if math.Abs(got-want) > 0.05*want+1000 { // 1 ns
				t.Errorf("load %g: %g %% wait longer than %.0f ps, want %.0f", load, 100*exceeded, got, want)
			}
		}
		if top := sorted[n-1]; top > float64(l.Limit) {
			t.Errorf("load %g: one waits %.0f ps", load, top)
		}
	}
}

// Whether frames wait is correlated as the Gaussian process behind it is: of a
// threshold that half exceed, the probability that two do which correlate by r
// is 1/4 + asin(r)/2pi (Sheppard).
func TestQueueAutocorrelation(t *testing.T) {
	const n, every = 1_000_000, event.Millisecond
	l := traffic
	l.Mean = 0.5
	all := waits(l, n, every)
	for _, lag := range []int{1, 5, 20, 60} {
		both := 0
		for i := range n - lag {
			if all[i] > 0 && all[i+lag] > 0 {
				both++
			}
		}
		r := math.Exp(-float64(event.Time(lag)*every) / float64(l.Correlation))
		want := 0.25 + math.Asin(r)/(2*math.Pi)
		if got := float64(both) / float64(n-lag); math.Abs(got-want) > 0.01 {
			t.Errorf("%d ms apart: both wait in %.4f, want %.4f", lag, got, want)
		}
	}
}

func TestDailySwing(t *testing.T) {
	l := traffic
	l.Swing, l.Peak = 0.3, 14*3600*event.Second
	for _, c := range []struct {
		hour event.Time
		want float64
	}{{14, 0.7}, {2, 0.1}, {8, 0.4}, {38, 0.7}} {
		if got := l.At(c.hour * 3600 * event.Second); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("at %d h: %g, want %g", c.hour, got, c.want)
		}
	}
}

// Bursts take the share of time that their lengths and pauses say.
func TestBursts(t *testing.T) {
	l := traffic
	l.Mean, l.Correlation = 0, event.Millisecond
	l.Burst = Burst{Load: 0.8, Every: 3 * event.Second, Lasts: event.Second}
	const n = 400_000
	busy := 0
	for _, w := range waits(l, n, 10*event.Millisecond) {
		if w > 0 {
			busy++
		}
	}
	if got, want := float64(busy)/n, 0.8*0.25; math.Abs(got-want) > 0.02 {
		t.Errorf("%.3f wait, want %.3f", got, want)
	}
}
