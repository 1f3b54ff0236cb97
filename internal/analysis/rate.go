package analysis

import (
	"fmt"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// window is the messages that a flow's rate is judged by.
type window struct {
	from    instant
	seq     uint16  // of the message before the first
	n       int64   // messages in it
	odd     int     // windows in a row that were not as advertised
	fastest instant // since when every window was too fast; never when the last was not

	word   ptp.LogInterval // what was said last of the interval that is agreed
	agreed time.Duration   // the shortest that was, in the window
	fresh  bool            // it began when word changed ...
	mixed  bool            // ... and it did again since
}

// A window is judged once it has lasted that long and holds that many
// intervals, or a quarter of them after four times as long: so many that one
// late message does not matter.
const (
	windowTime      = 8 * time.Second
	windowIntervals = 16
)

// oddWindows is how many windows in a row must differ from what is advertised:
// 90 % of the intervals are to be within 30 % of their mean (IEEE 1588-2019
// 7.7.2.1), so that the mean of 16 is never that far off by chance, and a pause
// spoils one window.
const oddWindows = 2

// count takes a message into a window and says whether that is whole.
func (w *window) count(now instant) bool {
	w.n++
	if w.n < windowIntervals/4 {
		return false
	}
	lasted := now.sub(w.from)
	return lasted >= windowTime && (w.n >= windowIntervals || lasted >= 4*windowTime)
}

// sent is how many messages were sent, as their sequenceIds tell: what the
// capture has lost was sent, and what it has doubled was sent once. But some
// senders count messages of several flows together.
func (w *window) sent(seq uint16) time.Duration { return max(1, time.Duration(seq-w.seq)) }

func (w *window) restart(seq uint16, now instant) {
	w.from, w.seq, w.n, w.agreed, w.fresh, w.mixed = now, seq, 0, 0, false, false
}

// heed takes what is said of the interval that is agreed, and says whether the
// window begins with that. It is of one word; if that is never the same for long,
// the window has what is of several.
func (w *window) heed(word ptp.LogInterval, seq uint16, now instant) bool {
	if word == w.word {
		return false
	}
	w.word = word
	if w.fresh {
		w.mixed = true
		return false
	}
	w.restart(seq, now)
	w.fresh, w.fastest = true, never
	return true
}

// allow takes the interval that is agreed now.
func (w *window) allow(agreed time.Duration) {
	if w.agreed == 0 || agreed < w.agreed {
		w.agreed = agreed
	}
}

// judgeRate holds a whole window against what the sender advertises, and
// against what was agreed.
func (p *port) judgeRate(f *flow, o *packet.Observation, now instant) {
	w, d := &f.window, p.domain
	lasted := now.sub(w.from)
	mean := lasted / time.Duration(w.n)
	p.judgeFlood(f, o, mean, now)

	advertised, ok := f.advised.Duration()
	if !ok || advertised < shortestInterval || advertised > longestInterval || f.typ == ptp.DelayReq || w.mixed {
		w.odd = 0
		return // nothing is advertised, or what the field's own rule tells of; Delay_Req is random
	}
	limit := advertised * time.Duration(d.tracker.alerts.settings(AlertMessageIntervalAnomaly, d.scope).count(ThresholdPercent)) / 100
	if (mean-advertised).Abs() <= limit || (lasted/w.sent(o.Message.SequenceID)-advertised).Abs() <= limit {
		w.odd = 0
		return
	}
	if w.odd++; w.odd < oddWindows {
		return
	}
	d.tracker.alerts.confirm(Alert{
		Name: AlertMessageIntervalAnomaly, Raised: d.tracker.timeOf(now), Scope: d.scope, Port: p.id, Interface: o.Interface, Frame: o.Frame,
		Reason:   "rate",
		Summary:  "Messages come at another rate than advertised.",
		Expected: fmt.Sprintf("%s every %s, as logMessageInterval %d says, within %s", f.typ, advertised, f.advised, limit),
		Observed: fmt.Sprintf("one every %s, the mean over %s", mean.Round(time.Microsecond), lasted.Round(time.Millisecond)),
	}, now)
}

// judgeFlood looks whether a sender goes far beyond what was agreed.
func (p *port) judgeFlood(f *flow, o *packet.Observation, mean time.Duration, now instant) {
	t, w := p.domain.tracker, &f.window
	s := t.alerts.settings(AlertFlood, p.domain.scope)
	_, by := p.agreed(f)
	factor := time.Duration(max(1, s.count(ThresholdFactor)))
	if mean*factor >= w.agreed {
		w.fastest = never
		return
	}
	if w.fastest == never {
		w.fastest = w.from
	}
	if now.sub(w.fastest) < s.time(ThresholdAfter) {
		return
	}
	t.alerts.confirm(Alert{
		Name: AlertFlood, Raised: t.timeOf(now), Scope: p.domain.scope, Port: p.id, Interface: o.Interface, Frame: o.Frame,
		Reason:   "rate",
		Summary:  "A sender sends far more than agreed.",
		Expected: fmt.Sprintf("at most one %s in %s, %s", f.typ, w.agreed, by),
		Observed: fmt.Sprintf("one every %s, the mean over %s, from %s", mean.Round(time.Microsecond), now.sub(w.from).Round(time.Millisecond), &p.place),
	}, now)
}

// questionInterval is what is taken as agreed for management: nobody agrees on
// it (IEEE 1588-2019 15), and who polls clocks asks in bursts with pauses in
// between.
const questionInterval = time.Second

// agreed is the shortest interval that a flow may have, and who says so. A
// client's is its master's word: logMinDelayReqInterval (IEEE 1588-2019
// 9.5.11.2).
func (p *port) agreed(f *flow) (interval time.Duration, by string) {
	advised := f.window.word
	by = "as its logMessageInterval says"
	if f.typ == ptp.DelayReq {
		by = "as its master says"
	}
	if f.typ == ptp.ManagementMessage {
		return questionInterval, "the most that a manager needs"
	}
	if d, ok := advised.Duration(); ok {
		return min(max(d, shortestInterval), longestInterval), by
	}
	profile := p.domain.profile
	if i, ok := profile.Interval(f.typ); ok && i.Allowed {
		if d, ok := i.Min.Duration(); ok && d >= shortestInterval {
			return d, "the least of " + profile.Title
		}
	}
	return shortestInterval, "the least of all profiles"
}

// judgeField holds a flow's logMessageInterval against what it may be. 0x7F,
// not given, is always legal.
func (p *port) judgeField(f *flow, o *packet.Observation, now instant) {
	f.profile, f.told = p.domain.profile, now
	l := o.Message.LogMessageInterval
	a := Alert{Summary: "The interval field of a message is out of range."}
	i, regular := f.profile.Interval(f.typ)
	switch {
	case l == ptp.NoInterval:
	case l >= 31 || l <= -31:
		// linuxptp takes 2^31 s and more as never to expire.
		a.Reason, a.Expected = "interval_field", "a logMessageInterval from -30 to 30"
	case regular && i.Allowed && f.typ != ptp.DelayReq && !i.Contains(l):
		a.Reason, a.Expected = "interval_profile", fmt.Sprintf("a logMessageInterval from %d to %d (%s)", i.Min, i.Max, f.profile.Title)
		if p.domain.why != configured {
			a.Severity = Info // the profile is no more than what it looks like
		}
	}
	if f.outOfRange = a.Reason != ""; !f.outOfRange {
		return
	}
	t := p.domain.tracker
	a.Name, a.Raised, a.Scope, a.Port = AlertMessageIntervalAnomaly, t.timeOf(now), p.domain.scope, p.id
	a.Interface, a.Frame = o.Interface, o.Frame
	a.Observed = fmt.Sprintf("%s with logMessageInterval %d", f.typ, l)
	t.alerts.confirm(a, now)
}
