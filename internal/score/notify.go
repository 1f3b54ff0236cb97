package score

import (
	"cmp"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// forgotten is how long nothing in a group must hold before the next alarm in
// it is a new notification.
const forgotten = 5 * time.Minute

// group is the alarms of one network and domain: a person is told of the first,
// and when it gets worse.
type group struct {
	until time.Time // when the last of them ended
	holds bool      // one has not ended
	told  analysis.Severity
}

var rank = map[analysis.Severity]int{analysis.Warning: 1, analysis.Critical: 2}

// notifications are when people would be told. Information is not sent.
func notifications(alarms []Alarm) (told []*Alarm) {
	groups := map[analysis.Scope]*group{}
	for i := range alarms {
		a := &alarms[i]
		if rank[a.Severity] == 0 {
			continue
		}
		g := groups[a.Scope]
		if g == nil {
			g = &group{}
			groups[a.Scope] = g
		}
		if !g.holds && a.At.Sub(g.until) > forgotten {
			g.told = ""
		}
		if rank[a.Severity] > rank[g.told] {
			g.told = a.Severity
			told = append(told, a)
		}
		g.holds = g.holds || a.Until.IsZero()
		g.until = later(g.until, a.Until)
	}
	return told
}

func later(a, b time.Time) time.Time { return slices.MaxFunc([]time.Time{a, b}, time.Time.Compare) }

// notify counts the notifications during each episode, and outside of all.
func (j *Judgement) notify(t *truth.Truth, alarms []Alarm) {
	for _, a := range notifications(alarms) {
		at := utc(a.At, a, t)
		elsewhere := true
		for i := range j.Episodes {
			if e := &j.Episodes[i]; during(e.Episode, at) {
				e.Notifications++
				elsewhere = false
			}
		}
		if elsewhere {
			j.Elsewhere++
		}
	}
}

// inOrder puts alarms in order of time.
func inOrder(alarms []Alarm) {
	slices.SortStableFunc(alarms, func(a, b Alarm) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Name, b.Name))
	})
}
