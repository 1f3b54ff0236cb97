package agent

import (
	"log/slog"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// An alert can be scraped as soon as it is raised, though a tick has just
// published; of a flood of findings not each is published.
func TestFindingsArePublishedAtOnce(t *testing.T) {
	c := config.Default(Alerts())
	c.Domains = []config.Domain{{Profile: "default", Grandmasters: []config.Grandmaster{{Identity: gm1.ClockIdentity}}}}
	e := &engine{
		tracker: analysis.New(settings(c)), store: &export.Store{}, log: newThrottle(slog.New(slog.DiscardHandler)),
		stats: func() []packet.CaptureStats { return nil },
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	announces := func(from ptp.PortIdentity, seq uint16) {
		e.handle(&packet.Observation{At: at, Interface: "eth0", Network: "eth0", Message: announce(from, 128, seq)})
	}
	for seq := range uint16(4) {
		at = at.Add(time.Second / 8)
		announces(gm1, seq)
	}
	e.tick(at)
	lower := ptp.PortIdentity{ClockIdentity: gm1.ClockIdentity - 1, PortNumber: 1}
	at = at.Add(time.Millisecond)
	announces(lower, 0)
	if alerts := e.store.Load().View.Alerts; len(alerts) != 1 || alerts[0].Name != analysis.AlertRogueGrandmaster {
		t.Errorf("a millisecond after a tick the alerts are %+v, want %s", alerts, analysis.AlertRogueGrandmaster)
	}
	before := e.store.Load()
	at = at.Add(time.Millisecond)
	announces(ptp.PortIdentity{ClockIdentity: lower.ClockIdentity - 1, PortNumber: 1}, 0)
	if e.store.Load() != before {
		t.Error("two findings within two milliseconds are published apart")
	}
	at = at.Add(publishEvery)
	announces(gm1, 5)
	if n := len(e.store.Load().View.Alerts); n != 2 {
		t.Errorf("%d alerts are published in the end, want 2", n)
	}
}
