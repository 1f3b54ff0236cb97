package agent

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

// TestExamine: what the configuration says of an interface decides, and what it
// lists is told of, there or not.
func TestExamine(t *testing.T) {
	able := capture.NIC{
		Clock: "ptp0", Modes: capture.TransmitHardware | capture.ReceiveHardware | capture.RawHardware,
		RxFilters: []capture.RxFilter{capture.FilterNone, capture.FilterAll},
	}
	named := func(name, clock string) capture.NIC {
		n := able
		n.Name, n.Clock = name, clock
		return n
	}
	c := &config.Config{Interfaces: []config.Interface{
		{Name: "eth1", HWTstamp: "enable"}, {Name: "eth9"}, {Name: "eth2", Timestamping: "software"},
	}}
	ahead := capture.PHCOffset{Offset: 37 * time.Second, Delay: time.Microsecond}
	denied := errors.New("permission denied")
	got := examine([]capture.NIC{named("eth0", ""), named("eth1", "ptp0"), named("eth2", "ptp1")}, c,
		func(clock string) (capture.PHCOffset, error) {
			if clock == "ptp0" {
				return ahead, nil
			}
			return capture.PHCOffset{}, denied
		})
	type line struct {
		Name               string
		Configured, Absent bool
		Requests           int
		Reason             string
		PHC                *capture.PHCOffset
		PHCError           string
	}
	var lines []line
	for _, n := range got {
		l := line{n.Name, n.Configured, n.Absent, len(n.Choice.Request), n.Choice.Reason, n.PHC, ""}
		if n.PHCError != nil {
			l.PHCError = n.PHCError.Error()
		}
		lines = append(lines, l)
	}
	want := []line{
		{Name: "eth0", Reason: "the NIC can stamp in hardware and nobody has switched it on"},
		{Name: "eth1", Configured: true, Requests: 2, PHC: &ahead, Reason: "the configuration says hwtstamp: enable, and nobody uses the NIC's stamping yet"},
		{Name: "eth2", Configured: true, PHCError: "permission denied", Reason: "the configuration says timestamping: software"},
		{Name: "eth9", Configured: true, Absent: true},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
