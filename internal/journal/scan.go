package journal

import (
	"bytes"
	"time"
)

// scan is what a segment was found to hold.
type scan struct {
	end     int64     // of its last whole line
	began   time.Time // the time of its first record
	last    Record
	hash    Hash // of the last record's line
	found   bool // there is a record
	damaged int  // whole lines that are no records
}

// scanSegment looks through a segment. What follows its last newline was never
// acknowledged: a record that was is a whole line. A line that is whole and is
// no record was one, and is evidence.
func scanSegment(data []byte) scan {
	var s scan
	for {
		line, rest, whole := bytes.Cut(data[s.end:], []byte{'\n'})
		if !whole {
			return s
		}
		s.end = int64(len(data) - len(rest))
		r, err := parse(line)
		if err != nil {
			s.damaged++
			continue
		}
		if !s.found {
			s.began = r.At
		}
		s.found, s.last, s.hash = true, r, HashOf(line)
	}
}
