package ptp

// TimeStatusNP is linuxptp's TIME_STATUS_NP.
type TimeStatusNP struct {
	MasterOffset               int64 // nanoseconds
	IngressTime                int64 // nanoseconds
	CumulativeScaledRateOffset int32
	ScaledLastGmPhaseChange    int32
	GmTimeBaseIndicator        uint16
	LastGmPhaseChange          ScaledNs
	GmPresent                  int32
	GmIdentity                 ClockIdentity
}

func (d *TimeStatusNP) fields(c *codec) {
	u64(c, "master_offset", &d.MasterOffset)
	u64(c, "ingress_time", &d.IngressTime)
	u32(c, "cumulativeScaledRateOffset", &d.CumulativeScaledRateOffset)
	u32(c, "scaledLastGmPhaseChange", &d.ScaledLastGmPhaseChange)
	u16(c, "gmTimeBaseIndicator", &d.GmTimeBaseIndicator)
	c.scaledNs("lastGmPhaseChange", &d.LastGmPhaseChange)
	u32(c, "gmPresent", &d.GmPresent)
	c.clockIdentity("gmIdentity", &d.GmIdentity)
}

// GrandmasterSettingsNP is linuxptp's GRANDMASTER_SETTINGS_NP: with SET it
// changes what the grandmaster announces.
type GrandmasterSettingsNP struct {
	ClockQuality     ClockQuality
	CurrentUTCOffset int16
	Flags            Flags // the low 8 bits
	TimeSource       TimeSource
}

func (d *GrandmasterSettingsNP) fields(c *codec) {
	c.clockQuality("clockQuality", &d.ClockQuality)
	u16(c, "currentUtcOffset", &d.CurrentUTCOffset)
	number(c, "flags", &d.Flags, 1)
	u8(c, "timeSource", &d.TimeSource)
}

// PortDataSetNP is linuxptp's PORT_DATA_SET_NP.
type PortDataSetNP struct {
	NeighborPropDelayThresh uint32 // nanoseconds
	AsCapable               int32
}

func (d *PortDataSetNP) fields(c *codec) {
	u32(c, "neighborPropDelayThresh", &d.NeighborPropDelayThresh)
	u32(c, "asCapable", &d.AsCapable)
}

// SubscribeEventsNP is linuxptp's SUBSCRIBE_EVENTS_NP.
type SubscribeEventsNP struct {
	Duration uint16 // seconds
	Bitmask  [64]byte
}

func (d *SubscribeEventsNP) fields(c *codec) {
	u16(c, "duration", &d.Duration)
	c.octets("bitmask", d.Bitmask[:])
}

// PortPropertiesNP is linuxptp's PORT_PROPERTIES_NP.
type PortPropertiesNP struct {
	PortIdentity PortIdentity
	PortState    PortState
	Timestamping uint8
	Interface    string
}

func (d *PortPropertiesNP) fields(c *codec) {
	c.portIdentity("portIdentity", &d.PortIdentity)
	u8(c, "portState", &d.PortState)
	u8(c, "timestamping", &d.Timestamping)
	c.text("interface", &d.Interface)
}

// PortStatsNP is linuxptp's PORT_STATS_NP: messages by messageType.
type PortStatsNP struct {
	PortIdentity PortIdentity
	Received     [16]uint64
	Transmitted  [16]uint64
}

func (d *PortStatsNP) fields(c *codec) {
	c.portIdentity("portIdentity", &d.PortIdentity)
	counters(c, "received", d.Received[:])
	counters(c, "transmitted", d.Transmitted[:])
}

// PortServiceStatsNP is linuxptp's PORT_SERVICE_STATS_NP: timeouts for
// announce, sync, delay, unicast service, unicast request, master announce,
// master sync and qualification, then mismatches of sync and follow-up.
type PortServiceStatsNP struct {
	PortIdentity PortIdentity
	Counters     [10]uint64
}

func (d *PortServiceStatsNP) fields(c *codec) {
	c.portIdentity("portIdentity", &d.PortIdentity)
	counters(c, "counters", d.Counters[:])
}

// counters are little-endian, whatever the machine linuxptp runs on.
func counters(c *codec, name string, counters []uint64) {
	if c.op == showing {
		c.emit(name, counters)
		return
	}
	for i := range counters {
		u64le(c, &counters[i])
	}
}

