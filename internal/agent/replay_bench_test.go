package agent

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// telecom writes n messages as on a G.8275.1 link (ITU-T G.8275.1 6.2: L2,
// domain 24, 16 Syncs and Delay_Reqs and 8 Announces a second): a grandmaster
// and eight clients, seen at the grandmaster's port.
func telecom(tb testing.TB, path string, n int) {
	tb.Helper()
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	w := newWire(tb, f)
	w.domain = 24
	send := func(after time.Duration, m ptp.Message) {
		if w.frames < n {
			w.send(after, m)
		}
	}
	for seq := uint16(0); w.frames < n; seq++ {
		tick := w.at
		send(0, ptp.Message{Type: ptp.Sync, SourcePortIdentity: gm1, SequenceID: seq, LogMessageInterval: -4, Flags: ptp.FlagTwoStep})
		send(20*time.Microsecond, ptp.Message{Type: ptp.FollowUp, SourcePortIdentity: gm1, SequenceID: seq, LogMessageInterval: -4, Timestamp: ptp.NewTimestamp(tick - 1500)})
		if seq%2 == 0 {
			send(20*time.Microsecond, announce(gm1, 128, seq/2))
		}
		for c := range 8 {
			client := ptp.PortIdentity{ClockIdentity: ptp.ClockIdentity(0x0200_00ff_fe00_0010 + c), PortNumber: 1}
			send(time.Millisecond, ptp.Message{Type: ptp.DelayReq, SourcePortIdentity: client, SequenceID: seq, LogMessageInterval: ptp.NoInterval})
			send(30*time.Microsecond, ptp.Message{Type: ptp.DelayResp, SourcePortIdentity: gm1, PortIdentity: client, SequenceID: seq, LogMessageInterval: -4, Timestamp: ptp.NewTimestamp(w.at - 28500)})
		}
		w.at = tick + int64(time.Second/16)
	}
	w.flush()
}

// The whole of replay but for printing the report: read, decode, analyse.
func BenchmarkReplay(b *testing.B) {
	const messages = 1_000_000
	path := filepath.Join(b.TempDir(), "g8275.1.pcapng")
	telecom(b, path, messages)
	b.ReportAllocs()
	for b.Loop() {
		r, err := Replay(b.Context(), ReplayOptions{Captures: []string{path}, Config: config.Default(Alerts())})
		if err != nil || r.Captures[0].PTP != messages {
			b.Fatalf("%v, %+v", err, r)
		}
	}
	b.ReportMetric(float64(messages)*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// The same file through tshark printing four fields a message, and through
// replay, whole analysis included. The figure is how many times faster replay is.
func BenchmarkReplayAgainstTshark(b *testing.B) {
	path := filepath.Join(b.TempDir(), "g8275.1.pcapng")
	telecom(b, path, 1_000_000)
	var tshark, replay time.Duration
	for b.Loop() {
		start := time.Now()
		cmd := exec.CommandContext(b.Context(), "tshark", "-n", "-r", path, "-T", "fields", "-e", "ptp.v2.messagetype",
			"-e", "ptp.v2.sequenceid", "-e", "ptp.v2.clockidentity", "-e", "frame.time_epoch")
		if out, err := cmd.Output(); err != nil || bytes.Count(out, []byte("\n")) != 1_000_000 {
			b.Fatalf("tshark: %v, %d octets of output", err, len(out))
		}
		tshark += time.Since(start)
		start = time.Now()
		if _, err := Replay(b.Context(), ReplayOptions{Captures: []string{path}, Config: config.Default(Alerts())}); err != nil {
			b.Fatal(err)
		}
		replay += time.Since(start)
	}
	b.ReportMetric(tshark.Seconds()/float64(b.N), "tshark-s/op")
	b.ReportMetric(replay.Seconds()/float64(b.N), "replay-s/op")
	b.ReportMetric(tshark.Seconds()/replay.Seconds(), "times-tshark")
}
