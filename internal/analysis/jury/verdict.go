package jury

import (
	"math"
	"slices"
)

// State is what the others say of a clock's time.
type State uint8

// The states.
const (
	Unvouched State = iota // nobody else is heard who could tell
	Agrees                 // with a majority
	Disagrees              // with another, and no majority says which is wrong
	Outvoted               // the majority agrees, and not with it
)

var stateNames = [...]string{Unvouched: "unvouched", Agrees: "agrees", Disagrees: "disagrees", Outvoted: "outvoted"}

func (s State) String() string { return stateNames[min(int(s), len(stateNames)-1)] }

// States lists them.
func States() []State { return []State{Unvouched, Agrees, Disagrees, Outvoted} }

// Drifting says whose time moves away slowly.
type Drifting uint8

// What may be said of it.
const (
	Steady   Drifting = iota
	OneOfTwo          // its time and another's part, and nothing says whose it is
	Itself
)

// Verdict is what is said of one clock after a block.
type Verdict struct {
	Key
	State   State
	Settled bool // what its path adds is known
	// Vouched is how many other clocks agree with it.
	Vouched int
	// Deviation is how far its time is ahead of the others', in seconds, and
	// Allowed how far it may be. Both are of the change since it was learned; before
	// that, or if it was off then already (Always), of what its path may have put
	// wrong.
	Deviation, Allowed float64
	Always             bool
	Known              bool // Deviation is
	Beyond             bool // the change is more than is allowed
	Drifting           Drifting
	Rate               float64 // of the drift, seconds a second
	// Pathless: its mean path delay is not known, so that what is said of the
	// clock may be true of its path.
	Pathless bool
	// With are the other clocks that agree with each other on what the time is, or
	// all others where no majority does; Against, those that it disagrees with.
	With, Against []Key
	// Leaving are those that it has moved away from, if it is Drifting.
	Leaving []Key
}

// ballot is one way to set the clocks against each other.
type ballot struct {
	who       []int // index of the witnesses that vote
	votes     []Vote
	agreement Agreement
}

func hold(all []witness, vote func(*witness) (Vote, bool)) ballot {
	var b ballot
	for i := range all {
		if v, ok := vote(&all[i]); ok {
			v.Group = all[i].Key.group()
			b.who = append(b.who, i)
			b.votes = append(b.votes, v)
		}
	}
	b.agreement = Agree(b.votes)
	return b
}

// place is where a witness is among the votes; -1 where it has none.
func (b *ballot) place(i int) int {
	for n, w := range b.who {
		if w == i {
			return n
		}
	}
	return -1
}

func (v *Vote) meets(o *Vote) bool { return math.Abs(v.Centre-o.Centre) <= v.Radius+o.Radius }

// of is the state of a witness by this ballot.
func (b *ballot) of(i int) State {
	n := b.place(i)
	if n < 0 || b.agreement.Groups < 2 {
		return Unvouched
	}
	if b.agreement.Majority() {
		if b.agreement.In[n] {
			return Agrees
		}
		return Outvoted
	}
	for k := range b.votes {
		if b.votes[k].Group != b.votes[n].Group && !b.votes[n].meets(&b.votes[k]) {
			return Disagrees
		}
	}
	return Agrees
}

// others is what the other clocks say the time is, the surer the more: of those
// that agree if they are the majority. Radius is that of the least sure of them.
func (b *ballot) others(i int) (Vote, bool) {
	n := b.place(i)
	if n < 0 {
		return Vote{}, false
	}
	var sum, weight, radius float64
	for k, v := range b.votes {
		if v.Group == b.votes[n].Group || b.agreement.Majority() && !b.agreement.In[k] {
			continue
		}
		w := 1 / max(v.Radius*v.Radius, 1e-24)
		sum += w * (v.Centre - b.votes[n].Centre)
		weight += w
		radius = max(radius, v.Radius)
	}
	if weight == 0 {
		return Vote{}, false
	}
	return Vote{Centre: sum/weight + b.votes[n].Centre, Radius: radius}, true
}

