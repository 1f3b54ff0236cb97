package simulate

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/attack"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/node"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
)

// or is what a pointer points to, or something else if it is nil.
func or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// put sets a value that a key gives.
func put[T, V any](into *T, given *V, as func(V) T) {
	if given != nil {
		*into = as(*given)
	}
}

// oscillates makes the clock of a thing.
func (m *model) oscillates(k *oscillatorKeys, name string, otherwise oscillatorName, utc bool) *oscillator.Clock {
	class, _ := oscillator.Named(string(cmp.Or(k.Oscillator, otherwise))) // checked when it was read
	if k.Frequency != nil {
		class.Offset = 0
	}
	c := oscillator.NewClock(oscillator.New(class, m.net.Seed, name), m.epoch(utc))
	if k.Frequency != nil {
		c.Steer(0, float64(*k.Frequency))
	}
	if k.Offset != nil {
		c.Step(0, float64(*k.Offset))
	}
	return c
}

func (m *model) stamps(k *oscillatorKeys, c *oscillator.Clock, name string) *oscillator.Stamper {
	resolution, noise := event.Time(or(k.Resolution, length(defaultResolution))), event.Time(or(k.Noise, length(defaultNoise)))
	return oscillator.NewStamper(c, resolution, noise, m.net.Seed, name)
}

var usualOscillator = map[role]oscillatorName{grandmaster: "gnss", boundary: "ocxo", client: "tcxo"}

func (m *model) addClock(k *clockKeys, name string) {
	t := &thing{name: name, role: k.Role, off: k.Off, mac: m.macOf(k.MAC, name)}
	s := m.settings(k, t)
	t.clock = m.oscillates(&k.oscillatorKeys, name, usualOscillator[k.Role], false)
	t.instance = node.New(m.net, t.clock, s)
	t.plug = func() *network.Port {
		label := fmt.Sprintf("%s port %d", name, len(t.ports)+1)
		t.ips = append(t.ips, m.ipOf(k.IP, label, s.Profile.Transport))
		p := t.instance.AddPort(t.ips[len(t.ips)-1], m.stamps(&k.oscillatorKeys, t.clock, label))
		p.MAC = t.mac
		if len(t.ports) > 0 {
			p.MAC = m.book.mac(label)
		}
		return p
	}
	m.add(t, k.Name, k.place)
}

func (m *model) macOf(given *mac, name string) packet.MAC {
	if given != nil {
		return packet.MAC(*given)
	}
	return m.book.mac(name)
}

func (m *model) ipOf(given *ip, name string, t packet.Transport) netip.Addr {
	if given != nil {
		return netip.Addr(*given)
	}
	if t == packet.IEEE8023 {
		return netip.Addr{}
	}
	return m.book.ip(name, t)
}

// settings are a clock's, from its profile, its role and its keys.
func (m *model) settings(k *clockKeys, t *thing) node.Settings {
	p := m.profileNamed(k.Profile)
	s := node.Settings{
		Name: t.name, Identity: eui64(t.mac), Profile: p, Attributes: p.Other,
		Time:    node.TimeProperties{UTCOffset: m.utc, Flags: ptp.FlagPTPTimescale, Source: ptp.TimeSourceInternalOscillator},
		Latency: defaultLatency, Jitter: defaultJitter, Grants: defaultGrants,
		Servo: node.ServoSettings{TimeConstant: p.TimeConstant, StepAbove: defaultStepAbove},
	}
	switch k.Role {
	case grandmaster:
		s.Attributes = p.Grandmaster
		s.Time.Flags |= ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable | ptp.FlagCurrentUTCOffsetValid
		s.Time.Source = ptp.TimeSourceGNSS
		s.MasterOnly = p.Addressing == node.Unicast || p.Algorithm == node.AlternateBMCA
	case client:
		s.SlaveOnly = true
		s.Quality.ClockClass = 255
		if p.Algorithm == node.BTCA {
			s.Priority1 = 255
		}
	case boundary:
		if p.Algorithm == node.AlternateBMCA {
			s.Holdover = s.Quality
			s.Holdover.ClockClass = 135
		}
	}
	put(&s.Identity, k.Identity, func(i identity) ptp.ClockIdentity { return ptp.ClockIdentity(i) })
	if k.Same != nil {
		if i := m.instanceOf(k.Same); i != nil {
			s.Identity = i.Identity
		}
	}
	put(&s.Profile.Transport, k.Transport, func(t transport) packet.Transport { return packet.Transport(t) })
	put(&s.Profile.Addressing, k.Addressing, func(a addressing) node.Addressing { return node.Addressing(a) })
	put(&s.Profile.Mechanism, k.Mechanism, func(d mechanism) node.Mechanism { return node.Mechanism(d) })
	put(&s.Profile.ReceiptTimeout, k.Receipt, func(n uint8) int { return int(n) })
	put(&s.SlaveOnly, k.SlaveOnly, same[bool])
	put(&s.MasterOnly, k.MasterOnly, same[bool])
	put(&s.Latency, k.Latency, func(d length) event.Time { return event.Time(d) })
	put(&s.Jitter, k.Jitter, func(j share) float64 { return float64(j) })
	put(&s.Servo.TimeConstant, k.Constant, func(d period) float64 { return event.Time(d).Seconds() })
	put(&s.Servo.StepAbove, k.StepAbove, func(d length) float64 { return float64(d) / float64(event.Nanosecond) })
	put(&s.Grants, k.Grants, func(n uint16) int { return int(n) })
	if k.Holdover != nil {
		s.Holdover = p.Other.Quality
		setClass(&s.Holdover, *k.Holdover)
	}
	if s.Profile.Transport == packet.IEEE8023 {
		s.Profile.TTL = 0
	} else {
		s.Profile.TTL = max(s.Profile.TTL, 1)
	}
	s.Asymmetry = float64(k.Asymmetry) / float64(event.Nanosecond)
	k.apply(&s)
	s.PortPriorities = k.Priorities
	return s
}

