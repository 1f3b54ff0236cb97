package tamper

import (
	"cmp"
	"math"
	"slices"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const (
	// LearnBlocks is how many blocks are learned from, over LearnTime ns at least.
	LearnBlocks = 12
	LearnTime   = 60e9
	// Sure is how many blocks in a row must show a thing.
	Sure = 3
	// longestGap is how far messages of one block may be apart, in ns: a line is
	// drawn through what came in between.
	longestGap = 16e9
	// farthest is how far delays of one block may be apart, in ns: beyond, a clock
	// was set.
	farthest = 1e8
)

// Way is one direction between a port and a tap. The zero value is ready.
type Way struct {
	bench
	samples [Size]Sample
	n       int
	kept    int // of the samples, the newest: since a Break

	began   int64 // first sample
	blocks  int   // learned so far
	learned usual
	known   bool // learning is over
	Corrections
	spread streak
	peak   peak
	found  Found
}

// usual is what blocks were like while learning.
type usual struct {
	core, half, late most
}

// most are the two greatest. What happened once is not usual: the second is.
type most [2]float64

func (m *most) add(v float64) {
	switch {
	case v > m[0]:
		m[0], m[1] = v, m[0]
	case v > m[1]:
		m[1] = v
	}
}

func (m *most) usual() float64 { return m[1] }

// Found is what blocks in a row have shown so far; each is 0 while nothing does.
type Found struct {
	// Untrue: the delay is restless since, and because, it is corrected: Spread is
	// by how much it lies beyond its floor, Usual by how much it did, and Beta by
	// how much the raw delay grows with the correction.
	Untrue              bool
	Spread, Usual, Beta float64
	// Held: most of those that are late are late by the same, By, and Share of all
	// messages are. From is whose, where they are one client's.
	Held      bool
	By, Share float64
	From      ptp.PortIdentity
}

// streak counts blocks in a row.
type streak int

func (s *streak) note(yes bool) bool {
	if !yes {
		*s = 0
		return false
	}
	*s = min(*s+1, Sure)
	return *s == Sure
}

// Add takes a sample, and says that it has filled a block. Resolution is the
// step of stamps in ns, usually 0 when all digits are told.
func (w *Way) Add(s Sample, resolution float64) bool {
	if w.n > 0 {
		last := &w.samples[w.n-1]
		if s.At < last.At-longestGap || s.At > last.At+longestGap || math.Abs(s.Delay-last.Delay) > farthest {
			w.Break()
		}
	}
	w.samples[w.n] = s
	w.kept = min(w.kept+1, Size)
	if w.n++; w.n < Size {
		return false
	}
	w.n = 0
	w.judge(w.shape(&w.samples, resolution), resolution)
	return true
}

// Break tells that delays before and after cannot be compared.
func (w *Way) Break() {
	w.n, w.kept = 0, 0
	w.Corrections.jump = jump{}
}

// Known says whether it is known what is usual.
func (w *Way) Known() bool { return w.known }

// Found is what was found by the last block.
func (w *Way) Found() Found { return w.found }

// grown is how many times its usual spread a delay's must be, at least.
const grown = 3

func (w *Way) judge(s Shape, resolution float64) {
	if !w.known {
		w.learn(&s)
		return
	}
	w.Corrections.judge(&s, resolution)
	w.found = Found{}
	margin := max(lateLeast, 4*resolution)
	restless := s.Half > grown*w.learned.half.usual()+margin/2
	r, beta := s.incoherence()
	if w.spread.note(restless && r) {
		w.found.Untrue, w.found.Spread, w.found.Usual, w.found.Beta = true, s.Half, w.learned.half.usual(), beta
	}
	if w.peak.judge(&s, int(w.learned.late.usual()), 2*max(w.learned.core.usual(), s.Core)+margin/2) && !r {
		w.found.Held, w.found.By, w.found.Share, w.found.From = true, w.peak.by, w.peak.share, w.peak.from
	}
}

func (w *Way) learn(s *Shape) {
	if w.blocks == 0 {
		w.began = s.At
	}
	w.Corrections.learn(s, w.blocks)
	u := &w.learned
	u.core.add(s.Core)
	u.half.add(s.Half)
	u.late.add(float64(len(s.Late)))
	w.peak.learn(s, 2*s.Core+lateLeast/2)
	w.blocks++
	if w.blocks >= LearnBlocks && s.At-w.began >= LearnTime {
		w.known = true
		w.Corrections.settle()
	}
}

const (
	// coherent is how far beta may be from 1: what a transparent clock rounds.
	coherent = 0.05
	// opposed is a correlation of delays with corrections of which 32 messages that
	// do not hang on each other show nothing in a lifetime; together is one that
	// other traffic, of which transparent clocks on the way tell in part, does not
	// reach.
	opposed, together = -0.7, 0.95
)

// incoherence says whether the corrections are what moves the delay.
func (s *Shape) incoherence() (yes bool, beta float64) {
	for _, m := range []*moments{&s.quiet, &s.all} {
		beta := m.beta()
		if m.n < Size/2 || math.Abs(beta-1) <= coherent {
			continue
		}
		if r := m.correlation(); r <= opposed || r >= together {
			return true, beta
		}
	}
	return false, 1
}

// peak looks for many that are late by the same.
type peak struct {
	streak
	late      [Sure][]float64
	from      ptp.PortIdentity
	owners    [Sure][]ptp.PortIdentity
	next      int
	by, share float64
	sorted    []late     // but while they are gathered
	usual     [4]float64 // where there were peaks while learning: a client whose way is longer
	known     int
}

type late struct {
	by   float64
	from ptp.PortIdentity
}

const (
	// mostOf is the part of the late that must be late by the same: of those that
	// wait for other traffic, which is of all lengths, few are.
	mostOf = 0.5
	// fewest is how many of a block are late at least, and beyondUsual how many
	// more than were while learning.
	fewest, beyondUsual = 3, 2
	// apart is how many times the width of the peak it lies beyond the floor.
	apart = 4
	// scattered is the part of the late that others come before which are not: of
	// those that a clock's own restlessness makes late, one follows another.
	scattered = 0.25
	// ofOne is the part of them that must be one client's for it to be named.
	ofOne = 0.9
)

// judge says whether the last blocks show it. Width is how far the delays of
// messages may differ that were held up by the same.
func (p *peak) judge(s *Shape, usual int, width float64) bool {
	p.late[p.next] = append(p.late[p.next][:0], s.Late...)
	p.owners[p.next] = append(p.owners[p.next][:0], s.LateFrom...)
	p.next = (p.next + 1) % Sure
	if !p.note(len(s.Late) >= fewest && float64(s.LateRuns) >= scattered*float64(len(s.Late)) && (usual == 0 || len(s.Late) > usual+beyondUsual)) {
		return false
	}
	p.sorted = p.sorted[:0]
	for i := range p.late {
		for k, v := range p.late[i] {
			p.sorted = append(p.sorted, late{v, p.owners[i][k]})
		}
	}
	held := p.densest(width)
	if float64(len(held)) < mostOf*float64(len(p.sorted)) || held[0].by < apart*width {
		return false
	}
	p.by, p.share = held[len(held)/2].by, float64(len(held))/(Sure*Size)
	p.from = owner(held)
	return !p.was(p.by, width)
}

// learn notes where a block has a peak before anybody is suspected.
func (p *peak) learn(s *Shape, width float64) {
	if len(s.Late) < fewest {
		return
	}
	p.sorted = p.sorted[:0]
	for i, v := range s.Late {
		p.sorted = append(p.sorted, late{v, s.LateFrom[i]})
	}
	held := p.densest(width)
	by := held[len(held)/2].by
	if float64(len(held)) < mostOf*float64(len(p.sorted)) || p.was(by, width) || p.known == len(p.usual) {
		return
	}
	p.usual[p.known] = by
	p.known++
}

// was says whether there was a peak near while learning.
func (p *peak) was(by, width float64) bool {
	for _, u := range p.usual[:p.known] {
		if math.Abs(by-u) <= max(width, u/8) {
			return true
		}
	}
	return false
}

// densest is the window that has the most of them. It is as wide as an eighth
// of where it begins, if that is more than width.
func (p *peak) densest(width float64) []late {
	slices.SortFunc(p.sorted, func(a, b late) int { return cmp.Compare(a.by, b.by) })
	from, to, end := 0, 0, 0
	for i, v := range p.sorted {
		for end < len(p.sorted) && p.sorted[end].by <= v.by+max(width, v.by/8) {
			end++
		}
		if end-i > to-from {
			from, to = i, end
		}
	}
	return p.sorted[from:to]
}

// owner is who sent nearly all of them; zero if nobody has.
func owner(held []late) ptp.PortIdentity {
	var leader ptp.PortIdentity // by majority vote, if there is a majority
	votes := 0
	for _, h := range held {
		switch {
		case votes == 0:
			leader, votes = h.from, 1
		case h.from == leader:
			votes++
		default:
			votes--
		}
	}
	n := 0
	for _, h := range held {
		if h.from == leader {
			n++
		}
	}
	if float64(n) < ofOne*float64(len(held)) {
		return ptp.PortIdentity{}
	}
	return leader
}
