package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.NoCompression) // the same with every version of Go
	if err != nil {
		t.Fatal(err)
	}
	if _, err = w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err = w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func newZstdWriter(t testing.TB, out io.Writer) *zstd.Encoder {
	t.Helper()
	w, err := zstd.NewWriter(out, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func zstandard(t testing.TB, b []byte) []byte { return newZstdWriter(t, nil).EncodeAll(b, nil) }

// fuzzSeeds are small files of every kind, sound and not.
func fuzzSeeds(t testing.TB) map[string][]byte {
	le, be := binary.LittleEndian, binary.BigEndian
	frame := eth(0x88F7, message(ptp.Sync, 1))
	ng := newNg(be).addInterface(LinkEthernet, 0)
	ng.enhanced(0, 1_700_000_000_000_000, frame, ng.option(optComment, []byte("hello")))
	huge := newNg(le).addInterface(LinkEthernet, 0)
	huge.block(blockEnhanced, huge.u32(0), huge.u32(0), huge.u32(0), huge.u32(1<<31), huge.u32(1<<31), make([]byte, 72))
	long := newNg(le)
	long.b = append(long.b, 6, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0)
	skipped := newNg(le)
	skipped.b = append(skipped.b, 4, 0, 0, 0, 0, 0, 0, 0xF0, 0, 0, 0, 0)
	pcap := append(pcapHeader(le, magicNanoseconds, 1), pcapPacket(le, 1, 2, 60, frame)...)
	return map[string][]byte{
		"pcap":         pcap,
		"pcap 2 GiB":   append(pcapHeader(be, magicMicroseconds, 1), 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0),
		"pcapng":       ng.b,
		"pcapng 2 GiB": huge.b,
		"long block":   long.b,
		"long skip":    skipped.b,
		"gzip":         gzipped(t, ng.b),
		"zstd":         zstandard(t, pcap),
		"zstd window":  {0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x88, 0x01, 0x00, 0x00},
		"empty":        {},
		"text":         []byte("#!/bin/sh\n"),
	}
}

// checkFile reads b every way there is and holds the results against each
// other.
func checkFile(t *testing.T, b []byte) {
	records, err := readAll("x", b)
	if err == nil {
		t.Fatal("reading ended without an error")
	}
	for _, r := range records {
		if len(r.Data) > maxPacket || !bytes.Contains(b, r.Data) || !bytes.Contains(b, r.Comment) {
			t.Fatalf("frame %d is not in the file: % x", r.Number, r.Data)
		}
	}
	slow := readSlowly(t, b)
	if diff := cmp.Diff(records, slow, plainly); diff != "" {
		t.Fatalf("octet by octet it reads differently, -at once +slowly\n%s", diff)
	}
	half, _ := readAll("x", b[:len(b)/2])
	if len(half) > len(records) {
		t.Fatalf("half the file has %d frames, all of it %d", len(half), len(records))
	}
	if diff := cmp.Diff(records[:len(half)], half, plainly); diff != "" {
		t.Fatalf("half the file reads differently, -whole +half\n%s", diff)
	}
	checkRewritten(t, records)
}

func readSlowly(t *testing.T, b []byte) (records []Record) {
	r, err := NewReader("x", newOneByteReader(b))
	if err != nil {
		return nil
	}
	var rec Record
	for r.Next(&rec) == nil {
		rec.Data, rec.Comment = bytes.Clone(rec.Data), bytes.Clone(rec.Comment)
		records = append(records, rec)
	}
	return records
}

// checkRewritten writes frames and reads them back.
func checkRewritten(t *testing.T, records []Record) {
	var b bytes.Buffer
	w, err := NewWriter(&b, "")
	if err != nil {
		t.Fatal(err)
	}
	var want []Record
	interfaces := map[Interface]*Interface{}
	for _, r := range records {
		key := Interface{Name: r.Interface.Name, Link: r.Interface.Link}
		if interfaces[key] == nil {
			id, err := w.AddInterface(key.Name, key.Link)
			if err != nil {
				t.Fatal(err)
			}
			interfaces[key] = &Interface{ID: id, Name: key.Name, Link: key.Link}
		}
		if r.Time < 0 {
			continue
		}
		if err := w.Write(interfaces[key].ID, &r); err != nil {
			t.Fatal(err)
		}
		r.Interface, r.Number, r.Untimed, r.Length = interfaces[key], uint64(len(want)+1), false, max(r.Length, len(r.Data))
		want = append(want, r)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	got, err := readAll("x", b.Bytes())
	if diff := cmp.Diff(want, got, plainly); err != io.EOF || diff != "" {
		t.Fatalf("%v: rewritten it reads differently, -want +got\n%s", err, diff)
	}
}

func FuzzPcap(f *testing.F) {
	for _, b := range fuzzSeeds(f) {
		if len(b) > 4 {
			f.Add(b[0] == 0xA1, b[4:])
		}
	}
	f.Fuzz(func(t *testing.T, bigEndian bool, b []byte) {
		o := byteOrder(binary.LittleEndian)
		if bigEndian {
			o = binary.BigEndian
		}
		checkFile(t, append(o.AppendUint32(nil, magicNanoseconds), b...))
		checkFile(t, append(o.AppendUint32(nil, magicMicroseconds), b...))
	})
}

func FuzzPcapng(f *testing.F) {
	for _, b := range fuzzSeeds(f) {
		if len(b) > 28 {
			f.Add(b[28:])
		}
	}
	file, _ := written(f)
	f.Add(file[28:1000])
	f.Fuzz(func(t *testing.T, b []byte) {
		checkFile(t, append(newNg(binary.LittleEndian).b, b...))
		checkFile(t, append(newNg(binary.BigEndian).b, b...))
	})
}

// FuzzOpen: compression changes nothing but what errors say.
func FuzzOpen(f *testing.F) {
	for _, b := range fuzzSeeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 4096 { // of which compression makes 128 MiB at most
			return
		}
		records, _ := readAll("x", b)
		if bytes.HasPrefix(b, gzipMagic) || bytes.HasPrefix(b, zstdMagic) {
			return
		}
		for kind, packed := range map[string][]byte{"gzip": gzipped(t, b), "zstd": zstandard(t, b)} {
			got, _ := readAll("x", packed)
			if diff := cmp.Diff(records, got, plainly); diff != "" {
				t.Fatalf("%s: -plain +compressed\n%s", kind, diff)
			}
		}
	})
}

// FuzzLink holds a decoder that has seen other frames against a new one, and a
// decoded message against the frame it is from.
func FuzzLink(f *testing.F) {
	sync := message(ptp.Sync, 7)
	v4 := ip4(0, nil, udp4(319, 319, sync))
	v6 := ip6(0, join([]byte{44, 0, 5, 2, 0, 0, 1, 0, 17, 0, 0, 1, 1, 2, 3, 4}, udp4(319, 319, sync)))
	for _, seed := range []Frame{
		{LinkEthernet, eth(0x9100, tag(1, 0x8100, tag(2, 0x88F7, message(ptp.AnnounceMessage, 1, pathTrace...)))), 0},
		{LinkEthernet, eth(0x8847, mplsLabel(1, false, mplsLabel(2, true, v4))), 0},
		{LinkEthernet, eth(0x8864, pppoeSession(0x57, v6)), 0},
		{LinkLinuxSLL, sll(4, 6, 0x0800, v4), 0},
		{LinkLinuxSLL2, sll2(4, 3, 0x86DD, v6), 0},
		{LinkRaw, ip4(moreFragments, []byte{7, 7, 4, 0, 0, 0, 0, 0}, udp4(319, 319, sync)), 0},
		{LinkNull, join([]byte{2, 0, 0, 0}, v4), 99},
		{LinkRaw, ip4(0, nil, udp4(319, 319, ptp.AppendMessageV1(nil, &ptp.MessageV1{VersionPTP: 1}))), 0},
	} {
		f.Add(uint16(seed.Link), seed.Data, seed.Length)
	}
	used := NewDecoder()
	f.Fuzz(func(t *testing.T, link uint16, data []byte, length int) {
		frame := Frame{LinkType(link), data, max(length, len(data))}
		var want, got packet.Observation
		if isPTP := NewDecoder().Decode(frame, &want); used.Decode(frame, &got) != isPTP {
			t.Fatalf("a new decoder says %t, a used one does not", isPTP)
		}
		if diff := cmp.Diff(want, got, observed); diff != "" {
			t.Fatalf("-new decoder +used\n%s", diff)
		}
		switch {
		case got.Transport == packet.UnknownTransport: // not PTP
		case got.Malformed != "" || got.Message.Fault != "":
		case got.V1 == nil:
			if !bytes.Contains(data, ptp.AppendMessage(nil, &got.Message)) {
				t.Fatalf("the message is not in the frame: %+v", got.Message)
			}
		}
	})
}

// FuzzReplay: every frame comes out once, and the statistics say so.
func FuzzReplay(f *testing.F) {
	for _, b := range fuzzSeeds(f) {
		f.Add(b)
	}
	f.Add(capture(f, "eth0", 0, 50, 20, 10, 1000, 3, 4, 2))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 4096 {
			return
		}
		records, _ := readAll("-", b)
		files, err := OpenFiles([]string{"-"}, bytes.NewReader(b), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer files.Close()
		var o packet.Observation
		var sound, late uint64
		seen := map[uint64]bool{}
		var newest time.Time
		for err = files.Next(&o); err == nil; err = files.Next(&o) {
			if seen[o.Frame.Number] || o.Frame.Number == 0 {
				t.Fatalf("frame %d comes again", o.Frame.Number)
			}
			seen[o.Frame.Number] = true
			if o.Malformed == "" {
				sound++
			}
			if o.At.Before(newest) && len(seen) > 1 {
				late++
			} else {
				newest = o.At
			}
		}
		stats := files.Stats()[0]
		if stats.PTP != sound || stats.OutOfOrder != late || stats.Frames != uint64(len(records)) || (err != io.EOF) != (stats.Fault != "") {
			t.Fatalf("got %d messages, %d late, of %d frames, error %v, and the statistics %+v", sound, late, len(records), err, stats)
		}
		if again := files.Next(&o); again.Error() != err.Error() {
			t.Fatalf("at the end %v, then %v", err, again)
		}
	})
}
