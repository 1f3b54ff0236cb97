package analysis

import (
	"slices"
	"strings"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Definition is what is fixed about an alert.
type Definition struct {
	Name       string
	Severity   Severity
	After      time.Duration // how long its condition must last, where that can be set
	References []string
}

// The alerts.
const (
	AlertGrandmasterChanged = "PTPGrandmasterChanged"
	AlertGrandmasterLost    = "PTPGrandmasterLost"
	AlertAnnounceTimeout    = "PTPAnnounceTimeout"
)

// Definitions lists every alert there is, by name.
var Definitions = []Definition{
	{Name: AlertAnnounceTimeout, Severity: Critical, After: 2 * time.Second, References: []string{"IEEE 1588-2019 9.2.6.12", "RFC 7384 3.2.7"}},
	{Name: AlertGrandmasterChanged, Severity: Warning, References: []string{"IEEE 1588-2019 9.3.4", "RFC 7384 3.2.4"}},
	{Name: AlertGrandmasterLost, Severity: Critical, After: 10 * time.Second, References: []string{"IEEE 1588-2019 9.2.6.12", "RFC 7384 3.2.5"}},
}

// changeHolds is how long PTPGrandmasterChanged, which is about an instant,
// counts as holding.
const changeHolds = time.Minute

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

// alertBook holds the alerts that are raised and the newest that ended.
type alertBook struct {
	configs map[string]AlertConfig
	active  map[alertKey]*Alert
	ended   []Alert
	raised  map[string]uint64
	refused uint64 // raised while the book was full
}

func newAlertBook(configs map[string]AlertConfig) alertBook {
	return alertBook{configs: configs, active: make(map[alertKey]*Alert), raised: make(map[string]uint64)}
}

// configure changes what alerts are raised and how severe they are. One that
// holds keeps the severity it was raised with.
func (b *alertBook) configure(configs map[string]AlertConfig, at time.Time, emit func(Finding)) {
	b.configs = configs
	var ended []*Alert
	for _, a := range b.active {
		if configs[a.Name].Disabled {
			ended = append(ended, a)
		}
	}
	slices.SortFunc(ended, func(x, y *Alert) int { return compareAlerts(*x, *y) })
	for _, a := range ended {
		b.resolve(alertKey{a.Name, a.Scope, a.Grandmaster, a.Port}, at, emit)
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

// raise raises an alert, or counts once more the one that holds already. It
// fills what the definition fixes.
func (b *alertBook) raise(a Alert, emit func(Finding)) {
	if b.configs[a.Name].Disabled {
		return
	}
	key := alertKey{a.Name, a.Scope, a.Grandmaster, a.Port}
	if old := b.active[key]; old != nil {
		old.Count++
		old.LastSeen = a.Raised
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
	b.active[key] = &a
	b.raised[a.Name]++
	emit(a.finding(AlertRaised, a.Raised))
}

// resolve ends an alert if it holds.
func (b *alertBook) resolve(key alertKey, at time.Time, emit func(Finding)) {
	a := b.active[key]
	if a == nil {
		return
	}
	delete(b.active, key)
	a.Resolved = at
	if len(b.ended) >= maxEndedAlerts {
		b.ended = slices.Delete(b.ended, 0, maxEndedAlerts/10)
	}
	b.ended = append(b.ended, *a)
	emit(a.finding(AlertResolved, at))
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
		all = append(all, *a)
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
