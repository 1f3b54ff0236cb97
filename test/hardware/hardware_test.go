//go:build hardware

package hardware

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sys/unix"
)

func TestGuest(t *testing.T) {
	steps := play(t)
	for _, c := range []struct {
		step  string
		judge func(*testing.T, Step)
	}{
		{"enable", judgeEnable},
		{"enable, then ptp4l", judgeEnableThenPTP4L},
		{"observe", judgeObserve},
	} {
		t.Run(c.step, func(t *testing.T) {
			s, played := steps[c.step]
			if !played {
				t.Fatal("the guest never got there")
			}
			if s.Fault != "" {
				t.Fatal(s.Fault)
			}
			c.judge(t, s)
		})
	}
}

// What the NICs are ever set to here. The driver grants the filter for all of
// PTP version 2 to whoever asks for a part of it.
var (
	off     = Stamping{unix.HWTSTAMP_TX_OFF, unix.HWTSTAMP_FILTER_NONE}
	byAgent = Stamping{unix.HWTSTAMP_TX_OFF, unix.HWTSTAMP_FILTER_PTP_V2_EVENT}
	byPTP4L = Stamping{unix.HWTSTAMP_TX_ON, unix.HWTSTAMP_FILTER_PTP_V2_EVENT}
)

// With hwtstamp: enable the agent switches on a NIC that nobody uses, and off
// again when it leaves.
func judgeEnable(t *testing.T, s Step) {
	compare(t, "settings", s.Settings, []Settings{
		{"before", off, off},
		{"agent runs", byAgent, off},
		{"agent left", off, off},
	})
	judgeLog(t, s, true, true)
}

// A ptp4l that comes later gets what it asks for and keeps it.
func judgeEnableThenPTP4L(t *testing.T, s Step) {
	compare(t, "settings", s.Settings, []Settings{
		{"agent runs", byAgent, off},
		{"ptp4l runs", byPTP4L, off},
		{"agent has seen it", byPTP4L, off},
		{"agent left", byPTP4L, off},
	})
	compare(t, "client's NIC stamps", nicMetric(t, s, ClientNIC, "hardware_timestamping"), 1)
	compare(t, "grandmaster's NIC stamps", nicMetric(t, s, GrandmasterNIC, "hardware_timestamping"), 0)
	judgeLog(t, s, true, false)
}

// judgeLog holds the log against what was done to the client's NIC.
func judgeLog(t *testing.T, s Step, switchedOn, putBack bool) {
	t.Helper()
	for what, want := range map[string]bool{
		`msg="time stamping of the NIC switched on" interface=eth0 rx_filter=ptpv2-event rx_filter_before=none tx_type=off`:              switchedOn,
		`msg="time stamping of the NIC put back as it was found" interface=eth0 rx_filter=none rx_filter_before=ptpv2-event tx_type=off`: putBack,
	} {
		if strings.Contains(s.Log, what) != want {
			t.Errorf("logged %s: %v, want %v; the log:\n%s", what, !want, want, s.Log)
		}
	}
}

// By default the agent changes nothing, and has the hardware stamps of what
// ptp4l receives and sends all the same.
func judgeObserve(t *testing.T, s Step) {
	compare(t, "settings", s.Settings, []Settings{
		{"before", byPTP4L, byPTP4L},
		{"agent runs", byPTP4L, byPTP4L},
		{"agent left", byPTP4L, byPTP4L},
	})
	for _, nic := range []string{ClientNIC, GrandmasterNIC} {
		compare(t, nic+" stamps", nicMetric(t, s, nic, "hardware_timestamping"), 1)
		sent, stamped := nicMetric(t, s, nic, "egress_events_total"), nicMetric(t, s, nic, "egress_stamped_total")
		t.Logf("%s: %v of %v sent event messages carry the transmit stamp", nic, stamped, sent)
		if stamped < 0.9*sent {
			t.Errorf("%s: %v of %v sent event messages carry the transmit stamp, want 90 %%", nic, stamped, sent)
		}
	}
	judgeLog(t, s, false, false)
	judgeReceived(t, s)
	judgeTime(t, s)
	judgeReport(t, s)
	judgeClocks(t, s)
	judgeInterfaces(t, s)
}

