package agent

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// g82751 writes a capture of n messages as on a G.8275.1 link (ITU-T G.8275.1
// 6.2: L2, domain 24, 16 Syncs and Delay_Reqs, 8 Announces a second): a
// grandmaster and eight clients seen at the grandmaster's port.
func g82751(tb testing.TB, path string, n int) {
	tb.Helper()
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	w, err := capture.NewWriter(f, "ptpwatch test")
	if err != nil {
		tb.Fatal(err)
	}
	eth0, err := w.AddInterface("eth0", capture.LinkEthernet)
	if err != nil {
		tb.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixNano()
	gm := ptp.PortIdentity{ClockIdentity: 0x001d7ffffe80024a, PortNumber: 1}
	var frame []byte
	written := 0
	send := func(after int64, m ptp.Message) {
		if written == n {
			return
		}
		at += after
		written++
		m.VersionPTP, m.MinorVersionPTP, m.DomainNumber = 2, 1, 24
		src := byte(m.SourcePortIdentity.ClockIdentity)
		frame = append(frame[:0], 0x01, 0x1b, 0x19, 0, 0, 0, 2, 0, 0, 0, 0, src, 0x88, 0xf7)
		frame = ptp.AppendMessage(frame, &m)
		for len(frame) < 60 {
			frame = append(frame, 0)
		}
		if err := w.Write(eth0, &capture.Record{Time: at, Data: frame, Length: len(frame)}); err != nil {
			tb.Fatal(err)
		}
	}
	for seq := uint16(0); written < n; seq++ {
		tick := at
		send(0, ptp.Message{Type: ptp.Sync, SourcePortIdentity: gm, SequenceID: seq, LogMessageInterval: -4, Flags: ptp.FlagTwoStep})
		send(20000, ptp.Message{Type: ptp.FollowUp, SourcePortIdentity: gm, SequenceID: seq, LogMessageInterval: -4, Timestamp: ptp.NewTimestamp(tick - 1500)})
		if seq%2 == 0 {
			send(20000, ptp.Message{Type: ptp.AnnounceMessage, SourcePortIdentity: gm, SequenceID: seq / 2, LogMessageInterval: -3,
				Flags: ptp.FlagPTPTimescale | ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable,
				Announce: ptp.Announce{CurrentUTCOffset: 37, GrandmasterPriority1: 128, GrandmasterPriority2: 128, TimeSource: 0x20,
					GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4E5D},
					GrandmasterIdentity:     gm.ClockIdentity}})
		}
		for c := range 8 {
			client := ptp.PortIdentity{ClockIdentity: ptp.ClockIdentity(0x0200_00ff_fe00_0010 + c), PortNumber: 1}
			send(1000000, ptp.Message{Type: ptp.DelayReq, SourcePortIdentity: client, SequenceID: seq, LogMessageInterval: 0x7F})
			send(30000, ptp.Message{Type: ptp.DelayResp, SourcePortIdentity: gm, PortIdentity: client, SequenceID: seq, LogMessageInterval: -4, Timestamp: ptp.NewTimestamp(at - 30000 + 1500)})
		}
		at = tick + int64(time.Second/16)
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
}

// The whole of replay but for the report: read, decode, analyse.
func BenchmarkReplay(b *testing.B) {
	const messages = 1_000_000
	path := filepath.Join(b.TempDir(), "g8275.1.pcapng")
	g82751(b, path, messages)
	b.ReportAllocs()
	for b.Loop() {
		r, err := Replay(b.Context(), ReplayOptions{Captures: []string{path}, Config: config.Default(Alerts())})
		if err != nil || r.Captures[0].PTP != messages {
			b.Fatalf("%v, %+v", err, r)
		}
	}
	b.ReportMetric(float64(messages)*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
