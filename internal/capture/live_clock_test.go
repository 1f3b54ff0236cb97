package capture

import (
	"testing"
	"time"
)

func TestSteadyClock(t *testing.T) {
	const ms, s = int64(time.Millisecond), int64(time.Second)
	type reading struct{ elapsed, system int64 } // since the start, and of the system's clock
	for _, c := range []struct {
		name     string
		readings []reading
		stamp    int64 // of a frame, by the system's clock
		want     int64 // when that was, since the start
	}{
		{"nobody sets the clock", []reading{{s, s}, {2 * s, 2 * s}}, 2 * s, 2 * s},
		{"set back by an hour", []reading{{s, s}, {2 * s, 2*s - 3600*s}, {3 * s, 3*s - 3600*s}}, 3*s - 3600*s, 3 * s},
		{"set ahead by an hour", []reading{{s, s}, {2 * s, 2*s + 3600*s}, {3 * s, 3*s + 3600*s}}, 3*s + 3600*s, 3 * s},
		{"set by a millisecond", []reading{{s, s + ms}, {2 * s, 2*s + ms}}, 2*s + ms, 2 * s},
		{"set ahead and back", []reading{{s, 11 * s}, {2 * s, 12 * s}, {3 * s, 3 * s}, {4 * s, 4 * s}}, 4 * s, 4 * s},
		{"interrupted between two readings", []reading{{s, s}, {2 * s, 2*s - 40*ms}, {3 * s, 3 * s}}, 3 * s, 3 * s},
		{"interrupted last", []reading{{s, s}, {2 * s, 2*s - 40*ms}}, 2 * s, 2 * s},
		{"noise of the readings", []reading{{s, s + ms/20}, {2 * s, 2*s - ms/20}}, 2 * s, 2 * s},
		{"small settings add up", []reading{{s, s + ms/20}, {2 * s, 2*s + ms/10}, {3 * s, 3*s + ms/5}, {4 * s, 4*s + ms/5}}, 4*s + ms/5, 4 * s},
	} {
		t.Run(c.name, func(t *testing.T) {
			const origin = 1_700_000_000_000_000_000
			clock := steadyClock{origin: origin}
			for _, r := range c.readings {
				if now := clock.observe(r.elapsed, origin+r.system); now != origin+r.elapsed {
					t.Errorf("now %v, want %v", now-origin, r.elapsed)
				}
			}
			if got := clock.at(origin+c.stamp, origin, origin+3600*s) - origin; got != c.want {
				t.Errorf("frame at %v, want %v", time.Duration(got), time.Duration(c.want))
			}
		})
	}
}

// TestSteadyClockBounds: a frame came after the socket was seen empty and
// before it was read, whatever its stamp.
func TestSteadyClockBounds(t *testing.T) {
	c := steadyClock{}
	for stamp, want := range map[int64]int64{-5: 100, 99: 100, 100: 100, 150: 150, 200: 200, 1 << 60: 200} {
		if got := c.at(stamp, 100, 200); got != want {
			t.Errorf("stamp %d: at %d, want %d", stamp, got, want)
		}
	}
}

func TestSteadyClockNow(t *testing.T) {
	c := newSteadyClock()
	before := time.Now()
	got := time.Unix(0, c.now())
	if late := got.Sub(before); late < 0 || late > 10*time.Second {
		t.Errorf("now is %v, %v after it was asked", got, late)
	}
}
