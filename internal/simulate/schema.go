package simulate

import (
	"time"

	"go.yaml.in/yaml/v3"
)

// file is a scenario file. How to write one, for people:
// docs/how-to/write-a-scenario.md.
type file struct {
	Name        string      `yaml:"name,required"`        // what it is called, as its file is
	Description string      `yaml:"description,required"` // what happens, in a sentence or two
	Duration    period      `yaml:"duration,required"`    // of the capture
	Warmup      *length     `yaml:"warmup"`               // what is simulated before the capture begins; by default until servos have settled, at least 100s
	Start       *moment     `yaml:"start"`                // UTC at the beginning of the capture, as 2026-03-02T08:00:00Z, the default
	Variants    yaml.Node   `yaml:"variants"`             // rows such as `{name: small, by: 50ns}`: the file is a scenario for each, in which `$by` stands for `50ns`
	Profile     profileName `yaml:"profile"`              // of all clocks and hosts that name none; `default` by default
	UTCOffset   *int16      `yaml:"utc_offset"`           // TAI - UTC in seconds, 37 by default

	Clocks   []clockKeys  `yaml:"clocks,required"` // PTP clocks
	Switches []switchKeys `yaml:"switches"`        // what joins links, with or without knowledge of PTP
	Routers  []routerKeys `yaml:"routers"`         // what joins subnets
	Hosts    []hostKeys   `yaml:"hosts"`           // machines that are no clocks, for attacks
	Links    []linkKeys   `yaml:"links,required"`  // what joins two nodes
	Taps     []tapKeys    `yaml:"taps,required"`   // where frames are captured, each an interface of the capture
	Events   []eventKeys  `yaml:"events"`          // what happens, and when
	Config   yaml.Node    `yaml:"config"`          // the operator's configuration of ptpwatch to replay with; `$gm.identity`, `$gm.mac` and `$gm.ip` are filled in
	Truth    []truthKeys  `yaml:"truth"`           // the episodes: what there is to be found
}

// ref names something that is described elsewhere in the file.
type ref struct {
	name string
	place
}

func (r *ref) set(text string) error { r.name = text; return nil }

// place is where something stood in the file.
type place struct {
	line int
	key  string
}

func (p *place) at(line int, key string) { p.line, p.key = line, key }

// moment is a time of day and a date.
type moment struct{ time.Time }

func (m *moment) set(text string) error {
	t, err := time.Parse(time.RFC3339, text)
	m.Time = t.UTC()
	return err
}

// attributeKeys are what a clock says, of itself and in its messages. An event
// may set them, too.
type attributeKeys struct {
	Priority1     *uint8  `yaml:"priority1"` // of its data set, as the nine that follow; the default is the profile's
	Priority2     *uint8  `yaml:"priority2"`
	LocalPriority *uint8  `yaml:"local_priority"` // of its ports (ITU-T G.8275.1 6.3)
	Class         *uint8  `yaml:"clock_class"`    // 255 for a client that says nothing else
	Accuracy      *uint8  `yaml:"clock_accuracy"` // as 0x21
	Variance      *uint16 `yaml:"variance"`       // offsetScaledLogVariance

	TimeSource         *uint8 `yaml:"time_source"`      // as 0x20
	UTCOffset          *int16 `yaml:"utc_offset"`       // currentUtcOffset
	UTCOffsetValid     *bool  `yaml:"utc_offset_valid"` // the flag, as the six that follow
	Leap61             *bool  `yaml:"leap61"`
	Leap59             *bool  `yaml:"leap59"`
	PTPTimescale       *bool  `yaml:"ptp_timescale"`
	TimeTraceable      *bool  `yaml:"time_traceable"`
	FrequencyTraceable *bool  `yaml:"frequency_traceable"`
	Uncertain          *bool  `yaml:"synchronization_uncertain"`

	Domain       *uint8       `yaml:"domain"`            // the profile's by default
	SdoID        *sdoID       `yaml:"sdo_id"`            // likewise
	VLAN         *vlanID      `yaml:"vlan"`              // tag; 0 is none
	TwoStep      *bool        `yaml:"two_step"`          // Follow_Ups, and Pdelay_Resp_Follow_Ups, are sent
	MinorVersion *minor       `yaml:"minor_version"`     // minorVersionPTP: 0 is IEEE 1588-2008
	TTL          *uint8       `yaml:"ttl"`               // of IP multicast
	Announce     *logInterval `yaml:"announce_interval"` // between Announces
	Sync         *logInterval `yaml:"sync_interval"`     // between Syncs
	Delay        *logInterval `yaml:"delay_interval"`    // between Delay_Reqs, or Pdelay_Reqs

	Signed       *bool     `yaml:"signed"`         // all messages have an AUTHENTICATION TLV
	Silent       []message `yaml:"silent"`         // types of messages that it does not send
	StepsRemoved *uint16   `yaml:"steps_removed"`  // told instead of the truth, unless 0
	PathLoop     *bool     `yaml:"path_loop"`      // its identity stands twice in its path trace
	AnnounceLog  *int8     `yaml:"announce_log"`   // logMessageInterval of Announces, if that is not the truth
	DelayRespLog *int8     `yaml:"delay_resp_log"` // logMessageInterval of Delay_Resps, likewise
}

