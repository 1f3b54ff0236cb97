package export

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxText bounds a label value in octets. An interface name in a capture file
// may be 64 KiB long.
const maxText = 128

// printable returns s as it may be shown on a terminal: what does not print
// (control characters, direction overrides, broken UTF-8) is spelled out as
// \x1b or \u202e. Names in a capture file are a stranger's text.
func printable(s string) string {
	if isPrintable(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}

func isPrintable(s string) bool {
	for _, r := range s {
		if !strconv.IsPrint(r) {
			return false
		}
	}
	return utf8.ValidString(s)
}

// labelValue is s as a label takes it: printable and short.
func labelValue(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return printable(s)
}
