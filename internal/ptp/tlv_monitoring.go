package ptp

// The TLVs by which clocks tell a monitor what they measured
// (IEEE 1588-2019 16.11), and two of linuxptp that do the same.

// SlaveRxSyncTimingData is what a port received of a master's Sync messages.
type SlaveRxSyncTimingData struct {
	SyncSourcePortIdentity PortIdentity
	Records                []RxSyncTiming
	Surplus
}

// RxSyncTiming is a record of SlaveRxSyncTimingData.
type RxSyncTiming struct {
	SequenceID                 uint16
	SyncOriginTimestamp        Timestamp
	TotalCorrectionField       TimeInterval
	ScaledCumulativeRateOffset int32 // (rate ratio - 1) times 2^41
	SyncEventIngressTimestamp  Timestamp
}

// Type implements TLV.
func (*SlaveRxSyncTimingData) Type() TLVType { return TLVSlaveRxSyncTimingData }
func (t *SlaveRxSyncTimingData) fields(c *codec) {
	c.portIdentity("syncSourcePortIdentity", &t.SyncSourcePortIdentity)
	list(c, "record", &t.Records, 34, func(r *RxSyncTiming) {
		u16(c, "sequenceId", &r.SequenceID)
		c.timestamp("syncOriginTimestamp", &r.SyncOriginTimestamp)
		u64(c, "totalCorrectionField", &r.TotalCorrectionField)
		u32(c, "scaledCumulativeRateOffset", &r.ScaledCumulativeRateOffset)
		c.timestamp("syncEventIngressTimestamp", &r.SyncEventIngressTimestamp)
	})
}

// SlaveRxSyncComputedData is what a port computed from Sync messages.
type SlaveRxSyncComputedData struct {
	SourcePortIdentity PortIdentity
	ComputedFlags      uint8 // valid: bit 0 ScaledNeighborRateRatio, 1 MeanPathDelay, 2 OffsetFromMaster
	Reserved           uint8
	Records            []RxSyncComputed
	Surplus
}

// RxSyncComputed is a record of SlaveRxSyncComputedData.
type RxSyncComputed struct {
	SequenceID              uint16
	OffsetFromMaster        TimeInterval
	MeanPathDelay           TimeInterval
	ScaledNeighborRateRatio int32 // (rate ratio - 1) times 2^41
}

// Type implements TLV.
func (*SlaveRxSyncComputedData) Type() TLVType { return TLVSlaveRxSyncComputedData }
func (t *SlaveRxSyncComputedData) fields(c *codec) {
	c.portIdentity("sourcePortIdentity", &t.SourcePortIdentity)
	u8(c, "computedFlags", &t.ComputedFlags)
	c.reserved(&t.Reserved)
	list(c, "record", &t.Records, 22, func(r *RxSyncComputed) {
		u16(c, "sequenceId", &r.SequenceID)
		u64(c, "offsetFromMaster", &r.OffsetFromMaster)
		u64(c, "meanPathDelay", &r.MeanPathDelay)
		u32(c, "scaledNeighborRateRatio", &r.ScaledNeighborRateRatio)
	})
}

// SlaveTxEventTimestamps is when a port sent event messages of one type.
type SlaveTxEventTimestamps struct {
	SourcePortIdentity PortIdentity
	EventMessageType   MessageType // the low half of its octet
	ReservedNibble     uint8       // the high half
	Reserved           uint8
	Records            []TxEventTimestamp
	Surplus
}

// TxEventTimestamp is a record of SlaveTxEventTimestamps.
type TxEventTimestamp struct {
	SequenceID           uint16
	EventEgressTimestamp Timestamp
}

// Type implements TLV.
func (*SlaveTxEventTimestamps) Type() TLVType { return TLVSlaveTxEventTimestamps }
func (t *SlaveTxEventTimestamps) fields(c *codec) {
	c.portIdentity("sourcePortIdentity", &t.SourcePortIdentity)
	if c.op == showing && t.ReservedNibble == 0 {
		c.emit("eventMessageType", t.EventMessageType)
	} else {
		nibbles(c, "reserved", &t.ReservedNibble, "eventMessageType", &t.EventMessageType)
	}
	c.reserved(&t.Reserved)
	list(c, "record", &t.Records, 12, func(r *TxEventTimestamp) {
		u16(c, "sequenceId", &r.SequenceID)
		c.timestamp("eventEgressTimestamp", &r.EventEgressTimestamp)
	})
}

// SlaveDelayTimingDataNP is what a linuxptp port knows of its delay
// measurements.
type SlaveDelayTimingDataNP struct {
	SourcePortIdentity PortIdentity
	Records            []DelayTiming
	Surplus
}

// DelayTiming is a record of SlaveDelayTimingDataNP.
type DelayTiming struct {
	SequenceID             uint16
	DelayOriginTimestamp   Timestamp
	TotalCorrectionField   TimeInterval
	DelayResponseTimestamp Timestamp
}

// Type implements TLV.
func (*SlaveDelayTimingDataNP) Type() TLVType { return TLVSlaveDelayTimingDataNP }
func (t *SlaveDelayTimingDataNP) fields(c *codec) {
	c.portIdentity("sourcePortIdentity", &t.SourcePortIdentity)
	list(c, "record", &t.Records, 30, func(r *DelayTiming) {
		u16(c, "sequenceId", &r.SequenceID)
		c.timestamp("delayOriginTimestamp", &r.DelayOriginTimestamp)
		u64(c, "totalCorrectionField", &r.TotalCorrectionField)
		c.timestamp("delayResponseTimestamp", &r.DelayResponseTimestamp)
	})
}

// NetSyncMonitorRequest, on a Delay_Req, asks a client for its state as a
// NetSync monitor does.
type NetSyncMonitorRequest struct{ Surplus }

// Type implements TLV.
func (*NetSyncMonitorRequest) Type() TLVType { return TLVNetSyncMonitorRequest }
func (*NetSyncMonitorRequest) fields(*codec) {}

// NetSyncMonitorResponse, on a Delay_Resp, is the state asked for.
type NetSyncMonitorResponse struct {
	PortState         PortState
	Reserved          uint8
	ParentAddress     PortAddress
	ParentDS          ParentDataSet
	CurrentDS         CurrentDataSet
	TimePropertiesDS  TimePropertiesDataSet
	LastSyncTimestamp Timestamp
	Surplus
}

// Type implements TLV.
func (*NetSyncMonitorResponse) Type() TLVType { return TLVNetSyncMonitorResponse }
func (t *NetSyncMonitorResponse) fields(c *codec) {
	u8(c, "portState", &t.PortState)
	c.reserved(&t.Reserved)
	c.group("parentPortAddress", &t.ParentAddress)
	c.group("parentDS", &t.ParentDS)
	c.group("currentDS", &t.CurrentDS)
	c.group("timePropertiesDS", &t.TimePropertiesDS)
	c.timestamp("lastSyncTimestamp", &t.LastSyncTimestamp)
}
