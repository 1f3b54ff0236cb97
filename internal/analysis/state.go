package analysis

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis/bmca"
	"github.com/ptpwatch/ptpwatch/internal/analysis/profile"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// StateVersion is the version of State that this program writes and reads.
const StateVersion = 1

// State is what judging later messages takes, for a Tracker that goes on where
// another ended: who announces what, who leads, which alerts hold, what delays are
// usual. Counts, rates, statistics, messages that wait for their other half and
// what contending senders said last are not kept.
type State struct {
	Version      int             `json:"version"`
	At           time.Time       `json:"at"`
	Domains      []DomainState   `json:"domains"`
	Alerts       []AlertState    `json:"alerts,omitempty"`
	Incidents    []IncidentState `json:"incidents,omitempty"`
	LastIncident uint64          `json:"last_incident,omitempty"` // identifier given
	Juries       []JuryKept      `json:"juries,omitempty"`
	Spans        []SpanState     `json:"spans,omitempty"`
	// Layout is of all Details: what another build wrote, and keeps other things,
	// is learned anew.
	Layout string `json:"layout,omitempty"`
}

// AlertState is an alert that holds.
type AlertState struct {
	Alert    Alert     `json:"alert"`
	Ends     time.Time `json:"ends,omitzero"`      // when it ends, if its condition is not met now
	Released bool      `json:"released,omitempty"` // its condition is no longer met
}

// IncidentState is an incident that is open.
type IncidentState struct {
	Incident Incident         `json:"incident"`
	News     time.Time        `json:"news"`
	Ended    [ranks]time.Time `json:"ended"` // when the last alert of each severity ended
}

// DomainState is the state of one scope.
type DomainState struct {
	Scope        Scope              `json:"scope"`
	Leader       ptp.ClockIdentity  `json:"leader"`
	Led          bool               `json:"led"`
	Best         ptp.PortIdentity   `json:"best"` // zero when there is none
	BestReason   string             `json:"best_reason,omitempty"`
	Changes      uint64             `json:"changes"`
	ChangedAt    []time.Time        `json:"changed_at,omitempty"` // the latest changes
	LeaderPort   ptp.PortIdentity   `json:"leader_port"`
	Hinges       string             `json:"best_hinges,omitempty"`
	Created      time.Time          `json:"created"`
	LedAt        time.Time          `json:"led_at,omitzero"`
	Lost         *LostState         `json:"lost,omitempty"`
	Learned      LearnedState       `json:"learned"`
	Appeared     bool               `json:"appeared"`            // it was judged whether the scope should be there
	Unordered    bool               `json:"unordered,omitempty"` // it should not ...
	Unheeded     bool               `json:"unheeded,omitempty"`  // ... and nothing in it is told
	Newcomers    *NewcomersState    `json:"newcomers,omitempty"`
	Evidence     profile.Evidence   `json:"evidence"`
	Profile      string             `json:"profile"`
	ProfileWhy   string             `json:"profile_why"`
	Recognised   bool               `json:"recognised,omitempty"` // the profile, for good
	Grandmasters []GrandmasterState `json:"grandmasters,omitempty"`
	Announcers   []AnnouncerState   `json:"announcers,omitempty"`
	Paths        []PathState        `json:"paths,omitempty"`
	Timings      []TimingState      `json:"timings,omitempty"` // of at most 64 ports in all
}

// LostState is the silence of a grandmaster that was best.
type LostState struct {
	Since       time.Time         `json:"since"`
	After       time.Duration     `json:"after"`
	Grandmaster ptp.ClockIdentity `json:"grandmaster"`
	Port        ptp.PortIdentity  `json:"port"`
	Certainty   Certainty         `json:"certainty"`
	Raised      bool              `json:"raised"`
	Interface   string            `json:"interface"`
}

// LearnedState is what was learned of a scope so far.
type LearnedState struct {
	State        BaselineState         `json:"state"`
	Until        time.Time             `json:"until,omitzero"`
	Pinned       time.Time             `json:"pinned,omitzero"`
	Grandmasters []BaselineGrandmaster `json:"grandmasters,omitempty"`
	Senders      []BaselineSender      `json:"senders,omitempty"`
}

