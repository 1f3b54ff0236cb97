// Package compliance has the limits that rules put on how far a clock may be
// from UTC: what each rule is, whom it binds, where it says so, and how that was
// checked. It is a table and nothing else.
package compliance

import "time"

// Profile is a rule with its limits.
type Profile struct {
	Name  string // as domains[].compliance has it
	Title string
	Tiers []Tier // the first is what is taken where nobody chooses
	Notes []string
}

// Tier is one limit of a rule.
type Tier struct {
	Limit  time.Duration // of the distance from UTC, or from the time it stands for, either way
	Who    string        // it binds, or where it holds
	Clause string
	Source Source
	// Checked says how the figure was checked.
	Checked Checked
	// Where the figure was read, when that is not the source itself.
	Where string
}

// Source is a document.
type Source struct {
	Title string
	Since string // from when it applies: 2026-03-02
	URL   string
}

// Checked says how a figure was checked.
type Checked string

// The ways: in the words of the rule; or in what somebody else wrote of it, so
// that it is to be looked up before anything hangs on it.
const (
	InText     Checked = "in its text"
	SecondHand Checked = "second-hand"
)

// None is the profile of a domain that no rule binds.
const None = "none"

// Lookup is the profile of that name; false where there is none, and for None.
func Lookup(name string) (*Profile, bool) {
	for i := range Profiles {
		if Profiles[i].Name == name {
			return &Profiles[i], true
		}
	}
	return nil, false
}

// Default is the limit where nobody chooses: the strictest that binds machines.
func (p *Profile) Default() time.Duration { return p.Tiers[0].Limit }

// Tier is the first tier with that limit; false where the rule has none, and
// the operator holds the domain to a limit of his own.
func (p *Profile) Tier(limit time.Duration) (Tier, bool) {
	for _, t := range p.Tiers {
		if t.Limit == limit {
			return t, true
		}
	}
	return Tier{}, false
}

// Limits are those of all tiers, each once, in their order.
func (p *Profile) Limits() []time.Duration {
	var list []time.Duration
	seen := map[time.Duration]bool{}
	for _, t := range p.Tiers {
		if !seen[t.Limit] {
			seen[t.Limit] = true
			list = append(list, t.Limit)
		}
	}
	return list
}
