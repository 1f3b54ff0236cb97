package analysis

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/ptpwatch/ptpwatch/internal/analysis/detect"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// PathState is the state of the path between a port and a tap.
type PathState struct {
	Port ptp.PortIdentity `json:"port"`
	Tap  string           `json:"tap"`
	detect.State
}

// pathKey is a path: of a port, at a tap.
type pathKey struct {
	scope Scope
	port  ptp.PortIdentity
	tap   string
}

// pathStates are those of ports that are heard, and what is remembered of others.
func (d *domain) pathStates(ports []*port) (list []PathState) {
	for _, p := range ports {
		for _, tm := range p.timings {
			if tm.path.Blocks() > 0 {
				s := d.pathSettings(tm)
				list = append(list, PathState{p.id, tm.tap, tm.path.State(&s)})
			}
		}
	}
	for key, state := range d.tracker.paths {
		if key.scope == d.scope {
			list = append(list, PathState{key.port, key.tap, state})
		}
	}
	slices.SortFunc(list, func(a, b PathState) int { return cmp.Or(a.Port.Compare(b.Port), strings.Compare(a.Tap, b.Tap)) })
	return list
}

func (d *domain) resumePaths(list []PathState) {
	t := d.tracker
	for _, s := range list {
		if s.Frozen != nil && len(t.paths) < t.cfg.Limits.TimingPorts {
			t.paths[pathKey{d.scope, s.Port, s.Tap}] = s.State
		}
	}
}

// keepPath remembers what a path was commissioned with, beyond the port's
// silence. Of paths of invented ports no more are remembered than are timed.
func (t *Tracker) keepPath(p *port, tm *timing) {
	s := p.domain.pathSettings(tm)
	state := tm.path.State(&s)
	key := pathKey{p.domain.scope, p.id, tm.tap}
	if _, known := t.paths[key]; state.Frozen == nil || !known && len(t.paths) >= t.cfg.Limits.TimingPorts {
		return
	}
	t.paths[key] = state
}

// recall takes up what was remembered of a port at a tap.
func (t *Tracker) recall(p *port, tap string) *timing {
	key := pathKey{p.domain.scope, p.id, tap}
	tm := t.recallTiming(key, p.domain)
	if tm == nil {
		tm = &timing{tap: tap}
		if s, ok := t.paths[key]; ok {
			tm.path.Path = detect.Resume(s)
		}
	}
	delete(t.paths, key)
	p.pathAlerts = t.pathAlertsOf(p)
	return tm
}

// pathAlertsOf are the alerts about a port's paths that hold.
func (t *Tracker) pathAlertsOf(p *port) (keys []alertKey) {
	var list []Alert
	for key, a := range t.alerts.active {
		if key.ofPath() && a.Scope == p.domain.scope && a.Port == p.id {
			list = append(list, a.Alert)
		}
	}
	slices.SortFunc(list, compareAlerts)
	for _, a := range list {
		keys = append(keys, a.key())
	}
	return keys
}

// relearnPaths forgets what the paths of a scope were commissioned with.
func (d *domain) relearnPaths() {
	t := d.tracker
	maps.DeleteFunc(t.paths, func(k pathKey, _ detect.State) bool { return k.scope == d.scope })
	maps.DeleteFunc(t.kept, func(k pathKey, _ *timing) bool { return k.scope == d.scope })
	for _, e := range t.ports.entries {
		if e.value.domain == d {
			for _, tm := range e.value.timings {
				tm.path = pathWatch{}
			}
		}
	}
	t.alerts.endAll(t.now, func(a *activeAlert) bool {
		return a.Scope == d.scope && (a.Name == AlertPathAsymmetry || a.Name == AlertPathDelayShift)
	})
}