// NewcomersState counts the senders that are new to a scope.
type NewcomersState struct {
	From       time.Time `json:"from"`
	All        int       `json:"all"`
	Announcing int       `json:"announcing"`
	Until      time.Time `json:"until,omitzero"` // a flood of them is on until then
}

// GrandmasterState is the state of one grandmaster.
type GrandmasterState struct {
	Identity  ptp.ClockIdentity `json:"identity"`
	First     time.Time         `json:"first"`
	Last      time.Time         `json:"last"`
	DatasetAt time.Time         `json:"dataset_at"`
	Dataset   ptp.Announce      `json:"dataset"`
	Flags     ptp.Flags         `json:"flags"`
	Reigned   time.Duration     `json:"reigned"`
	ReignFrom time.Time         `json:"reign_from,omitzero"`
	Accused   ptp.PortIdentity  `json:"accused"`
	Nearest   ptp.PortIdentity  `json:"nearest"`             // whose Announce is believed
	ToldAt    time.Time         `json:"told_at,omitzero"`    // since when it has said that
	Traceable uint8             `json:"traceable,omitempty"` // the last clockClass that said so
}

// AnnouncerState is the state of one port that announces.
type AnnouncerState struct {
	Port          ptp.PortIdentity `json:"port"`
	Interface     string           `json:"interface"`
	First         time.Time        `json:"first"`
	Last          time.Time        `json:"last"`
	FirstAnnounce time.Time        `json:"first_announce,omitzero"`
	LastAnnounce  time.Time        `json:"last_announce"`
	SequenceID    uint16           `json:"sequence_id"`
	RestartAt     time.Time        `json:"restart_at,omitzero"`
	Interval      time.Duration    `json:"interval"`
	Announce      ptp.Announce     `json:"announce"`
	Flags         ptp.Flags        `json:"flags"`
	ChangedAt     time.Time        `json:"changed_at"`
	PathTraced    bool             `json:"path_traced,omitempty"` // it has a PATH_TRACE TLV
	Qualified     bool             `json:"qualified"`
	Unicast       bool             `json:"unicast,omitempty"`
	Grants        []GrantState     `json:"grants,omitempty"`
	LastSync      time.Time        `json:"last_sync,omitzero"`
	SyncRun       time.Time        `json:"sync_run,omitzero"`
	SyncInterval  ptp.LogInterval  `json:"sync_interval"`
	TimedOut      bool             `json:"timed_out,omitempty"` // PTPAnnounceTimeout holds
}

// GrantState is a client's leave to receive unicast Announces.
type GrantState struct {
	Client ptp.PortIdentity `json:"client"`
	Until  time.Time        `json:"until"`
}

// State returns what another Tracker needs to go on from here.
func (t *Tracker) State() *State {
	s := &State{Version: StateVersion, At: t.timeOf(t.now), Domains: []DomainState{}}
	ports, clocks := t.byDomain()
	detailed := t.detailed()
	for _, d := range slices.SortedFunc(maps.Values(t.scopes), func(a, b *domain) int { return a.scope.compare(b.scope) }) {
		s.Domains = append(s.Domains, d.state(ports[d], clocks[d]))
		s.Domains[len(s.Domains)-1].Timings = timingStates(detailed, d.scope)
	}
	for _, a := range t.alerts.active {
		s.Alerts = append(s.Alerts, AlertState{a.Alert, t.timeOf(a.ends), a.released})
	}
	slices.SortFunc(s.Alerts, func(a, b AlertState) int { return compareAlerts(a.Alert, b.Alert) })
	s.LastIncident = t.alerts.incidents.last
	s.Juries, s.Spans, s.Layout = t.juryStates(), t.spanStates(), layout
	for _, i := range t.alerts.openIncidents() {
		s.Incidents = append(s.Incidents, t.alerts.incidentState(i))
	}
	return s
}

