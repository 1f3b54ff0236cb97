package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// appendJSON appends a value of a decoded message as JSON.
func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case decimal:
		return append(b, v...)
	case nanoseconds:
		if v == "" {
			return append(b, "null"...)
		}
		return append(b, v...)
	case word:
		return appendJSONString(b, string(v))
	case string:
		return appendJSONString(b, v)
	case list:
		b = append(b, '[')
		for i, e := range v {
			b = appendJSON(appendComma(b, i), e)
		}
		return append(b, ']')
	case object:
		b = append(b, '{')
		for i, m := range v {
			b = appendJSONString(appendComma(b, i), m.name)
			b = appendJSON(append(b, ':'), m.value)
		}
		return append(b, '}')
	}
	return appendJSONString(b, fmt.Sprint(v))
}

func appendComma(b []byte, i int) []byte {
	if i == 0 {
		return b
	}
	return append(b, ',')
}

// appendJSONString appends text in quotes. Octets that are no UTF-8 are
// spelled out as \x9f, for JSON has no way to say them.
func appendJSONString(b []byte, s string) []byte {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		return append(append(append(b, '"'), s...), '"')
	}
	if !utf8.ValidString(s) {
		s = printable(s)
	}
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return append(b, escapeJSON(bytes.TrimSuffix(quoted.Bytes(), []byte("\n")))...)
}

// appendText appends a value of a decoded message as people read it.
func appendText(b []byte, v any) []byte {
	switch v := v.(type) {
	case word:
		if strings.Contains(string(v), " ") {
			return strconv.AppendQuote(b, string(v))
		}
		return append(b, v...)
	case decimal:
		return append(b, v...)
	case nanoseconds:
		if v == "" {
			return append(b, "too_big"...)
		}
		return append(append(b, v...), "ns"...)
	case string:
		return strconv.AppendQuote(b, v)
	case list:
		b = append(b, '[')
		for i, e := range v {
			b = appendText(appendComma(b, i), e)
		}
		return append(b, ']')
	case object:
		return append(appendTextFields(append(b, '{'), v, ","), '}')
	}
	return fmt.Append(b, v)
}

func appendTextFields(b []byte, fields object, separator string) []byte {
	for i, m := range fields {
		if i > 0 {
			b = append(b, separator...)
		}
		b = append(append(b, m.name...), '=')
		b = appendText(b, m.value)
	}
	return b
}
