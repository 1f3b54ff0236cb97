package ptp

// SynchronizationMetadata is what SMPTE ST 2059-2 grandmasters send in
// Management messages.
type SynchronizationMetadata struct {
	Extension
	DefaultSystemFrameRateNumerator   uint32
	DefaultSystemFrameRateDenominator uint32
	MasterLockingStatus               uint8 // 0 not in use, 1 free run, 2 cold locking, 3 warm locking, 4 locked
	TimeAddressFlags                  uint8 // bit 0: drop frame, 1: colour frame
	CurrentLocalOffset                int32 // seconds
	JumpSeconds                       int32
	TimeOfNextJump                    uint64 // seconds, 48 bits
	TimeOfNextJam                     uint64
	TimeOfPreviousJam                 uint64
	PreviousJamLocalOffset            int32
	DaylightSaving                    uint8
	LeapSecondJump                    uint8
	Surplus
}

func (t *SynchronizationMetadata) fields(c *codec) {
	synchronizationMetadata.fields(c)
	u32(c, "defaultSystemFrameRate.numerator", &t.DefaultSystemFrameRateNumerator)
	u32(c, "defaultSystemFrameRate.denominator", &t.DefaultSystemFrameRateDenominator)
	u8(c, "masterLockingStatus", &t.MasterLockingStatus)
	u8(c, "timeAddressFlags", &t.TimeAddressFlags)
	u32(c, "currentLocalOffset", &t.CurrentLocalOffset)
	u32(c, "jumpSeconds", &t.JumpSeconds)
	u48(c, "timeOfNextJump", &t.TimeOfNextJump)
	u48(c, "timeOfNextJam", &t.TimeOfNextJam)
	u48(c, "timeOfPreviousJam", &t.TimeOfPreviousJam)
	u32(c, "previousJamLocalOffset", &t.PreviousJamLocalOffset)
	u8(c, "daylightSaving", &t.DaylightSaving)
	u8(c, "leapSecondJump", &t.LeapSecondJump)
}
