package ptp

import "cmp"

// Datum is the data of an id that has a single octet: a priority, a domain,
// an interval, an enable flag in bit 0.
type Datum[T ~uint8 | ~int8] struct {
	Value    T
	Reserved uint8
}

func (d *Datum[T]) fields(c *codec) {
	u8(c, cmp.Or(c.datum, "value"), &d.Value)
	c.reserved(&d.Reserved)
}

// DefaultDataSet is DEFAULT_DATA_SET (IEEE 1588-2019 15.5.3.3.1).
type DefaultDataSet struct {
	Flags         uint8 // bit 0: TSC, twoStepFlag of 2008; bit 1: SO, slaveOnly
	Reserved      uint8
	NumberPorts   uint16
	Priority1     uint8
	ClockQuality  ClockQuality
	Priority2     uint8
	ClockIdentity ClockIdentity
	DomainNumber  uint8
	Reserved2     uint8
}

func (d *DefaultDataSet) fields(c *codec) {
	u8(c, "flags", &d.Flags)
	c.reserved(&d.Reserved)
	u16(c, "numberPorts", &d.NumberPorts)
	u8(c, "priority1", &d.Priority1)
	c.clockQuality("clockQuality", &d.ClockQuality)
	u8(c, "priority2", &d.Priority2)
	c.clockIdentity("clockIdentity", &d.ClockIdentity)
	u8(c, "domainNumber", &d.DomainNumber)
	c.reserved(&d.Reserved2)
}

// CurrentDataSet is CURRENT_DATA_SET (IEEE 1588-2019 15.5.3.4.1).
type CurrentDataSet struct {
	StepsRemoved     uint16
	OffsetFromMaster TimeInterval
	MeanPathDelay    TimeInterval // meanDelay in 2019
}

func (d *CurrentDataSet) fields(c *codec) {
	u16(c, "stepsRemoved", &d.StepsRemoved)
	u64(c, "offsetFromMaster", &d.OffsetFromMaster)
	u64(c, "meanPathDelay", &d.MeanPathDelay)
}

// ParentDataSet is PARENT_DATA_SET (IEEE 1588-2019 15.5.3.5.1).
type ParentDataSet struct {
	ParentPortIdentity                    PortIdentity
	Flags                                 uint8 // bit 0: PS, the observed values are valid
	Reserved                              uint8
	ObservedParentOffsetScaledLogVariance uint16
	ObservedParentClockPhaseChangeRate    int32
	GrandmasterPriority1                  uint8
	GrandmasterClockQuality               ClockQuality
	GrandmasterPriority2                  uint8
	GrandmasterIdentity                   ClockIdentity
}

func (d *ParentDataSet) fields(c *codec) {
	c.portIdentity("parentPortIdentity", &d.ParentPortIdentity)
	u8(c, "flags", &d.Flags)
	c.reserved(&d.Reserved)
	u16(c, "observedParentOffsetScaledLogVariance", &d.ObservedParentOffsetScaledLogVariance)
	u32(c, "observedParentClockPhaseChangeRate", &d.ObservedParentClockPhaseChangeRate)
	u8(c, "grandmasterPriority1", &d.GrandmasterPriority1)
	c.clockQuality("grandmasterClockQuality", &d.GrandmasterClockQuality)
	u8(c, "grandmasterPriority2", &d.GrandmasterPriority2)
	c.clockIdentity("grandmasterIdentity", &d.GrandmasterIdentity)
}

// TimePropertiesDataSet is TIME_PROPERTIES_DATA_SET (IEEE 1588-2019
// 15.5.3.6.1). Flags are those of the second octet of a flagField.
type TimePropertiesDataSet struct {
	CurrentUTCOffset int16
	Flags            Flags // the low 8 bits
	TimeSource       TimeSource
}

func (d *TimePropertiesDataSet) fields(c *codec) {
	u16(c, "currentUtcOffset", &d.CurrentUTCOffset)
	number(c, "flags", &d.Flags, 1)
	u8(c, "timeSource", &d.TimeSource)
}

// PortDataSet is PORT_DATA_SET (IEEE 1588-2019 15.5.3.7.1).
type PortDataSet struct {
	PortIdentity            PortIdentity
	PortState               PortState
	LogMinDelayReqInterval  LogInterval
	PeerMeanPathDelay       TimeInterval // meanLinkDelay in 2019
	LogAnnounceInterval     LogInterval
	AnnounceReceiptTimeout  uint8
	LogSyncInterval         LogInterval
	DelayMechanism          DelayMechanism
	LogMinPdelayReqInterval LogInterval
	VersionNumber           uint8 // minorVersionNumber in the high half since 2019
}

