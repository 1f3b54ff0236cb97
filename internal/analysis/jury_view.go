package analysis

import (
	"cmp"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/jury"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// JuryView is what others say of a grandmaster's time, as one clock hears them
// all. Its zero value says that nobody was asked.
type JuryView struct {
	Verdict JuryVerdict
	Heard   bool // it was asked lately
	// Vouched is how many others agree with it: with 0 nobody can vouch for it.
	Vouched int
	Settled bool // what its path adds is known
	// Deviation is how far its time is ahead of the others', in seconds, and Allowed
	// how far it may be, if Compared.
	Compared           bool
	Deviation, Allowed float64
	Drift              float64 // seconds a second; 0 where it does not drift
	// Restless is how unsteady it is by itself, by the three-cornered hat.
	Restless []Restlessness
}

// JuryVerdict is what others say.
type JuryVerdict = jury.State

// The verdicts.
const (
	JuryUnvouched = jury.Unvouched
	JuryAgrees    = jury.Agrees
	JuryDisagrees = jury.Disagrees
	JuryOutvoted  = jury.Outvoted
)

// JuryVerdicts lists them.
func JuryVerdicts() []JuryVerdict { return jury.States() }

// Restlessness is how unsteady a clock is at a tau.
type Restlessness = jury.Restlessness

// juryRecent is how long ago a jury may have sat for its verdicts to be shown.
const juryRecent = 2 * time.Minute

// juryKey is a grandmaster in a scope.
type juryKey struct {
	scope Scope
	id    ptp.ClockIdentity
}

// juryViews pictures what is said of each grandmaster: of two clocks that hear
// it, the graver verdict.
func (t *Tracker) juryViews() map[juryKey]JuryView {
	views := make(map[juryKey]JuryView)
	for _, c := range t.juries {
		if t.now.sub(c.sat) > juryRecent {
			continue
		}
		verdicts := c.panel.Verdicts()
		hats := c.panel.Hat(verdicts)
		for i := range verdicts {
			v := &verdicts[i]
			key := juryKey{scopeOf(v.Key), v.Key.Grandmaster}
			view := JuryView{
				Verdict: v.State, Heard: true, Vouched: v.Vouched, Settled: v.Settled, Compared: v.Known,
				Deviation: v.Deviation, Allowed: v.Allowed, Drift: v.Rate, Restless: hats[i],
			}
			if old, ok := views[key]; !v.Key.Reference && (!ok || cmp.Compare(view.Verdict, old.Verdict) > 0) {
				views[key] = view
			}
		}
	}
	return views
}

// addJury shows what is said of each grandmaster.
func (t *Tracker) addJury(v *View) {
	views := t.juryViews()
	for i := range v.Domains {
		d := &v.Domains[i]
		for k := range d.Grandmasters {
			d.Grandmasters[k].Jury = views[juryKey{d.Scope, d.Grandmasters[k].Identity}]
		}
	}
}