func same[T any](v T) T { return v }

// setClass exists because the clockClass has a type of its own.
func setClass(q *ptp.ClockQuality, class uint8) {
	put(&q.ClockClass, &class, as[uint8](q.ClockClass))
}

// as converts to the type of a sample.
func as[V, T ~uint8](_ T) func(V) T { return func(v V) T { return T(v) } }

// apply sets what the keys give.
func (k *attributeKeys) apply(s *node.Settings) {
	put(&s.Priority1, k.Priority1, same[uint8])
	put(&s.Priority2, k.Priority2, same[uint8])
	put(&s.LocalPriority, k.LocalPriority, same[uint8])
	put(&s.Quality.ClockClass, k.Class, as[uint8](s.Quality.ClockClass))
	put(&s.Quality.ClockAccuracy, k.Accuracy, as[uint8](s.Quality.ClockAccuracy))
	put(&s.Quality.OffsetScaledLogVariance, k.Variance, same[uint16])
	put(&s.Time.Source, k.TimeSource, as[uint8](s.Time.Source))
	put(&s.Time.UTCOffset, k.UTCOffset, same[int16])
	for _, f := range k.flags() {
		if f.given != nil {
			s.Time.Flags &^= f.flag
			if *f.given {
				s.Time.Flags |= f.flag
			}
		}
	}
	put(&s.Profile.Domain, k.Domain, same[uint8])
	put(&s.Profile.SdoID, k.SdoID, func(id sdoID) ptp.SdoID { return ptp.SdoID(id) })
	put(&s.Profile.VLAN, k.VLAN, func(v vlanID) uint16 { return uint16(v) })
	put(&s.Profile.TwoStep, k.TwoStep, same[bool])
	put(&s.Profile.MinorVersion, k.MinorVersion, func(v minor) uint8 { return uint8(v) })
	put(&s.Profile.TTL, k.TTL, same[uint8])
	log := func(l logInterval) ptp.LogInterval { return ptp.LogInterval(l) }
	put(&s.Profile.Announce, k.Announce, log)
	put(&s.Profile.Sync, k.Sync, log)
	put(&s.Profile.Delay, k.Delay, log)
	k.applyOdd(s)
}

// applyOdd sets what is not ordinary.
func (k *attributeKeys) applyOdd(s *node.Settings) {
	if k.Signed != nil {
		s.Key = nil
		if *k.Signed {
			s.Key = []byte("a key of the simulator")
		}
	}
	if k.Silent != nil {
		s.Silent = map[ptp.MessageType]bool{}
		for _, t := range k.Silent {
			s.Silent[ptp.MessageType(t)] = true
		}
	}
	put(&s.StepsRemoved, k.StepsRemoved, same[uint16])
	put(&s.Loop, k.PathLoop, same[bool])
	for t, log := range map[ptp.MessageType]*int8{ptp.AnnounceMessage: k.AnnounceLog, ptp.DelayResp: k.DelayRespLog} {
		if log != nil {
			advertise := map[ptp.MessageType]ptp.LogInterval{t: ptp.LogInterval(*log)}
			maps.Copy(advertise, s.Advertise)
			advertise[t] = ptp.LogInterval(*log)
			s.Advertise = advertise
		}
	}
}

type flagKey struct {
	given *bool
	flag  ptp.Flags
}

