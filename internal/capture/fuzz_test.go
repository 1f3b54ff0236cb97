package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstandard(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

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