func (d *domain) state(ports []*port, clocks []*grandmaster) DomainState {
	t := d.tracker
	s := DomainState{
		Scope: d.scope, Leader: d.leader, LeaderPort: d.leaderPort, Led: d.led, BestReason: string(d.bestBy.By), Hinges: d.bestBy.Hinges,
		Changes: d.changes, Created: t.timeOf(d.created), LedAt: t.timeOf(d.ledAt), Learned: d.learned.snapshot(t), Evidence: d.evidence, Recognised: d.recognised,
		Profile: d.profile.Name, ProfileWhy: d.why,
	}
	s.Appeared, s.Unordered, s.Unheeded = d.appeared, d.order != expected, d.order == unheeded
	if n := d.newcomers; n.from != longAgo {
		s.Newcomers = &NewcomersState{t.timeOf(n.from), n.all, n.announcing, t.timeOf(n.until)}
	}
	for _, at := range d.changedAt {
		s.ChangedAt = append(s.ChangedAt, t.timeOf(at))
	}
	if l := d.lost; l.since != never {
		s.Lost = &LostState{t.timeOf(l.since), l.after, l.grandmaster, l.port, l.certainty, l.raised, l.iface}
	}
	if d.best != nil {
		s.Best = d.best.id
	}
	for _, g := range clocks {
		s.Grandmasters = append(s.Grandmasters, GrandmasterState{
			Identity: g.id, First: t.timeOf(g.first), Last: t.timeOf(g.last), DatasetAt: t.timeOf(g.datasetAt),
			Dataset: g.dataset, Flags: g.flags, Reigned: g.reigned, ReignFrom: t.timeOf(g.reignFrom), Accused: g.accused,
			Nearest: g.nearest, ToldAt: t.timeOf(g.toldAt), Traceable: g.traceable,
		})
	}
	for _, p := range ports {
		if p.announcing != nil {
			s.Announcers = append(s.Announcers, p.state())
		}
	}
	s.Paths = d.pathStates(ports)
	return s
}

func (p *port) state() AnnouncerState {
	a, t := p.announcing, p.domain.tracker
	s := AnnouncerState{
		Port: p.id, Interface: p.iface, First: t.timeOf(p.first), Last: t.timeOf(p.last), LastAnnounce: t.timeOf(a.last), Interval: a.interval,
		FirstAnnounce: t.timeOf(a.first), SequenceID: a.seq, RestartAt: t.timeOf(a.restartAt),
		Announce: a.announce, Flags: a.flags, ChangedAt: t.timeOf(a.changedAt), Qualified: a.qualified, Unicast: a.unicast,
		PathTraced: a.judged.path.traced,
		LastSync:   t.timeOf(p.lastSync), SyncInterval: ptp.NoInterval, TimedOut: p.announceTimedOut,
	}
	if p.lastSync != longAgo {
		s.SyncRun = t.timeOf(p.syncRun)
	}
	for _, f := range p.flows {
		if f.typ == ptp.Sync {
			s.SyncInterval = f.advised
		}
	}
	for _, g := range a.grants {
		s.Grants = append(s.Grants, GrantState{g.client, t.timeOf(g.until)})
	}
	return s
}

// Resume makes a new Tracker go on from a State. What does not fit in the
// Tracker's limits is left out. It fails for a State that no Tracker was ever in.
func Resume(cfg Config, s *State) (*Tracker, error) {
	if s.Version != StateVersion {
		return nil, fmt.Errorf("state of version %d: this program reads version %d", s.Version, StateVersion)
	}
	t := New(cfg)
	if s.At.IsZero() {
		return t, nil
	}
	t.now = toInstant(s.At)
	t.alerts.resume(s)
	same := s.Layout == layout
	if err := t.resumeJuries(s.Juries, same); err != nil {
		return nil, err
	}
	for i := range s.Domains {
		d := &s.Domains[i]
		if same {
			if err := t.resumeTimings(d.Scope, d.Timings); err != nil {
				return nil, err
			}
		}
		t.resumeDomain(d)
	}
	if same {
		return t, t.resumeSpans(s.Spans)
	}
	return t, nil
}

