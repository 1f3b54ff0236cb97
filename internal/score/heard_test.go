package score

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Alarms are what was raised, by when it was, with the end that it had. What is
// about another clock, or has become graver, is another alarm.
func TestAlarms(t *testing.T) {
	h := newHeard()
	clock, port := ptp.ClockIdentity(0x001d7ffffe80024a), ptp.PortIdentity{ClockIdentity: 0x001d7ffffe80024b, PortNumber: 2}
	lost := analysis.Alert{Name: "PTPGrandmasterLost", Severity: analysis.Critical, Grandmaster: clock, Scope: analysis.Scope{Network: "eth0"}}
	step := analysis.Alert{
		Name: "PTPTimeStep", Severity: analysis.Warning, Grandmaster: clock, Port: port, Interface: "eth1", Direction: "forward",
		Frame: packet.Frame{Number: 17},
	}
	find := func(e analysis.Event, a analysis.Alert, seconds float64) {
		h.finding(analysis.Finding{Event: e, At: at(seconds), Alert: &a})
	}
	h.finding(analysis.Finding{Event: analysis.GrandmasterChanged, At: at(1)})
	find(analysis.AlertRaised, lost, 20)
	find(analysis.AlertRaised, step, 10) // the capture's clock was set back
	find(analysis.AlertRaised, step, 12) // certain now
	graver := step
	graver.Severity = analysis.Critical
	find(analysis.AlertRaised, graver, 15)
	find(analysis.AlertResolved, lost, 30)
	find(analysis.AlertRaised, lost, 40)
	other := lost
	other.Grandmaster = 0
	find(analysis.AlertResolved, other, 50)
	want := []Alarm{
		{Name: "PTPTimeStep", Severity: analysis.Warning, At: at(10), Until: at(15), Clocks: []string{gm, rogue}, Direction: "forward", Interface: "eth1", Frame: 17},
		{Name: "PTPTimeStep", Severity: analysis.Critical, At: at(15), Clocks: []string{gm, rogue}, Direction: "forward", Interface: "eth1", Frame: 17},
		{Name: "PTPGrandmasterLost", Severity: analysis.Critical, At: at(20), Until: at(30), Clocks: []string{gm}, Scope: lost.Scope},
		{Name: "PTPGrandmasterLost", Severity: analysis.Critical, At: at(40), Clocks: []string{gm}, Scope: lost.Scope},
	}
	if diff := cmp.Diff(want, h.alarms(Product)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Time counts while Sync is heard, of each network and domain by itself.
func TestStreamTime(t *testing.T) {
	h := newHeard()
	for _, m := range []struct {
		seconds float64
		network string
		domain  uint8
		typ     ptp.MessageType
	}{
		{0, "eth0", 0, ptp.AnnounceMessage}, {10, "eth0", 0, ptp.Sync}, {20, "eth1", 0, ptp.Sync}, {25, "eth0", 0, ptp.Sync}, {30, "eth0", 0, ptp.Sync},
		{40, "eth0", 5, ptp.Sync}, {50, "eth1", 0, ptp.Sync}, {90, "eth0", 0, ptp.AnnounceMessage},
	} {
		h.observation(&packet.Observation{At: at(m.seconds), Network: m.network, Message: ptp.Message{Type: m.typ, DomainNumber: m.domain}})
	}
	h.observation(&packet.Observation{At: at(200), Network: "eth0", Malformed: packet.CutByCapture})
	if got := h.streamTime(); got != (20+30+0)*time.Second {
		t.Errorf("%v, want 50s", got)
	}
}
