package capture

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// Stamps is what a recording of ours tells of a frame beside its time, which is
// when the system received it: a line in the frame's comment, for people and
// for Files.
type Stamps struct {
	Frame              uint64             // its number on the live interface
	Source             packet.StampSource // of the stamp that was measured with
	Hardware, Software time.Time          // zero where the frame had none
	Clock              string             // that read Hardware; "" where it was not measured with
}

const stampsMark = "ptpwatch-stamps: "

// AppendComment appends the line, without a newline.
func (s *Stamps) AppendComment(b []byte) []byte {
	b = fmt.Appendf(b, "%sframe=%d source=%s", stampsMark, s.Frame, s.Source)
	b = appendStamp(b, " hardware=", s.Hardware)
	b = appendStamp(b, " software=", s.Software)
	if s.Clock != "" {
		b = append(append(b, " clock="...), s.Clock...)
	}
	return b
}

func appendStamp(b []byte, key string, at time.Time) []byte {
	if at.IsZero() {
		return b
	}
	return fmt.Appendf(b, "%s%d.%09d", key, at.Unix(), at.Nanosecond())
}

// parse reads the line of a comment that AppendComment wrote; ok is false where
// there is none, or one that is not as it was written. Clock is a view into the
// comment.
func (s *Stamps) parse(comment []byte) (clock []byte, ok bool) {
	for line := range bytes.Lines(comment) {
		line = bytes.TrimSuffix(line, []byte{'\n'})
		if line, ok = bytes.CutPrefix(line, []byte(stampsMark)); ok {
			return s.parseLine(line)
		}
	}
	return nil, false
}

func (s *Stamps) parseLine(line []byte) (clock []byte, ok bool) {
	*s = Stamps{}
	for len(line) > 0 {
		key, rest, found := bytes.Cut(line, []byte{'='})
		if !found {
			return nil, false
		}
		if string(key) == "clock" { // the last: a name may hold anything
			return rest, s.sound()
		}
		var value []byte
		value, line, _ = bytes.Cut(rest, []byte{' '})
		switch string(key) {
		case "frame":
			s.Frame, ok = number(value, 64)
		case "source":
			s.Source, ok = stampSource(value)
		case "hardware":
			s.Hardware, ok = stampTime(value)
		case "software":
			s.Software, ok = stampTime(value)
		default: // of a later version
			ok = true
		}
		if !ok {
			return nil, false
		}
	}
	return nil, s.sound()
}

// sound says whether the stamp that was measured with is there.
func (s *Stamps) sound() bool {
	return s.Source == packet.StampHardware && !s.Hardware.IsZero() || s.Source == packet.StampSoftware && !s.Software.IsZero()
}

func stampSource(text []byte) (packet.StampSource, bool) {
	for _, source := range []packet.StampSource{packet.StampSoftware, packet.StampHardware} {
		if string(text) == source.String() {
			return source, true
		}
	}
	return 0, false
}

// stampTime reads a Unix time in seconds with nine decimals.
func stampTime(text []byte) (time.Time, bool) {
	seconds, nanoseconds, _ := bytes.Cut(text, []byte{'.'})
	s, err := strconv.ParseInt(string(seconds), 10, 64)
	ns, ok := number(nanoseconds, 30)
	const years = 292 // what an int64 of nanoseconds holds, each way
	if err != nil || !ok || len(nanoseconds) != 9 || s > years*365*86400 || s < -years*365*86400 {
		return time.Time{}, false
	}
	return time.Unix(s, int64(ns)).UTC(), true
}

func number(text []byte, bits int) (uint64, bool) {
	n, err := strconv.ParseUint(string(text), 10, bits)
	return n, err == nil
}
