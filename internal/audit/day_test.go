package audit

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/journal"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// midnight begins the day that is simulated.
var midnight = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// day is a tap with a clock that is vouched for, and an agent at it.
type day struct {
	t       *testing.T
	journal *journal.Journal
	tracker *analysis.Tracker
	*Recorder
	now time.Time
	seq uint16

	masters []ptp.ClockIdentity // that speak
	ahead   time.Duration       // of all grandmasters
	slow    time.Duration       // by which Syncs are held up
	blind   bool                // nothing that happens is seen
	mute    bool                // nothing happens
}

const limit = 100 * time.Microsecond

// start has an agent start.
func (d *day) start() {
	d.tracker = analysis.New(analysis.Config{
		Alerts: fewAlerts(), References: map[string]bool{"eth0": true}, ReferenceErrors: map[string]time.Duration{"eth0": 100},
		Domains: []analysis.DomainConfig{{
			DomainNumber: 24, Profile: "default", Baseline: analysis.BaselineOff, Compliance: "eu-2025-1155",
			Grandmasters: []analysis.GrandmasterConfig{{Identity: 0xA0, Name: "north", LeastDelay: 1500}},
		}},
	})
	d.Recorder = NewRecorder([]Held{{Domain: 24, Profile: "eu-2025-1155", Limit: limit}})
	d.journal.Post(d.now, journal.Start, map[string]any{"version": "1.0", "interfaces": []string{"eth0"}})
	d.journal.Post(d.now, journal.Config, Configuration{SHA256: "5f", Text: "domains:\n  - domain: 24 # <eu>\n"})
}

// fewAlerts switches off all but some: how soon the others are is no matter of
// this package.
func fewAlerts() map[string]analysis.AlertConfig {
	off := map[string]analysis.AlertConfig{}
	for _, a := range analysis.Definitions {
		switch a.Name {
		case analysis.AlertComplianceLimit, analysis.AlertWatchDegraded, analysis.AlertGrandmasterLost, analysis.AlertGrandmasterChanged:
		default:
			off[a.Name] = analysis.AlertConfig{Disabled: true}
		}
	}
	return off
}

func (d *day) stop() {
	d.record(d.Close())
	d.journal.Post(d.now, journal.Stop, map[string]any{})
}

func (d *day) record(list []Quarter) {
	for i := range list {
		d.journal.Post(list[i].To, journal.Quarter, &list[i])
	}
}

func (d *day) find(f analysis.Finding) {
	switch f.Event {
	case analysis.AlertRaised, analysis.AlertResolved:
		d.journal.Post(f.At, journal.Event, export.NewEvent(&f))
	}
}

// until lets time pass up to a time of the day.
func (d *day) until(hour, minute int) {
	end := midnight.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	for ; d.now.Before(end); d.now = d.now.Add(time.Second) {
		if !d.mute && !d.blind && d.now.Unix()%2 == 0 {
			d.seq++
			for _, gm := range d.masters {
				d.exchange(ptp.PortIdentity{ClockIdentity: gm, PortNumber: 1})
			}
		}
		if d.now.Unix()%4 == 0 {
			d.tracker.HandleHealth(analysis.Health{Interface: "eth0", Up: !d.blind}, d.now, d.find)
			d.record(d.Look(d.now, d.tracker.View(), []Ear{{Interface: "eth0", Blind: d.tracker.Blind("eth0")}}))
		}
	}
}

// exchange is an Announce, a Sync, and a request with its answer.
func (d *day) exchange(gm ptp.PortIdentity) {
	const way, tai = 2 * time.Microsecond, 37 * time.Second
	client := ptp.PortIdentity{ClockIdentity: 0xC0, PortNumber: 1}
	stamp := func(after time.Duration) ptp.Timestamp {
		return ptp.NewTimestamp(d.now.Add(after + d.ahead + tai).UnixNano())
	}
	every := ptp.LogInterval(1) // 2 s
	d.send(0, ptp.Message{
		Type: ptp.AnnounceMessage, SourcePortIdentity: gm, LogMessageInterval: every, Flags: ptp.FlagPTPTimescale | ptp.FlagCurrentUTCOffsetValid,
		Announce: ptp.Announce{
			CurrentUTCOffset: 37, GrandmasterIdentity: gm.ClockIdentity, GrandmasterPriority1: 255 - uint8(gm.ClockIdentity), GrandmasterPriority2: 128,
			GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4e5d}, TimeSource: ptp.TimeSourceGNSS,
		},
	})
	d.send(way+d.slow, ptp.Message{Type: ptp.Sync, SourcePortIdentity: gm, LogMessageInterval: every, Timestamp: stamp(0)})
	d.send(20*time.Millisecond, ptp.Message{Type: ptp.DelayReq, SourcePortIdentity: client, LogMessageInterval: 0x7f})
	d.send(21*time.Millisecond, ptp.Message{
		Type: ptp.DelayResp, SourcePortIdentity: gm, LogMessageInterval: every,
		Timestamp: stamp(20*time.Millisecond + way), PortIdentity: client,
	})
}

func (d *day) send(after time.Duration, m ptp.Message) {
	m.VersionPTP, m.MinorVersionPTP, m.DomainNumber, m.SequenceID = 2, 1, 24, d.seq
	at := d.now.Add(after)
	d.tracker.Handle(&packet.Observation{
		At: at, Stamp: at, StampSource: packet.StampHardware, StampClock: "ptp0", Interface: "eth0", Tap: "eth0", Network: "eth0",
		Transport: packet.IEEE8023, Message: m,
	}, d.find)
}

// simulate has a day of an agent on record, in a journal in the folder that it
// returns: it starts five minutes late, Syncs are held up, the grandmaster is
// set ahead, the interface goes down, the agent dies for half an hour, PTP falls
// silent, a better grandmaster comes and goes.
func simulate(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "journal")
	d := &day{t: t, now: midnight.Add(5 * time.Minute), masters: []ptp.ClockIdentity{0xA0}}
	d.journal = journal.New(journal.Options{Dir: dir, MaxAge: 1e6 * time.Hour, MaxBytes: 1 << 30}, slog.New(slog.DiscardHandler))
	d.start()
	d.until(9, 0)
	d.slow = 300 * time.Microsecond
	d.until(9, 40)
	d.slow = 0
	d.until(10, 0)
	d.ahead = 400 * time.Microsecond
	d.until(10, 30)
	d.ahead = 0
	d.until(12, 0)
	d.blind = true
	d.until(12, 20)
	d.blind = false
	d.until(15, 10) // it is killed: what it had not written down is lost
	d.now = midnight.Add(15*time.Hour + 40*time.Minute)
	d.start()
	d.until(18, 0)
	d.mute = true
	d.until(18, 10)
	d.mute = false
	d.until(20, 0)
	d.masters[0] = 0xB0
	d.until(21, 0)
	d.masters[0] = 0xA0
	d.until(23, 50)
	d.stop()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // it writes what it was given, and ends
	if err := d.journal.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return dir
}
