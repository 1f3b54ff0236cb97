package ptp

// L1Sync negotiates layer-1 synchronisation (IEEE 1588-2019 L.6, and L.8.4
// for what follows Status when OptParamsEnabled is set).
type L1Sync struct {
	Required uint8 // bit 0: TCR, 1: RCR, 2: CR, 3: OPE
	Status   uint8 // bit 0: ITC, 1: IRC, 2: IC

	Optional               uint8
	PhaseOffsetTx          TimeInterval
	PhaseOffsetTxTimestamp Timestamp
	FreqOffsetTx           TimeInterval
	FreqOffsetTxTimestamp  Timestamp
	Surplus
}

// OptParamsEnabled is OPE: the TLV has the optional parameters.
func (t *L1Sync) OptParamsEnabled() bool { return t.Required&8 != 0 }

// Type implements TLV.
func (*L1Sync) Type() TLVType { return TLVL1Sync }
func (t *L1Sync) fields(c *codec) {
	u8(c, "required", &t.Required)
	u8(c, "status", &t.Status)
	if !t.OptParamsEnabled() {
		return
	}
	u8(c, "optional", &t.Optional)
	u64(c, "phaseOffsetTx", &t.PhaseOffsetTx)
	c.timestamp("phaseOffsetTxTimestamp", &t.PhaseOffsetTxTimestamp)
	u64(c, "freqOffsetTx", &t.FreqOffsetTx)
	c.timestamp("freqOffsetTxTimestamp", &t.FreqOffsetTxTimestamp)
}

// PortCommunicationAvailability says how a port can send Sync and Delay_Resp
// (IEEE 1588-2019 16.9). Bit 0: multicast, 1: unicast, 2: unicast negotiation
// enabled, 3: unicast negotiation possible.
type PortCommunicationAvailability struct {
	SyncMessageAvailability      uint8
	DelayRespMessageAvailability uint8
	Surplus
}

// Type implements TLV.
func (*PortCommunicationAvailability) Type() TLVType { return TLVPortCommunicationAvailability }
func (t *PortCommunicationAvailability) fields(c *codec) {
	u8(c, "syncMessageAvailability", &t.SyncMessageAvailability)
	u8(c, "delayRespMessageAvailability", &t.DelayRespMessageAvailability)
}

// ProtocolAddress is the address at which the sender is reached
// (IEEE 1588-2019 16.9).
type ProtocolAddress struct {
	PortProtocolAddress PortAddress
	Surplus
}

// Type implements TLV.
func (*ProtocolAddress) Type() TLVType { return TLVProtocolAddress }
func (t *ProtocolAddress) fields(c *codec) {
	t.PortProtocolAddress.fields(c)
}

// CumulativeRateRatio is the grandmaster's frequency against the sender's:
// (ratio - 1) times 2^41 (IEEE 1588-2019 16.10).
type CumulativeRateRatio struct {
	ScaledCumulativeRateRatio int32
	Surplus
}

// Type implements TLV.
func (*CumulativeRateRatio) Type() TLVType { return TLVCumulativeRateRatio }
func (t *CumulativeRateRatio) fields(c *codec) {
	u32(c, "scaledCumulativeRateRatio", &t.ScaledCumulativeRateRatio)
}

// Pad makes a message longer and means nothing (IEEE 1588-2019 14.4.2).
type Pad struct {
	Octets Octets
	Surplus
}

// Type implements TLV.
func (*Pad) Type() TLVType     { return TLVPad }
func (t *Pad) fields(c *codec) { c.rest("pad", &t.Octets) }

// AlternateResponsePort asks an SPTP server to answer from another of its
// ports, Offset steps further (facebook/time).
type AlternateResponsePort struct {
	Offset uint16
	Surplus
}

// Type implements TLV.
func (*AlternateResponsePort) Type() TLVType     { return TLVAlternateResponsePort }
func (t *AlternateResponsePort) fields(c *codec) { u16(c, "offset", &t.Offset) }

// Authentication protects a message (IEEE 1588-2019 16.14.3). How Protected
// divides into disclosedKey, sequenceNo, RES and ICV only the security
// association says; where SecParamIndicator is 0 it is the ICV alone.
type Authentication struct {
	SPP               uint8
	SecParamIndicator uint8
	KeyID             uint32
	Protected         Octets
	Surplus
}

// Type implements TLV.
func (*Authentication) Type() TLVType { return TLVAuthentication }
func (t *Authentication) fields(c *codec) {
	u8(c, "SPP", &t.SPP)
	u8(c, "secParamIndicator", &t.SecParamIndicator)
	u32(c, "keyID", &t.KeyID)
	c.rest("protected", &t.Protected)
}
