// Package profile holds what each PTP profile asks of its clocks, as data, and
// recognises a profile from traffic.
package profile

import "github.com/ptpwatch/ptpwatch/internal/analysis/bmca"

// Profile is one PTP profile: a row of the table.
type Profile struct {
	Name      string // as in the configuration: "g8275.1"
	Title     string // "ITU-T G.8275.1"
	Algorithm bmca.Algorithm
	// Qualify is how many Announces within FOREIGN_MASTER_TIME_WINDOW make a
	// clock a candidate (IEEE 1588-2019 9.3.2.5; IEEE 802.1AS-2020 10.3 has no
	// qualification: 1).
	Qualify        int
	ReceiptTimeout int // announceReceiptTimeout, in intervals
	// SeveralGrandmasters says that several at a time are normal.
	SeveralGrandmasters bool
}

// Degraded says whether a clockClass tells of holdover or free run where that
// is not usual.
func (p *Profile) Degraded(class uint8) bool {
	switch class {
	case 7, 14, 52, 58, 135, 140, 150, 160, 165, 187, 193:
		return true
	case 248:
		return p.SeveralGrandmasters
	}
	return false
}

// Lookup finds a profile by its name in the configuration.
func Lookup(name string) (*Profile, bool) {
	for i := range table {
		if table[i].Name == name {
			return &table[i], true
		}
	}
	return nil, false
}

// Default is the default profile of IEEE 1588-2019 annex I.
func Default() *Profile { return &table[0] }

var table = []Profile{
	{Name: "default", Title: "IEEE 1588-2019 I.3", Algorithm: bmca.Default, Qualify: 2, ReceiptTimeout: 3},
	{Name: "g8275.1", Title: "ITU-T G.8275.1", Algorithm: bmca.Telecom, Qualify: 2, ReceiptTimeout: 3, SeveralGrandmasters: true},
	{Name: "g8275.2", Title: "ITU-T G.8275.2", Algorithm: bmca.Telecom, Qualify: 2, ReceiptTimeout: 3, SeveralGrandmasters: true},
	{Name: "g8265.1", Title: "ITU-T G.8265.1", Algorithm: bmca.QualityLevel, Qualify: 2, ReceiptTimeout: 3, SeveralGrandmasters: true},
	{Name: "gptp", Title: "IEEE 802.1AS-2020", Algorithm: bmca.GPTP, Qualify: 1, ReceiptTimeout: 3},
	{Name: "enterprise", Title: "RFC 9760", Algorithm: bmca.Default, Qualify: 2, ReceiptTimeout: 3},
	{Name: "st2059-2", Title: "SMPTE ST 2059-2", Algorithm: bmca.Default, Qualify: 2, ReceiptTimeout: 3},
	{Name: "power", Title: "IEC/IEEE 61850-9-3", Algorithm: bmca.Default, Qualify: 2, ReceiptTimeout: 3},
}
