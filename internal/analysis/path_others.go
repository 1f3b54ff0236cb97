package analysis

import (
	"github.com/ptpwatch/ptpwatch/internal/analysis/detect"
	"github.com/ptpwatch/ptpwatch/internal/analysis/jury"
)

// nameByOthers names the direction of a delay that has moved so slowly that the
// tap's own clock did as much meanwhile. Against another grandmaster that the same
// clock hears that clock cancels: what is left is by how much the offset moved.
func (t *Tracker) nameByOthers(p *port, tm *timing, c *detect.Change) {
	w, clock := &tm.path, tm.Clock()
	if c.Kind != detect.Unnamed || clock == nil {
		return
	}
	for _, b := range t.juries {
		if b.source != clock.Source || b.clock != clock.Name {
			continue
		}
		s := p.domain.scope
		key := jury.Key{Network: s.Network, Domain: s.DomainNumber, SdoID: s.SdoID, Grandmaster: p.grandmaster(), Port: p.id, Tap: tm.tap}
		if ahead, sigma, ok := b.panel.Apart(key); ok {
			w.others = w.Name(c, -ahead, sigma) // a delay of Syncs makes the time look behind
		}
	}
}

// doubt says of an alert about what others have named that they may have moved
// themselves, until the path is where it was.
func (w *pathWatch) doubt(a *Alert) {
	w.others = w.others && (w.Moved(detect.Forward) != 0 || w.Moved(detect.Reverse) != 0)
	if w.others {
		a.Certainty = Possible
		a.Summary = "The delay moved, in the direction that another grandmaster tells which the same clock hears."
	}
}
