package ptp

// FollowUpInformation is on every Follow_Up of gPTP, and on every Sync of a
// one-step port (IEEE 802.1AS-2020 11.4.4.3).
type FollowUpInformation struct {
	Extension
	CumulativeScaledRateOffset int32 // (rate ratio - 1) times 2^41
	GmTimeBaseIndicator        uint16
	LastGmPhaseChange          ScaledNs
	ScaledLastGmFreqChange     int32 // fractional frequency times 2^41
	Surplus
}

func (t *FollowUpInformation) fields(c *codec) {
	followUpInformation.fields(c)
	u32(c, "cumulativeScaledRateOffset", &t.CumulativeScaledRateOffset)
	u16(c, "gmTimeBaseIndicator", &t.GmTimeBaseIndicator)
	c.scaledNs("lastGmPhaseChange", &t.LastGmPhaseChange)
	u32(c, "scaledLastGmFreqChange", &t.ScaledLastGmFreqChange)
}

// MessageIntervalRequest asks a gPTP neighbour for other intervals: 126 for
// the initial one, 127 for none, -128 for no change (IEEE 802.1AS-2020
// 10.6.4.3).
type MessageIntervalRequest struct {
	Extension
	LogLinkDelayInterval LogInterval
	LogTimeSyncInterval  LogInterval
	LogAnnounceInterval  LogInterval
	Flags                uint8
	Reserved             [2]uint8
	Surplus
}

func (t *MessageIntervalRequest) fields(c *codec) {
	messageIntervalRequest.fields(c)
	u8(c, "logLinkDelayInterval", &t.LogLinkDelayInterval)
	u8(c, "logTimeSyncInterval", &t.LogTimeSyncInterval)
	u8(c, "logAnnounceInterval", &t.LogAnnounceInterval)
	u8(c, "flags", &t.Flags)
	c.reserved(&t.Reserved[0], &t.Reserved[1])
}

// GPTPCapable says that the sender speaks gPTP (IEEE 802.1AS-2020 10.6.4.4).
type GPTPCapable struct {
	Extension
	LogGPTPCapableMessageInterval LogInterval
	Flags                         uint8
	Reserved                      [4]uint8
	Surplus
}

func (t *GPTPCapable) fields(c *codec) {
	gptpCapable.fields(c)
	u8(c, "logGptpCapableMessageInterval", &t.LogGPTPCapableMessageInterval)
	u8(c, "flags", &t.Flags)
	c.reserved(&t.Reserved[0], &t.Reserved[1], &t.Reserved[2], &t.Reserved[3])
}

// GPTPCapableMessageIntervalRequest asks for GPTPCapable at another interval
// (IEEE 802.1AS-2020 10.6.4.5).
type GPTPCapableMessageIntervalRequest struct {
	Extension
	LogGPTPCapableMessageInterval LogInterval
	Reserved                      [3]uint8
	Surplus
}

func (t *GPTPCapableMessageIntervalRequest) fields(c *codec) {
	gptpCapableIntervalRequest.fields(c)
	u8(c, "logGptpCapableMessageInterval", &t.LogGPTPCapableMessageInterval)
	c.reserved(&t.Reserved[0], &t.Reserved[1], &t.Reserved[2])
}