func (k *attributeKeys) flags() []flagKey {
	return []flagKey{
		{k.UTCOffsetValid, ptp.FlagCurrentUTCOffsetValid}, {k.Leap61, ptp.FlagLeap61}, {k.Leap59, ptp.FlagLeap59},
		{k.PTPTimescale, ptp.FlagPTPTimescale}, {k.TimeTraceable, ptp.FlagTimeTraceable},
		{k.FrequencyTraceable, ptp.FlagFrequencyTraceable}, {k.Uncertain, ptp.FlagSynchronizationUncertain},
	}
}

func (m *model) addSwitch(k *switchKeys) {
	t := &thing{name: k.Name, mac: m.macOf(k.MAC, k.Name), bridge: m.net.NewSwitch(k.Name)}
	t.bridge.Residence = event.Time(or(k.Residence, length(defaultResidence)))
	t.bridge.Jitter = event.Time(or(k.Jitter, 0))
	t.plug = func() *network.Port { return t.bridge.AddPort() }
	if k.Transparent {
		m.makeTransparent(k, t)
	}
	m.add(t, k.Name, k.place)
}

func (m *model) makeTransparent(k *switchKeys, t *thing) {
	p := m.profileNamed(k.Profile)
	put(&p.Mechanism, k.Mechanism, func(d mechanism) node.Mechanism { return node.Mechanism(d) })
	put(&p.Transport, k.Transport, func(t transport) packet.Transport { return packet.Transport(t) })
	put(&p.Domain, k.Domain, same[uint8])
	if p.Mechanism == node.SPTP {
		p.TwoStep = false // there is no Follow_Up to tell in
		if or(k.TwoStep, false) {
			m.problem(k.line, k.key+".two_step", "SPTP has no Follow_Ups for a transparent clock to correct: accepted: false")
		}
	}
	put(&p.TwoStep, k.TwoStep, same[bool])
	t.clock = m.oscillates(&k.oscillatorKeys, k.Name, "tcxo", false)
	t.transparent = node.NewTransparent(m.net, t.bridge, t.clock, node.Settings{
		Name: k.Name, Identity: eui64(t.mac), Profile: p, Latency: defaultLatency, Jitter: defaultJitter,
	})
	t.plug = func() *network.Port {
		wire := t.bridge.AddPort()
		label := fmt.Sprintf("%s port %d", k.Name, len(t.ports)+1)
		wire.MAC = m.book.mac(label)
		t.transparent.AddPort(wire, m.ipOf(nil, label, p.Transport), m.stamps(&k.oscillatorKeys, t.clock, label))
		return wire
	}
}

func (m *model) addRouter(k *routerKeys) {
	t := &thing{name: k.Name, router: m.net.NewRouter(k.Name)}
	t.router.Residence = event.Time(or(k.Residence, length(defaultResidence)))
	t.router.Jitter = event.Time(or(k.Jitter, 0))
	t.plug = func() *network.Port {
		p := t.router.AddPort()
		p.MAC = m.book.mac(fmt.Sprintf("%s port %d", k.Name, len(t.ports)+1))
		return p
	}
	m.add(t, k.Name, k.place)
}

func (m *model) addHost(k *hostKeys) {
	p := m.profileNamed(k.Profile)
	p.VLAN = uint16(k.VLAN)
	t := &thing{name: k.Name, mac: m.macOf(k.MAC, k.Name), ips: []netip.Addr{m.ipOf(k.IP, k.Name+" port 1", p.Transport)}}
	clock := m.oscillates(&k.oscillatorKeys, k.Name, "perfect", false)
	t.host = attack.NewHost(m.net, attack.Settings{
		Name: k.Name, Profile: p, Identity: eui64(t.mac), IP: t.ips[0], Jitter: defaultJitter,
		Stamper: m.stamps(&k.oscillatorKeys, clock, k.Name), Stranger: m.strangers(k.Name, p.Transport),
	})
	t.plug = func() *network.Port {
		t.host.Wire().MAC = t.mac
		return t.host.Wire()
	}
	m.add(t, k.Name, k.place)
}

// strangers makes up identities for a host as honest clocks are given theirs.
func (m *model) strangers(host string, t packet.Transport) func(n int) attack.Stranger {
	var known []attack.Stranger
	return func(n int) attack.Stranger {
		for len(known) <= n {
			name := fmt.Sprintf("%s stranger %d", host, len(known))
			mac := m.book.mac(name)
			known = append(known, attack.Stranger{Identity: eui64(mac), MAC: mac, IP: m.ipOf(nil, name, t)})
		}
		return known[n]
	}
}
