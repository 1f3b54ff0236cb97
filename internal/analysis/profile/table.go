package profile

import (
	"github.com/ptpwatch/ptpwatch/internal/analysis/bmca"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

var (
	ethernet    = []packet.Transport{packet.IEEE8023}
	udp         = []packet.Transport{packet.UDPv4, packet.UDPv6}
	anything    = []packet.Transport{packet.IEEE8023, packet.UDPv4, packet.UDPv6}
	anyPriority = Range{0, 255}
)

// from is an interval from 2^least to 2^most seconds, by default 2^usual.
func from(least, most, usual ptp.LogInterval) Interval { return Interval{least, most, usual, true} }

// always is an interval that is fixed.
func always(l ptp.LogInterval) Interval { return from(l, l, l) }

// unlimited is an interval whose range the profile leaves open.
func unlimited(usual ptp.LogInterval) Interval { return from(-128, ptp.NoInterval-1, usual) }

// table is every profile, the default one first.
//
// Few of these standards are free to read. Source says for each row where its
// numbers come from; "from memory" ones want a look at the text before
// anybody relies on them.
var table = []Profile{
	{
		// IEEE 1588-2019 I.3 and I.4 (2008: J.3 and J.4). Their ranges of
		// intervals are what every clock must be able to do (Announce 0 to 4, Sync
		// -1 to 1, Delay_Req and Pdelay_Req 0 to 5); networks go beyond them as a
		// matter of course. The ranges here are those that sfptpd allows.
		Name: "default", Title: "IEEE 1588-2019 default profiles",
		Source: "IEEE 1588-2019 I.3, I.4, table 4; clockClasses as in National Instruments' NI-Sync reference; intervals as in sfptpd",
		Notes:  "Also what traffic counts as that fits no other profile. The standard asks every clock for Announce intervals of 1 s to 16 s, Sync of 0.5 s to 2 s, Delay_Req and Pdelay_Req of 1 s to 32 s; networks go beyond these as a matter of course, so more is accepted.",

		Algorithm: bmca.Default, Qualify: 2, ReceiptTimeout: 3,
		Domain: 0, Domains: Range{0, 127},
		Transports: anything, Addressing: Multicast | Unicast | Hybrid, Tagged: true, Mechanisms: EndToEnd | PeerToPeer,
		Announce: from(-4, 4, 1), Sync: from(-7, 4, 0), DelayReq: from(-7, 5, 0), PdelayReq: from(-7, 5, 0),
		Priority1: anyPriority, Priority2: anyPriority, Classes: standardClasses,
		FreeRunUsual: true,
	},
	{
		// Intervals and domains: G.8275.1 6.2, table A.1; classes: tables 2 to 4;
		// algorithm: 6.3. No tags, no unicast: 6.2.
		Name: "g8275.1", Title: "ITU-T G.8275.1",
		Source: "ITU-T G.8275.1 6.2, 6.3, Annex A, as linuxptp (telecom.c) and Nokia's 7705 SAR guide have it; that priority1 is 128: from memory",
		Notes:  "Several class 6 grandmasters at a time are normal: each clock takes the nearest, or the one its localPriority names.",

		Algorithm: bmca.Telecom, Qualify: 2, ReceiptTimeout: 3, SeveralGrandmasters: true,
		Domain: 24, Domains: Range{24, 43},
		Transports: ethernet, Addressing: Multicast, Mechanisms: EndToEnd,
		Announce: always(-3), Sync: always(-4), DelayReq: always(-4),
		Priority1: Range{128, 128}, Priority2: anyPriority, Classes: telecomClasses,
		Traceable: true, PTPTimescale: true,
	},
	{
		// G.8275.2 6.2, table A.1; algorithm: 6.3.
		Name: "g8275.2", Title: "ITU-T G.8275.2",
		Source: "ITU-T G.8275.2 6.2, 6.3, Annex A, as linuxptp (telecom.c) and Nokia's 7705 SAR guide have it; rates and that priority1 is 128: from memory",
		Notes:  "Rates and durations are negotiated; the messages themselves give no interval.",

		Algorithm: bmca.Telecom, Qualify: 2, ReceiptTimeout: 3, SeveralGrandmasters: true,
		Domain: 44, Domains: Range{44, 63},
		Transports: udp, Addressing: Unicast, Tagged: true, Mechanisms: EndToEnd,
		Announce: from(-3, 0, 0), Sync: from(-7, 0, -4), DelayReq: from(-7, 0, -4),
		Priority1: Range{128, 128}, Priority2: anyPriority, Classes: telecomClasses,
		Traceable: true, PTPTimescale: true,
	},
	{
		// G.8265.1 6.2 to 6.7, tables 1 and A.1. Rates: Cisco gives Announces up to
		// 64 s apart, the Recommendation 16 s.
		Name: "g8265.1", Title: "ITU-T G.8265.1",
		Source: "ITU-T G.8265.1 6.2 to 6.7, as EXFO's and Cisco's guides have it; the quality level of each class: from memory",
		Notes:  "Frequency only. There is no best master: each client chooses among the masters it was given, by quality level and then by its own priorities.",

		Algorithm: bmca.QualityLevel, Qualify: 2, ReceiptTimeout: 3, SeveralGrandmasters: true,
		Domain: 4, Domains: Range{4, 23},
		Transports: udp, Addressing: Unicast, Tagged: true, Mechanisms: EndToEnd,
		Announce: from(-3, 6, 1), Sync: from(-7, 4, -4), DelayReq: from(-7, 4, -4),
		Priority1: anyPriority, Priority2: anyPriority, Classes: qualityLevels,
		Traceable: true,
	},
	{
		// IEEE 802.1AS-2020 8.1 (domains, sdoId), 8.6.2 (priority1), 10.3
		// (algorithm), 10.7 and 11.5 (intervals, timeouts), 11.3.3 (no tags).
		Name: "gptp", Title: "IEEE 802.1AS-2020 (gPTP)",
		Source: "IEEE 802.1AS-2020 8.1, 8.6.2, 10.3, 10.7, 11.3, 11.5, as IEEE8021-AS-MIB and linuxptp (gPTP.cfg) have it",
		Notes:  "The first Announce counts. A clock of priority1 255 is not grandmaster-capable, and may then have class 255.",

		Algorithm: bmca.GPTP, Qualify: 1, ReceiptTimeout: 3,
		Domain: 0, Domains: Range{0, 127}, SdoID: 0x100,
		Transports: ethernet, Addressing: Multicast, Mechanisms: PeerToPeer,
		Announce: unlimited(0), Sync: unlimited(-3), PdelayReq: unlimited(0),
		Priority1: anyPriority, Priority2: anyPriority, Classes: standardClasses,
		FreeRunUsual: true, PTPTimescale: true,
	},
	{
		// RFC 9760 5 (network), 6 (delay), 7 (rates and timeout).
		Name: "enterprise", Title: "RFC 9760 (enterprise)",
		Source: "RFC 9760 5, 6, 7, from memory; intervals of Announce and the timeout as in sfptpd",
		Notes:  "Announce and Sync go to all, Delay_Req and Delay_Resp to one or to all.",

		Algorithm: bmca.Default, Qualify: 2, ReceiptTimeout: 3,
		Domain: 0, Domains: Range{0, 127},
		Transports: udp, Addressing: Multicast | Hybrid, Tagged: true, Mechanisms: EndToEnd,
		Announce: always(0), Sync: from(-7, 7, 0), DelayReq: from(-7, 7, 0),
		Priority1: anyPriority, Priority2: anyPriority, Classes: standardClasses,
	},
	{
		// SMPTE ST 2059-2:2021 table 1.
		Name: "st2059-2", Title: "SMPTE ST 2059-2",
		Source: "SMPTE ST 2059-2 table 1, as Wikipedia's article on SMPTE 2059 has it; that Announces may be 2 s apart: from memory",
		Notes:  "Grandmasters tell frame rates in a management TLV of SMPTE's, once a second.",

		Algorithm: bmca.Default, Qualify: 2, ReceiptTimeout: 3,
		Domain: 127, Domains: Range{0, 127},
		Transports: udp, Addressing: Multicast | Unicast | Hybrid, Tagged: true, Mechanisms: EndToEnd | PeerToPeer,
		Announce: from(-3, 1, -2), Sync: from(-7, -1, -3), DelayReq: from(-7, 4, -3), PdelayReq: from(-7, 4, -3),
		Priority1: anyPriority, Priority2: anyPriority, Classes: standardClasses,
		FreeRunUsual: true, PTPTimescale: true,
	},
	{
		// IEC/IEEE 61850-9-3:2016 7 and IEEE C37.238-2011 table 1, C37.238-2017 5.
		// C37.238-2011 wants tags, the other two have none.
		Name: "power", Title: "IEC/IEEE 61850-9-3, IEEE C37.238",
		Source: "IEC/IEEE 61850-9-3, C37.238-2011 and -2017, as Nokia's 7705 SAR guide, ABB's SSC600 manual and Calnex' comparison have them",
		Notes:  "Domain 0 in IEC/IEEE 61850-9-3 and C37.238-2011, 254 in C37.238-2017.",

		Algorithm: bmca.Default, Qualify: 2, ReceiptTimeout: 3,
		Domain: 0, Domains: Range{0, 254},
		Transports: ethernet, Addressing: Multicast, Tagged: true, Mechanisms: PeerToPeer,
		Announce: always(0), Sync: always(0), PdelayReq: always(0),
		Priority1: anyPriority, Priority2: anyPriority, Classes: standardClasses,
		PTPTimescale: true,
	},
}
