package capture

import "time"

// steadyClock turns stamps of the system's clock into times that go on evenly
// when somebody sets that clock. Its zero value is not ready: use
// newSteadyClock.
//
// The system's clock and the monotonic one run at the same rate (adjtimex slews
// both), so what they differ by changes only when the clock is set.
type steadyClock struct {
	start  time.Time // with its monotonic reading
	origin int64     // the same, in nanoseconds since 1970-01-01 UTC
	set    int64     // how far the system's clock was set since, in nanoseconds
	seen   int64     // the same as of the last reading
}

func newSteadyClock() *steadyClock {
	start := time.Now()
	return &steadyClock{start: start, origin: start.UnixNano()}
}

// now reads the clock, in nanoseconds since 1970-01-01 UTC.
func (c *steadyClock) now() int64 {
	t := time.Now()
	return c.observe(int64(t.Sub(c.start)), t.UnixNano())
}

// settingNoise is what the two readings of one time.Now may differ by without
// the clock having been set.
const settingNoise = int64(100 * time.Microsecond)

// observe takes a monotonic reading, since the start, and the system's with it.
// The process may have been interrupted between the two: what looks like a
// setting counts when it is seen twice.
func (c *steadyClock) observe(elapsed, system int64) int64 {
	now := c.origin + elapsed
	set := system - now
	if distance(set, c.set) > settingNoise && distance(set, c.seen) <= settingNoise {
		c.set = set
	}
	c.seen = set
	return now
}

// at is when a frame came that the system's clock stamped so. It came between
// two readings: no stamp, however wrong, moves it out of there.
func (c *steadyClock) at(stamp, since, until int64) int64 {
	return min(max(stamp-c.set, since), until)
}

func distance(a, b int64) int64 { return max(a, b) - min(a, b) }
