package export

import (
	"sync/atomic"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// Snapshot is all that is shown, at one instant. Once published nothing in it
// may change.
type Snapshot struct {
	View       *analysis.View // nil is an empty view
	Captures   []packet.CaptureStats
	Interfaces []Interface // the live interfaces; none in a replay
	Memory     *Memory     // nil where nothing is kept on the disk
	Evidence   *Evidence   // nil where none is kept
	Sockets    []ClientSocket
	Reload     Reload
	Build      Build
}

// Memory tells how what is kept on the disk fares, since the start.
type Memory struct {
	JournalRecords uint64 // on the disk
	JournalLost    uint64 // for want of room while the disk could not be written to
	JournalErrors  uint64 // attempts to write that failed
	JournalBytes   int64  // that the journal takes
	Saves          uint64 // of what was learned, and of where the analysis is
	SaveErrors     uint64
}

// Evidence tells how the evidence of alerts fares, since the start.
type Evidence struct {
	Written  uint64        // pairs of files
	Lost     uint64        // for want of room while the disk could not be written to
	Errors   uint64        // attempts to write that failed
	Bytes    int64         // that all evidence takes
	Buffered time.Duration // how long the frames in memory reach back
	// Files are the names of the frames kept of an alert, newest evidence only.
	Files map[EvidenceKey]string
}

// EvidenceKey tells alerts apart for good, also from one of the same kind that
// was raised earlier.
type EvidenceKey struct {
	Name        string
	Raised      int64 // nanoseconds since 1970
	Scope       analysis.Scope
	Grandmaster ptp.ClockIdentity
	Port        ptp.PortIdentity
}

// KeyOfEvidence is the key of an alert.
func KeyOfEvidence(a *analysis.Alert) EvidenceKey {
	return EvidenceKey{a.Name, a.Raised.UnixNano(), a.Scope, a.Grandmaster, a.Port}
}

// ClientSocket is a local socket of a client, which is asked every second what
// it measures.
type ClientSocket struct {
	Socket   string
	Answered uint64 // rounds of questions that it answered
	Unheard  uint64 // likewise, but the client is not heard on the network
	Failed   uint64 // rounds that it did not, or not with sense
}

// Interface is the state of one live capture interface.
type Interface struct {
	Name                 string
	Up                   bool
	HardwareTimestamping bool
}

// Reload tells how the configuration was last read. Its zero value is "never
// asked to read one, so nothing went wrong".
type Reload struct {
	Failed      bool      // the last attempt failed, and an older configuration is in force
	LastSuccess time.Time // zero when none was ever read
}

// Build says what is running. Go's version, operating system and architecture
// are added from the runtime.
type Build struct {
	Version  string
	Revision string
	Branch   string
	Tags     string
}

// view is the snapshot's View, never nil.
func (s *Snapshot) view() *analysis.View {
	if s.View == nil {
		return &analysis.View{}
	}
	return s.View
}

// Store hands the newest Snapshot from the engine to its readers. The zero
// value is ready and holds an empty one.
type Store struct {
	newest atomic.Pointer[published]
}

type published struct {
	snapshot *Snapshot
	at       time.Time
}

// Publish makes s the newest snapshot. It never blocks.
func (st *Store) Publish(s *Snapshot) { st.newest.Store(&published{s, time.Now()}) }

// Load returns the newest snapshot, never nil.
func (st *Store) Load() *Snapshot {
	s, _ := st.load()
	return s
}

// load returns the newest snapshot and when it was published, which is the zero
// time while none was.
func (st *Store) load() (*Snapshot, time.Time) {
	if p := st.newest.Load(); p != nil {
		return p.snapshot, p.at
	}
	return &Snapshot{}, time.Time{}
}
