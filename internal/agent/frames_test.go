package agent

import (
	"io"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// wire writes PTP messages to a capture as layer-2 frames of one interface.
type wire struct {
	tb     testing.TB
	w      *capture.Writer
	iface  int
	at     int64 // nanoseconds since the epoch
	domain uint8
	frame  []byte
	frames int
}

func newWire(tb testing.TB, to io.Writer) *wire {
	tb.Helper()
	w, err := capture.NewWriter(to, "ptpwatch test")
	if err != nil {
		tb.Fatal(err)
	}
	iface, err := w.AddInterface("eth0", capture.LinkEthernet)
	if err != nil {
		tb.Fatal(err)
	}
	return &wire{tb: tb, w: w, iface: iface, at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixNano()}
}

// send writes a message so much after the one before.
func (w *wire) send(after time.Duration, m ptp.Message) {
	w.at += int64(after)
	w.frames++
	m.VersionPTP, m.MinorVersionPTP, m.DomainNumber = 2, 1, w.domain
	from := byte(m.SourcePortIdentity.ClockIdentity)
	w.frame = append(w.frame[:0], 0x01, 0x1b, 0x19, 0, 0, 0, 2, 0, 0, 0, 0, from, 0x88, 0xf7)
	w.frame = ptp.AppendMessage(w.frame, &m)
	for len(w.frame) < 60 {
		w.frame = append(w.frame, 0)
	}
	if err := w.w.Write(w.iface, &capture.Record{Time: w.at, Data: w.frame, Length: len(w.frame)}); err != nil {
		w.tb.Fatal(err)
	}
}

func (w *wire) flush() {
	if err := w.w.Flush(); err != nil {
		w.tb.Fatal(err)
	}
}

var (
	gm1 = ptp.PortIdentity{ClockIdentity: 0x001d7ffffe80024a, PortNumber: 1}
	gm2 = ptp.PortIdentity{ClockIdentity: 0x001d7ffffe80024b, PortNumber: 1}
)

func announce(from ptp.PortIdentity, priority2 uint8, seq uint16) ptp.Message {
	return ptp.Message{
		Type: ptp.AnnounceMessage, SourcePortIdentity: from, SequenceID: seq, LogMessageInterval: -3,
		Flags: ptp.FlagPTPTimescale | ptp.FlagTimeTraceable | ptp.FlagFrequencyTraceable,
		Announce: ptp.Announce{
			CurrentUTCOffset: 37, GrandmasterPriority1: 128, GrandmasterPriority2: priority2, TimeSource: 0x20,
			GrandmasterClockQuality: ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4E5D},
			GrandmasterIdentity:     from.ClockIdentity,
		},
	}
}
