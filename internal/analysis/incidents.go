package analysis

import (
	"cmp"
	"slices"
	"time"
)

// An incident takes in what is raised in its scope while its alerts hold and
// for incidentGap after the last has ended. When nothing new was raised for
// incidentStale, what comes is a matter of its own: an alert that stands for
// days must not swallow an attack.
const (
	incidentGap   = time.Minute
	incidentStale = time.Hour
)

// Incident is alerts of one scope that belong together. People need be told of
// it once, and again when it gets graver. Information opens none and keeps none
// open.
type Incident struct {
	ID       uint64 // counts from 1
	Scope    Scope
	Opened   time.Time
	Closed   time.Time // zero while it is open
	Severity Severity  // the gravest so far
	Alerts   uint64    // raised in it so far
}

// incident is one that is open.
type incident struct {
	Incident
	news   instant // when an alert was raised in it last
	levels [ranks]incidentLevel
}

// incidentLevel is the alerts of one severity in an incident.
type incidentLevel struct {
	hold  int     // how many hold
	ended instant // when the last one ended; longAgo when none did
}

// incidents are those that are open.
type incidents struct {
	last uint64 // identifier given
	open map[uint64]*incident
}

// holds says whether an alert keeps the incident open.
func (i *incident) holds() bool { return i.levels[1].hold+i.levels[2].hold > 0 }

// ended is when the last alert that kept it open ended.
func (i *incident) ended() instant { return max(i.levels[1].ended, i.levels[2].ended) }

// takes says whether what is raised now belongs to the incident.
func (i *incident) takes(at instant) bool {
	return i.holds() && at.sub(i.news) <= incidentStale || at.sub(i.ended()) < incidentGap
}

// told says whether people were told of something as grave a moment ago.
func (i *incident) told(rank int, at instant) bool {
	return slices.ContainsFunc(i.levels[rank:], func(l incidentLevel) bool {
		return l.hold > 0 || at.sub(l.ended) < incidentGap
	})
}

// join finds or opens the incident of an alert that is raised now, and says
// whether people were told of as much already.
func (b *alertBook) join(a *Alert) (id uint64, told bool) {
	at, rank := b.tracker.now, a.Severity.rank()
	i := b.taking(a.Scope, at)
	if i == nil {
		if rank == 0 {
			return 0, false
		}
		i = b.openIncident(a, at)
	}
	told = i.told(rank, at)
	i.Alerts++
	if rank > 0 {
		i.levels[rank].hold++
		i.news = at
	}
	if a.Severity.Compare(i.Severity) > 0 {
		i.Severity = a.Severity
	}
	return i.ID, told
}

// taking is the newest incident that takes in what is raised in a scope; nil
// when none does.
func (b *alertBook) taking(s Scope, at instant) (newest *incident) {
	for _, i := range b.incidents.open {
		if i.Scope == s && i.takes(at) && (newest == nil || i.ID > newest.ID) {
			newest = i
		}
	}
	return newest
}

func (b *alertBook) openIncident(a *Alert, at instant) *incident {
	b.incidents.last++
	i := &incident{Incident: Incident{ID: b.incidents.last, Scope: a.Scope, Opened: b.tracker.timeOf(at), Severity: a.Severity}}
	for r := range i.levels {
		i.levels[r].ended = longAgo
	}
	b.incidents.open[i.ID] = i
	b.tellIncident(i, IncidentOpened, i.Opened)
	return i
}

// leave tells an alert's incident that it has ended.
func (b *alertBook) leave(a *Alert, at instant) {
	i, rank := b.incidents.open[a.Incident], a.Severity.rank()
	if i == nil || rank == 0 {
		return
	}
	i.levels[rank].hold--
	i.levels[rank].ended = at
	if !i.holds() {
		b.tracker.timers.arm(b.timer, at.add(incidentGap))
	}
}

// closeIncidents closes what is over and says when to look again.
func (b *alertBook) closeIncidents(at instant) instant {
	next := never
	for _, i := range b.openIncidents() {
		if i.holds() {
			continue
		}
		if end := i.ended().add(incidentGap); at < end {
			next = min(next, end)
			continue
		}
		delete(b.incidents.open, i.ID)
		i.Closed = b.tracker.timeOf(at)
		b.tellIncident(i, IncidentClosed, i.Closed)
	}
	return next
}

// openIncidents lists them in their order.
func (b *alertBook) openIncidents() []*incident {
	list := make([]*incident, 0, len(b.incidents.open))
	for _, i := range b.incidents.open {
		list = append(list, i)
	}
	slices.SortFunc(list, func(x, y *incident) int { return cmp.Compare(x.ID, y.ID) })
	return list
}

func (b *alertBook) tellIncident(i *incident, e Event, at time.Time) {
	told := i.Incident
	b.tracker.emit(Finding{At: at, Event: e, Scope: i.Scope, Incident: &told})
}

func (b *alertBook) incidentState(i *incident) IncidentState {
	s := IncidentState{Incident: i.Incident, News: b.tracker.timeOf(i.news)}
	for r := range i.levels {
		s.Ended[r] = b.tracker.timeOf(i.levels[r].ended)
	}
	return s
}

// resume takes over the alerts and incidents of a State.
func (b *alertBook) resume(s *State) {
	b.incidents.last = s.LastIncident
	for _, in := range s.Incidents {
		i := &incident{Incident: in.Incident, news: toInstant(in.News)}
		for r := range i.levels {
			i.levels[r].ended = instantOr(in.Ended[r], longAgo)
		}
		b.incidents.open[i.ID] = i
	}
	for _, a := range s.Alerts {
		if definitions[a.Alert.Name] == nil {
			continue // of another version of this program
		}
		b.active[a.Alert.key()] = &activeAlert{a.Alert, instantOr(a.Ends, never), a.Released}
		b.kinds[a.Alert.kind()]++
		if i := b.incidents.open[a.Alert.Incident]; i != nil && a.Alert.Severity.rank() > 0 {
			i.levels[a.Alert.Severity.rank()].hold++
		}
	}
	b.tracker.timers.arm(b.timer, b.tracker.now)
}
