package ptp

// PowerProfile2011 is on every Announce of IEEE C37.238-2011 (5.12.2).
type PowerProfile2011 struct {
	Extension
	GrandmasterID             uint16
	GrandmasterTimeInaccuracy uint32 // nanoseconds
	NetworkTimeInaccuracy     uint32 // nanoseconds
	Reserved                  [2]uint8
	Surplus
}

func (t *PowerProfile2011) fields(c *codec) {
	powerProfile2011.fields(c)
	u16(c, "grandmasterID", &t.GrandmasterID)
	u32(c, "grandmasterTimeInaccuracy", &t.GrandmasterTimeInaccuracy)
	u32(c, "networkTimeInaccuracy", &t.NetworkTimeInaccuracy)
	c.reserved(&t.Reserved[0], &t.Reserved[1])
}

// PowerProfile2017 is on every Announce of IEEE C37.238-2017.
type PowerProfile2017 struct {
	Extension
	GrandmasterID       uint16
	Reserved            [4]uint8
	TotalTimeInaccuracy uint32 // nanoseconds
	Reserved2           [2]uint8
	Surplus
}

func (t *PowerProfile2017) fields(c *codec) {
	powerProfile2017.fields(c)
	u16(c, "grandmasterID", &t.GrandmasterID)
	c.reserved(&t.Reserved[0], &t.Reserved[1], &t.Reserved[2], &t.Reserved[3])
	u32(c, "totalTimeInaccuracy", &t.TotalTimeInaccuracy)
	c.reserved(&t.Reserved2[0], &t.Reserved2[1])
}
