package jury

import "slices"

// Vote is where one clock says that the true time is: Centre +- Radius, in
// seconds.
type Vote struct {
	Centre, Radius float64
	// Group tells clocks apart: however often one is heard, it has one vote.
	Group uint64
}

// Agreement is what a vote comes to.
type Agreement struct {
	// Agree is how many groups the largest number that agree are, Groups how many
	// there are.
	Agree, Groups int
	// In says of each vote whether it is among such a number. Where several
	// numbers are as large, those of each are.
	In []bool
}

// Majority says whether so many agree that those outside can be named: of n, f
// are outside, and n >= 2f+1.
func (a *Agreement) Majority() bool { return 2*a.Agree > a.Groups }

// Agree finds the points that lie in the intervals of the most groups
// (Marzullo's algorithm). The largest such number is reached where an interval
// begins.
func Agree(votes []Vote) Agreement {
	a := Agreement{In: make([]bool, len(votes)), Groups: groups(votes, func(*Vote) bool { return true })}
	for i := range votes {
		at := votes[i].Centre - votes[i].Radius
		has := func(v *Vote) bool { return v.Centre-v.Radius <= at && at <= v.Centre+v.Radius }
		n := groups(votes, has)
		if n < a.Agree {
			continue
		}
		if n > a.Agree {
			a.Agree = n
			clear(a.In)
		}
		for k := range votes {
			a.In[k] = a.In[k] || has(&votes[k])
		}
	}
	return a
}

// groups counts those of which a vote is meant.
func groups(votes []Vote, meant func(*Vote) bool) int {
	var seen []uint64
	for i := range votes {
		if meant(&votes[i]) && !slices.Contains(seen, votes[i].Group) {
			seen = append(seen, votes[i].Group)
		}
	}
	return len(seen)
}
