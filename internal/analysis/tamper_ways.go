package analysis

import (
	"fmt"

	"github.com/ptpwatch/ptpwatch/internal/analysis/tamper"
	"github.com/ptpwatch/ptpwatch/internal/analysis/transit"
)

// span is the way from one tap to another, as it is judged.
type span struct {
	tamper.Span
	way    *transit.Way
	blocks uint64 // that were judged
	count  uint64 // of messages, when it was looked at last
	// How often a Sync went it, and how often a Delay_Req.
	syncs, requests uint64
	negative        int // groups in a row
}

// judgeWays judges the way that a message has just been seen to go.
func (t *Tracker) judgeWays(p *port, by stamp, request bool) {
	i := 0
	t.ways.Each(func(w *transit.Way) {
		if i == len(t.spans) {
			t.spans = append(t.spans, t.newSpan(w))
		}
		s := t.spans[i]
		i++
		switch {
		case w.Count == s.count, w.Within.Count > 0: // two clocks stamp: how they are compared may change, too
			return
		case w.Count < s.count: // other clocks stamp
			*s = span{way: w}
		}
		if s.count = w.Count; request {
			s.requests++
		} else {
			s.syncs++
		}
		if w.Unexplained.Count == s.blocks {
			return
		}
		s.blocks = w.Unexplained.Count
		took, _ := w.Transit.Newest()
		left, _ := w.Unexplained.Newest()
		if s.Add(int64(t.now), took.Floor*1e9, left.Floor*1e9, resolution(by.clock)) {
			t.judgeSpan(p, s)
		}
	})
}

// spanOf is what is judged of a way; nil where that is nothing yet.
func (t *Tracker) spanOf(w *transit.Way) *span {
	for _, s := range t.spans {
		if s.way == w {
			return s
		}
	}
	return nil
}

func (s *span) direction() string {
	if s.requests > s.syncs {
		return directionReverse
	}
	return directionForward
}

// reasons of what two taps tell together.
const (
	reasonBetweenTaps = "between_taps"
	reasonResidence   = "residence"
)

func (t *Tracker) judgeSpan(p *port, s *span) {
	var back *span
	if w := t.ways.Back(s.way); w != nil {
		back = t.spanOf(w)
	}
	raise := func(name, reason, summary, expected, observed string) {
		t.alerts.confirm(Alert{
			Name: name, Raised: t.timeOf(t.now), Scope: p.domain.scope, Grandmaster: p.grandmaster(),
			Interface: s.way.From + " to " + s.way.To, Reason: reason, Direction: s.direction(),
			Summary: summary, Expected: expected, Observed: observed, Frame: t.frame,
		}, t.now)
	}
	var other *tamper.Span
	if back != nil {
		other = &back.Span
	}
	switch verdict, m := s.Judge(other); verdict {
	case tamper.Delayed:
		raise(AlertPathAsymmetry, reasonBetweenTaps,
			"Messages that go from one tap to the other take another time than they did, and those that go back do not.",
			"floors of both directions that stay, or move together",
			fmt.Sprintf("%s from %s to %s, by the clock that stamps at both", change(m.Unexplained), s.way.From, s.way.To))
		return
	case tamper.Misreported:
		raise(AlertCorrectionFieldAnomaly, reasonResidence,
			"Transparent clocks between two taps claim another time than they did, and messages take what they took.",
			"claims that move as what messages take",
			fmt.Sprintf("%s claimed beside what messages take from %s to %s", change(-m.Unexplained), s.way.From, s.way.To))
		return
	}
	if back == nil || !s.Known() || !back.Known() || s.Floor() > back.Floor() || s.Floor()+back.Floor() > -negativeLeast {
		s.negative = 0
		return
	}
	if s.negative++; s.negative >= tamper.Sure {
		raise(AlertCorrectionFieldAnomaly, reasonResidence,
			"Transparent clocks between two taps claim more time than messages take, there and back.",
			"some time that is left for the cables",
			fmt.Sprintf("%s left there and back between %s and %s", change(s.Floor()+back.Floor()), s.way.From, s.way.To))
	}
}

// negativeLeast is what transparent clocks may claim in all beyond what messages
// take there and back, in ns: two of them round by as much.
const negativeLeast = 40