// UnicastMasterTableNP is linuxptp's UNICAST_MASTER_TABLE_NP.
type UnicastMasterTableNP struct{ UnicastMasters []UnicastMasterNP }

// UnicastMasterNP is an entry of a UnicastMasterTableNP.
type UnicastMasterNP struct {
	PortIdentity PortIdentity
	ClockQuality ClockQuality
	Selected     uint8
	State        uint8
	Priority1    uint8
	Priority2    uint8
	Address      PortAddress
}

func (d *UnicastMasterTableNP) fields(c *codec) {
	table(c, "unicastMaster", 2, &d.UnicastMasters, 22, func(m *UnicastMasterNP) {
		c.portIdentity("portIdentity", &m.PortIdentity)
		c.clockQuality("clockQuality", &m.ClockQuality)
		u8(c, "selected", &m.Selected)
		u8(c, "state", &m.State)
		u8(c, "priority1", &m.Priority1)
		u8(c, "priority2", &m.Priority2)
		m.Address.fields(c)
	})
}

// PortHardwareClockNP is linuxptp's PORT_HWCLOCK_NP.
type PortHardwareClockNP struct {
	PortIdentity PortIdentity
	PHCIndex     int32
	Flags        uint8 // bit 0: virtual clock
	Reserved     uint8
}

func (d *PortHardwareClockNP) fields(c *codec) {
	c.portIdentity("portIdentity", &d.PortIdentity)
	u32(c, "phc_index", &d.PHCIndex)
	u8(c, "flags", &d.Flags)
	c.reserved(&d.Reserved)
}

// ExternalGrandmasterPropertiesNP is linuxptp's
// EXTERNAL_GRANDMASTER_PROPERTIES_NP.
type ExternalGrandmasterPropertiesNP struct {
	GmIdentity   ClockIdentity
	StepsRemoved uint16
}

func (d *ExternalGrandmasterPropertiesNP) fields(c *codec) {
	c.clockIdentity("gmIdentity", &d.GmIdentity)
	u16(c, "stepsRemoved", &d.StepsRemoved)
}

// PowerProfileSettingsNP is linuxptp's POWER_PROFILE_SETTINGS_NP.
type PowerProfileSettingsNP struct {
	Version                   uint16 // 0 none, 1 IEEE C37.238-2011, 2 IEEE C37.238-2017
	GrandmasterID             uint16
	GrandmasterTimeInaccuracy uint32 // nanoseconds
	NetworkTimeInaccuracy     uint32 // nanoseconds
	TotalTimeInaccuracy       uint32 // nanoseconds
}

func (d *PowerProfileSettingsNP) fields(c *codec) {
	u16(c, "version", &d.Version)
	u16(c, "grandmasterID", &d.GrandmasterID)
	u32(c, "grandmasterTimeInaccuracy", &d.GrandmasterTimeInaccuracy)
	u32(c, "networkTimeInaccuracy", &d.NetworkTimeInaccuracy)
	u32(c, "totalTimeInaccuracy", &d.TotalTimeInaccuracy)
}

// CMLDSInfoNP is linuxptp's CMLDS_INFO_NP.
type CMLDSInfoNP struct {
	MeanLinkDelay           TimeInterval
	ScaledNeighborRateRatio int32
	AsCapable               uint32
}

func (d *CMLDSInfoNP) fields(c *codec) {
	u64(c, "meanLinkDelay", &d.MeanLinkDelay)
	u32(c, "scaledNeighborRateRatio", &d.ScaledNeighborRateRatio)
	u32(c, "as_capable", &d.AsCapable)
}

// PortCorrectionsNP is linuxptp's PORT_CORRECTIONS_NP.
type PortCorrectionsNP struct {
	EgressLatency  TimeInterval
	IngressLatency TimeInterval
	DelayAsymmetry TimeInterval
}

func (d *PortCorrectionsNP) fields(c *codec) {
	u64(c, "egressLatency", &d.EgressLatency)
	u64(c, "ingressLatency", &d.IngressLatency)
	u64(c, "delayAsymmetry", &d.DelayAsymmetry)
}