// What the client received is all Sync, and all of it is stamped.
func judgeReceived(t *testing.T, s Step) {
	sync := metric(t, s, "messages_total", label("interface", ClientNIC), label("message_type", "sync"))
	compare(t, "Sync seen", int(sync), s.Client.ReceivedSync)
	stamped := nicMetric(t, s, ClientNIC, "timestamps_total", label("source", "hardware"))
	compare(t, "Sync stamped in hardware", stamped-nicMetric(t, s, ClientNIC, "egress_stamped_total"), sync)
	if sent := nicMetric(t, s, ClientNIC, "egress_events_total"); int(sent) < s.Client.SentDelayReq {
		t.Errorf("%v Delay_Req seen, the client sent %d", sent, s.Client.SentDelayReq)
	}
}

// noise is how far measurements of one thing may be from each other here, in
// seconds. The emulation has none: both NICs read one time, which stands still
// while a frame goes over, and every exchange gives the same. A nanosecond is
// left for the halves of odd ones.
const noise = 1e-9

// The agent measures what the client measures, to the nanosecond.
func judgeTime(t *testing.T, s Step) {
	client, grandmaster := label("interface", ClientNIC), label("interface", GrandmasterNIC)
	asymmetry := (ForwardDelay - ReverseDelay).Seconds() / 2
	compare(t, "offset by ptp4l", s.Client.OffsetFromMaster/1e9, ClientAhead.Seconds()+asymmetry, within(10e-6))
	compare(t, "offset of the client's NIC", metric(t, s, "offset_seconds", client), s.Client.OffsetFromMaster/1e9, within(noise))
	compare(t, "offset of the grandmaster's NIC from itself", metric(t, s, "offset_seconds", grandmaster), asymmetry, within(noise))
	compare(t, "mean path delay by ptp4l", s.Client.MeanPathDelay/1e9, (ForwardDelay+ReverseDelay).Seconds()/2, within(noise))
	compare(t, "mean path delay", metric(t, s, "mean_path_delay_seconds", client), s.Client.MeanPathDelay/1e9, within(noise))
}

// distribution is as the report has it, in seconds.
type distribution struct {
	Count            uint64
	Min, Median, Max float64
}

// measurement is what the report has of a port.
type measurement struct {
	Interface       string
	TimestampSource string `json:"timestamp_source"`
	Tap             string
	Forward         distribution `json:"forward_delay"`
	Reverse         distribution `json:"reverse_delay"`
	MeanPathDelay   distribution `json:"mean_path_delay"`
}

// judgeReport: the agent's report says that what it measured, on either end of
// the link, is by hardware stamps.
func judgeReport(t *testing.T, s Step) {
	var report struct {
		Captures []struct{ File string }
		Domains  []struct{ Ports []measurement }
	}
	if err := json.Unmarshal(s.Report, &report); err != nil {
		t.Fatalf("%v: %s", err, s.Report)
	}
	compare(t, "captures", report.Captures, []struct{ File string }{{ClientNIC}, {GrandmasterNIC}})
	var measured []string
	for _, d := range report.Domains {
		for _, m := range d.Ports {
			if m.MeanPathDelay.Count > 0 {
				measured = append(measured, m.Interface+" by "+m.TimestampSource+" at "+m.Tap)
				judgeDelays(t, s, &m)
			}
		}
	}
	compare(t, "measured ports", measured, []string{
		ClientNIC + " by hardware at " + ClientNIC, GrandmasterNIC + " by hardware at " + GrandmasterNIC,
	})
}

// judgeDelays holds every exchange at a tap, not the last alone, against what
// ptp4l says and what it was told.
func judgeDelays(t *testing.T, s Step, m *measurement) {
	ahead, set := 0.0, noise // how far the tap's clock is ahead, and how well it was set so
	if m.Tap == ClientNIC {
		ahead, set = ClientAhead.Seconds(), 10e-6
	}
	for _, of := range []struct {
		name   string
		got    distribution
		want   float64
		margin float64
	}{
		{"forward delay", m.Forward, ahead + ForwardDelay.Seconds(), set},
		{"reverse delay", m.Reverse, ReverseDelay.Seconds() - ahead, set},
		{"mean path delay", m.MeanPathDelay, s.Client.MeanPathDelay / 1e9, noise},
	} {
		what := m.Tap + ": " + of.name
		t.Logf("%s: %d, from %g to %g s, median %g s", what, of.got.Count, of.got.Min, of.got.Max, of.got.Median)
		if of.got.Count < 50 {
			t.Errorf("%s: only %d", what, of.got.Count)
		}
		compare(t, what, of.got.Median, of.want, within(of.margin))
		compare(t, what+", spread", of.got.Max-of.got.Min, 0, within(noise))
	}
}

