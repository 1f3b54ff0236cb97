package ptp

import (
	"cmp"
	"fmt"
)

// OUI is an organizationId (IEEE 1588-2019 14.3.2.3). It prints as
// "00-80-C2".
type OUI [3]byte

func (o OUI) String() string { return fmt.Sprintf("%02X-%02X-%02X", o[0], o[1], o[2]) }

// The organisations whose TLVs are known here.
var (
	OUIIEEE8021 = OUI{0x00, 0x80, 0xC2} // IEEE 802.1: gPTP
	OUIITUT     = OUI{0x00, 0x19, 0xA7} // ITU-T
	OUIC37238   = OUI{0x1C, 0x12, 0x9D} // IEEE C37.238, the power profile
	OUISMPTE    = OUI{0x68, 0x97, 0xE8} // SMPTE
)

// organization is what tells an organisation's TLVs from one another
// (IEEE 1588-2019 14.3). Its subtype is 24 bits.
type organization struct {
	id      OUI
	subtype uint32
}

var (
	followUpInformation        = organization{OUIIEEE8021, 1}
	messageIntervalRequest     = organization{OUIIEEE8021, 2}
	gptpCapable                = organization{OUIIEEE8021, 4}
	gptpCapableIntervalRequest = organization{OUIIEEE8021, 5}
	interfaceRate              = organization{OUIITUT, 2}
	powerProfile2011           = organization{OUIC37238, 1}
	powerProfile2017           = organization{OUIC37238, 2}
	synchronizationMetadata    = organization{OUISMPTE, 1}
)

func (o organization) fields(c *codec) {
	c.octets("organizationId", o.id[:])
	number(c, "organizationSubType", &o.subtype, 3)
}

// Extension is the tlvType that an organisation's TLV came in; zero is
// ORGANIZATION_EXTENSION.
type Extension struct{ TLVType TLVType }

// Type implements TLV.
func (e Extension) Type() TLVType { return cmp.Or(e.TLVType, TLVOrganizationExtension) }

func newOrganizationTLV(t TLVType, value []byte) TLV {
	if len(value) < 6 {
		return &OrganizationExtension{Extension: Extension{t}}
	}
	subtype := uint32(value[3])<<16 | uint32(value[4])<<8 | uint32(value[5])
	switch (organization{OUI(value), subtype}) {
	case followUpInformation:
		return &FollowUpInformation{Extension: Extension{t}}
	case messageIntervalRequest:
		return &MessageIntervalRequest{Extension: Extension{t}}
	case gptpCapable:
		return &GPTPCapable{Extension: Extension{t}}
	case gptpCapableIntervalRequest:
		return &GPTPCapableMessageIntervalRequest{Extension: Extension{t}}
	case interfaceRate:
		return &InterfaceRate{Extension: Extension{t}}
	case powerProfile2011:
		return &PowerProfile2011{Extension: Extension{t}}
	case powerProfile2017:
		return &PowerProfile2017{Extension: Extension{t}}
	case synchronizationMetadata:
		return &SynchronizationMetadata{Extension: Extension{t}}
	}
	return &OrganizationExtension{Extension: Extension{t}}
}

// OrganizationExtension is a TLV of an organisation, or of a subtype, that is
// not known here (IEEE 1588-2019 14.3).
type OrganizationExtension struct {
	Extension
	OrganizationID      OUI
	OrganizationSubType uint32 // 24 bits
	DataField           Octets
	Surplus
}

func (t *OrganizationExtension) fields(c *codec) {
	c.octets("organizationId", t.OrganizationID[:])
	number(c, "organizationSubType", &t.OrganizationSubType, 3)
	c.rest("dataField", &t.DataField)
}

// InterfaceRate tells a client the rate of its server's interface, from which
// it corrects for asymmetry (ITU-T G.8275.2 Annex D).
type InterfaceRate struct {
	Extension
	InterfaceBitPeriod        uint64 // attoseconds
	NumberBitsBeforeTimestamp uint16
	NumberBitsAfterTimestamp  uint16
	Surplus
}

func (t *InterfaceRate) fields(c *codec) {
	interfaceRate.fields(c)
	u64(c, "interfaceBitPeriod", &t.InterfaceBitPeriod)
	u16(c, "numberBitsBeforeTimestamp", &t.NumberBitsBeforeTimestamp)
	u16(c, "numberBitsAfterTimestamp", &t.NumberBitsAfterTimestamp)
}
