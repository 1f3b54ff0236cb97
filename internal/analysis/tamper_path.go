package analysis

import (
	"math"

	"github.com/ptpwatch/ptpwatch/internal/analysis/detect"
)

// miscorrected says whether a path moved because its messages are corrected by
// something else than before, and tells of that: what has moved by as much as its
// correction, the other way, took what it took. The path and the corrections are
// two kinds of evidence.
func (t *Tracker) miscorrected(p *port, tm *timing, c *detect.Change) bool {
	a := tm.tampering
	if a == nil || c.Kind == detect.Unnamed || c.Back || p.domain.cfg.alert(AlertCorrectionFieldAnomaly).disabled {
		return false
	}
	forward, reverse := c.Mean+c.Offset, c.Mean-c.Offset
	least := max(math.Abs(forward), math.Abs(reverse)) / 2
	if tm.path.Link() {
		reverse = 0 // it is reckoned from the forward one, and the link's delay
	}
	var found [2]condition
	for i, by := range [...]float64{forward, reverse} {
		if math.Abs(by) <= least {
			continue
		}
		w, span := a.way(i), int64(t.now)-c.Since
		if found[i] = w.explains(by*1e9, span); found[i].reason != "" {
			w.explained += by * 1e9
		} else if !w.returns(by*1e9, span) {
			return false
		}
	}
	for i, c := range found {
		if c.reason != "" {
			t.tellTampering(p, tm, AlertCorrectionFieldAnomaly, p.id, [...]string{directionForward, directionReverse}[i], c)
		}
	}
	return true
}

// way is the forward direction, then the reverse one.
func (a *tampering) way(i int) *tamperedWay { return [...]*tamperedWay{&a.forward, &a.reverse}[i] }

// explains says whether a delay moved by so many ns because the corrections of the
// last messages, of so long, moved by as much the other way.
func (w *tamperedWay) explains(moved float64, span int64) condition {
	floor, median := w.Lately(span)
	for _, by := range [...]float64{floor, median} {
		if by != 0 && opposite(moved, by, 0) {
			return displaced(by, moved)
		}
	}
	return condition{}
}

// returns says whether a delay moved back by what corrections had explained, now
// that messages are corrected as usual.
func (w *tamperedWay) returns(moved float64, span int64) bool {
	floor, median := w.Lately(span)
	if w.explained == 0 || floor != 0 || median != 0 || math.Abs(moved+w.explained) > math.Abs(moved)/4 {
		return false
	}
	w.explained = 0
	return true
}

// takeBack ends what was said of a path that has moved, in a direction of which it
// has become clear that its corrections did.
func (t *Tracker) takeBack(p *port, tm *timing, w *tamperedWay, direction string) {
	for _, key := range p.pathAlerts {
		a := t.alerts.active[key]
		if a == nil || key.name != AlertPathAsymmetry || a.Interface != tm.iface || key.direction != "" && key.direction != direction {
			continue
		}
		// One direction moves the mean by half of what it moves itself.
		moved := 2e9 * tm.path.Moved(key.moved())
		if c := w.explains(moved, int64(t.timeOf(t.now).Sub(a.Raised))); c.reason != "" {
			w.explained = moved
			t.alerts.resolve(key, t.now)
		}
	}
}
