package ptp

// RequestUnicastTransmission asks for messages of one type at a rate and for
// a time (IEEE 1588-2019 16.1.4.1).
type RequestUnicastTransmission struct {
	MessageType           MessageType
	Reserved              uint8 // the low half of its octet
	LogInterMessagePeriod LogInterval
	DurationField         uint32 // seconds
	Surplus
}

// Type implements TLV.
func (*RequestUnicastTransmission) Type() TLVType { return TLVRequestUnicastTransmission }
func (t *RequestUnicastTransmission) fields(c *codec) {
	c.messageType(&t.MessageType, &t.Reserved)
	u8(c, "logInterMessagePeriod", &t.LogInterMessagePeriod)
	u32(c, "durationField", &t.DurationField)
}

// GrantUnicastTransmission grants a request, or denies it with a
// DurationField of 0 (IEEE 1588-2019 16.1.4.2).
type GrantUnicastTransmission struct {
	MessageType           MessageType
	Reserved              uint8 // the low half of its octet
	LogInterMessagePeriod LogInterval
	DurationField         uint32 // seconds
	Reserved2             uint8
	Flags                 uint8 // bit 0: R, renewal invited
	Surplus
}

// Type implements TLV.
func (*GrantUnicastTransmission) Type() TLVType { return TLVGrantUnicastTransmission }
func (t *GrantUnicastTransmission) fields(c *codec) {
	c.messageType(&t.MessageType, &t.Reserved)
	u8(c, "logInterMessagePeriod", &t.LogInterMessagePeriod)
	u32(c, "durationField", &t.DurationField)
	c.reserved(&t.Reserved2)
	u8(c, "flags", &t.Flags)
}

// RenewalInvited says whether the grantor wants to be asked again.
func (t *GrantUnicastTransmission) RenewalInvited() bool { return t.Flags&1 != 0 }

// CancelUnicastTransmission ends a transmission (IEEE 1588-2019 16.1.4.3).
type CancelUnicastTransmission struct {
	MessageType MessageType
	Flags       uint8 // the low half of its octet; bit 0: R, maintainRequest; bit 1: G, maintainGrant
	Reserved    uint8
	Surplus
}

// Type implements TLV.
func (*CancelUnicastTransmission) Type() TLVType { return TLVCancelUnicastTransmission }
func (t *CancelUnicastTransmission) fields(c *codec) {
	nibbles(c, "messageType", &t.MessageType, "flags", &t.Flags)
	c.reserved(&t.Reserved)
}

// AcknowledgeCancelUnicastTransmission answers CancelUnicastTransmission
// (IEEE 1588-2019 16.1.4.4).
type AcknowledgeCancelUnicastTransmission struct {
	MessageType MessageType
	Flags       uint8 // the low half of its octet; bit 0: R, maintainRequest; bit 1: G, maintainGrant
	Reserved    uint8
	Surplus
}

// Type implements TLV.
func (*AcknowledgeCancelUnicastTransmission) Type() TLVType {
	return TLVAcknowledgeCancelUnicastTransmission
}

func (t *AcknowledgeCancelUnicastTransmission) fields(c *codec) {
	(*CancelUnicastTransmission)(t).fields(c)
}

// messageType is a message type in the high half of an octet whose low half
// is reserved.
func (c *codec) messageType(t *MessageType, low *uint8) {
	if c.op == showing && *low == 0 {
		c.emit("messageType", *t)
		return
	}
	nibbles(c, "messageType", t, "reserved", low)
}
