package analysis

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const maxEndedAlerts = 10000

// alertRoom is how many alerts may hold before one of that rank is refused, so
// that no lesser alerts keep a graver one out. It does not bind the first alert
// of its name in its scope; about an acceptable grandmaster, or the monitor
// itself, it is twice as much. So a flood of invented clocks hides nothing that
// is not one more of itself.
var alertRoom = [ranks]int{512, 768, 1024}

// alertKey says which alerts are one and the same.
type alertKey struct {
	name        string
	scope       Scope
	grandmaster ptp.ClockIdentity
	port        ptp.PortIdentity
	direction   string
	tap         string // of what has a direction
}

// An alert about the monitor itself has no scope: interface and reason tell it
// from others. One that has a direction is about one direction at one tap: where
// the next one tells another story, both are told.
func (a *Alert) key() alertKey {
	if a.Scope == (Scope{}) {
		return alertKey{name: a.Name, scope: Scope{Network: a.Interface + "/" + a.Reason}}
	}
	k := alertKey{name: a.Name, scope: a.Scope, grandmaster: a.Grandmaster, port: a.Port}
	if a.Direction != "" {
		k.direction, k.tap = a.Direction, a.Interface
	}
	return k
}

// alertKind is all alerts of one name in one scope.
type alertKind struct {
	name  string
	scope Scope
}

func (a *Alert) kind() alertKind { return alertKind{a.Name, a.Scope} }

// activeAlert is an alert that holds.
type activeAlert struct {
	Alert
	ends     instant // when it ends unless its condition is met again; never while it is met
	released bool    // its condition is no longer met
}

// graded is an alert's name with a severity.
type graded struct {
	name     string
	severity Severity
}

// alertBook holds the alerts that are raised and the newest that ended.
type alertBook struct {
	tracker    *Tracker
	active     map[alertKey]*activeAlert
	kinds      map[alertKind]int // how many hold
	ended      []Alert
	incidents  incidents
	raised     map[graded]uint64
	suppressed map[string]uint64
	refused    uint64 // for want of room
	timer      *timer
}

func newAlertBook(t *Tracker) alertBook {
	b := alertBook{
		tracker: t, active: make(map[alertKey]*activeAlert), kinds: make(map[alertKind]int), incidents: incidents{open: make(map[uint64]*incident)},
		raised: make(map[graded]uint64), suppressed: make(map[string]uint64),
	}
	b.timer = t.timers.create(func(at instant) instant { return t.alerts.due(at) })
	return b
}

// settings are how an alert is set in a scope. An alert about the monitor
// itself has no scope.
func (b *alertBook) settings(name string, s Scope) *settings {
	if d := b.tracker.scopes[s]; d != nil {
		return d.cfg.alert(name)
	}
	return b.tracker.cfg.settings[name]
}

