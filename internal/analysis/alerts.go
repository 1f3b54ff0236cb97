package analysis

import (
	"slices"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const (
	maxActiveAlerts = 1024
	maxEndedAlerts  = 10000
)

// alertKey says which alerts are one and the same.
type alertKey struct {
	name        string
	scope       Scope
	grandmaster ptp.ClockIdentity
	port        ptp.PortIdentity
}

func (a *Alert) key() alertKey { return alertKey{a.Name, a.Scope, a.Grandmaster, a.Port} }

// activeAlert is an alert that holds.
type activeAlert struct {
	Alert
	ends instant // when it ends unless its condition is met again; never while it is met
}

// alertBook holds the alerts that are raised and the newest that ended.
type alertBook struct {
	tracker *Tracker
	configs map[string]AlertConfig
	active  map[alertKey]*activeAlert
	ended   []Alert
	raised  map[string]uint64
	refused uint64 // raised while the book was full
	timer   *timer
}

func newAlertBook(t *Tracker, configs map[string]AlertConfig) alertBook {
	b := alertBook{tracker: t, configs: configs, active: make(map[alertKey]*activeAlert), raised: make(map[string]uint64)}
	b.timer = t.timers.create(func(at instant) instant { return t.alerts.due(at) })
	return b
}

// configure changes what alerts are raised and how severe they are. One that
// holds keeps the severity it was raised with.
func (b *alertBook) configure(configs map[string]AlertConfig, at instant) {
	b.configs = configs
	b.endAll(at, func(a *activeAlert) bool { return configs[a.Name].Disabled })
}

// endAll ends the alerts that are meant, in their order.
func (b *alertBook) endAll(at instant, meant func(*activeAlert) bool) {
	var ended []*activeAlert
	for _, a := range b.active {
		if meant(a) {
			ended = append(ended, a)
		}
	}
	slices.SortFunc(ended, func(x, y *activeAlert) int { return compareAlerts(x.Alert, y.Alert) })
	for _, a := range ended {
		b.resolve(a.key(), at)
	}
}

func definition(name string) Definition {
	i, _ := slices.BinarySearchFunc(Definitions, name, func(d Definition, n string) int { return strings.Compare(d.Name, n) })
	return Definitions[i]
}

func (b *alertBook) severity(d Definition) Severity {
	if s := b.configs[d.Name].Severity; s != "" {
		return s
	}
	return d.Severity
}

func (b *alertBook) after(name string) time.Duration {
	if a := b.configs[name].After; a > 0 {
		return a
	}
	return definition(name).After
}

// holds says whether an alert is active.
func (b *alertBook) holds(key alertKey) bool { return b.active[key] != nil }

// raise tells that an alert's condition is met at a.Raised: it raises the
// alert, or counts once more the one that holds already. It fills what the
// definition fixes. The alert holds until release or resolve is called.
func (b *alertBook) raise(a Alert) {
	if b.configs[a.Name].Disabled {
		return
	}
	if old := b.active[a.key()]; old != nil {
		old.Count++
		old.LastSeen, old.ends = a.Raised, never
		return
	}
	if len(b.active) >= maxActiveAlerts {
		b.refused++
		return
	}
	d := definition(a.Name)
	a.Severity, a.References = b.severity(d), d.References
	a.LastSeen, a.Count = a.Raised, 1
	if a.Certainty == "" {
		a.Certainty = Certain
	}
	b.active[a.key()] = &activeAlert{a, never}
	b.raised[a.Name]++
	b.tracker.emit(a.finding(AlertRaised, a.Raised))
}

// instance raises an alert about something that happened at one instant: it
// holds for its definition's HoldDown.
func (b *alertBook) instance(a Alert, at instant) {
	b.raise(a)
	b.release(a.key(), at)
}

// release tells that an alert's condition is no longer met: it ends after its
// definition's HoldDown, unless it is met again by then.
func (b *alertBook) release(key alertKey, at instant) {
	a := b.active[key]
	if a == nil || a.ends != never {
		return
	}
	a.ends = at.add(definition(key.name).HoldDown)
	b.tracker.timers.arm(b.timer, a.ends)
}

// due ends the alerts whose hold-down is over.
func (b *alertBook) due(at instant) instant {
	b.endAll(at, func(a *activeAlert) bool { return a.ends <= at })
	next := never
	for _, a := range b.active {
		next = min(next, a.ends)
	}
	return next
}

// resolve ends an alert now if it holds.
func (b *alertBook) resolve(key alertKey, at instant) {
	a := b.active[key]
	if a == nil {
		return
	}
	delete(b.active, key)
	a.Resolved = b.tracker.timeOf(at)
	if len(b.ended) >= maxEndedAlerts {
		b.ended = slices.Delete(b.ended, 0, maxEndedAlerts/10)
	}
	b.ended = append(b.ended, a.Alert)
	b.tracker.emit(a.finding(AlertResolved, a.Resolved))
}

func (a *Alert) finding(e Event, at time.Time) Finding {
	alert := *a
	return Finding{
		At: at, Event: e, Scope: a.Scope, Grandmaster: a.Grandmaster, Port: a.Port, Frame: a.Frame, Alert: &alert,
	}
}

// list returns a copy of all alerts, oldest raised first.
func (b *alertBook) list() []Alert {
	all := make([]Alert, 0, len(b.active)+len(b.ended))
	all = append(all, b.ended...)
	for _, a := range b.active {
		all = append(all, a.Alert)
	}
	slices.SortStableFunc(all, compareAlerts)
	return all
}

func compareAlerts(a, b Alert) int {
	if c := a.Raised.Compare(b.Raised); c != 0 {
		return c
	}
	if c := strings.Compare(a.Name, b.Name); c != 0 {
		return c
	}
	if c := a.Scope.compare(b.Scope); c != 0 {
		return c
	}
	if c := a.Port.Compare(b.Port); c != 0 {
		return c
	}
	return compareIdentities(a.Grandmaster, b.Grandmaster)
}

// counts lists every alert, whether it was ever raised or not.
func (b *alertBook) counts() []AlertCount {
	out := make([]AlertCount, len(Definitions))
	for i, d := range Definitions {
		out[i] = AlertCount{Name: d.Name, Severity: b.severity(d), Count: b.raised[d.Name]}
	}
	return out
}
