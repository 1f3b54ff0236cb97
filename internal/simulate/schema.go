package simulate

import (
	"time"

	"go.yaml.in/yaml/v3"
)

// file is a scenario file. How to write one, for people:
// docs/how-to/write-a-scenario.md.
type file struct {
	Name        string      `yaml:"name,required"`
	Description string      `yaml:"description,required"`
	Duration    duration    `yaml:"duration,required"`
	Warmup      *duration   `yaml:"warmup"`
	Start       *moment     `yaml:"start"`
	Variants    yaml.Node   `yaml:"variants"`
	Profile     profileName `yaml:"profile"`
	UTCOffset   *int16      `yaml:"utc_offset"`

	Clocks   []clockKeys  `yaml:"clocks,required"`
	Switches []switchKeys `yaml:"switches"`
	Routers  []routerKeys `yaml:"routers"`
	Hosts    []hostKeys   `yaml:"hosts"`
	Links    []linkKeys   `yaml:"links,required"`
	Taps     []tapKeys    `yaml:"taps,required"`
	Events   []eventKeys  `yaml:"events"`
	Config   yaml.Node    `yaml:"config"`
	Truth    []truthKeys  `yaml:"truth"`
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
	Priority1     *uint8  `yaml:"priority1"`
	Priority2     *uint8  `yaml:"priority2"`
	LocalPriority *uint8  `yaml:"local_priority"`
	Class         *uint8  `yaml:"clock_class"`
	Accuracy      *uint8  `yaml:"clock_accuracy"`
	Variance      *uint16 `yaml:"variance"`

	TimeSource         *uint8 `yaml:"time_source"`
	UTCOffset          *int16 `yaml:"utc_offset"`
	UTCOffsetValid     *bool  `yaml:"utc_offset_valid"`
	Leap61             *bool  `yaml:"leap61"`
	Leap59             *bool  `yaml:"leap59"`
	PTPTimescale       *bool  `yaml:"ptp_timescale"`
	TimeTraceable      *bool  `yaml:"time_traceable"`
	FrequencyTraceable *bool  `yaml:"frequency_traceable"`
	Uncertain          *bool  `yaml:"synchronization_uncertain"`

	Domain       *uint8       `yaml:"domain"`
	SdoID        *uint16      `yaml:"sdo_id"`
	VLAN         *uint16      `yaml:"vlan"`
	TwoStep      *bool        `yaml:"two_step"`
	MinorVersion *uint8       `yaml:"minor_version"`
	TTL          *uint8       `yaml:"ttl"`
	Announce     *logInterval `yaml:"announce_interval"`
	Sync         *logInterval `yaml:"sync_interval"`
	Delay        *logInterval `yaml:"delay_interval"`

	Signed       *bool     `yaml:"signed"`
	Silent       []message `yaml:"silent"`
	StepsRemoved *uint16   `yaml:"steps_removed"`
	PathLoop     *bool     `yaml:"path_loop"`
	AnnounceLog  *int8     `yaml:"announce_log"`
	DelayRespLog *int8     `yaml:"delay_resp_log"`
}

// oscillatorKeys are about what a clock counts.
type oscillatorKeys struct {
	Oscillator oscillatorName `yaml:"oscillator"`
	Offset     *duration      `yaml:"offset"`    // of the time, at the start
	Frequency  *fraction      `yaml:"frequency"` // of the oscillator, at the start
	Resolution *duration      `yaml:"timestamp_resolution"`
	Noise      *duration      `yaml:"timestamp_noise"`
}

