package node

import (
	"math/rand/v2"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
	"github.com/ptpwatch/ptpwatch/internal/simulate/network"
	"github.com/ptpwatch/ptpwatch/internal/simulate/oscillator"
	"github.com/ptpwatch/ptpwatch/internal/simulate/random"
)

// Settings are what an instance is configured with. They may be changed while
// it runs, after which Reconfigure must be called.
type Settings struct {
	Name     string
	Identity ptp.ClockIdentity
	Profile  Profile
	Attributes
	Time TimeProperties
	// SlaveOnly never is a master, MasterOnly never a slave.
	SlaveOnly, MasterOnly bool
	// Holdover is the quality of a boundary clock that had a master and has lost
	// it; zero leaves it as it was.
	Holdover ptp.ClockQuality
	// Asymmetry is what the clock believes its link's delay from the master to
	// exceed the mean by, in ns (IEEE 1588-2019 7.4.2).
	Asymmetry float64
	// Latency is how long it takes to answer, Jitter how evenly it sends, as a
	// part of the interval.
	Latency event.Time
	Jitter  float64
	Servo   ServoSettings
	// PortPriorities are the local priorities of the first ports; the others
	// have LocalPriority.
	PortPriorities []uint8
	// Grants bounds how many unicast clients are served.
	Grants int
	// Key makes the instance sign what it sends with an AUTHENTICATION TLV;
	// nil is none.
	Key []byte
	// Advertise is the logMessageInterval that is told beside the truth; nil for
	// the truth.
	Advertise map[ptp.MessageType]ptp.LogInterval
	// StepsRemoved, if not 0, is told instead of the truth, and Loop puts the
	// clock's own identity into its path trace twice.
	StepsRemoved uint16
	Loop         bool
	// Silent are messages that are not sent.
	Silent map[ptp.MessageType]bool
}

// TimeProperties is the timePropertiesDS (IEEE 1588-2019 8.2.4) of a clock that
// is its own grandmaster.
type TimeProperties struct {
	UTCOffset int16
	Flags     ptp.Flags
	Source    ptp.TimeSource
}

// Instance is a PTP Instance: an ordinary or boundary clock, or in gPTP a PTP
// Relay Instance or end instance.
type Instance struct {
	Settings
	Ports     []*Port
	mark      mark
	inherited int // the episode that the parent's Announces are part of
	// Observe, unless nil, is called after each correction of the clock.
	Observe func(at event.Time)

	network *network.Network
	clock   *oscillator.Clock
	rng     *rand.Rand
	on      bool
	parent  *announcement // nil: no master but itself
	slave   *Port         // the port that hears the parent
	servo   servo
	table   []*lessor // the unicast masters that it may follow
	wasFed  bool      // it has followed a master
	relay   relay
	// transparent says that the ports only measure links: no port has a state.
	transparent bool
}

// announcement is what an Announce says (IEEE 1588-2019 13.5).
type announcement struct {
	dataset
	time TimeProperties
	path []ptp.ClockIdentity
}

// New returns an instance that is off.
func New(n *network.Network, clock *oscillator.Clock, s Settings) *Instance {
	return &Instance{
		Settings: s, network: n, clock: clock, rng: random.Source(n.Seed, "instance "+s.Name),
		servo: servo{settings: s.Servo},
	}
}

// mark is what the instance's messages are marked with.
type mark struct {
	episode int
	touched func(at event.Time)
	types   []ptp.MessageType // none is all
}

// Mark marks what the instance sends from now on, messages of some types or
// all, as part of an episode (network.Frame.Episode), and has touched called
// with the time of each; 0 marks nothing.
func (i *Instance) Mark(episode int, touched func(at event.Time), types ...ptp.MessageType) {
	i.mark = mark{episode, touched, types}
}

// Clock is the local clock.
func (i *Instance) Clock() *oscillator.Clock { return i.clock }

// On says whether the instance runs.
func (i *Instance) On() bool { return i.on }

// Grandmaster is the identity of the grandmaster that the instance follows:
// itself if it follows none.
func (i *Instance) Grandmaster() ptp.ClockIdentity {
	if i.parent != nil {
		return i.parent.grandmaster
	}
	return i.Identity
}

