package tamper

import (
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Client is what the requests of one client gave lately: the mean path delay, of
// sixteen, less a base that all clients share.
type Client struct {
	From               ptp.PortIdentity
	Least, Low, Median float64 // and first quartile, ns
	Count              uint64  // how many mean path delays there ever were
}

// Clients compares those of one port at one tap. As their requests take the same
// way from the tap on, they differ by what is always between them. The zero
// value is ready.
type Clients struct {
	watched []watched
	means   []float64 // medians
	leasts  []float64
	mean    Level // of what most have
	known   bool
	off     float64
	below   float64
	sure    streak
	low     streak

	departed []Departure
}

type watched struct {
	from    ptp.PortIdentity
	count   uint64
	fresh   bool // it has asked as often as counts since it was looked at
	least   float64
	spread  float64 // of its first quarter
	own     Level   // its least
	beside  Level   // less what most clients have
	usual   most    // spread
	blocks  int
	learned bool
	departs streak
}

const (
	// MaxClients is how many are compared; those that come later are not.
	MaxClients = 256
	// Asked is how often a client must have asked to be looked at again.
	Asked = 16
)

const (
	// meanLeast is by how much a mean path delay moves that counts, in ns.
	meanLeast = 15
)

// Departure is a client whose mean path delay alone moved.
type Departure struct {
	From ptp.PortIdentity
	By   float64 // ns
}

// Look takes what clients gave by now, of all that ever asked, in any order but
// always the same. Learning says that it is not over. It gives the clients that
// depart from the others, good until the next look.
func (c *Clients) Look(now []Client, learning bool, resolution float64) []Departure {
	c.departed = c.departed[:0]
	c.means, c.leasts = c.means[:0], c.leasts[:0]
	for i := range now[:min(len(now), MaxClients)] {
		n := &now[i]
		if i == len(c.watched) {
			c.watched = append(c.watched, watched{from: n.From})
		}
		w := &c.watched[i]
		if w.from != n.From {
			*w = watched{from: n.From}
		}
		w.count = min(w.count, n.Count) // it began anew
		if w.fresh = n.Count >= w.count+Asked; w.fresh {
			w.count, w.least, w.spread = n.Count, n.Least, n.Low-n.Least
			c.means, c.leasts = append(c.means, n.Median), append(c.leasts, n.Least)
		}
	}
	if len(c.means) == 0 {
		return nil
	}
	slices.Sort(c.means)
	slices.Sort(c.leasts)
	least := max(meanLeast, 2*resolution)
	c.follow(learning, least)
	if len(c.means) < 2 {
		return nil
	}
	for i := range c.watched[:min(len(now), MaxClients)] {
		if w := &c.watched[i]; w.fresh {
			if by := w.look(c.others(w.least), least); by != 0 {
				c.departed = append(c.departed, Departure{w.from, by})
			}
		}
	}
	return c.departed
}

// follow takes what most have.
func (c *Clients) follow(learning bool, least float64) {
	m := c.means[(len(c.means)-1)/2]
	switch {
	case learning:
		c.mean.Learn(m)
		return
	case !c.known:
		c.mean.Settle()
		c.known = true
	}
	c.off = 0
	if off := c.mean.Off(m, least); c.sure.note(off != 0) {
		c.off = off
	}
	c.below = 0
	if c.low.note(m < -least && c.mean.Centre > 0) {
		c.below = m
	}
}

// Mean is by how much the mean path delay has moved for blocks in a row, as most
// have it, and by how much it may without that; false while it is not known.
func (c *Clients) Mean(resolution float64) (off, limit float64, ok bool) {
	return c.off, c.mean.Limit(max(meanLeast, 2*resolution)), c.known && c.mean.n > 0
}

// Negative is the mean path delay if it has been below 0 for blocks in a row and
// was not while learning, else 0.
func (c *Clients) Negative() float64 { return c.below }

// others is the least that most clients have but one that has its own.
func (c *Clients) others(own float64) float64 {
	if len(c.leasts) == 2 {
		return c.leasts[0] + c.leasts[1] - own
	}
	return c.leasts[(len(c.leasts)-1)/2]
}

// look says by how much a client has departed from the others, for blocks in a
// row; 0 where it has not. It is the one whose own mean moved, and by as much
// for all its requests: waiting is not.
func (w *watched) look(others, least float64) float64 {
	if !w.learned {
		w.own.Learn(w.least)
		w.beside.Learn(w.least - others)
		w.usual.add(w.spread)
		if w.blocks++; w.blocks == LearnBlocks {
			w.own.Settle()
			w.beside.Settle()
			w.learned = true
		}
		return 0
	}
	own, beside := w.own.Off(w.least, least), w.beside.Off(w.least-others, least)
	steady := w.spread <= grown*w.usual.usual()+least
	if w.departs.note(steady && own != 0 && beside != 0 && (own > 0) == (beside > 0)) {
		return beside
	}
	return 0
}
