package export

import (
	"net/netip"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/analysis/stability"
	"github.com/ptpwatch/ptpwatch/internal/analysis/transit"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const (
	clockA ptp.ClockIdentity = 0xec4670fffe0a9aa4
	clockB ptp.ClockIdentity = 0x001d7ffffe80024a
	clockC ptp.ClockIdentity = 0x0c42a1fffe000001 // a client
)

var start = time.Date(2026, 10, 9, 12, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return start.Add(d) }

func port(c ptp.ClockIdentity, number uint16) ptp.PortIdentity {
	return ptp.PortIdentity{ClockIdentity: c, PortNumber: number}
}

// fixture is one domain five minutes into a capture: A is best, B is a stray
// that nobody listed, C is a client, and A was once lost for two seconds.
func fixture() *Snapshot {
	return &Snapshot{
		Captures: []packet.CaptureStats{{
			File: "lab.pcapng", Frames: 1000, Bytes: 86000, Drops: 3, PTP: 902, OutOfOrder: 1,
			Malformed: map[ptp.Malformation]uint64{ptp.Truncated: 2, ptp.BadTLV: 1},
			Stamps:    map[packet.StampSource]uint64{packet.StampHardware: 900, packet.StampSoftware: 2},
			First:     start, Last: at(5 * time.Minute), EgressEvents: 50, EgressStamped: 48,
		}},
		Interfaces: []Interface{{Name: "eth0", Up: true}},
		Memory:     &Memory{JournalRecords: 42, JournalLost: 1, JournalErrors: 2, JournalBytes: 9000, Saves: 7, SaveErrors: 3},
		Evidence:   &Evidence{Written: 5, Lost: 4, Errors: 3, Bytes: 12345, Buffered: 1500 * time.Millisecond},
		Sockets:    []ClientSocket{{Socket: "/run/ptp4lro", Answered: 300, Unheard: 2, Failed: 1}},
		Reload:     Reload{LastSuccess: start},
		Build:      Build{Version: "1.2.3", Revision: "abc", Branch: "main"},
		View: &analysis.View{
			At:      at(5 * time.Minute),
			Domains: []analysis.DomainView{fixtureDomain()},
			Alerts:  fixtureAlerts(),
			AlertsRaised: []analysis.AlertCount{
				{Name: "PTPAnnounceTimeout", Severity: analysis.Critical},
				{Name: "PTPGrandmasterLost", Severity: analysis.Critical, Count: 1},
				{Name: "PTPUnknownGrandmaster", Severity: analysis.Warning, Count: 1},
			},
			AlertsSuppressed: []analysis.AlertCount{{Name: "PTPAnnounceTimeout"}, {Name: "PTPUnknownGrandmaster", Count: 9}},
			StampClocks: []analysis.StampClockView{
				{Source: packet.StampSoftware, Resolution: 1e-6, Steps: 1, SteppedAt: at(2 * time.Minute), Step: -0.5},
				{Source: packet.StampHardware, Name: "ptp0", Adjustments: 2, Readings: 300, Offset: 37.000001, Window: 1.5e-6, Age: 1},
				{Source: packet.StampHardware, Name: "ptp1", Readings: 7, Faults: 293, Fault: "open /dev/ptp1: permission denied", Offset: 5, Age: 301},
				{Source: packet.StampHardware, Name: "ptp2"}, // nobody reads it
			},
			Pairs: []analysis.PairView{{
				A:      analysis.PairEnd{Scope: analysis.Scope{Network: "eth0", DomainNumber: 24}, Grandmaster: clockA, Name: "roof"},
				B:      analysis.PairEnd{Scope: analysis.Scope{Network: "eth1", DomainNumber: 24}, Grandmaster: clockB},
				Offset: -42.5e-9, Spread: 3e-9, Count: 8, StampSource: packet.StampHardware, StampClock: "ptp0",
			}},
			Ways: []analysis.WayView{
				{Figures: transit.Figures{
					From: "fibre-1", To: "fibre-2", Count: 400, Floor: stability.Figure{Count: 25, Centre: 2.1e-6, Spread: 4e-9},
					Transit: stability.Figure{Count: 25, Centre: 3e-6, Spread: 5e-7}, Residence: stability.Figure{Count: 25, Centre: 2.9e-6, Spread: 5e-7},
					Unexplained: stability.Figure{Count: 25, Centre: 105e-9, Spread: 3e-9}, Asymmetry: 12.5e-9, HasAsymmetry: true,
				}, Age: 1},
				{Figures: transit.Figures{From: "fibre-2", To: "fibre-1", Count: 5}, Age: 2}, // no block yet
				{Figures: transit.Figures{
					From: "fibre-2", To: "fibre-3", Count: 90, Floor: stability.Figure{Count: 5, Centre: 5.2e-6}, Transit: stability.Figure{Count: 5, Centre: 5.3e-6},
					Residence: stability.Figure{Count: 5}, Unexplained: stability.Figure{Count: 5, Centre: 5.3e-6}, Within: stability.Figure{Count: 5, Centre: 1.6e-6},
				}, Age: 1}, // by two clocks
			},
			Tables: []analysis.TableView{{Name: "clocks", Entries: 3, Limit: 10000}, {Name: "pending", Entries: 7, Limit: 8, Evictions: 2}},
		},
	}
}

var fixtureScope = analysis.Scope{Network: "eth0", DomainNumber: 24}

func fixtureHistogram() *stability.Histogram {
	h := new(stability.Histogram)
	for _, v := range []float64{511e-9, 512e-9, 600e-9, 2e-6, -1e-9, 3} {
		h.Add(v)
	}
	return h
}

func fixtureDomain() analysis.DomainView {
	return analysis.DomainView{
		Scope: fixtureScope, Profile: "g8275.1",
		Compliance: &analysis.ComplianceView{
			Profile: "g8271", Limit: 1100, Shown: [analysis.Showings]time.Duration{0, 16 * time.Second, 32 * time.Second, 48 * time.Second},
			Last: analysis.Assessment{Basis: analysis.BasisPair, Error: -25e-9, Bound: 300e-9},
		},
		Best: clockA, BestPort: port(clockA, 1), BestReason: "clock_class", BestHinges: "localPriority", GrandmasterChanges: 1,
		ProfileWhy: "domain 24", Baseline: analysis.StatePinned, Next: clockB, NextReason: "priority2",
		Contenders: []analysis.ContenderView{
			{Port: port(clockB, 2), Grandmaster: clockB, QualifiesAt: at(5 * time.Minute), WouldWin: true},
			{Port: port(clockB, 3), Grandmaster: clockB, Bar: "steps_removed"},
		},
		Grandmasters: []analysis.GrandmasterView{
			{
				Identity: clockB, Verdict: analysis.Unacceptable, FirstSeen: at(time.Minute), LastSeen: at(4 * time.Minute),
				Dataset: ptp.Announce{
					CurrentUTCOffset: 37, GrandmasterPriority1: 128, GrandmasterPriority2: 129,
					GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 248, ClockAccuracy: 0xfe, OffsetScaledLogVariance: 0xffff}, GrandmasterIdentity: clockB,
					StepsRemoved: 1, TimeSource: 0xa0,
				},
				Relays: []analysis.RelayView{{Port: port(clockB, 2), StepsRemoved: 1}},
			},
			{
				Identity: clockA, Name: "gm-a", Verdict: analysis.Acceptable, Best: true, BestSeconds: 298.5,
				FirstSeen: start, LastSeen: at(5*time.Minute - 125*time.Millisecond),
				Dataset: ptp.Announce{
					CurrentUTCOffset: 37, GrandmasterPriority1: 128, GrandmasterPriority2: 128,
					GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4e5d}, GrandmasterIdentity: clockA, TimeSource: 0x33,
				},
				Flags:  ptp.FlagCurrentUTCOffsetValid | ptp.FlagPTPTimescale | ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable,
				Relays: []analysis.RelayView{{Port: port(clockA, 1), Qualified: true}},
				Jury: analysis.JuryView{
					Verdict: analysis.JuryOutvoted, Heard: true, Settled: true, Compared: true, Deviation: 312e-9, Allowed: 230e-9, Drift: 1.5e-9,
					Restless: []analysis.Restlessness{{Tau: 16, ADEV: 2e-10, TDEV: 3e-9}, {Tau: 64, TDEV: 5e-9}},
				},
			},
		},
		Ports:     fixturePorts(),
		Clocks:    []analysis.RoleCount{{Role: analysis.RoleGrandmaster, Count: 2}, {Role: analysis.RoleTimeReceiver, Count: 1}},
		PortRoles: []analysis.RoleCount{{Role: analysis.RoleTimeTransmitter, Count: 2}, {Role: analysis.RoleTimeReceiver, Count: 1}},
		Messages: []analysis.MessageCount{
			{Interface: "eth0", Type: ptp.Sync, Transport: packet.IEEE8023, Count: 400},
			{Interface: "eth0", Type: ptp.AnnounceMessage, Transport: packet.IEEE8023, Count: 300},
		},
		Exchanges: []analysis.ExchangeCount{
			{Interface: "eth0", Kind: analysis.ExchangeSync, Result: analysis.Complete, Count: 398},
			{Interface: "eth0", Kind: analysis.ExchangeSync, Result: analysis.MissingFollowUp, Count: 2},
		},
		TLVs: []analysis.TLVCount{{Type: ptp.TLVPathTrace, Count: 12}},
		Distributions: []analysis.DistributionView{
			{Grandmaster: 0, Histogram: &stability.Histogram{}},
			{Grandmaster: clockA, Histogram: fixtureHistogram()},
		},
	}
}