// oscillatorKeys are about what a clock counts.
type oscillatorKeys struct {
	Oscillator oscillatorName `yaml:"oscillator"`           // class; by default `gnss` for a grandmaster, `ocxo` for a boundary clock or tap, `tcxo` for a client or switch, `perfect` for a host
	Offset     *duration      `yaml:"offset"`               // of the time, at the start
	Frequency  *fraction      `yaml:"frequency"`            // of the oscillator at the start; drawn from the class's range by default
	Resolution *length        `yaml:"timestamp_resolution"` // step of its timestamps, 8ns by default
	Noise      *length        `yaml:"timestamp_noise"`      // of its timestamps, rms, 1ns by default, beside that of the class
}

type clockKeys struct {
	place
	Name     string      `yaml:"name,required"` // what the file calls it: no capture shows it
	Role     role        `yaml:"role,required"` // what it is there for
	Count    count       `yaml:"count"`         // makes so many, NAME-1, NAME-2 and so on; NAME is all of them
	Profile  profileName `yaml:"profile"`
	Identity *identity   `yaml:"identity"`    // clockIdentity; made of the MAC address by default
	Same     *ref        `yaml:"identity_of"` // a clock above whose clockIdentity it has, too
	MAC      *mac        `yaml:"mac"`         // of the first port; by default drawn, as all addresses are
	IP       *ip         `yaml:"ip"`          // of each port; drawn by default
	Off      bool        `yaml:"off"`         // until an event starts it
	attributeKeys
	oscillatorKeys
	Transport  *transport  `yaml:"transport"` // the profile's by default, as what follows
	Addressing *addressing `yaml:"addressing"`
	Mechanism  *mechanism  `yaml:"delay_mechanism"`  // how path delays are measured
	SlaveOnly  *bool       `yaml:"slave_only"`       // never a master; clients are
	MasterOnly *bool       `yaml:"master_only"`      // never a slave; grandmasters of unicast and telecom profiles are
	Masters    []ref       `yaml:"masters"`          // its unicast master table, best first
	Asymmetry  duration    `yaml:"asymmetry"`        // delayAsymmetry that it corrects for
	Latency    *length     `yaml:"latency"`          // how long it takes to answer, 30us by default, give or take half
	Jitter     *share      `yaml:"jitter"`           // how evenly it sends, rms part of the interval, 0.3 % by default
	Constant   *period     `yaml:"time_constant"`    // time constant of its servo; the profile's by default
	StepAbove  *length     `yaml:"step_above"`       // offset from which on it is stepped, 1ms by default
	Grants     *uint16     `yaml:"grants"`           // how many unicast grants it gives at most, 512 by default
	Holdover   *uint8      `yaml:"holdover_class"`   // clockClass once it has lost its master; 135 for boundary clocks of telecom profiles
	Receipt    *uint8      `yaml:"receipt_timeout"`  // announceReceiptTimeout
	Priorities []uint8     `yaml:"local_priorities"` // of its ports one by one, in the order of its links
}

type switchKeys struct {
	place
	Name        string      `yaml:"name,required"`
	Residence   *length     `yaml:"residence"`   // what a frame spends in it at least, 2us by default
	Jitter      *length     `yaml:"jitter"`      // what it may spend beyond, evenly spread
	Transparent bool        `yaml:"transparent"` // it is a transparent clock
	Profile     profileName `yaml:"profile"`
	MAC         *mac        `yaml:"mac"`
	TwoStep     *bool       `yaml:"two_step"`        // residence times are told in Follow_Ups
	Mechanism   *mechanism  `yaml:"delay_mechanism"` // the profile's by default, as the next two
	Transport   *transport  `yaml:"transport"`
	Domain      *uint8      `yaml:"domain"` // in which a peer-to-peer one measures its links
	oscillatorKeys
}

