package transit

// Comparison is a hardware clock against the system's, read between two
// readings of the latter (PTP_SYS_OFFSET of Linux): where the time in between
// went is not known.
type Comparison struct {
	At     int64   // when, by the system's clock, ns
	Offset float64 // hardware clock minus system clock, s
	Window float64 // between the readings, s
}

const (
	// unsteady is by how much the rate of two clocks may differ from what it was
	// between the last two comparisons, if nothing is known of them: a crystal
	// that is warmed up.
	unsteady = 1e-7
	// stale is how old a comparison may be, in ns.
	stale = 60e9
)

// Compared follows a hardware clock by its comparisons.
type Compared struct {
	last, before Comparison
	count        int
}

// Add takes a comparison; they come in order of time.
func (c *Compared) Add(x Comparison) {
	if c.count > 0 && x.At <= c.last.At {
		return
	}
	c.before, c.last = c.last, x
	c.count++
}

// At is the clock minus the system's at a time of the system's clock in ns, and
// how wrong that may be: half of each window, and what the rate may have
// changed since. It is false with fewer than two comparisons, or none for long.
func (c *Compared) At(at int64) (offset, within float64, ok bool) {
	if c.count < 2 || at-c.last.At > stale || at < c.before.At-stale {
		return 0, 0, false
	}
	span := float64(c.last.At-c.before.At) / 1e9
	since := float64(at-c.last.At) / 1e9
	rate := (c.last.Offset - c.before.Offset) / span
	reach := max(since, -since-span) // beyond both
	within = max(c.last.Window, c.before.Window) / 2
	if reach > 0 {
		within += reach/span*(c.last.Window+c.before.Window)/2 + reach*unsteady
	}
	return c.last.Offset + rate*since, within, true
}

// Apart is how far two hardware clocks are apart, a minus b, at a time of the
// system's clock, and how wrong that may be. A transit from a tap that b stamps
// to one that a stamps is that much too long.
func Apart(a, b *Compared, at int64) (apart, within float64, ok bool) {
	x, wx, okX := a.At(at)
	y, wy, okY := b.At(at)
	return x - y, wx + wy, okX && okY
}
