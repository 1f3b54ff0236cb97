package simulate

import (
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/attack"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
)

// What a host does that should not.

// hostOf is the host of a name.
func (m *model) hostOf(r *ref) *attack.Host {
	t := m.one(r)
	if t.host == nil && t.name != "" {
		m.problem(r.line, r.key, "%q is no host", r.name)
	}
	return t.host
}

// disguise is a clock that a host pretends to be, with its addresses or not.
func (m *model) disguise(r *ref, addresses bool) attack.Disguise {
	var d attack.Disguise
	t := m.one(r)
	if t.instance == nil || len(t.ports) == 0 {
		if t.name != "" {
			m.problem(r.line, r.key, "%q is no clock with a link", r.name)
		}
		return d
	}
	d.Port = t.instance.Ports[0].Identity()
	if addresses {
		d.MAC, d.IP = t.ports[0].MAC, t.ips[0]
	}
	return d
}

// addressOf is where a host reaches a clock.
func (m *model) addressOf(host, to *ref) node.Address {
	h, t := m.one(host), m.one(to)
	if len(h.ports) == 0 || len(t.ports) == 0 {
		return node.Address{}
	}
	found := m.hops(h.ports[0])
	for _, ip := range t.ips {
		if hop, ok := found[ip]; ok {
			return node.Address{MAC: hop.mac, IP: hop.ip}
		}
	}
	return node.Address{MAC: t.ports[0].MAC}
}

func every(r *rate, otherwise event.Time) event.Time {
	if r == nil {
		return otherwise
	}
	return event.OfSeconds(1 / float64(*r))
}

type announceKeys struct {
	Host      ref  `yaml:"host,required"`
	As        *ref `yaml:"as"`            // whose port identity is used; the host's own
	Claims    *ref `yaml:"grandmaster"`   // whose grandmasterIdentity; that of as
	Addresses bool `yaml:"spoof_address"` // with the clock's MAC and IP addresses, too
	attributeKeys
	Rate *rate `yaml:"rate"` // the profile's by default
}

func (k *announceKeys) bind(m *model, h *happening) func() func() {
	host := m.hostOf(&k.Host)
	if host == nil {
		return nothing
	}
	s := node.Settings{Identity: host.Identity, Profile: host.Profile, Attributes: host.Profile.Grandmaster}
	s.Time = node.TimeProperties{UTCOffset: m.utc, Source: ptp.TimeSourceGNSS, Flags: ptp.FlagPTPTimescale | ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable | ptp.FlagCurrentUTCOffsetValid}
	d := attack.Disguise{Port: host.Port()}
	if k.As != nil {
		d = m.disguise(k.As, k.Addresses)
		if i := m.instanceOf(k.As); i != nil {
			s = i.Settings
		}
	}
	claimed := d.Port.ClockIdentity
	if k.Claims != nil {
		if i := m.instanceOf(k.Claims); i != nil {
			claimed, s.Attributes, s.Time = i.Identity, i.Attributes, i.Time
		}
	}
	k.apply(&s)
	a := attack.Announce{
		Disguise: d, Mark: h.mark, Flags: s.Time.Flags, Log: s.Profile.Announce,
		Body: ptp.Announce{
			CurrentUTCOffset: s.Time.UTCOffset, TimeSource: s.Time.Source, GrandmasterPriority1: s.Priority1, GrandmasterPriority2: s.Priority2,
			GrandmasterClockQuality: s.Quality, GrandmasterIdentity: claimed, StepsRemoved: s.StepsRemoved,
		},
	}
	interval, _ := s.Profile.Announce.Duration()
	a.Every = every(k.Rate, event.Of(interval))
	if log, lie := s.Advertise[ptp.AnnounceMessage]; lie {
		a.Log = log
	}
	path := []ptp.ClockIdentity{claimed}
	if claimed != d.Port.ClockIdentity {
		path = append(path, d.Port.ClockIdentity)
	}
	a.TLVs = s.Profile.AnnounceTLVs(claimed, s.StepsRemoved, path)
	return func() func() { return host.Announce(a) }
}

