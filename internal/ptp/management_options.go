package ptp

// The data of ids that belong to the options of IEEE 1588-2019 clauses 16 and
// 17, and to transparent clocks.

// PathTraceList is PATH_TRACE_LIST.
type PathTraceList struct{ PathSequence []ClockIdentity }

func (d *PathTraceList) fields(c *codec) { c.clockIdentities("pathSequence", &d.PathSequence) }

// AcceptableMasterTable is ACCEPTABLE_MASTER_TABLE.
type AcceptableMasterTable struct{ List []AcceptableMaster }

// AcceptableMaster is an entry of an AcceptableMasterTable.
type AcceptableMaster struct {
	AcceptablePortIdentity PortIdentity
	AlternatePriority1     uint8
}

func (d *AcceptableMasterTable) fields(c *codec) {
	table(c, "list", 2, &d.List, 11, func(m *AcceptableMaster) {
		c.portIdentity("acceptablePortIdentity", &m.AcceptablePortIdentity)
		u8(c, "alternatePriority1", &m.AlternatePriority1)
	})
}

// UnicastMasterTable is UNICAST_MASTER_TABLE: the masters a port asks.
type UnicastMasterTable struct {
	LogQueryInterval LogInterval
	UnicastMasters   []PortAddress
}

func (d *UnicastMasterTable) fields(c *codec) {
	u8(c, "logQueryInterval", &d.LogQueryInterval)
	table(c, "unicastMaster", 2, &d.UnicastMasters, 4, func(a *PortAddress) { a.fields(c) })
}

// GrandmasterClusterTable is GRANDMASTER_CLUSTER_TABLE.
type GrandmasterClusterTable struct {
	LogQueryInterval LogInterval
	Members          []PortAddress
}

func (d *GrandmasterClusterTable) fields(c *codec) {
	u8(c, "logQueryInterval", &d.LogQueryInterval)
	table(c, "member", 1, &d.Members, 4, func(a *PortAddress) { a.fields(c) })
}

// MaxTableSize is UNICAST_MASTER_MAX_TABLE_SIZE and
// ACCEPTABLE_MASTER_MAX_TABLE_SIZE.
type MaxTableSize struct{ MaxTableSize uint16 }

func (d *MaxTableSize) fields(c *codec) { u16(c, "maxTableSize", &d.MaxTableSize) }

// AlternateMaster is ALTERNATE_MASTER.
type AlternateMaster struct {
	Flags                             uint8 // bit 0: S, transmit alternate multicast Sync
	LogAlternateMulticastSyncInterval LogInterval
	NumberOfAlternateMasters          uint8
	Reserved                          uint8
}

func (d *AlternateMaster) fields(c *codec) {
	u8(c, "flags", &d.Flags)
	u8(c, "logAlternateMulticastSyncInterval", &d.LogAlternateMulticastSyncInterval)
	u8(c, "numberOfAlternateMasters", &d.NumberOfAlternateMasters)
	c.reserved(&d.Reserved)
}

// AlternateTimeOffsetEnable is ALTERNATE_TIME_OFFSET_ENABLE.
type AlternateTimeOffsetEnable struct {
	KeyField uint8
	Flags    uint8 // bit 0: enabled
}

func (d *AlternateTimeOffsetEnable) fields(c *codec) {
	u8(c, "keyField", &d.KeyField)
	u8(c, "flags", &d.Flags)
}

// AlternateTimeOffsetName is ALTERNATE_TIME_OFFSET_NAME.
type AlternateTimeOffsetName struct {
	KeyField    uint8
	DisplayName string
}

func (d *AlternateTimeOffsetName) fields(c *codec) {
	u8(c, "keyField", &d.KeyField)
	c.text("displayName", &d.DisplayName)
}

// AlternateTimeOffsetProperties is ALTERNATE_TIME_OFFSET_PROPERTIES.
type AlternateTimeOffsetProperties struct {
	KeyField       uint8
	CurrentOffset  int32  // seconds
	JumpSeconds    int32  // seconds
	TimeOfNextJump uint64 // seconds, 48 bits
	Reserved       uint8
}

func (d *AlternateTimeOffsetProperties) fields(c *codec) {
	u8(c, "keyField", &d.KeyField)
	u32(c, "currentOffset", &d.CurrentOffset)
	u32(c, "jumpSeconds", &d.JumpSeconds)
	u48(c, "timeOfNextJump", &d.TimeOfNextJump)
	c.reserved(&d.Reserved)
}

// TransparentClockDefaultDataSet is TRANSPARENT_CLOCK_DEFAULT_DATA_SET.
type TransparentClockDefaultDataSet struct {
	ClockIdentity  ClockIdentity
	NumberPorts    uint16
	DelayMechanism DelayMechanism
	PrimaryDomain  uint8
}

func (d *TransparentClockDefaultDataSet) fields(c *codec) {
	c.clockIdentity("clockIdentity", &d.ClockIdentity)
	u16(c, "numberPorts", &d.NumberPorts)
	u8(c, "delayMechanism", &d.DelayMechanism)
	u8(c, "primaryDomain", &d.PrimaryDomain)
}

// TransparentClockPortDataSet is TRANSPARENT_CLOCK_PORT_DATA_SET.
type TransparentClockPortDataSet struct {
	PortIdentity            PortIdentity
	Flags                   uint8 // bit 0: FLT, faulty
	LogMinPdelayReqInterval LogInterval
	PeerMeanPathDelay       TimeInterval
}

func (d *TransparentClockPortDataSet) fields(c *codec) {
	c.portIdentity("portIdentity", &d.PortIdentity)
	u8(c, "flags", &d.Flags)
	u8(c, "logMinPdelayReqInterval", &d.LogMinPdelayReqInterval)
	u64(c, "peerMeanPathDelay", &d.PeerMeanPathDelay)
}
