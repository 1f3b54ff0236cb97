package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Record is one line of the journal.
type Record struct {
	Seq  uint64          `json:"seq"` // counts from 1, through all segments
	At   time.Time       `json:"at"`
	Prev Hash            `json:"prev"` // of the line before; zeros where there never was one
	Kind Kind            `json:"kind"`
	Data json.RawMessage `json:"data,omitempty"`
}

// Kind says what a record is about.
type Kind string

// The kinds.
const (
	Start     Kind = "start"     // the agent began
	Stop      Kind = "stop"      // it was asked to end; missing before a Start: it was killed
	Reload    Kind = "reload"    // it read its configuration again
	Event     Kind = "event"     // a finding, as replay --format jsonl has it
	Quarter   Kind = "quarter"   // what was watched and measured in a quarter of an hour
	Config    Kind = "config"    // the configuration in force from now on
	Act       Kind = "act"       // an operator's
	Evidence  Kind = "evidence"  // evidence of an alert was kept, found at the start, or removed
	Recovered Kind = "recovered" // the journal was found damaged
	Lost      Kind = "lost"      // records that there was no room for
)

// Head is the last record: its number, and the hash of its line.
type Head struct {
	Seq  uint64 `json:"seq"`
	Hash Hash   `json:"hash"`
}

// Hash is the SHA-256 of a line, without the newline at its end.
type Hash [sha256.Size]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes it in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads what MarshalText writes.
func (h *Hash) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(h) {
		return fmt.Errorf("a hash of %d digits: it has %d", len(text), 2*len(h))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// HashOf is the hash of some octets.
func HashOf(line []byte) Hash { return sha256.Sum256(line) }

// maxSeq leaves room for more: no damaged number may end the count.
const maxSeq = 1 << 62

// parse reads a line.
func parse(line []byte) (Record, error) {
	var r Record
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, err
	}
	if d.More() || r.Seq == 0 || r.Seq > maxSeq || r.Kind == "" {
		return r, fmt.Errorf("not a record: %.40q", line)
	}
	return r, nil
}