type routerKeys struct {
	place
	Name      string  `yaml:"name,required"`
	Residence *length `yaml:"residence"` // what a packet spends in it at least, 2us by default
	Jitter    *length `yaml:"jitter"`    // what it may spend beyond, evenly spread
}

type hostKeys struct {
	place
	Name    string      `yaml:"name,required"`
	Profile profileName `yaml:"profile"` // of the messages that it sends
	MAC     *mac        `yaml:"mac"`
	IP      *ip         `yaml:"ip"`
	VLAN    vlanID      `yaml:"vlan"`
	oscillatorKeys
}

type linkKeys struct {
	place
	Name      string    `yaml:"name"`             // its two ends by default: `gm-switch`; of a group also one by one, `client-1-switch`
	Between   []ref     `yaml:"between,required"` // the names of its ends; one may be a group
	Delay     span      `yaml:"delay,required"`   // from end to end, the mean of both ways
	Asymmetry duration  `yaml:"asymmetry"`        // by how much the way from the first end to the second is longer
	Loss      share     `yaml:"loss"`             // of frames
	Load      *loadKeys `yaml:"load"`             // other traffic, on both ways
	LoadBack  *loadKeys `yaml:"load_back"`        // other traffic on the way from the second end to the first, if that differs
}

type loadKeys struct {
	Mean        share      `yaml:"mean,required"` // of the link's rate: so many frames wait
	Swing       share      `yaml:"daily_swing"`   // what the time of day adds at most, and takes away
	Peak        *length    `yaml:"daily_peak"`    // time of day at which it adds most, as 14h
	Packet      *length    `yaml:"packet"`        // how long one packet of the others takes, 12us by default: the scale of the waits
	Correlation *length    `yaml:"correlation"`   // how long it stays as it is, 5ms by default
	Limit       *length    `yaml:"limit"`         // the longest wait, 1ms by default
	Burst       *burstKeys `yaml:"burst"`         // traffic that comes and goes
}

type burstKeys struct {
	Load  share  `yaml:"load,required"`  // while it lasts
	Every period `yaml:"every,required"` // mean pause in between
	Lasts period `yaml:"lasts,required"` // mean length
}

type tapKeys struct {
	place
	Name      string    `yaml:"name,required"` // the capture's interface, as eth0
	Link      *ref      `yaml:"link"`          // that it taps
	Mirror    *ref      `yaml:"mirror"`        // the switch that it mirrors, instead of a link: it sees what comes in
	Position  *share    `yaml:"position"`      // where on the link, from the first end; 50 % by default
	Way       way       `yaml:"direction"`     // which way it sees; both by default
	Loss      share     `yaml:"loss"`          // of the capture
	Delay     *length   `yaml:"delay"`         // of the mirror
	Load      *loadKeys `yaml:"load"`          // other traffic at the mirror's port
	ClockOf   *ref      `yaml:"clock_of"`      // a tap above that stamps by the same clock
	Timescale timescale `yaml:"timescale"`     // of its clock, `utc` by default
	oscillatorKeys
}

type truthKeys struct {
	place
	Episode   string        `yaml:"episode,required"` // name that events refer to
	Kind      episodeKind   `yaml:"kind,required"`    // `attack`; `fault` if something broke; `operator` if somebody changed what he may
	Type      string        `yaml:"type,required"`    // what sort of
	Size      string        `yaml:"size"`             // how much of it
	Attacker  *ref          `yaml:"attacker"`         // node whose identity shows
	Clocks    []ref         `yaml:"clocks"`           // nodes of which an alert may rightly speak; the attacker by default
	Direction pathDirection `yaml:"direction"`        // in which delays change
	Network   string        `yaml:"network"`          // of which the alerts speak, as eth0 or eth0.100; the only one by default
	Domain    *uint8        `yaml:"domain"`           // the profile's by default
	Alerts    []alertName   `yaml:"alerts"`           // those that answer it, the one made for it first; none if it is to be met with silence
	Tolerated []alertName   `yaml:"tolerated"`        // those that may be raised beside
	Severity  severity      `yaml:"severity"`         // the highest that is due
}
