package packet

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// CaptureStats is what a source has read so far: one capture file, or one
// live interface.
type CaptureStats struct {
	File        string // the file as it was named; "" when live
	Interface   string // the live interface; "" for a file
	Frames      uint64 // frames read, of whatever protocol
	Bytes       uint64 // their captured octets
	Drops       uint64 // frames lost before we could read them
	PTP         uint64 // frames that carried a PTP message
	Fragments   uint64 // PTP frames that were the first of several IP fragments
	OutOfOrder  uint64 // frames older than one handled before, beyond the merge window
	Malformed   map[ptp.Malformation]uint64
	Stamps      map[StampSource]uint64
	First, Last time.Time // zero while nothing was read
	// Fault is why reading ended early ("cut.pcapng: offset 1234: ..."); "" otherwise.
	Fault string
}