// judgeClocks: both NICs' clocks are read beside the system's, and by that a
// message takes no time from the one to the other, within the error that is told.
func judgeClocks(t *testing.T, s Step) {
	for clock, ahead := range map[string]time.Duration{"ptp0": ClientAhead, "ptp1": 0} {
		of := []string{label("clock", clock), label("source", "hardware")}
		compare(t, clock+" is ahead of the system's clock", metric(t, s, "timestamp_clock_offset_seconds", of...), ahead.Seconds(), within(100e-6))
		compare(t, clock+" could not be read", metric(t, s, "timestamp_clock_readings_total", append(of, label("result", "failed"))...), 0)
		compare(t, clock+" has stepped", metric(t, s, "timestamp_clock_steps_total", of...), 0)
		if n := metric(t, s, "timestamp_clock_readings_total", append(of, label("result", "read"))...); n < 10 {
			t.Errorf("%s was read %v times", clock, n)
		}
	}
	type centre struct{ Median, Spread float64 }
	type way struct {
		From, To       string
		Messages       int
		Transit, Floor centre
		Error          float64
	}
	var report struct {
		Ways []way `json:"tap_transits"`
	}
	if err := json.Unmarshal(s.Report, &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Ways) == 0 {
		t.Error("the report has no way between the NICs")
	}
	for _, w := range report.Ways {
		t.Logf("%s to %s: %d messages, median %g s, spread %g s, error %g s", w.From, w.To, w.Messages, w.Transit.Median, w.Transit.Spread, w.Error)
		if w.Error <= 0 || w.Error > 50e-6 || w.Transit.Median > w.Error || w.Transit.Median < -w.Error {
			t.Errorf("%+v, want no time within the error", w)
		}
	}
}

// `ptpwatch interfaces` says what the NICs are, and reads their clocks.
func judgeInterfaces(t *testing.T, s Step) {
	type use struct{ Timestamps, Clock, Covers string }
	type phc struct {
		Offset float64 `json:"offset_seconds"`
	}
	type nic struct {
		Name, Driver string
		PHC          phc
		Use          use
	}
	var nics []nic
	if err := json.Unmarshal(s.Interfaces, &nics); err != nil {
		t.Fatal(err)
	}
	compare(t, "interfaces", nics, []nic{
		{"lo", "loopback", phc{}, use{Timestamps: "software"}},
		{ClientNIC, "igb", phc{ClientAhead.Seconds()}, use{"hardware", "ptp0", "event messages"}},
		{GrandmasterNIC, "igb", phc{0}, use{"hardware", "ptp1", "event messages"}},
	}, within(10e-6))
}

// within lets numbers differ.
func within(margin float64) cmp.Option { return cmpopts.EquateApprox(0, margin) }

func compare[T any](t *testing.T, what string, got, want T, options ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("%s: -want +got\n%s", what, diff)
	}
}

// label is a label as it stands in the exposition format.
func label(name, value string) string { return name + `="` + value + `"` }

func nicMetric(t *testing.T, s Step, nic, name string, labels ...string) float64 {
	t.Helper()
	return metric(t, s, "capture_"+name, append(labels, label("interface", nic))...)
}

var sample = regexp.MustCompile(`(?m)^ptpwatch_(\w+)\{(.*)\} (\S+)$`)

// metric is the one sample of the agent's metrics that has these labels.
func metric(t *testing.T, s Step, name string, labels ...string) float64 {
	t.Helper()
	var values []string
	for _, m := range sample.FindAllStringSubmatch(s.Metrics, -1) {
		lacks := func(l string) bool { return !strings.Contains(m[2], l) }
		if m[1] == name && !slices.ContainsFunc(labels, lacks) {
			values = append(values, m[3])
		}
	}
	if len(values) != 1 {
		t.Fatalf("%s%v has values %v, want one", name, labels, values)
	}
	v, err := strconv.ParseFloat(values[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
