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
		if found[i] = a.way(i).explains(by*1e9, int64(t.now)-c.Since); found[i].reason == "" {
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

// takeBack ends what was said of a path that has moved, in a direction of which it
// has become clear that its corrections did.
func (t *Tracker) takeBack(p *port, tm *timing, w *tamperedWay, direction string) {
	for _, key := range p.pathAlerts {
		a := t.alerts.active[key]
		if a == nil || key.name != AlertPathAsymmetry || a.Interface != tm.iface || key.direction != "" && key.direction != direction {
			continue
		}
		// One direction moves the mean by half of what it moves itself.
		if c := w.explains(2e9*tm.path.Moved(key.moved()), int64(t.timeOf(t.now).Sub(a.Raised))); c.reason != "" {
			t.alerts.resolve(key, t.now)
		}
	}
}
