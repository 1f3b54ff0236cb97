package capture

import (
	"bytes"
	"io"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func BenchmarkDecode(b *testing.B) {
	sync := message(ptp.Sync, 1)
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"ethernet", eth(0x88F7, sync)},
		{"vlan", eth(0x8100, tag(100, 0x88F7, sync))},
		{"udp_ipv4", eth(0x0800, ip4(0, nil, udp4(319, 319, sync)))},
		{"udp_ipv6", eth(0x86DD, ip6(protocolUDP, udp4(319, 319, join(sync, []byte{0, 0}))))},
		{"announce", eth(0x88F7, message(ptp.AnnounceMessage, 1, pathTrace...))},
		{"other_udp", eth(0x0800, ip4(0, nil, udp4(53, 53, sync)))},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := NewDecoder()
			f := Frame{LinkEthernet, c.data, len(c.data)}
			var o packet.Observation
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(f, &o)
			}
		})
	}
}

// mix is a second of what a G.8275.1 port pair says, over and over: 16 Sync
// with Follow_Up, 16 Delay_Req with Delay_Resp, 8 Announces.
func mix(n int, w *Writer, interfaces ...int) error {
	var frames [][]byte
	for range 2 {
		for i, t := range []ptp.MessageType{ptp.Sync, ptp.FollowUp, ptp.DelayReq, ptp.DelayResp} {
			frames = append(frames, eth(0x88F7, message(t, uint16(i))))
		}
	}
	frames = append(frames, eth(0x88F7, message(ptp.AnnounceMessage, 1, pathTrace...)))
	for i := range n {
		r := Record{Time: 1_700_000_000_000_000_000 + int64(i)*100_000, Data: frames[i%len(frames)], Direction: Inbound}
		if err := w.Write(interfaces[i%len(interfaces)], &r); err != nil {
			return err
		}
	}
	return w.Flush()
}

func mixFile(b *testing.B, n int) []byte {
	b.Helper()
	var file bytes.Buffer
	w, err := NewWriter(&file, "ptpwatch test")
	if err != nil {
		b.Fatal(err)
	}
	i, err := w.AddInterface("eth0", LinkEthernet)
	if err != nil {
		b.Fatal(err)
	}
	if err := mix(n, w, i); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

func BenchmarkReader(b *testing.B) {
	const n = 1_000_000
	data := mixFile(b, n)
	b.ReportAllocs()
	for b.Loop() {
		r, err := NewReader("mix.pcapng", bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		var rec Record
		for err == nil {
			err = r.Next(&rec)
		}
		if err != io.EOF || rec.Number != n {
			b.Fatalf("%d frames, then %v", rec.Number, err)
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "frames/s")
}

func BenchmarkReplay(b *testing.B) {
	const n = 1_000_000
	data := mixFile(b, n)
	b.ReportAllocs()
	for b.Loop() {
		f, err := OpenFiles([]string{"-"}, bytes.NewReader(data), Options{})
		if err != nil {
			b.Fatal(err)
		}
		var o packet.Observation
		got := 0
		for err = f.Next(&o); err == nil; err = f.Next(&o) {
			got++
		}
		if err != io.EOF || got != n {
			b.Fatalf("%d messages, then %v", got, err)
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "messages/s")
}

func BenchmarkWriter(b *testing.B) {
	w, err := NewWriter(io.Discard, "ptpwatch test")
	if err != nil {
		b.Fatal(err)
	}
	i, err := w.AddInterface("eth0", LinkEthernet)
	if err != nil {
		b.Fatal(err)
	}
	r := Record{Time: 1_700_000_000_000_000_000, Data: eth(0x88F7, message(ptp.Sync, 1)), Direction: Inbound}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(i, &r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}
