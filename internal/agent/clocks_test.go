package agent

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// Clocks are read every second, whether or not anybody takes the readings; one
// that cannot be read is told once.
func TestClockReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		second, taken, failed := 0, 0, 0
		c := newClockReader(func() []packet.ClockReading {
			second++
			r := []packet.ClockReading{{Clock: "ptp0"}, {Clock: "ptp1"}}
			if second > 2 && second <= 20 {
				r[1].Fault = "open /dev/ptp1: permission denied"
			}
			return r
		}, slog.New(slog.NewTextHandler(&out, nil)))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { c.run(ctx); close(done) }()
		take := func() {
			for r := c.next(); r != nil; r = c.next() {
				taken++
				for i := range r {
					if r[i].Fault != "" {
						failed++
					}
				}
			}
		}
		for range 12 {
			time.Sleep(time.Second)
			synctest.Wait()
			take()
		}
		time.Sleep(18 * time.Second) // nobody takes any
		synctest.Wait()
		if second != 30 || taken != 12 || failed != 10 {
			t.Errorf("%d readings, %d taken, %d failed", second, taken, failed)
		}
		take()
		if taken != 12+cap(c.out) {
			t.Errorf("%d taken at the end", taken)
		}
		cancel()
		<-done
		for what, want := range map[string]int{
			`level=WARN msg="hardware clock cannot be compared with others" clock=ptp1 error="open /dev/ptp1: permission denied"`: 1,
			`level=INFO msg="hardware clock can be read again" clock=ptp1`:                                                        1,
			"clock=ptp0": 0,
		} {
			if got := strings.Count(out.String(), what); got != want {
				t.Errorf("%q is logged %d times, want %d", what, got, want)
			}
		}
	})
}

// What is read of clocks comes out with the metrics.
func TestClocksAreShown(t *testing.T) {
	w, s, _ := startWatcher(t, nil)
	start := time.Now()
	s.clocks(packet.ClockReading{
		At: start, Clock: "ptp0", System: start, Hardware: start.Add(37 * time.Second), Steady: time.Hour, Window: 1500,
	}, packet.ClockReading{At: start, Clock: "ptp1", Fault: "operation not supported"})
	for range 40 { // the readings come by themselves, within a second or so
		s.beat(time.Now())
		if v := w.store.Load().View; len(v.StampClocks) == 2 {
			got := fmt.Sprintf("%s %g %g %d %d %q, %s %d %d %q", v.StampClocks[0].Name, v.StampClocks[0].Offset, v.StampClocks[0].Window,
				min(v.StampClocks[0].Readings, 1), v.StampClocks[0].Faults, v.StampClocks[0].Fault,
				v.StampClocks[1].Name, v.StampClocks[1].Readings, min(v.StampClocks[1].Faults, 1), v.StampClocks[1].Fault)
			want := `ptp0 37 1.5e-06 1 0 "", ptp1 0 1 "operation not supported"`
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("nothing is shown of the clocks")
}