// fixtureStatistics has a value of each kind, and records of half an hour.
func fixtureStatistics() *stability.Figures {
	var m stability.Monitor
	for i := range int64(4) {
		at := start.Add(time.Duration(i) * 10 * time.Minute).UnixNano()
		m.Add(stability.MeanPath, at, at, 500e-9+float64(i)*4e-9)
	}
	f := m.Figures(func(k stability.Kind, _ int64) (float64, bool) { return 0, k == stability.MeanPath })
	f.Floor.Count, f.Floor.MeanPathDelay = 18, 490.5e-9
	f.Selected = &stability.Selected{Offset: -12e-9, Count: 3, Min: -15e-9, Max: 20e-9}
	f.Windows[0] = &stability.Window{Packets: 3200, FloorPacketPercentage: 62.5, HasFloor: true}
	f.Windows[1] = &stability.Window{Packets: 3100}
	f.Blocks[stability.MeanPath].Floor = stability.Figure{Count: 21, Centre: 495e-9, Spread: 2e-9}
	f.Blocks[stability.MeanPath].Median = stability.Figure{Count: 21, Centre: 512e-9, Spread: 8e-9}
	f.TimeError = &stability.TimeError{Count: 1300, Min: -80e-9, Max: 60e-9, Constant: -4e-9, HasConstant: true, Dynamic: 90e-9, HasDynamic: true}
	f.MTIE = []stability.Metric{{Tau: 1, Count: 1299, Value: 95e-9}, {Tau: 1000, Count: 3, Value: 140e-9}}
	f.TDEV = []stability.Metric{{Tau: 10, Count: 1270, Value: 6.25e-9}}
	f.ADEV = []stability.Metric{{Tau: 10, Count: 1270, Value: 1.0825e-9}}
	f.MinTDEV[stability.Forward] = []stability.Metric{{Tau: 10, Count: 1270, Value: 1.5e-9}}
	return f
}

