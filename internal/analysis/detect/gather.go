package detect

import "slices"

// Block is what a second or so of a path is taken for, at one instant: seconds
// less a base.
type Block struct {
	At      int64   // ns of the tap's clock
	Now     int64   // ns of capture time, at its end
	Length  float64 // seconds of capture time that it has
	Forward float64 // lower quartile
	Reverse float64
	Spread  float64 // how far their medians lie above that, both together
	Count   int
	Link    bool   // the mean is a link's delay, which what holds up Syncs leaves alone
	Epoch   uint32 // blocks of two epochs compare in their Mean alone
}

// Mean is free of the tap's clock, Offset has that and half the asymmetry.
func (b *Block) Mean() float64 { return (b.Forward + b.Reverse) / 2 }

// Offset is how far the tap is ahead.
func (b *Block) Offset() float64 { return (b.Forward - b.Reverse) / 2 }

const (
	gatherSize = 64
	// A block ends after a second if it has enough values, or after two with a
	// few: with the last of them, when the next cannot be expected by then.
	blockEnough, blockLength = 16, int64(1e9)
	blockFewest, blockSlow   = 2, int64(1.9e9)
	// slopesKept is how many blocks tell how fast the tap's clock runs, by those
	// that are slopeApart blocks apart: a step spoils few of them.
	slopesKept, slopeApart = 16, 4
)

// Gather makes blocks of a path's values. Of many it keeps 64, evenly: 2 KiB. The
// zero value is ready.
type Gather struct {
	values  [gatherSize]value
	n       int
	stride  int // one value in so many is kept
	skipped int
	from    int64 // capture time of the first, ns
	last    int64
	epoch   uint32
	passed  [slopesKept]offset // around
	blocks  int
	link    bool // reverse holds the delay of the link, which has no clock in it
}

type value struct {
	at               int64
	forward, reverse float64
}

type offset struct {
	at int64
	v  float64
}

// Restart says that what was before cannot be compared with what comes, but for
// the mean of both directions.
func (g *Gather) Restart() { *g = Gather{epoch: g.epoch + 1, link: g.link} }

// AddLink takes the forward delay and the delay of the link, as peer delay has it:
// what holds up one does not hold up the other.
func (g *Gather) AddLink(at, now int64, forward, link float64) (Block, bool) {
	if !g.link {
		g.Restart()
		g.link = true
	}
	return g.Add(at, now, forward, link)
}

// Add takes both directions at an instant of the tap's clock, at a capture time,
// in ns; it gives the block that has ended before it, or with it.
func (g *Gather) Add(at, now int64, forward, reverse float64) (b Block, ok bool) {
	seen := g.n * max(g.stride, 1)
	if age := now - g.from; g.n > 0 && (age >= blockLength && seen >= blockEnough || age >= blockSlow && g.n >= blockFewest) {
		b, ok = g.end(age), true
	}
	if g.n == 0 {
		g.from, g.stride, g.skipped = now, 1, 0
	}
	g.last = now
	if g.skipped++; g.skipped < g.stride && g.n > 0 {
		return b, ok
	}
	g.skipped = 0
	if g.n == gatherSize {
		for i := range gatherSize / 2 {
			g.values[i] = g.values[2*i]
		}
		g.n, g.stride = gatherSize/2, 2*g.stride
	}
	g.values[g.n] = value{at, forward, reverse}
	g.n++
	if age := now - g.from; g.n >= blockFewest && g.n < blockEnough && age+age/int64(g.n-1) >= blockSlow {
		return g.end(age + age/int64(g.n-1)), true
	}
	return b, ok
}

// end gives the block, which took so long, and begins another.
func (g *Gather) end(age int64) Block {
	b := g.block()
	b.Length = float64(age) / 1e9
	g.n = 0
	return b
}

// block sums up the values there are: each direction carried to their middle
// along the way that the tap's clock runs.
func (g *Gather) block() Block {
	values := g.values[:g.n]
	b := Block{At: values[g.n/2].at, Now: g.last, Count: g.n, Link: g.link, Epoch: g.epoch}
	rate := g.rate(values, b.At)
	var forward, reverse [gatherSize]float64
	for i, v := range values {
		gained := rate * float64(v.at-b.At) / 1e9
		forward[i], reverse[i] = v.forward-gained, v.reverse
		if !g.link {
			reverse[i] += gained
		}
	}
	var spreads [2]float64
	b.Forward, spreads[0] = floorOf(forward[:g.n])
	b.Reverse, spreads[1] = floorOf(reverse[:g.n])
	if g.link {
		b.Reverse = 2*b.Reverse - b.Forward
	}
	b.Spread = (spreads[0] + spreads[1]) / 2
	g.passed[g.blocks%slopesKept] = offset{b.At, b.Offset()}
	g.blocks++
	return b
}

// floorOf is the lower quartile, and how far the median lies above it. Waiting in
// the network adds to either delay, so that the least values are the best; but
// what waits at a mirror port is stamped late, which takes off a reverse delay:
// the very least of all may be worth nothing.
func floorOf(values []float64) (floor, spread float64) {
	floor = lowerQuartile(values)
	n := len(values)
	return floor, values[(n-1)/2] + (values[n/2]-values[(n-1)/2])/2 - floor
}

// rate is by how much the offset grows, in seconds a second: the median over the
// last blocks or, of the first ones, the line through their own values.
func (g *Gather) rate(values []value, middle int64) float64 {
	n := min(g.blocks, slopesKept)
	if n < 2*slopeApart {
		return g.within(values, middle)
	}
	var slopes [slopesKept]float64
	count := 0
	for i := g.blocks - n; i+slopeApart < g.blocks; i++ {
		a, b := g.passed[i%slopesKept], g.passed[(i+slopeApart)%slopesKept]
		if b.at > a.at {
			slopes[count] = (b.v - a.v) / (float64(b.at-a.at) / 1e9)
			count++
		}
	}
	if count == 0 {
		return g.within(values, middle)
	}
	slices.Sort(slopes[:count])
	return slopes[count/2]
}

// within is the slope of the line through the offsets of values.
func (g *Gather) within(values []value, middle int64) float64 {
	var l line
	for _, v := range values {
		o := (v.forward - v.reverse - values[0].forward + values[0].reverse) / 2
		if g.link {
			o = v.forward - values[0].forward
		}
		l.add(float64(v.at-middle)/1e9, o)
	}
	_, slope := l.fit()
	return slope
}

// line is a least-squares fit.
type line struct{ n, x, y, xx, xy float64 }

func (l *line) add(x, y float64) {
	l.n++
	l.x += x
	l.y += y
	l.xx += x * x
	l.xy += x * y
}

// fit is the mean, at the mean of x, and the slope.
func (l *line) fit() (mean, slope float64) {
	if l.n == 0 {
		return 0, 0
	}
	mean = l.y / l.n
	if spread := l.xx - l.x*l.x/l.n; spread > 1e-12*l.xx && l.n > 1 {
		slope = (l.xy - l.x*l.y/l.n) / spread
	}
	return mean, slope
}