// Start switches the instance on.
func (i *Instance) Start() {
	if i.on {
		return
	}
	i.on = true
	i.parent, i.slave = nil, nil
	i.servo = servo{settings: i.Servo}
	for _, p := range i.Ports {
		p.start()
	}
	i.startLeases()
}

// Stop switches it off, in the middle of whatever it does.
func (i *Instance) Stop() {
	i.on = false
	for _, p := range i.Ports {
		p.stop()
	}
	for _, l := range i.table {
		l.stop()
	}
}

// Reconfigure makes changed settings known.
func (i *Instance) Reconfigure() {
	for _, p := range i.Ports {
		p.prepare()
	}
	if i.on {
		i.decide()
	}
}

// own is the data set D0 that the instance has by itself (IEEE 1588-2019
// table 30).
func (i *Instance) own() dataset {
	self := ptp.PortIdentity{ClockIdentity: i.Identity}
	d := dataset{Attributes: i.Attributes, grandmaster: i.Identity, sender: self, receiver: self}
	if i.Holdover != (ptp.ClockQuality{}) && i.wasFed {
		d.Quality = i.Holdover
	}
	return d
}

// announced is what the instance announces.
func (i *Instance) announced() announcement {
	a := announcement{dataset: i.own(), time: i.Time}
	if i.parent != nil {
		a = *i.parent
		a.stepsRemoved++
	}
	if i.StepsRemoved != 0 {
		a.stepsRemoved = i.StepsRemoved
	}
	a.path = append(append([]ptp.ClockIdentity(nil), a.path...), i.Identity)
	if i.Loop {
		a.path = append(a.path, i.Identity)
	}
	return a
}

// decide is the state decision event (IEEE 1588-2019 9.2.6.9): the ports'
// states follow from what they have heard (figure 33).
func (i *Instance) decide() {
	if !i.on || i.transparent {
		return
	}
	own := i.own()
	var best *foreign
	for _, p := range i.Ports {
		p.best = p.erbest()
		if p.best != nil && (best == nil || i.Profile.Algorithm.compare(&p.best.dataset, &best.dataset) > same) {
			best = p.best
		}
	}
	if best != nil && !i.accepts(&own, best) {
		best = nil
	}
	i.follow(best)
	for _, p := range i.Ports {
		p.enter(i.state(p, &own, best), best)
	}
	i.leaseFrom(best)
}

// accepts says whether the instance would be a slave of the best master.
func (i *Instance) accepts(own *dataset, best *foreign) bool {
	switch {
	case i.SlaveOnly:
		return true
	case i.MasterOnly || own.Quality.ClockClass <= 127 && i.Profile.Algorithm != BTCA:
		return false
	}
	return i.Profile.Algorithm.compare(own, &best.dataset) < same
}

// state is what a port should be in.
func (i *Instance) state(p *Port, own *dataset, best *foreign) State {
	alg := i.Profile.Algorithm
	switch {
	case p.disabled:
		return Disabled
	case alg == BTCA && !p.capable():
		return Listening
	case best != nil && best.port == p:
		return Slave
	case i.SlaveOnly:
		return Listening
	case p.state == Listening && p.best == nil && !p.waited && best == nil:
		return Listening
	case i.MasterOnly || p.best == nil:
		return Master
	case best == nil && alg.compare(own, &p.best.dataset) > same:
		return Master // M1, M2
	case best == nil:
		return Passive // P1
	case alg.compare(&best.dataset, &p.best.dataset) == betterByTopology:
		return Passive // P2
	}
	return Master // M3
}

// follow makes the best master the parent, or the instance its own.
func (i *Instance) follow(best *foreign) {
	if best == nil {
		if i.parent != nil {
			i.parent, i.slave, i.inherited = nil, nil, 0
			i.clock.Steer(i.network.Now(), i.servo.rate()) // hold what was learned
		}
		i.prepareAnnounces()
		return
	}
	fresh := i.parent == nil || i.parent.sender != best.sender || i.slave != best.port
	parent := best.announcement
	i.parent, i.slave, i.wasFed, i.inherited = &parent, best.port, true, best.episode
	if fresh {
		best.port.newMaster()
	}
	i.prepareAnnounces()
}

func (i *Instance) prepareAnnounces() {
	for _, p := range i.Ports {
		p.announceStale = true
	}
}
