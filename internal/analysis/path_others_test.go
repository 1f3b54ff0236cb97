package analysis

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A delay that grows by 0.02 ns/s is found by the mean path delay. Which direction's
// it is does not show by a tap's clock that wanders by more than that; it shows
// against a second grandmaster.
func TestSlowRampIsNamedByOthers(t *testing.T) {
	const (
		began = 10 * time.Minute
		ended = 120 * time.Minute
	)
	type way = func(i int, at time.Duration) time.Duration
	noisy := func() way {
		rng := rand.New(rand.NewPCG(1, 2))
		return func(int, time.Duration) time.Duration { return time.Duration(20 * rng.NormFloat64()) }
	}
	slower := func() way {
		noise := noisy()
		return func(i int, at time.Duration) time.Duration {
			if i > 0 || at < began {
				return noise(i, at)
			}
			return noise(i, at) + time.Duration(0.02*(at-began).Seconds())
		}
	}
	for _, tt := range []struct {
		name        string
		size        int
		there, back way
		want        []string
	}{
		{"Syncs, and nobody else is heard", 1, slower(), noisy(), []string{"PTPPathAsymmetry direction_unknown possible"}},
		{"Syncs", 2, slower(), noisy(), []string{"PTPPathAsymmetry ramp forward possible"}},
		{"requests", 2, noisy(), slower(), []string{"PTPPathAsymmetry ramp reverse possible"}},
		{"nothing", 2, noisy(), noisy(), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newConcert(t, tt.size, Config{})
			c.theta = func(at time.Duration) time.Duration {
				return time.Duration(400 * math.Sin(at.Minutes()/7))
			}
			c.longer, c.back = tt.there, tt.back
			c.play(ended)
			var got []string // what holds: it may have begun without a direction
			for _, a := range c.View().Alerts {
				if (a.Name == AlertPathAsymmetry || a.Name == AlertPathDelayShift) && a.Resolved.IsZero() {
					got = append(got, strings.Join(strings.Fields(a.Name+" "+a.Reason+" "+a.Direction+" "+string(a.Certainty)), " "))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
