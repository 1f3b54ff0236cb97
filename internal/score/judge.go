package score

import (
	"math"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

const (
	// late is how long after the end of an episode an alarm may still be its
	// answer, early how far ahead of the start its stamp may be: stamps err.
	late  = 30 * time.Second
	early = time.Millisecond
)

// Judgement is what the alarms of one detector in one capture come to.
type Judgement struct {
	Episodes []Answer
	// False are the critical alarms that answer no episode and are tolerated by
	// none.
	False []Alarm
	// Elsewhere counts the notifications outside of all episodes.
	Elsewhere int
}

// Answer is what became of an episode.
type Answer struct {
	Episode *truth.Episode
	// Due says that it is to be answered: with no alerts it is to be met with
	// silence, and nothing below is set but Notifications.
	Due   bool
	Found bool
	// Named says that an alarm of the right name came in time, Right that the
	// first such one spoke of the right clock and direction.
	Named, Right bool
	// Latency is from the first hostile frame, or the start, to the alarm; AtOnce
	// says that the first such frame of the capture raised it.
	Latency time.Duration
	AtOnce  bool
	// Error is how wrong the worst client was at the alarm, or at the most during
	// the episode if there was none; negative where no client is known.
	Error         time.Duration
	Notifications int
}

// Judge holds the alarms of one detector, in order of time, against the truth.
func Judge(t *truth.Truth, alarms []Alarm) Judgement {
	j := Judgement{Episodes: make([]Answer, len(t.Episodes))}
	for i := range t.Episodes {
		e := &t.Episodes[i]
		j.Episodes[i] = Answer{Episode: e, Due: len(e.Alerts) > 0, Error: worst(t, func(c *truth.Clock) (truth.Nanoseconds, bool) {
			n, known := e.MaxError[c.Name]
			return n, known
		})}
	}
	for i := range alarms {
		j.take(t, &alarms[i])
	}
	j.notify(t, alarms)
	return j
}

func (j *Judgement) take(t *truth.Truth, a *Alarm) {
	at := utc(a.At, a, t)
	excused := false
	for i := range j.Episodes {
		e := &j.Episodes[i]
		if !during(e.Episode, at) {
			continue
		}
		if e.answered(t, a, at) || leavesOpen(e.Episode, a) || tolerates(e.Episode, a) {
			excused = true
		}
	}
	if !excused && a.Severity == analysis.Critical {
		j.False = append(j.False, *a)
	}
}

// answered notes an alarm in time, and says whether it is an answer.
func (r *Answer) answered(t *truth.Truth, a *Alarm, at time.Time) bool {
	e := r.Episode
	if !r.Due || a.Name != "" && !slices.Contains(e.Alerts, a.Name) {
		return false
	}
	right := speaksOf(e, a)
	if !r.Named {
		r.Named, r.Right = true, right
	}
	if !right || r.Found {
		return right
	}
	r.Found = true
	r.Latency = max(0, at.Sub(began(e)))
	r.AtOnce = a.Frame != 0 && a.Frame == e.FirstFrame
	r.Error = worst(t, func(c *truth.Clock) (truth.Nanoseconds, bool) { return c.Error.At(at.Sub(t.Start)) })
	return true
}

// during says whether a time is when an alarm may be about an episode.
func during(e *truth.Episode, at time.Time) bool {
	return !at.Before(e.Start.Add(-early)) && !at.After(e.End.Add(late))
}

// speaksOf says whether an alarm names one of the episode's clocks, if it has
// any, and the episode's direction, if the alarm has one.
func speaksOf(e *truth.Episode, a *Alarm) bool {
	one := len(e.Clocks) == 0 || slices.ContainsFunc(a.Clocks, func(c string) bool { return slices.Contains(e.Clocks, c) })
	directed := a.Direction != "" || a.Name == "PTPPathAsymmetry" // which is nothing without one
	return one && (!directed || a.Direction == e.Direction || e.Direction == "" || a.Direction != "" && e.Direction == "both")
}

// leavesOpen says whether an alarm is due and has nothing wrong in it, though it
// does not name the clock or the direction: it is no answer, but not false.
func leavesOpen(e *truth.Episode, a *Alarm) bool {
	whom := len(a.Clocks) == 0 || slices.ContainsFunc(a.Clocks, func(c string) bool { return slices.Contains(e.Clocks, c) })
	way := a.Direction == "" || a.Direction == e.Direction || e.Direction == "both"
	return slices.Contains(e.Alerts, a.Name) && whom && way
}

// tolerates says whether an alarm may be raised beside an episode. One without
// a name may, if anything is due.
func tolerates(e *truth.Episode, a *Alarm) bool {
	if a.Name == "" {
		return len(e.Alerts) > 0
	}
	return slices.Contains(e.Tolerated, a.Name)
}

// began is when an episode first touched a frame, or else its start.
func began(e *truth.Episode) time.Time {
	if e.First.IsZero() {
		return e.Start
	}
	return e.First
}

// worst is the largest error among the clients of which it is known; negative
// if there are none.
func worst(t *truth.Truth, of func(*truth.Clock) (truth.Nanoseconds, bool)) time.Duration {
	most := -1.0
	for i := range t.Clocks {
		if t.Clocks[i].Role != "client" {
			continue
		}
		if n, known := of(&t.Clocks[i]); known {
			most = max(most, math.Abs(float64(n)))
		}
	}
	return time.Duration(most)
}
