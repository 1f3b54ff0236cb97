package analysis

import (
	"cmp"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/delay"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// ClaimSource is how a client tells what it measured.
type ClaimSource string

// The sources of claims.
const (
	ClaimSlaveEvent    ClaimSource = "slave_event"    // timestamps of slave event monitoring (IEEE 1588-2019 16.11)
	ClaimSlaveComputed ClaimSource = "slave_computed" // what it computed of them, by the same
	ClaimManagement    ClaimSource = "management"     // answers to management GETs (IEEE 1588-2019 15.5.3)
	ClaimNetSync       ClaimSource = "netsync"        // answers to a NetSync monitor
	ClaimSocket        ClaimSource = "socket"         // answers on a local socket of the client
)

// ClaimSources are all of them: a port has one claim of each at most.
var ClaimSources = []ClaimSource{ClaimSlaveEvent, ClaimSlaveComputed, ClaimManagement, ClaimNetSync, ClaimSocket}

// ClaimView is what a client says of itself. Nobody has checked it, and whoever
// can send in its name can say it.
type ClaimView struct {
	Source                      ClaimSource
	Master                      ptp.PortIdentity // whose time it takes; zero when not said
	Offset                      float64          // its own from its master, seconds (offsetFromMaster)
	MeanPathDelay               float64          // from its master to it, seconds; of peer delay, of the link
	HasOffset, HasMeanPathDelay bool
	Count                       uint64  // of records and datasets with either
	Age                         float64 // of the newest, seconds
}

// claim is what a port says of itself in one way.
type claim struct {
	source  ClaimSource
	master  ptp.PortIdentity
	offset  told
	mean    told
	ways    [2]claimedWay // t2 - t1 and t4 - t3, corrections taken off
	count   uint64
	changed instant
}

// told is a figure in seconds, if it was.
type told struct {
	seconds float64
	known   bool
}

type claimedWay struct {
	delay.Apart
	at    instant
	known bool
}

// claimPair is how far apart a Sync and a delay exchange may be that give one
// mean path delay: both are told by a clock that keeps in step.
const claimPair = time.Minute

// claim finds or makes what a port claims by a source.
func (p *port) claim(source ClaimSource) *claim {
	for _, c := range p.claims {
		if c.source == source {
			return c
		}
	}
	c := &claim{source: source, changed: p.domain.tracker.now}
	p.claims = append(p.claims, c)
	return c
}

// disclaim forgets what a port claimed by a source: it says that it has no
// master now.
func (p *port) disclaim(source ClaimSource) {
	p.claims = slices.DeleteFunc(p.claims, func(c *claim) bool { return c.source == source })
}

// under says whose time the figures are of. Those of another master are void.
func (c *claim) under(master ptp.PortIdentity) {
	switch c.master {
	case ptp.PortIdentity{}:
		c.master = master
	case master:
	default:
		*c = claim{source: c.source, master: master, count: c.count, changed: c.changed}
	}
}

// say takes a figure that the client computed.
func (c *claim) say(f *told, now instant, seconds float64, ok bool) {
	if ok {
		*f, c.changed = told{seconds, true}, now
	}
}

// way takes the timestamps of one direction and, with those of the other
// direction before it, computes what the client should have (IEEE 1588-2019
// 11.2, 11.3).
func (c *claim) way(which int, now instant, a delay.Apart, ok bool) {
	if !ok {
		return
	}
	c.ways[which] = claimedWay{a, now, true}
	c.count++
	c.changed = now
	other := c.ways[1-which]
	if !other.known || now.sub(other.at) > claimPair {
		c.mean, c.offset = told{}, told{}
		return
	}
	mean, offset, ok := meanAndOffset(c.ways[0].Apart, c.ways[1].Apart)
	c.mean, c.offset = told{mean, ok}, told{offset, ok}
}

// meanAndOffset are half the sum of both directions, and half their difference,
// in seconds; false for what no two clocks are apart.
func meanAndOffset(forward, reverse delay.Apart) (mean, offset float64, ok bool) {
	const most = 1 << 62
	for _, w := range [...]int64{forward.Whole, reverse.Whole} {
		if w >= most || w <= -most {
			return 0, 0, false
		}
	}
	half := func(whole int64, part delay.Interval) float64 { return float64(whole)/2e9 + part.Seconds()/2 }
	return half(forward.Whole+reverse.Whole, forward.Part+reverse.Part),
		half(forward.Whole-reverse.Whole, forward.Part-reverse.Part), true
}

// claimViews pictures what a port claims.
func (p *port) claimViews() []ClaimView {
	t := p.domain.tracker
	var list []ClaimView
	for _, c := range p.claims {
		if c.count == 0 {
			continue // it named its master, no more
		}
		list = append(list, ClaimView{
			Source: c.source, Master: c.master, Count: c.count, Age: t.now.sub(c.changed).Seconds(),
			Offset: c.offset.seconds, HasOffset: c.offset.known,
			MeanPathDelay: c.mean.seconds, HasMeanPathDelay: c.mean.known,
		})
	}
	slices.SortFunc(list, func(a, b ClaimView) int {
		return cmp.Compare(slices.Index(ClaimSources, a.Source), slices.Index(ClaimSources, b.Source))
	})
	return list
}
