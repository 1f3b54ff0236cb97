package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Format is how a report is written.
type Format string

// The formats of WriteReport.
const (
	Text Format = "text"
	JSON Format = "json"
)

// WriteReport writes what s says. The same snapshot gives the same bytes.
func WriteReport(w io.Writer, format Format, s *Snapshot) error {
	switch format {
	case Text:
		return writeText(w, NewReport(s))
	case JSON:
		return writeJSON(w, NewReport(s), "  ")
	}
	return fmt.Errorf("report format %q: text and json are accepted", format)
}

// writeJSON writes v and a newline. What does not print is spelled \uXXXX,
// which means the same and leaves a terminal alone.
func writeJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escapeJSON(b.Bytes()))
	return err
}

// escapeJSON spells out the non-printing characters that encoding/json leaves
// as they are: all of them stand inside strings.
func escapeJSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '\n' || strconv.IsPrint(r):
			out = append(out, text[:size]...)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out
}
