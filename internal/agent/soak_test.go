//go:build soak

package agent

import (
	"encoding/json"
	"io"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// TestSoak plays healthy days through the analysis: no alert may come, and
// memory may not grow with time. SOAK_DAYS says how many, SOAK_RESULT where the
// result goes.
func TestSoak(t *testing.T) {
	days, err := strconv.Atoi(os.Getenv("SOAK_DAYS"))
	if err != nil {
		t.Fatalf("SOAK_DAYS: %v", err)
	}
	r, w := io.Pipe()
	go func() {
		healthy(newWire(t, w), time.Duration(days)*24*time.Hour)
		w.Close()
	}()
	var after, peak uint64 // of memory: once the first gigabyte went by, and ever since
	result, err := Replay(t.Context(), ReplayOptions{
		Captures: []string{"-"}, Stdin: r, Config: config.Default(Alerts()),
		Progress: func(done, _ int64) {
			if done < 1<<30 {
				return
			}
			m := mapped()
			if after == 0 {
				after = m
			}
			peak = max(peak, m)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	// A Sync a second is too slow for what looks like G.8275.1: information.
	told := slices.DeleteFunc(slices.Clone(result.View.Alerts), func(a analysis.Alert) bool { return a.Severity == analysis.Info })
	outcome := map[string]any{
		"days": days, "messages": result.Captures[0].PTP, "alerts": len(told),
		"memory_first_bytes": after, "memory_peak_bytes": peak,
	}
	text, _ := json.Marshal(outcome)
	t.Logf("%s", text)
	if len(told) > 0 {
		t.Errorf("alerts on healthy days, the first: %+v", told[0])
	}
	if peak > after+16<<20 {
		t.Errorf("memory grew from %d to %d bytes", after, peak)
	}
	if path := os.Getenv("SOAK_RESULT"); path != "" {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// healthy writes a grandmaster with one client: 8 Announces, one Sync and one
// delay exchange a second.
func healthy(w *wire, long time.Duration) {
	w.domain = 24
	client := ptp.PortIdentity{ClockIdentity: 0x0200_00ff_fe00_0010, PortNumber: 1}
	end := w.at + int64(long)
	for second := uint16(0); w.at < end; second++ {
		start := w.at
		w.send(0, ptp.Message{Type: ptp.Sync, SourcePortIdentity: gm1, SequenceID: second, Flags: ptp.FlagTwoStep})
		w.send(20*time.Microsecond, ptp.Message{Type: ptp.FollowUp, SourcePortIdentity: gm1, SequenceID: second, Timestamp: ptp.NewTimestamp(start - 1500)})
		w.send(time.Millisecond, ptp.Message{Type: ptp.DelayReq, SourcePortIdentity: client, SequenceID: second, LogMessageInterval: ptp.NoInterval})
		w.send(30*time.Microsecond, ptp.Message{Type: ptp.DelayResp, SourcePortIdentity: gm1, PortIdentity: client, SequenceID: second, Timestamp: ptp.NewTimestamp(w.at - 28500)})
		for i := range int64(8) {
			w.at = start + 10_000_000 + i*125_000_000
			w.send(0, announce(gm1, 128, second*8+uint16(i)))
		}
		w.at = start + int64(time.Second)
	}
	w.flush()
}
