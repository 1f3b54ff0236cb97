package profile

import (
	"github.com/ptpwatch/ptpwatch/internal/analysis/bmca"
)

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