func (t *Tracker) resumeDomain(s *DomainState) {
	d := t.domain(s.Scope)
	if d == nil {
		return
	}
	d.last = t.now
	d.leader, d.leaderPort, d.led, d.changes = s.Leader, s.LeaderPort, s.Led, s.Changes
	d.created, d.ledAt = toInstant(s.Created), instantOr(s.LedAt, never)
	for _, at := range s.ChangedAt {
		d.changedAt = append(d.changedAt, toInstant(at))
	}
	d.learned.resume(s.Learned)
	d.appeared = s.Appeared
	switch {
	case s.Unheeded:
		d.order = unheeded
	case s.Unordered:
		d.order = unordered
	}
	if n := s.Newcomers; n != nil {
		d.newcomers = newcomers{t.now, toInstant(n.From), n.All, n.Announcing, instantOr(n.Until, longAgo)}
	}
	d.evidence, d.recognised = s.Evidence, s.Recognised
	if p, ok := profile.Lookup(s.Profile); ok && d.why != configured {
		d.profile, d.why = p, s.ProfileWhy
	}
	for _, g := range s.Grandmasters {
		t.resumeGrandmaster(d, &g)
	}
	for _, a := range s.Announcers {
		if p := t.resumePort(d, &a); p != nil && p.id == s.Best && a.Qualified {
			d.best, d.bestBy = p, bmca.Result{By: bmca.Field(s.BestReason), Hinges: s.Hinges}
		}
	}
	d.resumePaths(s.Paths)
	if l := s.Lost; l != nil {
		d.lost = lost{toInstant(l.Since), l.After, l.Grandmaster, l.Port, l.Certainty, l.Raised, l.Interface}
	}
	t.timers.arm(d.timer, t.now)
}

func (t *Tracker) resumeGrandmaster(d *domain, s *GrandmasterState) {
	if !t.clocks.room(t.clockEvicted) {
		return
	}
	g := t.addGrandmaster(clockKey{d, s.Identity}, toInstant(s.First))
	g.last, g.datasetAt = toInstant(s.Last), toInstant(s.DatasetAt)
	g.dataset, g.flags = s.Dataset, s.Flags
	g.reigned, g.reignFrom, g.accused = s.Reigned, instantOr(s.ReignFrom, never), s.Accused
	if g.nearest, g.traceable = s.Nearest, s.Traceable; !s.ToldAt.IsZero() {
		g.told, g.toldAt = said{announce: s.Dataset, flags: s.Flags}, toInstant(s.ToldAt)
	}
	t.clocks.establish(g.entry)
}

func (t *Tracker) resumePort(d *domain, s *AnnouncerState) *port {
	if !t.ports.room(t.portEvicted) {
		return nil
	}
	p := t.newPort(portKey{d, s.Port})
	t.ports.establish(p.entry)
	p.first, p.last, p.iface = toInstant(s.First), toInstant(s.Last), s.Interface
	p.lastSync, p.syncRun = instantOr(s.LastSync, longAgo), instantOr(s.SyncRun, longAgo)
	if p.lastSync != longAgo {
		p.flows = append(p.flows, flow{typ: ptp.Sync, last: p.lastSync, advised: s.SyncInterval})
	}
	p.announceTimedOut, p.alertedGrandmaster = s.TimedOut, s.Announce.GrandmasterIdentity
	a := &announcing{
		announce: s.Announce, flags: s.Flags, last: instantOr(s.LastAnnounce, longAgo), interval: s.Interval,
		first: instantOr(s.FirstAnnounce, never), seq: s.SequenceID, restartAt: instantOr(s.RestartAt, longAgo),
		qualified: s.Qualified, changedAt: toInstant(s.ChangedAt), unicast: s.Unicast, granted: len(s.Grants) > 0,
	}
	for _, g := range s.Grants {
		a.grants = append(a.grants, grant{g.Client, toInstant(g.Until)})
	}
	if a.last != longAgo {
		a.judged.said = said{announce: s.Announce, flags: s.Flags, path: path{traced: s.PathTraced}}
	}
	p.announcing = a
	if a.qualified {
		d.candidates = append(d.candidates, p)
	}
	t.due(p, t.now)
	return p
}

func instantOr(at time.Time, otherwise instant) instant {
	if at.IsZero() {
		return otherwise
	}
	return toInstant(at)
}