type clockKeys struct {
	place
	Name     string      `yaml:"name,required"`
	Role     role        `yaml:"role,required"`
	Count    uint16      `yaml:"count"`
	Profile  profileName `yaml:"profile"`
	Identity *identity   `yaml:"identity"`
	Same     *ref        `yaml:"identity_of"`
	MAC      *mac        `yaml:"mac"`
	IP       *ip         `yaml:"ip"`
	Off      bool        `yaml:"off"` // until an event starts it
	attributeKeys
	oscillatorKeys
	Transport  *transport  `yaml:"transport"`
	Addressing *addressing `yaml:"addressing"`
	Mechanism  *mechanism  `yaml:"delay_mechanism"`
	SlaveOnly  *bool       `yaml:"slave_only"`
	MasterOnly *bool       `yaml:"master_only"`
	Masters    []ref       `yaml:"masters"`
	Asymmetry  duration    `yaml:"asymmetry"`
	Latency    *duration   `yaml:"latency"`
	Jitter     *share      `yaml:"jitter"`
	Constant   *duration   `yaml:"time_constant"`
	StepAbove  *duration   `yaml:"step_above"`
	Grants     *uint16     `yaml:"grants"`
	Holdover   *uint8      `yaml:"holdover_class"`
	Receipt    *uint8      `yaml:"receipt_timeout"`
}

type switchKeys struct {
	place
	Name        string      `yaml:"name,required"`
	Residence   *duration   `yaml:"residence"`
	Jitter      *duration   `yaml:"jitter"`
	Transparent bool        `yaml:"transparent"`
	Profile     profileName `yaml:"profile"`
	MAC         *mac        `yaml:"mac"`
	TwoStep     *bool       `yaml:"two_step"`
	oscillatorKeys
}

type routerKeys struct {
	place
	Name      string    `yaml:"name,required"`
	Residence *duration `yaml:"residence"`
	Jitter    *duration `yaml:"jitter"`
}

type hostKeys struct {
	place
	Name    string      `yaml:"name,required"`
	Profile profileName `yaml:"profile"`
	MAC     *mac        `yaml:"mac"`
	IP      *ip         `yaml:"ip"`
	VLAN    uint16      `yaml:"vlan"`
	oscillatorKeys
}

type linkKeys struct {
	place
	Name      string    `yaml:"name"`
	Between   []ref     `yaml:"between,required"`
	Delay     span      `yaml:"delay,required"`
	Asymmetry duration  `yaml:"asymmetry"`
	Loss      share     `yaml:"loss"`
	Load      *loadKeys `yaml:"load"`
	LoadBack  *loadKeys `yaml:"load_back"`
}

type loadKeys struct {
	Mean        share      `yaml:"mean,required"`
	Swing       share      `yaml:"daily_swing"`
	Peak        *duration  `yaml:"daily_peak"`
	Packet      *duration  `yaml:"packet"`
	Correlation *duration  `yaml:"correlation"`
	Limit       *duration  `yaml:"limit"`
	Burst       *burstKeys `yaml:"burst"`
}

type burstKeys struct {
	Load  share    `yaml:"load,required"`
	Every duration `yaml:"every,required"`
	Lasts duration `yaml:"lasts,required"`
}

type tapKeys struct {
	place
	Name      string    `yaml:"name,required"`
	Link      *ref      `yaml:"link"`
	Mirror    *ref      `yaml:"mirror"`
	Position  *share    `yaml:"position"`
	Way       way       `yaml:"direction"`
	Loss      share     `yaml:"loss"`
	Delay     *duration `yaml:"delay"`
	Load      *loadKeys `yaml:"load"`
	ClockOf   *ref      `yaml:"clock_of"`
	Timescale timescale `yaml:"timescale"`
	oscillatorKeys
}

type truthKeys struct {
	place
	Episode   string        `yaml:"episode,required"`
	Kind      episodeKind   `yaml:"kind,required"`
	Type      string        `yaml:"type,required"`
	Size      string        `yaml:"size"`
	Attacker  *ref          `yaml:"attacker"`
	Clocks    []ref         `yaml:"clocks"`
	Direction pathDirection `yaml:"direction"`
	Network   string        `yaml:"network"`
	Domain    *uint8        `yaml:"domain"`
	Alerts    []alertName   `yaml:"alerts"`
	Tolerated []alertName   `yaml:"tolerated"`
	Severity  severity      `yaml:"severity"`
}