// disable ends the alerts that the configuration in force does not want. Those
// that hold keep the severity they were raised with.
func (b *alertBook) disable(at instant) {
	b.endAll(at, func(a *activeAlert) bool { return b.settings(a.Name, a.Scope).disabled })
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

// holds says whether an alert is active.
func (b *alertBook) holds(key alertKey) bool { return b.active[key] != nil }

// raise tells that an alert's condition is met at a.Raised: it raises the
// alert, or counts once more the one that holds already. It fills what the
// definition fixes. The alert holds until release or resolve is called.
func (b *alertBook) raise(a Alert) {
	s := b.settings(a.Name, a.Scope)
	if s.disabled {
		return
	}
	if d := b.tracker.scopes[a.Scope]; d != nil && d.order == unheeded {
		b.suppressed[a.Name]++
		return
	}
	a.Severity = s.grade(a.Severity)
	if a.Certainty == "" {
		a.Certainty = Certain
	}
	a.Summary = cmp.Or(a.Summary, s.definition.Summary)
	a.References = s.definition.References
	if old := b.active[a.key()]; old != nil {
		b.refresh(old, a)
		return
	}
	if !b.roomFor(&a) {
		b.refused++
		b.suppressed[a.Name]++
		return
	}
	a.LastSeen, a.Count = a.Raised, 1
	b.open(a)
}

func (b *alertBook) roomFor(a *Alert) bool {
	n := alertRoom[a.Severity.rank()]
	if b.ours(a) {
		n *= 2
	}
	return len(b.active) < n || b.kinds[a.kind()] == 0
}

// ours says whether an alert is about an acceptable grandmaster, or about the
// monitor itself.
func (b *alertBook) ours(a *Alert) bool {
	d := b.tracker.scopes[a.Scope]
	if d == nil {
		return a.Scope == Scope{}
	}
	v, _ := d.judgeIdentity(a.Grandmaster)
	return v == Acceptable
}

func (b *alertBook) open(a Alert) {
	b.enter(&a)
	b.active[a.key()] = &activeAlert{Alert: a, ends: never}
	b.kinds[a.kind()]++
	b.tell(&a, AlertRaised, a.Raised)
}

// enter makes an alert part of an incident and counts it.
func (b *alertBook) enter(a *Alert) {
	var told bool
	if a.Incident, told = b.join(a); told {
		a.Suppressed = true
		b.suppressed[a.Name]++
	}
	b.raised[graded{a.Name, a.Severity}]++
}

// refresh counts an alert that holds once more. While it holds it only gets
// worse: it is told again when the severity is graver, with what says so now,
// and when what was possible has become certain. All the while it stays what
// its first message made it: Raised, and the evidence unless a graver came.
func (b *alertBook) refresh(old *activeAlert, a Alert) {
	again := old.released
	old.Count++
	old.LastSeen, old.ends, old.released = a.Raised, never, false
	at := a.Raised
	switch {
	case a.Severity.Compare(old.Severity) > 0:
		a.Raised, a.LastSeen, a.Count = old.Raised, old.LastSeen, old.Count
		b.leave(&old.Alert, b.tracker.now)
		b.enter(&a)
		old.Alert = a
		b.tell(&a, AlertRaised, at)
	case a.Certainty == Certain && old.Certainty == Possible:
		old.Certainty = Certain
		b.suppressed[a.Name]++
		known := old.Alert
		known.Suppressed = true
		b.tell(&known, AlertRaised, at)
	case again:
		b.suppressed[a.Name]++
	}
}

// crowd is how many alerts of one name may hold in one scope about clocks that
// are only heard.
const crowd = 8

// crowded says whether that many hold.
func (b *alertBook) crowded(name string, s Scope) bool { return b.kinds[alertKind{name, s}] >= crowd }

// instance raises an alert about something that happened at one instant: it
// holds for its definition's HoldDown.
func (b *alertBook) instance(a Alert, at instant) {
	b.raise(a)
	b.release(a.key(), at)
}

// confirm raises an alert about a state that message after message shows: it
// ends HoldDown after the last one that does, also when no other comes.
func (b *alertBook) confirm(a Alert, at instant) {
	b.raise(a)
	b.lapse(a.key(), at)
}

// extend lets an alert that is to end do so no earlier than at.
func (b *alertBook) extend(key alertKey, at instant) {
	if a := b.active[key]; a != nil && a.ends != never {
		a.ends = max(a.ends, at)
	}
}

// release tells that an alert's condition is no longer met: it ends after its
// definition's HoldDown, unless it is met again by then.
func (b *alertBook) release(key alertKey, at instant) {
	if a := b.active[key]; a != nil {
		a.released = true
		b.lapse(key, at)
	}
}

// lapse lets an alert end after its HoldDown unless it is raised again.
func (b *alertBook) lapse(key alertKey, at instant) {
	if a := b.active[key]; a != nil && a.ends == never {
		a.ends = at.add(definitions[key.name].HoldDown)
		b.tracker.timers.arm(b.timer, a.ends)
	}
}

// due ends the alerts whose hold-down is over, and the incidents that are over
// with them.
func (b *alertBook) due(at instant) instant {
	b.endAll(at, func(a *activeAlert) bool { return a.ends <= at })
	next := b.closeIncidents(at)
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
	if b.kinds[a.kind()]--; b.kinds[a.kind()] == 0 {
		delete(b.kinds, a.kind())
	}
	a.Resolved = b.tracker.timeOf(at)
	b.leave(&a.Alert, at)
	b.remember(a.Alert)
	b.tell(&a.Alert, AlertResolved, a.Resolved)
}

// remember keeps an alert that ended. When there are too many, the oldest of
// the least severity go.
func (b *alertBook) remember(a Alert) {
	if len(b.ended) >= maxEndedAlerts {
		slices.SortStableFunc(b.ended, func(x, y Alert) int { return x.Severity.Compare(y.Severity) })
		b.ended = slices.Delete(b.ended, 0, maxEndedAlerts/10)
	}
	b.ended = append(b.ended, a)
}

func (b *alertBook) tell(a *Alert, e Event, at time.Time) {
	alert := *a
	b.tracker.emit(Finding{
		At: at, Event: e, Scope: a.Scope, Grandmaster: a.Grandmaster, Port: a.Port, Frame: a.Frame, Alert: &alert,
	})
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
	return cmp.Or(
		a.Raised.Compare(b.Raised),
		strings.Compare(a.Name, b.Name),
		a.Scope.compare(b.Scope),
		a.Port.Compare(b.Port),
		compareIdentities(a.Grandmaster, b.Grandmaster),
		strings.Compare(a.Direction, b.Direction),
		strings.Compare(a.Interface, b.Interface),
		strings.Compare(a.Interface, b.Interface),
		strings.Compare(a.Reason, b.Reason),
		a.Resolved.Compare(b.Resolved),
	)
}

// counts lists every alert with each severity it can be raised with or was,
// whether it was ever raised or not.
func (b *alertBook) counts() []AlertCount {
	var out []AlertCount
	for i := range Definitions {
		name := Definitions[i].Name
		possible := map[Severity]bool{}
		for _, all := range b.tracker.cfg.everySettings() {
			for _, grade := range all[name].severities() {
				possible[grade] = true
			}
		}
		for _, grade := range []Severity{Critical, Warning, Info} {
			if n := b.raised[graded{name, grade}]; n > 0 || possible[grade] {
				out = append(out, AlertCount{Name: name, Severity: grade, Count: n})
			}
		}
	}
	return out
}

// suppressions lists how often each alert was held back.
func (b *alertBook) suppressions() []AlertCount {
	out := make([]AlertCount, len(Definitions))
	for i, d := range Definitions {
		out[i] = AlertCount{Name: d.Name, Count: b.suppressed[d.Name]}
	}
	return out
}

func (b *alertBook) view() TableView {
	return TableView{Name: "alerts", Entries: len(b.active), Limit: alertRoom[Critical.rank()], Evictions: b.refused}
}