// vote sets the clocks against each other three times: by all that their claims
// and paths allow, by what has changed since they were learned, and by what of
// that is usual.
func (p *Panel) vote(all []witness, claims ballot) {
	changes := hold(all, func(w *witness) (Vote, bool) { return Vote{Centre: w.change, Radius: w.allowed}, w.settled })
	usual := hold(all, func(w *witness) (Vote, bool) { return Vote{Centre: w.change, Radius: w.narrow}, w.settled })
	for i := range all {
		w := &all[i]
		claimed, changed := claims.of(i), changes.of(i)
		v := Verdict{Key: w.Key, Settled: w.settled, Pathless: w.said.Mean == 0 && !w.Key.Reference, State: max(claimed, changed)}
		by := &changes
		if !w.settled || claimed > changed {
			by, v.Always = &claims, true
		}
		if others, ok := by.others(i); ok {
			own := by.votes[by.place(i)]
			v.With = by.with(i, all)
			v.Known, v.Deviation, v.Allowed = true, others.Centre-own.Centre, own.Radius+others.Radius
		}
		v.Vouched, v.Against = vouched(i, &claims, &changes), by.against(i, all)
		if w.follow(p.number, &v, changes, usual, i); v.Drifting != Steady {
			v.Leaving = usual.against(i, all)
		}
		w.verdict = v
	}
}

// with lists the other clocks that others is of.
func (b *ballot) with(i int, all []witness) (list []Key) {
	n := b.place(i)
	for k, v := range b.votes {
		if v.Group != b.votes[n].Group && (!b.agreement.Majority() || b.agreement.In[k]) {
			list = append(list, all[b.who[k]].Key)
		}
	}
	return list
}

// against lists whom a witness disagrees with.
func (b *ballot) against(i int, all []witness) (list []Key) {
	n := b.place(i)
	for k := range b.votes {
		if n >= 0 && b.votes[k].Group != b.votes[n].Group && !b.votes[k].meets(&b.votes[n]) {
			list = append(list, all[b.who[k]].Key)
		}
	}
	return list
}

// vouched counts the other clocks that agree with a witness wherever both vote.
func vouched(i int, ballots ...*ballot) int {
	var agree, not []uint64
	for _, b := range ballots {
		n := b.place(i)
		for k := range b.votes {
			switch o := &b.votes[k]; {
			case n < 0 || o.Group == b.votes[n].Group:
			case o.meets(&b.votes[n]):
				agree = append(agree, o.Group)
			default:
				not = append(not, o.Group)
			}
		}
	}
	slices.Sort(agree)
	agree = slices.DeleteFunc(slices.Compact(agree), func(g uint64) bool { return slices.Contains(not, g) })
	return len(agree)
}

// follow lets what one block says count when Sure blocks in a row say it, and
// looks for drifts.
func (w *witness) follow(number int64, v *Verdict, changes, usual ballot, i int) {
	if v.State != w.next {
		w.next, w.run = v.State, 0
	}
	if w.run++; w.run >= Sure {
		w.state = w.next
	}
	v.State = w.state
	others, ok := changes.others(i)
	if !ok {
		w.driftRun = 0
		return
	}
	deviation := others.Centre - w.change
	w.trail.put(number, deviation)
	now := Steady
	switch usual.of(i) {
	case Outvoted:
		now = Itself
	case Disagrees:
		now = OneOfTwo
	}
	if now != w.drifting || now == Steady {
		w.drifting, w.driftRun = now, 0
	}
	w.driftRun++
	if now == Steady || w.driftRun < Sure {
		return
	}
	if rate := w.trail.drift(deviation); rate != 0 {
		v.Drifting, v.Rate, v.Beyond = now, rate/BlockSeconds, changes.of(i) > Agrees
	}
}
