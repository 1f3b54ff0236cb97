package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/facebook/time/ptp/protocol"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// traffic FILE SCENARIO [FROM TO] writes a pcapng file with the messages of a
// scenario, or with those from FROM until before TO. A scenario's lines are
//
//	INTERFACE FROM TO EVERY announce|sync CLOCK [class=N] [domain=N]
func traffic(ts *testscript.TestScript, _ bool, args []string) {
	from, to := time.Duration(0), time.Duration(1<<62)
	if len(args) == 4 {
		from, to = span(ts, args[2]), span(ts, args[3])
	}
	var frames []frame
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] != "#" {
			frames = append(frames, expand(ts, fields)...)
		}
	}
	slices.SortStableFunc(frames, func(a, b frame) int { return cmp.Compare(a.at, b.at) })
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, "test")
	ts.Check(err)
	interfaces := map[string]int{}
	for _, f := range frames {
		if f.at < from || f.at >= to {
			continue
		}
		number, known := interfaces[f.iface]
		if !known {
			number, err = w.AddInterface(strings.ReplaceAll(f.iface, "_", " "), capture.LinkEthernet)
			ts.Check(err)
			interfaces[f.iface] = number
		}
		ts.Check(w.Write(number, &capture.Record{Time: epoch + int64(f.at), Data: f.data}))
	}
	ts.Check(w.Flush())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// epoch is 2026-01-01, when every scenario begins.
const epoch = 1767225600e9

type frame struct {
	iface string
	at    time.Duration
	data  []byte
}

func span(ts *testscript.TestScript, text string) time.Duration {
	d, err := time.ParseDuration(text)
	ts.Check(err)
	return d
}

// expand is every frame of a scenario's line.
func expand(ts *testscript.TestScript, fields []string) []frame {
	clock, err := ptp.ParseClockIdentity(fields[5])
	ts.Check(err)
	m := ptp.Message{VersionPTP: 2, SourcePortIdentity: ptp.PortIdentity{ClockIdentity: clock, PortNumber: 1}}
	m.Announce.GrandmasterIdentity = clock
	m.Announce.GrandmasterPriority1, m.Announce.GrandmasterPriority2 = 128, 128
	m.Announce.GrandmasterClockQuality = ptp.ClockQuality{ClockClass: 6, ClockAccuracy: 0x21, OffsetScaledLogVariance: 0x4e5d}
	m.Announce.TimeSource = 0x20
	for _, pair := range fields[6:] {
		key, value, _ := strings.Cut(pair, "=")
		n, err := strconv.ParseUint(value, 10, 8)
		ts.Check(err)
		switch key {
		case "class":
			m.Announce.GrandmasterClockQuality.ClockClass = protocol.ClockClass(n)
		case "priority1":
			m.Announce.GrandmasterPriority1 = uint8(n)
		case "domain":
			m.DomainNumber = uint8(n)
		default:
			ts.Fatalf("%s: unknown", key)
		}
	}
	m.Type = map[string]ptp.MessageType{"announce": ptp.AnnounceMessage, "sync": ptp.Sync}[fields[4]]
	every := span(ts, fields[3])
	for m.LogMessageInterval = 0; time.Second<<m.LogMessageInterval < every; m.LogMessageInterval++ {
	}
	var frames []frame
	for at := span(ts, fields[1]); at < span(ts, fields[2]); at += every {
		m.SequenceID++
		m.Timestamp = ptp.NewTimestamp(epoch + int64(at))
		frames = append(frames, frame{fields[0], at, ethernet(clock, &m)})
	}
	if len(frames) == 0 {
		ts.Fatalf("%s: no message", fmt.Sprint(fields))
	}
	return frames
}

// ethernet is the frame of a message to the PTP multicast address (IEEE
// 1588-2019 Annex E), from the MAC address that the identity was made of.
func ethernet(clock ptp.ClockIdentity, m *ptp.Message) []byte {
	id := binary.BigEndian.AppendUint64(nil, uint64(clock))
	b := []byte{0x01, 0x1b, 0x19, 0, 0, 0, id[0], id[1], id[2], id[5], id[6], id[7], 0x88, 0xf7}
	return ptp.AppendMessage(b, m)
}
