package jury

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const (
	// Seats is how many clocks are heard at a time.
	Seats = 16
	// remembered is how many are remembered, with those that are not heard now.
	remembered = 2 * Seats
	// BlockSeconds is how long a block of a Testimony is.
	BlockSeconds = 16
	// Sure is how many blocks in a row say the same before it counts.
	Sure = 3
	// LearnLeast is how many blocks make a level at least.
	LearnLeast = 4
)

// Key is a grandmaster as one tap hears it, by one port.
type Key struct {
	Network     string
	Domain      uint8
	SdoID       ptp.SdoID
	Grandmaster ptp.ClockIdentity
	Port        ptp.PortIdentity
	Tap         string
	// Reference is no grandmaster but the clock that hears them all, where the
	// operator says that it is disciplined by something else than they are.
	Reference bool
}

// Compare orders keys.
func (k Key) Compare(o Key) int {
	return cmp.Or(
		strings.Compare(k.Network, o.Network), cmp.Compare(k.Domain, o.Domain), cmp.Compare(k.SdoID, o.SdoID),
		cmp.Compare(k.Grandmaster, o.Grandmaster), k.Port.Compare(o.Port), strings.Compare(k.Tap, o.Tap),
	)
}

// group is whose vote it is: a clock has one however often it is heard.
func (k Key) group() uint64 { return uint64(k.Grandmaster) }

// Testimony is what a clock tells in one block. Times are in seconds.
type Testimony struct {
	Key
	Base   int64   // ns that Offset is less
	Offset float64 // of the clock that hears it from this one
	Error  float64 // one sigma
	// Mean is the mean path delay; 0 where it is not known.
	Mean       float64
	Resolution float64 // of the stamps
	Accuracy   float64 // as claimed
	// Asymmetry bounds by how much the path may put Offset wrong.
	Asymmetry float64
}

// usable says whether all is a number, and so can be compared.
func (t *Testimony) usable() bool {
	sum := t.Offset + t.Error + t.Mean + t.Resolution + t.Accuracy + t.Asymmetry
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

// juror is what is kept of a clock.
type juror struct {
	Key
	level    Level
	settled  bool // the level is known
	base     int64
	blocks   ring // offsets less base
	means    ring
	trail    trail
	state    State
	next     State // what the last blocks say ...
	run      int   // ... and how many
	drifting Drifting
	driftRun int
	heard    int64 // when last, in Judge calls
	verdict  Verdict
}

// Panel is the grandmasters that one clock hears. The zero value learns for
// LearnLeast blocks.
type Panel struct {
	Learn  int // blocks that make a level, LearnLeast at least
	jurors []*juror
	number int64 // of the last block
	begun  bool
	calls  int64
}

func (p *Panel) find(k Key) *juror {
	for _, j := range p.jurors {
		if j.Key == k {
			return j
		}
	}
	return nil
}

// seat finds or makes a juror; when there are too many, that goes which was
// heard longest ago.
func (p *Panel) seat(k Key) *juror {
	if j := p.find(k); j != nil {
		return j
	}
	if len(p.jurors) >= remembered {
		oldest := slices.MinFunc(p.jurors, func(a, b *juror) int { return cmp.Compare(a.heard, b.heard) })
		p.jurors = slices.DeleteFunc(p.jurors, func(j *juror) bool { return j == oldest })
	}
	j := &juror{Key: k}
	p.jurors = append(p.jurors, j)
	return j
}

// Last is the number of the last block that was judged; false before the first.
func (p *Panel) Last() (int64, bool) { return p.number, p.begun }

// Verdicts are what the last Judge said.
func (p *Panel) Verdicts() (list []Verdict) {
	for _, j := range p.jurors {
		if j.heard == p.calls {
			list = append(list, j.verdict)
		}
	}
	return list
}

// Forget drops the clocks that are meant, and what was learned of them.
func (p *Panel) Forget(meant func(Key) bool) {
	p.jurors = slices.DeleteFunc(p.jurors, func(j *juror) bool { return meant(j.Key) })
}

// witness is a juror in a block.
type witness struct {
	*juror
	said    *Testimony
	centre  float64 // seconds, of one base for all
	change  float64 // since it was learned: centre less level
	claimed float64 // radius of what it and its path may be off by
	allowed float64 // radius of what is legal since then
	narrow  float64 // of what is usual
}

// Judge takes what all who are heard tell in one block, Seats at most, and says
// what follows, in the same order. Blocks go forward; a number that does not
// says that the clock which hears them was set.
func (p *Panel) Judge(number int64, list []Testimony) []Verdict {
	list = slices.DeleteFunc(list[:min(len(list), Seats+1)], func(t Testimony) bool { return !t.usable() })
	p.number, p.begun = number, true
	p.calls++
	all := make([]witness, len(list))
	for i := range list {
		all[i] = p.hear(number, &list[i], list[0].Base)
	}
	for i := range all {
		all[i].weighClaim()
	}
	claims := hold(all, func(w *witness) (Vote, bool) {
		return Vote{Centre: w.centre, Radius: w.claimed}, !w.Key.Reference
	})
	p.learn(all, claims)
	for i := range all {
		all[i].weighChange()
	}
	p.vote(all, claims)
	verdicts := make([]Verdict, len(all))
	for i := range all {
		verdicts[i] = all[i].verdict
	}
	return verdicts
}

func (p *Panel) hear(number int64, t *Testimony, base int64) witness {
	j := p.seat(t.Key)
	j.heard = p.calls
	if j.base != t.Base {
		j.base, j.blocks = t.Base, ring{}
	}
	j.blocks.put(number, t.Offset)
	j.means.put(number, t.Mean)
	return witness{juror: j, said: t, centre: float64(t.Base-base)/1e9 + t.Offset}
}

// weighClaim works out how far a clock's word reaches by itself.
func (w *witness) weighClaim() {
	w.claimed = w.said.Asymmetry + w.said.Accuracy + w.noise() + w.moved()
}

// weighChange works out how far it reaches since the clock was learned.
func (w *witness) weighChange() {
	if !w.settled {
		return
	}
	w.change = w.centre - w.level.Offset
	more := w.noise() + w.moved()
	w.allowed = max(w.said.Accuracy, w.level.Wander) + more
	w.narrow = max(w.said.Accuracy/2, w.level.Wander) + more
}

// moved is by how much the mean path delay has since the clock was learned: no
// less than the change of the path's asymmetry puts the offset wrong.
func (w *witness) moved() float64 {
	if !w.settled || w.level.Mean <= 0 || w.said.Mean <= 0 {
		return 0
	}
	return math.Abs(w.said.Mean - w.level.Mean)
}

// noise is what packets may put an offset wrong by.
func (w *witness) noise() float64 {
	return 3*max(w.said.Error, w.trail.restless) + w.said.Resolution
}
