package export

import (
	"fmt"
	"io"
	"strconv"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// JSONL is the format of one JSON object a line.
const JSONL Format = "jsonl"

// DecodeWriter writes observations one by one, each with every field of its
// message and of every TLV. Names are the standard's in snake case. Times of
// PTP are seconds of the sender's timescale, intervals nanoseconds with every
// digit; TLVs that are not known are hexadecimal.
type DecodeWriter struct {
	w      io.Writer
	append func([]byte, *decoded) []byte
	buf    []byte
}

// NewDecodeWriter returns a DecodeWriter to w: in Text a message is a short
// block of lines, in JSONL an object on a line.
func NewDecodeWriter(w io.Writer, format Format) (*DecodeWriter, error) {
	switch format {
	case Text:
		return &DecodeWriter{w: w, append: appendDecodedText}, nil
	case JSONL:
		return &DecodeWriter{w: w, append: appendDecodedJSON}, nil
	}
	return nil, fmt.Errorf("decode format %q: text and jsonl are accepted", format)
}

// Write writes one observation, in one call of the io.Writer's Write.
func (d *DecodeWriter) Write(o *packet.Observation) error {
	d.buf = d.append(d.buf[:0], decode(o))
	_, err := d.w.Write(d.buf)
	return err
}

// appendDecodedJSON appends one line of JSON; the order of its keys is that of
// the fields on the wire.
func appendDecodedJSON(b []byte, d *decoded) []byte {
	all := object{
		{"frame", decimal(strconv.FormatUint(d.frame, 10))},
		{"time", word(clockTime(Time{d.time}))},
		{"interface", d.iface},
	}
	all = append(all, d.link...)
	if d.kind != "" {
		all = append(all, member{"message_type", d.kind})
	}
	all = append(all, d.header...)
	all = append(all, d.body...)
	if len(d.tlvs) > 0 {
		all = append(all, member{"tlvs", d.tlvs})
	}
	return append(appendJSON(b, append(all, d.faults...)), '\n')
}

// appendDecodedText appends a line that says what came when from whom, and a
// line for each part of the message.
func appendDecodedText(b []byte, d *decoded) []byte {
	b = fmt.Appendf(b, "%d  %s  %s", d.frame, clockTime(Time{d.time}), printable(d.iface))
	if d.kind != "" {
		b = fmt.Appendf(b, "  %s  %s", d.kind, d.sender)
	}
	b = append(b, '\n')
	b = appendPart(b, "link", d.link)
	b = appendPart(b, "header", d.header)
	b = appendPart(b, "body", d.body)
	for _, tlv := range d.tlvs {
		b = appendPart(b, "tlv", tlv.(object))
	}
	return appendPart(b, "fault", d.faults)
}

// appendPart appends a line "    header  name=value name=value", or nothing
// for a part without fields.
func appendPart(b []byte, label string, fields object) []byte {
	if len(fields) == 0 {
		return b
	}
	b = fmt.Appendf(b, "    %-7s", label)
	return append(appendTextFields(b, fields, " "), '\n')
}
