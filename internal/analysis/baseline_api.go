package analysis

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// pinBaselines takes what was learned before.
func (t *Tracker) pinBaselines(list []Baseline) {
	t.pinned = make(map[Scope]*Baseline)
	for i := range list {
		t.pinned[list[i].Scope] = &list[i]
	}
}

// Baselines lists what is pinned, by scope.
func (t *Tracker) Baselines() []Baseline {
	list := make([]Baseline, 0, len(t.pinned))
	for _, s := range slices.SortedFunc(maps.Keys(t.pinned), Scope.compare) {
		list = append(list, *t.pinned[s])
	}
	return list
}

// AcceptBaseline pins what is heard now.
func (t *Tracker) AcceptBaseline(s Scope, at time.Time, emit func(Finding)) error {
	t.advance(at, emit)
	d := t.scopes[s]
	if d == nil {
		return fmt.Errorf("network %q, domain %d, sdo_id %s: nothing is heard", s.Network, s.DomainNumber, s.SdoID)
	}
	if m := d.cfg.Baseline; m == BaselineListed || m == BaselineOff {
		return fmt.Errorf("network %q, domain %d, sdo_id %s: baseline is %s in the configuration: nothing is learned", s.Network, s.DomainNumber, s.SdoID, m)
	}
	b := &Baseline{Scope: s, Profile: d.cfg.Profile, Pinned: t.timeOf(t.now)}
	_, clocks := t.byDomain()
	for _, g := range clocks[d] {
		b.Grandmasters = append(b.Grandmasters, BaselineGrandmaster{g.id, g.dataset, g.flags})
	}
	for _, p := range d.candidates {
		a := p.announcing
		b.Senders = append(b.Senders, BaselineSender{
			Port: p.id, Grandmaster: a.announce.GrandmasterIdentity, StepsRemoved: a.announce.StepsRemoved,
			Interface: p.iface, MAC: p.mac, Address: p.source, VLANs: p.vlans,
		})
	}
	slices.SortFunc(b.Senders, func(x, y BaselineSender) int { return x.Port.Compare(y.Port) })
	t.pinned[s] = b
	t.emit(Finding{At: t.timeOf(t.now), Event: BaselinePinned, Scope: s})
	return nil
}

// ResetBaseline forgets what is pinned and learns anew.
func (t *Tracker) ResetBaseline(s Scope, at time.Time, emit func(Finding)) error {
	t.advance(at, emit)
	if t.pinned[s] == nil && t.scopes[s] == nil {
		return fmt.Errorf("network %q, domain %d, sdo_id %s: nothing is heard and nothing is pinned", s.Network, s.DomainNumber, s.SdoID)
	}
	delete(t.pinned, s)
	t.emit(Finding{At: t.timeOf(t.now), Event: BaselineReset, Scope: s})
	return nil
}

func (d *domain) baselineView() (BaselineState, *Baseline) {
	switch b := d.tracker.pinned[d.scope]; {
	case d.cfg.Baseline == BaselineOff:
		return StateOff, nil
	case d.cfg.Baseline == BaselineListed:
		return StateListed, nil
	case b != nil:
		return StatePinned, b
	}
	return StateLearning, nil
}
