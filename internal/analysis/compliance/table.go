package compliance

import "time"

// The sources.
var (
	eu1155 = Source{
		Title: "Commission Delegated Regulation (EU) 2025/1155, under Article 22c of Regulation (EU) No 600/2014 (MiFIR)",
		Since: "2026-03-02", URL: "https://eur-lex.europa.eu/eli/reg_del/2025/1155/oj/eng",
	}
	rts25 = Source{
		Title: "Commission Delegated Regulation (EU) 2017/574 (RTS 25), as retained in the law of the United Kingdom",
		Since: "2018-01-03", URL: "https://www.legislation.gov.uk/eur/2017/574",
	}
	catPlan = Source{
		Title: "CAT NMS Plan, under SEC Rule 613 (17 CFR 242.613)",
		Since: "approved in November 2016", URL: "https://www.catnmsplan.com",
	}
	finra6820 = Source{
		Title: "FINRA Rule 6820, Clock Synchronization",
		Since: "2017-03-15", URL: "https://www.finra.org/rules-guidance/rulebooks/finra-rules/6820",
	}
	finra4590 = Source{
		Title: "FINRA Rule 4590, Synchronization of Member Business Clocks",
		Since: "2018-02-19", URL: "https://www.finra.org/rules-guidance/rulebooks/finra-rules/4590",
	}
	g82711 = Source{
		Title: "ITU-T G.8271.1/Y.1366.1 (11/2022) with amendment 3 (05/2025)",
		Since: "a Recommendation binds whom a contract says", URL: "https://www.itu.int/rec/T-REC-G.8271.1",
	}
	g82712 = Source{
		Title: "ITU-T G.8271.2/Y.1366.2 (05/2021) with amendment 1 (11/2022)",
		Since: "a Recommendation binds whom a contract says", URL: "https://www.itu.int/rec/T-REC-G.8271.2",
	}
	g8271 = Source{
		Title: "ITU-T G.8271/Y.1366 (03/2020)",
		Since: "a Recommendation binds whom a contract says", URL: "https://www.itu.int/rec/T-REC-G.8271",
	}
)

const (
	calnex    = "Calnex Solutions, one-page summary of the Recommendation"
	about1155 = "engineering notes on the adopted text, and ESMA's final report ESMA74-2134169708-7768 on the draft; EUR-Lex was not at hand"
)

// Profiles are all there are.
var Profiles = []Profile{
	{
		Name: "eu-2025-1155", Title: "European Union: MiFIR business clocks",
		Tiers: []Tier{
			{100 * time.Microsecond, "venues with a gateway-to-gateway latency of 1 ms or less; members that use a high-frequency algorithmic trading technique",
				"Articles 11 to 16 and annex", eu1155, SecondHand, about1155},
			{time.Millisecond, "venues with a longer latency; any other activity that is not listed with 1 s",
				"Articles 11 to 16 and annex", eu1155, SecondHand, about1155},
			{time.Second, "voice trading, requests for quote that a person answers, negotiated transactions",
				"Articles 11 to 16 and annex", eu1155, SecondHand, about1155},
		},
		Notes: []string{
			"It repeals Delegated Regulation (EU) 2017/574, and binds systematic internalisers, designated publishing entities, APAs and consolidated tape providers, too (MiFIR Article 22c(1)).",
			"How fine time stamps must be (reported as 0.1 µs or better in the strictest tier) is a property of the recording system: a tap does not see it.",
		},
	},
	{
		Name: "uk-rts25", Title: "United Kingdom: business clocks",
		Tiers: []Tier{
			{100 * time.Microsecond, "venues with a gateway-to-gateway latency of 1 ms or less; members that use a high-frequency algorithmic trading technique",
				"Articles 2 and 3, annex tables 1 and 2", rts25, InText, ""},
			{time.Millisecond, "venues with a longer latency; any other trading activity",
				"Articles 2 and 3, annex tables 1 and 2", rts25, InText, ""},
			{time.Second, "voice trading, requests for quote that a person answers, negotiated transactions",
				"Article 3, annex table 2", rts25, InText, ""},
		},
		Notes: []string{
			"Article 4: a documented system of traceability to UTC, the point at which a time stamp is applied identified and kept, and a review once a year at least.",
			"The figures were read in the text of the Official Journal (L 87, 31.3.2017, p. 148). Look for instruments of the FCA that change the retained version.",
		},
	},
	{
		Name: "us-cat", Title: "United States: Consolidated Audit Trail",
		Tiers: []Tier{
			{100 * time.Microsecond, "Participants: exchanges and national securities associations, electronic events",
				"section 6.8(a)(i)", catPlan, SecondHand, "trade press and a vendor's summary of the plan"},
			{50 * time.Millisecond, "Industry Members, electronic events",
				"section 6.8(a)(ii); FINRA Rule 6820(a)(1)", finra6820, SecondHand, "summaries of the plan and the rule"},
			{time.Second, "manual order events, and the time of allocation on allocation reports",
				"section 6.8(a); FINRA Rule 6820(a)(2)", finra6820, SecondHand, "summaries of the plan and the rule"},
		},
		Notes: []string{"The reference is the time of NIST: UTC(NIST) is within some nanoseconds of UTC."},
	},
	{
		Name: "us-finra4590", Title: "United States: FINRA members",
		Tiers: []Tier{
			{50 * time.Millisecond, "computer clocks that record events in NMS securities and OTC equity securities",
				"4590(b)", finra4590, InText, ""},
			{time.Second, "all other business clocks, and mechanical time stamping devices",
				"4590(b)", finra4590, InText, ""},
		},
		Notes: []string{
			"The tolerance is for three things together: the difference between NIST and a time provider's clock, transmission delay from the source, and the drift of the member's clock.",
			"Clocks are to be synchronised every business day before the market opens, and a log is to be kept of that and of every time a clock was out of tolerance (4590(c), .01).",
		},
	},
	{
		Name: "g8271", Title: "Telecom: time and phase at the edge of the network",
		Tiers: []Tier{
			{1100 * time.Nanosecond, "reference point C, the output of the network, with full timing support: max|TE|; with partial timing support, of the packets selected (fastest 0.25 % in 200 s)",
				"G.8271.1 7.3, G.8271.2 7.3", g82711, SecondHand, calnex},
			{1350 * time.Nanosecond, "reference point D, with partial timing support: max|TE|",
				"G.8271.2 7.4", g82712, SecondHand, calnex},
			{1500 * time.Nanosecond, "reference point E, the end application: class 4, as of TDD cells",
				"G.8271 table 1", g8271, SecondHand, calnex},
			{100 * time.Nanosecond, "reference point A, the output of a PRTC: max|TE|",
				"G.8271.1 7.1, G.8271.2 7.1", g82711, SecondHand, calnex},
		},
		Notes: []string{"Max|TE| at point C is of what a low-pass filter of 0.1 Hz leaves. The assessed error is of readings of 16 s, which is slower still: it shows cTE and wander, not what passes within seconds."},
	},
}
