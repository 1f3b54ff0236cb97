package capture

import (
	"bytes"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

const acceptedFormats = "accepted are pcap and pcapng, also compressed with gzip or zstd"

// foreign are the beginnings of files that people have and we do not read.
var foreign = []struct{ magic, what string }{
	{"\xA1\xB2\xCD\x34", "a modified pcap file (Kuznetsov's)"},
	{"\x34\xCD\xB2\xA1", "a modified pcap file (Kuznetsov's)"},
	{"snoop\x00\x00\x00", "a snoop file"},
	{"GMBU", "a Microsoft Network Monitor file"},
	{"\x1C\x00\x01\xAC", "an IXIA capture"},
	{"\x1C\x00\x01\xAB", "an IXIA capture"},
	{"BZh", "a bzip2 file"},
	{"\xFD7zXZ\x00", "an xz file"},
	{"\x04\x22\x4D\x18", "an lz4 file"},
	{"PK\x03\x04", "a zip archive"},
}

const sniffed = 512

func newFormat(in *input) (format, error) {
	// No more than the magic number is waited for: it may be a pipe.
	if b, err := in.peek(4); err == nil {
		if _, _, ok := pcapMagic(b); ok {
			return newPcap(in)
		}
		if order(false).u32(b) == blockSection {
			return newPcapng(in), nil
		}
	}
	b, err := in.peek(sniffed)
	if err != nil && err != io.EOF {
		return nil, in.faultf(int64(len(b)), "read: %w", err)
	}
	return nil, fmt.Errorf("%s: %s: %s", in.name, describe(b, in.unit != ""), acceptedFormats)
}

// describe says what a file that is no capture looks like.
func describe(b []byte, compressed bool) string {
	switch {
	case len(b) == 0 && compressed:
		return "nothing in it once uncompressed"
	case len(b) == 0:
		return "an empty file"
	}
	for _, f := range foreign {
		if bytes.HasPrefix(b, []byte(f.magic)) {
			return f.what
		}
	}
	if isText(b) {
		return "a text file"
	}
	return fmt.Sprintf("not a capture (it starts with % x)", b[:min(len(b), 4)])
}

// isText allows for a character that the end of b cuts.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n < 2 && utf8.FullRune(b) || r != utf8.RuneError && !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return false
		}
		b = b[n:]
	}
	return true
}
