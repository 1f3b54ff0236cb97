package packet

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// CaptureStats is what a source has read so far: one capture file, or one
// live interface.
type CaptureStats struct {
	File      string // the file as it was named; "" when live
	Interface string // the live interface; "" for a file
	Frames    uint64 // frames read, of whatever protocol
	Bytes     uint64 // their captured octets
	Drops     uint64 // frames lost before we could read them
	// LostAfter is those of a file's Drops that it tells of after the last
	// message, by interface. They may have been at any time.
	LostAfter  map[string]uint64
	PTP        uint64 // frames that carried a PTP message
	V1         uint64 // those of them that are of PTP version 1, which is decoded and not tracked
	Fragments  uint64 // PTP frames that were the first of several IP fragments
	OutOfOrder uint64 // PTP frames handed on after a younger one: too late for the merge window
	// Malformed counts, by what is wrong, the frames that claim to carry a
	// message and hold none, and the messages that decode with a fault.
	Malformed map[ptp.Malformation]uint64
	// Skipped counts frames nobody looked into, by why ("interface wlan0: link type 105 ...").
	Skipped     map[string]uint64
	Stamps      map[StampSource]uint64
	First, Last time.Time // zero while nothing was read

	// Of a live interface: whether it is there, enabled and has a carrier,
	// whether its NIC stamps what it receives, and by which clock ("ptp0").
	Up            bool
	HardwareStamp bool
	Clock         string
	// EgressEvents counts the event messages that the host itself sent, and
	// EgressStamped those of them that carried the NIC's transmit stamp.
	EgressEvents, EgressStamped uint64

	// Fault is why reading ended early ("cut.pcapng: offset 1234: ..."); "" otherwise.
	Fault string
}
