package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// node is one clock of a domain's tree.
type node struct {
	Clock    string
	Name     string // of a grandmaster, from the configuration
	Role     string // in words
	Address  string
	Note     string
	Suspect  bool // a grandmaster that is not acceptable
	Best     bool
	Children []*node
	More     int // children that are not shown
}

// maxChildren bounds what one clock's clients take of the page.
const maxChildren = 64

// silentAfter is when a clock's silence is worth a word: no profile in use has
// ports that keep quiet for so long.
const silentAfter = 20 * time.Second

// forest is who takes time from whom, as far as a listener can tell.
type forest struct {
	Roots []*node // the grandmasters, the best first
	// Unplaced are clocks heard in the domain whose place is not known.
	Unplaced []*node
	More     int // of those, not shown
}

// treeClock is what a domain's ports say of their clock.
type treeClock struct {
	node
	grandmaster string // that it relays
	steps       uint16
	parent      string // the clock that answers its Delay_Req
	last        time.Time
}

// newForest makes a tree of a domain. A boundary clock or client hangs under
// the clock that answers its Delay_Req; a boundary clock that is not seen to
// ask, under the grandmaster that it announces.
func newForest(d *DomainReport, at time.Time) forest {
	clocks, order := treeClocks(d)
	var f forest
	grandmasters := slices.Clone(d.Grandmasters)
	slices.SortStableFunc(grandmasters, func(a, b GrandmasterReport) int { return cmp.Compare(number(b.Best), number(a.Best)) })
	root := map[string]bool{}
	for _, g := range grandmasters {
		c := clocks[g.Identity]
		if c == nil { // only relays of it are heard
			c = &treeClock{node: node{Clock: g.Identity}, last: g.LastSeen.Time}
			clocks[g.Identity] = c
		}
		c.describe(&g)
		root[g.Identity] = true
		f.Roots = append(f.Roots, &c.node)
	}
	distrust(clocks, root)
	for _, id := range order {
		c := clocks[id]
		c.noteSilence(at)
		if root[id] {
			continue
		}
		switch parent := c.place(clocks, root); {
		case parent != nil && len(parent.Children) < maxChildren:
			parent.Children = append(parent.Children, &c.node)
		case parent != nil:
			parent.More++
		case len(f.Unplaced) < maxChildren:
			f.Unplaced = append(f.Unplaced, &c.node)
		default:
			f.More++
		}
	}
	return f
}

// treeClocks joins ports of one clock, in the order of the report.
func treeClocks(d *DomainReport) (clocks map[string]*treeClock, order []string) {
	clocks = map[string]*treeClock{}
	steps := map[string]uint16{}
	for i := range d.Grandmasters {
		for _, r := range d.Grandmasters[i].Relays {
			steps[r.Port] = r.StepsRemoved
		}
	}
	for i := range d.Ports {
		p := &d.Ports[i]
		id := clockOfPort(p.Port)
		c := clocks[id]
		if c == nil {
			c = &treeClock{node: node{Clock: id, Role: roleWords[p.Role]}}
			clocks[id] = c
			order = append(order, id)
		}
		if c.Address == "" || p.Grandmaster != nil {
			c.Address = cmp.Or(orEmpty(p.IP), orEmpty(p.MAC))
		}
		if p.Grandmaster != nil && *p.Grandmaster != id {
			c.grandmaster, c.steps = *p.Grandmaster, steps[p.Port]
			c.Role = "boundary clock, " + plural(uint64(c.steps), "step") + " from its grandmaster"
		}
		if p.AnsweredBy != nil {
			c.parent = clockOfPort(*p.AnsweredBy)
		}
		if p.LastSeen.After(c.last) {
			c.last = p.LastSeen.Time
		}
	}
	return clocks, order
}

var roleWords = map[string]string{
	"time_transmitter": "sends time, announces nothing", "time_receiver": "client", "peer": "measures its link",
	"manager": "manages",
}

// describe makes a clock a grandmaster.
func (c *treeClock) describe(g *GrandmasterReport) {
	c.Name, c.Best, c.Role = g.Name, g.Best, "grandmaster"
	c.Suspect = g.Acceptable != nil && !*g.Acceptable
	if c.Address == "" {
		c.Note = "heard through others only"
	}
	if !g.Best && c.parent != "" && c.parent != c.Clock {
		c.Note = "asks " + c.parent + " for time"
	}
}

// noteSilence says how long nothing was heard, by the time of the analysis.
func (c *treeClock) noteSilence(at time.Time) {
	if silent := at.Sub(c.last); silent >= silentAfter {
		c.Note = strings.TrimPrefix(c.Note+"; "+fmt.Sprintf("silent for %.0f s", silent.Seconds()), "; ")
	}
}

// maxDepth is more than a time distribution has levels: ITU-T G.8271.1 builds
// on 10 boundary clocks in a row, its long chains on 20.
const maxDepth = 24

// distrust forgets answers that lead nowhere: who answers whom is a stranger's
// word, and may go round in a circle.
func distrust(clocks map[string]*treeClock, root map[string]bool) {
	var lost []*treeClock
	for _, c := range clocks {
		up, depth := c, 0
		for up != nil && up.parent != "" && !root[up.Clock] && depth <= maxDepth {
			up, depth = clocks[up.parent], depth+1
		}
		if depth > maxDepth {
			lost = append(lost, c)
		}
	}
	for _, c := range lost {
		c.parent = ""
	}
}

// place is whom a clock hangs under, nil if that is not known.
func (c *treeClock) place(clocks map[string]*treeClock, root map[string]bool) *node {
	if p := clocks[c.parent]; p != nil && (root[c.parent] || p.place(clocks, root) != nil) {
		return &p.node
	}
	if root[c.grandmaster] {
		return &clocks[c.grandmaster].node
	}
	return nil
}

func clockOfPort(port string) string {
	clock, _, _ := strings.Cut(port, "-")
	return clock
}