func nothing() func() { return nil }

type syncKeys struct {
	Host      ref      `yaml:"host,required"`
	Of        ref      `yaml:"of,required"`    // clock whose Syncs it hears
	As        *ref     `yaml:"as"`             // clock whose port identity it uses; its own by default
	Addresses bool     `yaml:"spoof_address"`  // with that clock's MAC and IP addresses, too
	Shift     duration `yaml:"shift,required"` // how wrong their time is
	Ahead     *length  `yaml:"ahead"`          // it sends the one that comes next, so long before the clock does; else it sends after the clock
	FollowUps bool     `yaml:"follow_up_only"` // only a second Follow_Up
}

func (k *syncKeys) bind(m *model, h *happening) func() func() {
	host := m.hostOf(&k.Host)
	if host == nil {
		return nothing
	}
	s := attack.Syncs{
		Disguise: attack.Disguise{Port: host.Port()}, Mark: h.mark, Of: m.disguise(&k.Of, false).Port, Shift: event.Time(k.Shift),
		Ahead: k.Ahead != nil, Lead: event.Time(or(k.Ahead, 0)), FollowUps: k.FollowUps,
	}
	if k.As != nil {
		s.Disguise = m.disguise(k.As, k.Addresses)
	}
	return func() func() { return host.Sync(s) }
}

type respondKeys struct {
	Host      ref      `yaml:"host,required"`
	As        *ref     `yaml:"as"`            // clock whose port identity it uses; its own by default
	Addresses bool     `yaml:"spoof_address"` // with that clock's MAC and IP addresses, too
	Shift     duration `yaml:"shift"`         // how wrong their time is
	Log       *int8    `yaml:"log_interval"`  // logMessageInterval; the profile's by default
	Client    *ref     `yaml:"client"`        // only its requests; all by default
	After     bool     `yaml:"after"`         // after the master's own answer; else before
}

func (k *respondKeys) bind(m *model, h *happening) func() func() {
	host := m.hostOf(&k.Host)
	if host == nil {
		return nothing
	}
	r := attack.Responses{
		Mark: h.mark, Shift: event.Time(k.Shift), After: k.After,
		Disguise: attack.Disguise{Port: host.Port()},
	}
	if k.As != nil {
		r.Disguise = m.disguise(k.As, k.Addresses)
	}
	if k.Log != nil {
		log := ptp.LogInterval(*k.Log)
		r.Log = &log
	}
	if k.Client != nil {
		if i := m.instanceOf(k.Client); i != nil {
			r.Client = i.Identity
		}
	}
	return func() func() { return host.Respond(r) }
}

type peerKeys struct {
	Host  ref      `yaml:"host,required"`
	Shift duration `yaml:"shift"` // how much longer it says that the answer took
}

func (k *peerKeys) bind(m *model, h *happening) func() func() {
	host := m.hostOf(&k.Host)
	if host == nil {
		return nothing
	}
	r := attack.PeerResponses{Mark: h.mark, Shift: event.Time(k.Shift), Port: host.Port()}
	return func() func() { return host.RespondPeer(r) }
}

type replayKeys struct {
	Host     ref       `yaml:"host,required"`
	Messages []message `yaml:"messages,required"` // types
	Record   length    `yaml:"record,required"`   // for how long
	After    length    `yaml:"after,required"`    // how old they are when they are sent again
}

func (k *replayKeys) bind(m *model, h *happening) func() func() {
	host := m.hostOf(&k.Host)
	if host == nil {
		return nothing
	}
	r := attack.Replay{Mark: h.mark, Messages: typesOf(k.Messages), Record: event.Time(k.Record), After: event.Time(k.After)}
	return func() func() { return host.Replay(r) }
}

func typesOf(ms []message) (ts []ptp.MessageType) {
	for _, t := range ms {
		ts = append(ts, ptp.MessageType(t))
	}
	return ts
}