func (d *PortDataSet) fields(c *codec) {
	c.portIdentity("portIdentity", &d.PortIdentity)
	u8(c, "portState", &d.PortState)
	u8(c, "logMinDelayReqInterval", &d.LogMinDelayReqInterval)
	u64(c, "peerMeanPathDelay", &d.PeerMeanPathDelay)
	u8(c, "logAnnounceInterval", &d.LogAnnounceInterval)
	u8(c, "announceReceiptTimeout", &d.AnnounceReceiptTimeout)
	u8(c, "logSyncInterval", &d.LogSyncInterval)
	u8(c, "delayMechanism", &d.DelayMechanism)
	u8(c, "logMinPdelayReqInterval", &d.LogMinPdelayReqInterval)
	u8(c, "versionNumber", &d.VersionNumber)
}

// ClockTime is TIME: the clock's time, or with SET what it is to become.
type ClockTime struct{ CurrentTime Timestamp }

func (d *ClockTime) fields(c *codec) { c.timestamp("currentTime", &d.CurrentTime) }

// UTCProperties is UTC_PROPERTIES. Flags: leap61, leap59 and
// currentUtcOffsetValid as in a flagField.
type UTCProperties struct {
	CurrentUTCOffset int16
	Flags            Flags // the low 8 bits
	Reserved         uint8
}

func (d *UTCProperties) fields(c *codec) {
	u16(c, "currentUtcOffset", &d.CurrentUTCOffset)
	number(c, "flags", &d.Flags, 1)
	c.reserved(&d.Reserved)
}

// TraceabilityProperties is TRACEABILITY_PROPERTIES. Flags: timeTraceable and
// frequencyTraceable as in a flagField.
type TraceabilityProperties struct {
	Flags    Flags // the low 8 bits
	Reserved uint8
}

func (d *TraceabilityProperties) fields(c *codec) {
	number(c, "flags", &d.Flags, 1)
	c.reserved(&d.Reserved)
}

// TimescaleProperties is TIMESCALE_PROPERTIES. Flags: ptpTimescale as in a
// flagField.
type TimescaleProperties struct {
	Flags      Flags // the low 8 bits
	TimeSource TimeSource
}

func (d *TimescaleProperties) fields(c *codec) {
	number(c, "flags", &d.Flags, 1)
	u8(c, "timeSource", &d.TimeSource)
}

// Initialize is INITIALIZE.
type Initialize struct{ InitializationKey uint16 }

func (d *Initialize) fields(c *codec) { u16(c, "initializationKey", &d.InitializationKey) }

// PortAddress is a PortAddress (IEEE 1588-2019 5.3.6).
type PortAddress struct {
	NetworkProtocol NetworkProtocol
	AddressField    Octets
}

func (a *PortAddress) fields(c *codec) {
	u16(c, "networkProtocol", &a.NetworkProtocol)
	c.sized("addressField", 2, &a.AddressField)
}

// ClockDescription is CLOCK_DESCRIPTION (IEEE 1588-2019 15.5.3.1.2).
type ClockDescription struct {
	ClockType             uint16 // bit 15: ordinary, 14: boundary, 13: P2P TC, 12: E2E TC, 11: management
	PhysicalLayerProtocol string
	PhysicalAddress       Octets
	ProtocolAddress       PortAddress
	ManufacturerIdentity  OUI
	Reserved              uint8
	ProductDescription    string
	RevisionData          string
	UserDescription       string
	ProfileIdentity       [6]byte
}

func (d *ClockDescription) fields(c *codec) {
	u16(c, "clockType", &d.ClockType)
	c.text("physicalLayerProtocol", &d.PhysicalLayerProtocol)
	c.sized("physicalAddress", 2, &d.PhysicalAddress)
	d.ProtocolAddress.fields(c)
	c.octets("manufacturerIdentity", d.ManufacturerIdentity[:])
	c.reserved(&d.Reserved)
	c.text("productDescription", &d.ProductDescription)
	c.text("revisionData", &d.RevisionData)
	c.text("userDescription", &d.UserDescription)
	c.octets("profileIdentity", d.ProfileIdentity[:])
}

// UserDescription is USER_DESCRIPTION.
type UserDescription struct{ UserDescription string }

func (d *UserDescription) fields(c *codec) { c.text("userDescription", &d.UserDescription) }
