package analysis

import (
	"fmt"
	"math"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/words"
)

const (
	// assessEvery is how often a domain that is held to a rule is looked at:
	// twice in the time of a reading, so that none is missed.
	assessEvery = 8 * time.Second
	// readingLasts is what time a reading is of, by the clock that stamps.
	readingLasts = 16 * time.Second
	// assessSure is how many readings in a row raise an alert, or end it.
	assessSure = 3
	// complyEnds is the part of the lesser threshold below which an alert ends.
	complyEnds = 0.8
)

// The thresholds of PTPComplianceLimit.
const (
	ThresholdWarningPercent  = "warning_percent"
	ThresholdCriticalPercent = "critical_percent"
)

// comply is how a domain does by the rule it is held to.
type comply struct {
	timer       *timer // nil while it is held to none
	limit       time.Duration
	last        Assessment // the newest reading that there was ...
	lastAt      instant    // ... and when it was taken
	streak      streak
	shown, pair [Showings]time.Duration
}

// streak counts readings in a row.
type streak struct {
	over, grave     int // beyond the lesser threshold, and the graver one
	surely, gravely int // likewise, whatever asymmetry does
	under           int // below where an alert ends
}

// ComplianceView is how a domain does by the rule that it is held to.
type ComplianceView struct {
	Profile string
	Limit   time.Duration
	// Last is the newest reading, if it was taken in the last half minute.
	Last Assessment
	// Shown is the time that readings are of, by Showing, since the start; Pair is
	// what of that is of BasisPair. NotMeasured is not counted.
	Shown, Pair [Showings]time.Duration
}

// startComplying looks at a domain from now on if it is held to a rule.
func (d *domain) startComplying() {
	c, t := &d.comply, d.tracker
	_, limit, held := d.rule()
	if c.limit != limit {
		c.streak, c.limit = streak{}, limit
	}
	switch {
	case !held && c.timer != nil:
		t.timers.disarm(c.timer)
		c.timer = nil
		t.alerts.endAll(t.now, d.isCompliance)
	case held && c.timer == nil:
		c.timer = t.timers.create(d.complyDue)
		t.timers.arm(c.timer, t.now.add(assessEvery))
	}
}

// stopComplying forgets about a domain that is forgotten.
func (d *domain) stopComplying() {
	if d.comply.timer != nil {
		d.tracker.timers.disarm(d.comply.timer)
	}
}

func (d *domain) isCompliance(a *activeAlert) bool {
	return a.Name == AlertComplianceLimit && a.Scope == d.scope
}

// complyDue takes the newest reading, if there is one.
func (d *domain) complyDue(at instant) instant {
	c, next := &d.comply, at.add(assessEvery)
	a := d.readError()
	same := a.follows(&c.last)
	if a.Basis == "" || same && a.Number <= c.last.Number {
		return next // silence shows nothing, and ends nothing
	}
	if same && a.Number == c.last.Number+1 && at.sub(c.lastAt) <= 2*readingLasts {
		c.book(&a)
	}
	if !same {
		c.streak = streak{}
		d.tracker.alerts.endAll(at, func(o *activeAlert) bool {
			return d.isCompliance(o) && (o.Grandmaster != a.Grandmaster || o.Port != a.Port)
		})
	}
	c.last, c.lastAt = a, at
	d.judgeCompliance(&a, at)
	return next
}

// book counts the time of a reading. One that does not follow another may be of a
// part of its time only, and counts for nothing.
func (c *comply) book(a *Assessment) {
	shows := a.Shows(c.limit.Seconds())
	c.shown[shows] += readingLasts
	if a.Basis == BasisPair {
		c.pair[shows] += readingLasts
	}
}

// follows says whether a reading is of the same clocks, in the same way, as one
// before.
func (a *Assessment) follows(b *Assessment) bool {
	return a.Basis == b.Basis && a.Grandmaster == b.Grandmaster && a.Port == b.Port && a.Tap == b.Tap && a.clock == b.clock && a.steps == b.steps
}

// add takes a reading, with thresholds in seconds.
func (s *streak) add(a *Assessment, lesser, graver float64) {
	count := func(n *int, holds bool) {
		if *n++; !holds {
			*n = 0
		}
	}
	e := math.Abs(a.Error)
	count(&s.over, e > lesser)
	count(&s.grave, e > graver)
	count(&s.surely, e-a.Bound > lesser)
	count(&s.gravely, e-a.Bound > graver)
	count(&s.under, e < complyEnds*lesser)
}

// judgeCompliance raises PTPComplianceLimit, or ends it.
func (d *domain) judgeCompliance(a *Assessment, at instant) {
	t, settings := d.tracker, d.cfg.alert(AlertComplianceLimit)
	part := func(threshold string) float64 {
		return d.comply.limit.Seconds() * float64(settings.count(threshold)) / 100
	}
	lesser, graver := part(ThresholdWarningPercent), part(ThresholdCriticalPercent)
	s := &d.comply.streak
	s.add(a, lesser, graver)
	alert := Alert{
		Name: AlertComplianceLimit, Raised: t.timeOf(at), Scope: d.scope, Grandmaster: a.Grandmaster, Port: a.Port, Interface: a.iface,
		Severity: Warning, Reason: string(a.Basis), Certainty: Possible,
	}
	if s.under >= assessSure {
		t.alerts.release(alert.key(), at)
	}
	if s.over < assessSure {
		return
	}
	threshold, percent, sure := lesser, settings.count(ThresholdWarningPercent), s.surely
	if s.grave >= assessSure {
		alert.Severity = Critical
		threshold, percent, sure = graver, settings.count(ThresholdCriticalPercent), s.gravely
	}
	if sure >= assessSure && a.Count != 2 { // of two that disagree either may be right
		alert.Certainty = Certain
	}
	rule, _, _ := d.rule()
	alert.Expected = fmt.Sprintf("a time error of at most %s, which is %d %% of the %s of %s", words.Short(threshold, 3), percent, words.Short(d.comply.limit.Seconds(), 3), rule.Name)
	alert.Observed = fmt.Sprintf("%s, give or take %s, in the last of %d readings, against %s", words.Short(a.Error, 3), words.Short(a.Bound, 3), s.over, d.against(a))
	t.alerts.raise(alert)
}

// against says what a reading was measured against.
func (d *domain) against(a *Assessment) string {
	if a.Basis == BasisReference {
		return fmt.Sprintf("the clock that stamps for %s", a.iface)
	}
	if a.Count == 2 {
		return "the other grandmaster"
	}
	return fmt.Sprintf("the middle of %d grandmasters", a.Count)
}

// complianceView is nil where a domain is held to nothing.
func (d *domain) complianceView() *ComplianceView {
	rule, limit, held := d.rule()
	if !held {
		return nil
	}
	v := &ComplianceView{Profile: rule.Name, Limit: limit, Shown: d.comply.shown, Pair: d.comply.pair}
	if d.comply.last.Basis != "" && d.tracker.now.sub(d.comply.lastAt) <= 2*readingLasts {
		v.Last = d.comply.last
		v.Last.clock = nil // it is the Tracker's
	}
	return v
}
