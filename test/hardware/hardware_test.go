//go:build hardware

package hardware

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// What the NICs of this test are ever set to. The driver grants the filter for
// all of PTP version 2 to whoever asks for PTP.
var (
	off     = Stamping{unix.HWTSTAMP_TX_OFF, unix.HWTSTAMP_FILTER_NONE}
	asAgent = Stamping{unix.HWTSTAMP_TX_OFF, unix.HWTSTAMP_FILTER_PTP_V2_EVENT}
	asPTP4L = Stamping{unix.HWTSTAMP_TX_ON, unix.HWTSTAMP_FILTER_PTP_V2_EVENT}
)

func TestGuest(t *testing.T) {
	steps := play(t)
	for name, judge := range map[string]func(*testing.T, Step){
		"enable":             enabled,
		"enable, then ptp4l": enabledThenPTP4L,
		"observe":            observed,
	} {
		t.Run(name, func(t *testing.T) {
			s, played := steps[name]
			if !played {
				t.Fatal("the guest never got there")
			}
			if s.Fault != "" {
				t.Fatal(s.Fault)
			}
			judge(t, s)
		})
	}
}

// With hwtstamp: enable the agent switches on a NIC that nobody uses, and off
// again when it leaves.
func enabled(t *testing.T, s Step) {
	compare(t, s.Settings, []Settings{
		{"before", off, off},
		{"agent runs", asAgent, off},
		{"agent left", off, off},
	})
}

// A ptp4l that comes later gets what it asks for, and keeps it.
func enabledThenPTP4L(t *testing.T, s Step) {
	compare(t, s.Settings, []Settings{
		{"agent runs", asAgent, off},
		{"ptp4l runs", asPTP4L, off},
		{"agent has seen it", asPTP4L, off},
		{"agent left", asPTP4L, off},
	})
	compare(t, hardwareStamping(t, s), [2]float64{1, 0})
}

// By default the agent changes nothing, and has the hardware stamps of ptp4l's
// messages all the same.
func observed(t *testing.T, s Step) {
	compare(t, s.Settings, []Settings{
		{"before", asPTP4L, asPTP4L},
		{"agent runs", asPTP4L, asPTP4L},
		{"agent left", asPTP4L, asPTP4L},
	})
	compare(t, hardwareStamping(t, s), [2]float64{1, 1})
}

func compare[T any](t *testing.T, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// hardwareStamping is what the agent shows of the client's NIC and the
// grandmaster's.
func hardwareStamping(t *testing.T, s Step) [2]float64 {
	t.Helper()
	const name = "ptpwatch_capture_hardware_timestamping"
	return [2]float64{
		metric(t, s, name, `interface="`+ClientNIC+`"`),
		metric(t, s, name, `interface="`+GrandmasterNIC+`"`),
	}
}

var sample = regexp.MustCompile(`(?m)^(\w+)\{(.*)\} (\S+)$`)

// metric is the one sample of the agent's metrics with these labels.
func metric(t *testing.T, s Step, name string, labels ...string) float64 {
	t.Helper()
	var values []float64
	for _, m := range sample.FindAllStringSubmatch(s.Metrics, -1) {
		if m[1] != name || !hasAll(m[2], labels) {
			continue
		}
		v, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	if len(values) != 1 {
		t.Fatalf("%d samples of %s%v, want one", len(values), name, labels)
	}
	return values[0]
}

func hasAll(s string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(s, p) {
			return false
		}
	}
	return true
}
