package capture

import (
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "an empty file"},
		{"#!/bin/sh\n", "a text file"},
		{strings.Repeat("x", sniffed-1) + "é"[:1], "a text file"},
		{"é\xff", "not a capture (it starts with c3 a9 ff)"},
		{"\x00\x00\x00\x00\x00", "not a capture (it starts with 00 00 00 00)"},
		{"\x34\xcd\xb2\xa1\x02", "a modified pcap file (Kuznetsov's)"},
		{"GMBU\x00", "a Microsoft Network Monitor file"},
	} {
		if got := describe([]byte(c.in), false); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}
