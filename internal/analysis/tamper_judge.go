package analysis

import (
	"fmt"
	"math"

	"github.com/ptpwatch/ptpwatch/internal/analysis/tamper"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// judgeTampering looks at what the last blocks of one direction show.
func (t *Tracker) judgeTampering(p *port, tm *timing, w *tamperedWay, direction string) {
	if !w.Known() {
		return
	}
	if c := tm.tampering.correction(w); c.reason != "" {
		t.tellTampering(p, tm, AlertCorrectionFieldAnomaly, p.id, direction, c)
		t.takeBack(p, tm, w, direction)
		return
	}
	if f := w.Found(); f.Held {
		port, whose := p.id, "the messages"
		if f.From != (ptp.PortIdentity{}) {
			port, whose = f.From, "the messages, all of one client"
		}
		t.tellTampering(p, tm, AlertSelectiveDelay, port, direction, condition{
			reason:   reasonSomeHeld,
			summary:  "Some messages are held up, all by the same, and others are not.",
			expected: "delays that spread as they did, without a second peak",
			observed: fmt.Sprintf("%.0f %% of %s %s late", 100*f.Share, whose, change(f.By)),
		})
	}
}

// tellTampering raises an alert about messages of a port, or of one of its clients.
func (t *Tracker) tellTampering(p *port, tm *timing, name string, of ptp.PortIdentity, direction string, c condition) {
	t.alerts.confirm(Alert{
		Name: name, Frame: t.frame, Raised: t.timeOf(t.now), Scope: p.domain.scope, Grandmaster: p.grandmaster(), Port: of, Interface: tm.iface,
		Reason: c.reason, Direction: direction, Certainty: c.certainty, Summary: c.summary, Expected: c.expected, Observed: c.observed,
	}, t.now)
}

// correction judges what one direction is corrected by.
func (a *tampering) correction(w *tamperedWay) condition {
	s, f := w.Shift(), w.Found()
	switch {
	case f.Untrue:
		return condition{
			reason:   reasonIncoherent,
			summary:  "The corrections of messages are not what they waited: they make the delay restless.",
			expected: "raw delays that grow by what the corrections do, to a twentieth",
			observed: fmt.Sprintf("by %.2f of it; delays are %s beyond their floor, usually %s", f.Beta, change(f.Spread), change(f.Usual)),
		}
	case s.New:
		return condition{
			reason:   reasonUnknownTC,
			summary:  "Messages are corrected on a way on which no transparent clock was.",
			expected: "a correctionField of 0, as it was",
			observed: change(s.Newest),
		}
	}
	if c := a.moved(w, &s); c.reason != "" {
		return c
	}
	other := &a.forward
	if other == w {
		other = &a.reverse
	}
	if below := a.clients.Negative(); below < 0 && s.Newest > 0 && s.Newest >= other.Shift().Newest {
		return condition{
			reason:   reasonMoreThanWay,
			summary:  "The corrections of messages are larger than the delays that they are part of.",
			expected: "a mean path delay above 0",
			observed: fmt.Sprintf("%s, with %s of correction", change(below), change(s.Newest)),
		}
	}
	return condition{}
}

// moved judges corrections that lie elsewhere than they did.
func (a *tampering) moved(w *tamperedWay, s *tamper.Shift) condition {
	if s.Floor == 0 && s.Median == 0 {
		return condition{}
	}
	r := resolution(w.clock)
	off, limit, known := a.clients.Mean(r)
	if known {
		f, b := a.forward.Shift(), a.reverse.Shift()
		for _, by := range [...]float64{f.Floor + b.Floor, f.Median + b.Median} {
			if off != 0 && opposite(off, by/2, limit) {
				return displaced(by, off)
			}
		}
		return condition{}
	}
	by := larger(s.Floor, s.Median)
	if s.Followed && s.Jumped != 0 && opposite(s.Jumped, by, limit) {
		return displaced(by, s.Jumped)
	}
	if s.Outside == 0 || s.Followed && math.Abs(s.Jumped) < math.Abs(by)/4+limit {
		return condition{}
	}
	return condition{
		reason: reasonRange, certainty: Possible,
		summary:  "Messages are corrected by what they never were.",
		expected: "corrections as they were while learning",
		observed: fmt.Sprintf("%s outside", change(s.Outside)),
	}
}

func displaced(by, delay float64) condition {
	return condition{
		reason:   reasonIncoherent,
		summary:  "The corrections of messages changed, and what they took did not.",
		expected: "a corrected delay that stays where it is when the correction changes",
		observed: fmt.Sprintf("%s of correction, and %s of corrected delay", change(by), change(delay)),
	}
}

// opposite says whether a delay moved by what the correction did, the other way.
func opposite(delay, correction, limit float64) bool {
	return math.Abs(delay+correction) <= math.Abs(delay)/4+limit/4 && math.Abs(correction) > math.Abs(delay)/2
}

// larger is the one farther from 0.
func larger(a, b float64) float64 {
	if math.Abs(a) > math.Abs(b) {
		return a
	}
	return b
}