func fixturePorts() []analysis.PortView {
	a := analysis.PortView{
		Port: port(clockA, 1), Role: analysis.RoleTimeTransmitter, Interface: "eth0",
		MAC: packet.MAC{0xec, 0x46, 0x70, 0x0a, 0x9a, 0xa4}, Transport: packet.IEEE8023,
		VLANs: packet.VLANs{IDs: [2]uint16{100, 7}, Count: 2}, Version: "2.1",
		TwoStep: true, SeenSync: true, Grandmaster: clockA, FirstSeen: start, LastSeen: at(5 * time.Minute),
		Intervals: []analysis.IntervalView{
			{Type: ptp.Sync, Measured: 0.0626, Advertised: 0.0625},
			{Type: ptp.DelayResp, Measured: 0.07},
		},
		Timings: []analysis.TimingView{{
			Tap: "fibre-1", StampSource: packet.StampHardware, StampClock: "ptp0", Resolution: 1e-9,
			Forward:       analysis.Summary{Count: 398, Min: 1.1e-6, Median: 1.25e-6, P99: 1.5e-6, Max: 9e-6, Last: 1.2e-6},
			MeanPathDelay: analysis.Summary{Count: 350, Min: 490e-9, Median: 512.25e-9, P99: 600e-9, Max: 700e-9, Last: 511e-9},
			Statistics:    fixtureStatistics(),
		}, {
			Tap: "fibre-2", StampSource: packet.StampSoftware, Resolution: 1e-6, ClockSteps: 1, Relative: true, EgressReverse: true,
			Reverse:       analysis.Summary{Count: 12, Min: -2e-6, Median: 0, P99: 3e-6, Max: 3e-6, Last: 1e-6},
			MeanPathDelay: analysis.Summary{Count: 3, Min: 1e-6, Median: 1e-6, P99: 1e-6, Max: 1e-6, Last: 1e-6, Age: 301},
			Statistics:    fixtureStatistics(), // of what is 301 s old: not on the page
		}, {
			Tap: "fibre-3", StampSource: packet.StampCapture,
			MeanPathDelay: analysis.Summary{Count: 9, Min: 2e-6, Median: 2e-6, P99: 2e-6, Max: 2e-6, Last: 2e-6},
			Offset:        analysis.Summary{Count: 9, Min: -9e-9, Median: 1e-9, P99: 8e-9, Max: 9e-9, Last: 2e-9},
			Bounds:        [2]analysis.BoundView{{Basis: "route", Seconds: 610e-9}, {Basis: "commissioned", Seconds: 5e-9}},
		}},
	}
	a.Messages[ptp.Sync], a.Messages[ptp.AnnounceMessage] = 400, 290
	b := analysis.PortView{
		Port: port(clockB, 2), Role: analysis.RoleTimeTransmitter, Interface: "eth0",
		MAC: packet.MAC{0x00, 0x1d, 0x7f, 0x80, 0x02, 0x4a}, Transport: packet.UDPv4, Address: netip.MustParseAddr("192.0.2.7"),
		Version: "2.0", Grandmaster: clockB, FirstSeen: at(time.Minute), LastSeen: at(4 * time.Minute),
	}
	b.Messages[ptp.AnnounceMessage] = 10
	c := analysis.PortView{
		Port: port(clockC, 1), Role: analysis.RoleTimeReceiver, Interface: "eth0",
		MAC: packet.MAC{0x0c, 0x42, 0xa1, 0x00, 0x00, 0x01}, Transport: packet.IEEE8023, Version: "2.1", AnsweredBy: port(clockA, 1),
		FirstSeen: start, LastSeen: at(5 * time.Minute),
		Intervals: []analysis.IntervalView{{Type: ptp.DelayReq, Measured: 0.06}},
		Paths:     []analysis.ClientPathView{{To: port(clockA, 1), Tap: "fibre-1", Count: 350, Median: 511e-9}},
		Claims: []analysis.ClaimView{
			{Source: analysis.ClaimSlaveEvent, Master: port(clockA, 1), Offset: -7.5e-9, HasOffset: true, MeanPathDelay: 830e-9, HasMeanPathDelay: true, Count: 40, Age: 1},
			{Source: analysis.ClaimManagement, Offset: 1e-3, HasOffset: true, Count: 1, Age: 301},
		},
	}
	c.Messages[ptp.DelayReq] = 351
	return []analysis.PortView{b, c, a}
}

func fixtureAlerts() []analysis.Alert {
	return []analysis.Alert{
		{
			Name: "PTPGrandmasterLost", Severity: analysis.Critical, Certainty: analysis.Certain,
			Raised: at(30 * time.Second), Resolved: at(32 * time.Second), LastSeen: at(32 * time.Second),
			Scope: fixtureScope, Grandmaster: clockA, Interface: "eth0", Count: 1,
			Summary:    "The best grandmaster fell silent, or the mirror port died.",
			References: []string{"RFC 7384 3.2.1"},
		},
		{
			Name: "PTPUnknownGrandmaster", Severity: analysis.Warning, Certainty: analysis.Possible,
			Raised: at(time.Minute), LastSeen: at(4 * time.Minute),
			Scope: fixtureScope, Grandmaster: clockB, Port: port(clockB, 2), Interface: "eth0", Reason: "unlisted", Count: 10,
			Summary: "A grandmaster that is not listed is heard.", Expected: "ec4670.fffe.0a9aa4", Observed: "001d7f.fffe.80024a",
			Frame: packet.Frame{File: "lab.pcapng", Number: 123}, Incident: 7, Suppressed: true,
		},
	}
}
