package audit

import (
	"math"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// tally is what a Quarter will say of a domain.
type tally struct {
	watched float64
	masters []Reign
	rule    *ComplianceQuarter // of the Quarter that goes on; nil where it has none

	// What readings are of comes up to 32 s after the time that they are of. So it
	// waits here and is booked second by second: never more of it than time has
	// passed, and never any for which there is no reading.
	due   []credit
	shown [analysis.Showings]time.Duration // that was taken in, since the start
	pair  [analysis.Showings]time.Duration
	last  int64 // number of the last reading
	held  Held  // the rule that due is of
	sum   float64
	seen  bool
}

// credit is time of which readings show something.
type credit struct {
	shows   analysis.Showing
	pair    bool
	seconds float64
}

// maxDue is how many seconds may wait to be booked.
const maxDue = 32

// begin starts another Quarter.
func (t *tally) begin() {
	t.watched, t.masters, t.rule, t.sum, t.seen = 0, nil, nil, 0, false
}

// take books the time from one look to the next.
func (t *tally) take(from, until time.Time, d *analysis.DomainView, watched bool) {
	t.seen = true
	since := until.Sub(from).Seconds()
	if watched {
		t.watched += since
	}
	if d.Best != 0 {
		t.reign(d, from.UTC(), until.UTC())
	}
	c := d.Compliance
	if c == nil {
		t.due, t.shown, t.pair = nil, [analysis.Showings]time.Duration{}, [analysis.Showings]time.Duration{}
		return
	}
	t.hold(c.Profile, c.Limit)
	t.earn(c)
	if watched {
		t.book(since)
	}
	t.read(&c.Last)
}

// silent books time in which a domain that is held to a rule was not there.
func (t *tally) silent(since time.Duration, h Held, watched bool) {
	t.seen = true
	if watched {
		t.watched += since.Seconds()
	}
	t.due = nil
	t.hold(h.Profile, h.Limit)
}

// hold has the Quarter be about a rule. What is due of another is dropped:
// nothing is ever shown of a limit that was not in force.
func (t *tally) hold(profile string, limit time.Duration) {
	if rule := (Held{Profile: profile, Limit: limit}); rule != t.held {
		t.held, t.due, t.rule = rule, nil, nil
	}
	if t.rule == nil {
		t.rule, t.sum = &ComplianceQuarter{Profile: profile, Limit: limit.Seconds()}, 0
	}
}

// earn takes in what readings have shown since the last look.
func (t *tally) earn(c *analysis.ComplianceView) {
	waiting := 0.0
	for shows := range analysis.Showings {
		all, pair := c.Shown[shows]-t.shown[shows], c.Pair[shows]-t.pair[shows]
		if all < 0 { // the domain was forgotten in between, and began anew
			all, pair = c.Shown[shows], c.Pair[shows]
		}
		if all > pair {
			t.due = append(t.due, credit{shows, false, (all - pair).Seconds()})
		}
		if pair > 0 {
			t.due = append(t.due, credit{shows, true, pair.Seconds()})
		}
	}
	t.shown, t.pair = c.Shown, c.Pair
	for _, d := range t.due {
		waiting += d.seconds
	}
	for len(t.due) > 0 && waiting > maxDue {
		less := min(t.due[0].seconds, waiting-maxDue)
		t.due[0].seconds -= less
		waiting -= less
		if t.due[0].seconds <= 0 {
			t.due = slices.Delete(t.due, 0, 1)
		}
	}
}

// book moves no more than so many seconds from what is due to the Quarter.
func (t *tally) book(seconds float64) {
	for len(t.due) > 0 && seconds > 0 {
		d := &t.due[0]
		part := min(seconds, d.seconds)
		seconds -= part
		d.seconds -= part
		t.rule.book(d.shows, part)
		if d.pair {
			t.rule.Pair.book(d.shows, part)
		}
		if d.seconds <= 0 {
			t.due = slices.Delete(t.due, 0, 1)
		}
	}
}

func (s *Shown) book(shows analysis.Showing, seconds float64) {
	switch shows {
	case analysis.ShownWithin:
		s.Within += seconds
	case analysis.ShownExceeded:
		s.Exceeded += seconds
	case analysis.NotShown:
		s.Undecided += seconds
	}
}

// read sums up a reading, unless it was already.
func (t *tally) read(a *analysis.Assessment) {
	if a.Basis == "" || a.Number == t.last {
		return
	}
	t.last = a.Number
	c := t.rule
	if c.Readings == 0 {
		c.Error.Min, c.Error.Max = a.Error, a.Error
	}
	c.Readings++
	t.sum += a.Error
	c.Error = Extent{t.sum / float64(c.Readings), min(c.Error.Min, a.Error), max(c.Error.Max, a.Error)}
	c.Bound = max(c.Bound, a.Bound)
	c.Most = max(c.Most, math.Abs(a.Error)+a.Bound)
}

// reign notes who was best.
func (t *tally) reign(d *analysis.DomainView, from, until time.Time) {
	id := d.Best.String()
	if n := len(t.masters); n > 0 && t.masters[n-1].Grandmaster == id && t.masters[n-1].To.Equal(from) {
		t.masters[n-1].To = until
		return
	}
	if len(t.masters) == maxSpans {
		return
	}
	name := ""
	for _, g := range d.Grandmasters {
		if g.Identity == d.Best {
			name = g.Name
		}
	}
	t.masters = append(t.masters, Reign{id, name, from, until})
}

// quarter is what there is to say; false where nobody showed anything.
func (t *tally) quarter(s analysis.Scope) (DomainQuarter, bool) {
	if c := t.rule; c != nil {
		c.Error = c.Error.rounded()
		c.Bound, c.Most = femto(c.Bound), femto(c.Most)
	}
	return DomainQuarter{
		Network: s.Network, Domain: s.DomainNumber, SdoID: s.SdoID.String(), Watched: t.watched, Masters: t.masters, Compliance: t.rule,
	}, t.seen
}
