package ptp

import "iter"

// PathTrace lists the clocks an Announce has come through, the grandmaster
// first (IEEE 1588-2019 16.2). Whoever only walks it saves the allocation
// with PathSequence.
type PathTrace struct {
	PathSequence []ClockIdentity
	Surplus
}

// Type implements TLV.
func (*PathTrace) Type() TLVType     { return TLVPathTrace }
func (t *PathTrace) fields(c *codec) { c.clockIdentities("pathSequence", &t.PathSequence) }

// PathSequence walks the clock identities in the value of a PATH_TRACE TLV.
func PathSequence(value []byte) iter.Seq[ClockIdentity] {
	return func(yield func(ClockIdentity) bool) {
		for ; len(value) >= 8; value = value[8:] {
			if !yield(clockIdentity(value)) {
				return
			}
		}
	}
}

// AlternateTimeOffsetIndicator says how an alternate timescale, a time zone
// for instance, differs from the grandmaster's (IEEE 1588-2019 16.3).
type AlternateTimeOffsetIndicator struct {
	KeyField       uint8
	CurrentOffset  int32  // seconds
	JumpSeconds    int32  // seconds
	TimeOfNextJump uint64 // seconds of the grandmaster's timescale, 48 bits
	DisplayName    string // the sender's text: any octets, at most 255
	Surplus
}

// Type implements TLV.
func (*AlternateTimeOffsetIndicator) Type() TLVType { return TLVAlternateTimeOffsetIndicator }
func (t *AlternateTimeOffsetIndicator) fields(c *codec) {
	u8(c, "keyField", &t.KeyField)
	u32(c, "currentOffset", &t.CurrentOffset)
	u32(c, "jumpSeconds", &t.JumpSeconds)
	u48(c, "timeOfNextJump", &t.TimeOfNextJump)
	c.text("displayName", &t.DisplayName)
}

// EnhancedAccuracyMetrics are the inaccuracies that clocks on the way from
// the grandmaster have added up (IEEE 1588-2019 16.12). Var fields are in
// seconds squared.
type EnhancedAccuracyMetrics struct {
	BCHopCount                  uint8
	TCHopCount                  uint8
	Reserved                    [2]uint8
	MaxGmInaccuracy             TimeInterval
	VarGmInaccuracy             float64
	MaxTransientInaccuracy      TimeInterval
	VarTransientInaccuracy      float64
	MaxDynamicInaccuracy        TimeInterval
	VarDynamicInaccuracy        float64
	MaxStaticInstanceInaccuracy TimeInterval
	VarStaticInstanceInaccuracy float64
	MaxStaticMediumInaccuracy   TimeInterval
	VarStaticMediumInaccuracy   float64
	Surplus
}

// Type implements TLV.
func (*EnhancedAccuracyMetrics) Type() TLVType { return TLVEnhancedAccuracyMetrics }
func (t *EnhancedAccuracyMetrics) fields(c *codec) {
	u8(c, "bcHopCount", &t.BCHopCount)
	u8(c, "tcHopCount", &t.TCHopCount)
	c.reserved(&t.Reserved[0], &t.Reserved[1])
	u64(c, "maxGmInaccuracy", &t.MaxGmInaccuracy)
	f64(c, "varGmInaccuracy", &t.VarGmInaccuracy)
	u64(c, "maxTransientInaccuracy", &t.MaxTransientInaccuracy)
	f64(c, "varTransientInaccuracy", &t.VarTransientInaccuracy)
	u64(c, "maxDynamicInaccuracy", &t.MaxDynamicInaccuracy)
	f64(c, "varDynamicInaccuracy", &t.VarDynamicInaccuracy)
	u64(c, "maxStaticInstanceInaccuracy", &t.MaxStaticInstanceInaccuracy)
	f64(c, "varStaticInstanceInaccuracy", &t.VarStaticInstanceInaccuracy)
	u64(c, "maxStaticMediumInaccuracy", &t.MaxStaticMediumInaccuracy)
	f64(c, "varStaticMediumInaccuracy", &t.VarStaticMediumInaccuracy)
}
