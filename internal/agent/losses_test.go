package agent

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// TestLosses: frames that a capture says it lost are a reason not to trust it,
// when they were lost or, when it does not say when, at its end.
func TestLosses(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		lost  func(second int) uint32
		after uint64
		want  []string
	}{
		{"none", func(int) uint32 { return 0 }, 0, nil},
		{"one of a hundred, once", func(s int) uint32 {
			if s == 60 {
				return 1
			}
			return 0
		}, 0, []string{"1m0s raised drops eth0", "2m10s resolved drops eth0"}},
		{"one of eighteen hundred, some time", func(int) uint32 { return 0 }, 1, nil},
		{"three of eighteen hundred, some time", func(int) uint32 { return 0 }, 3, []string{"2m59s raised drops eth0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			tracker := analysis.New(analysis.Config{})
			l := newLosses(tracker, func(f analysis.Finding) {
				if f.Alert != nil {
					got = append(got, fmt.Sprintf("%v %s %s %s", f.At.Sub(start), f.Event, f.Alert.Reason, f.Alert.Interface))
				}
			})
			var o packet.Observation
			for s := range 180 {
				for _, name := range []string{"eth0", "eth1"} {
					o = packet.Observation{At: start.Add(time.Duration(s) * time.Second), Interface: name, Others: 9}
					if name == "eth0" {
						o.Lost = c.lost(s)
					}
					l.count(&o)
				}
			}
			l.end([]packet.CaptureStats{{File: "x.pcapng", LostAfter: map[string]uint64{"eth0": c.after}}}, o.At)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