type floodKeys struct {
	Host    ref     `yaml:"host,required"`
	Message message `yaml:"message,required"` // type
	Rate    rate    `yaml:"rate,required"`
	Senders uint16  `yaml:"senders"` // identities that it uses, one after the other; its own by default
	To      *ref    `yaml:"to"`      // clock that they are for; all by default
}

func (k *floodKeys) bind(m *model, h *happening) func() func() {
	host := m.hostOf(&k.Host)
	if host == nil {
		return nothing
	}
	other := host.Profile.Other
	f := attack.Flood{
		Mark: h.mark, Message: ptp.MessageType(k.Message), Every: every(&k.Rate, 0), Senders: int(k.Senders),
		Body: ptp.Announce{
			CurrentUTCOffset: m.utc, TimeSource: ptp.TimeSourceInternalOscillator, GrandmasterPriority1: other.Priority1,
			GrandmasterPriority2: other.Priority2, GrandmasterClockQuality: other.Quality,
		},
	}
	if k.To != nil {
		a := m.addressOf(&k.Host, k.To)
		f.ToMAC, f.ToIP = a.MAC, a.IP
	}
	return func() func() { return host.Flood(f) }
}

type requestKeys struct {
	Host     ref       `yaml:"host,required"`
	To       ref       `yaml:"to,required"`       // unicast master
	Rate     rate      `yaml:"rate,required"`     // of the rounds, each a message for each type
	Senders  uint16    `yaml:"senders"`           // identities that it uses, one after the other; its own by default
	Messages []message `yaml:"messages,required"` // types that it asks for
	Log      int8      `yaml:"log_interval"`      // logInterMessagePeriod
	Seconds  uint32    `yaml:"seconds"`           // durationField
	Cancel   *ref      `yaml:"cancel"`            // the client in whose name transmission is cancelled
}

func (k *requestKeys) bind(m *model, h *happening) func() func() {
	host := m.hostOf(&k.Host)
	if host == nil {
		return nothing
	}
	a := m.addressOf(&k.Host, &k.To)
	r := attack.Requests{
		Mark: h.mark, MAC: a.MAC, IP: a.IP, Every: every(&k.Rate, 0), Senders: int(k.Senders),
		Messages: typesOf(k.Messages), Log: ptp.LogInterval(k.Log), Seconds: k.Seconds,
	}
	if k.Cancel != nil {
		r.Cancel = m.disguise(k.Cancel, true)
	}
	return func() func() { return host.Request(r) }
}

type malformedKeys struct {
	Host    ref      `yaml:"host,required"`
	Rate    rate     `yaml:"rate,required"`
	Defects []defect `yaml:"defects"` // one after the other; all by default
}

type defect attack.Defect

func (d *defect) set(text string) error {
	var names []string
	for _, have := range attack.Defects {
		names = append(names, string(have))
	}
	return among(d, text, names)
}

func (k *malformedKeys) bind(m *model, h *happening) func() func() {
	host := m.hostOf(&k.Host)
	if host == nil {
		return nothing
	}
	f := attack.Malformed{Mark: h.mark, Every: every(&k.Rate, 0), Defects: attack.Defects}
	if len(k.Defects) > 0 {
		f.Defects = nil
		for _, d := range k.Defects {
			f.Defects = append(f.Defects, attack.Defect(d))
		}
	}
	return func() func() { return host.Malform(f) }
}

// rogueKeys make a transparent clock lie.
type rogueKeys struct {
	Switch ref      `yaml:"switch,required"`
	By     duration `yaml:"by"`     // added to what it tells
	Spread length   `yaml:"spread"` // likewise, at random, evenly spread
}

func (k *rogueKeys) bind(m *model, h *happening) func() func() {
	t := m.one(&k.Switch)
	if t.transparent == nil {
		m.problem(k.Switch.line, k.Switch.key, "%q is no transparent clock", k.Switch.name)
		return nothing
	}
	return func() func() {
		t.transparent.Lie(h.mark.Episode, h.mark.Touched, float64(k.By)/1000, float64(k.Spread)/1000)
		return func() { t.transparent.Lie(0, nil, 0, 0) }
	}
}
