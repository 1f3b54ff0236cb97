package evidence

import (
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// Stats is how the recorder fares, since the start.
type Stats struct {
	Written uint64 // pairs of files
	Lost    uint64 // there was no room for, while the disk could not be written to
	Errors  uint64 // attempts to write that failed
	Bytes   int64  // that all evidence takes
	Fault   string // why none can be written now; "" when it can
}

// Stats may be called at any time from anywhere.
func (r *Recorder) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// Span is how long the ring reaches back. It is for the goroutine that owns the
// analysis.
func (r *Recorder) Span() time.Duration {
	if len(r.checkpoints) == 0 {
		return 0
	}
	return max(0, r.newest.Sub(r.checkpoints[0].at))
}

// Evidenced is an alert that the recorder has written evidence of, and the name of
// the pcapng file in the folder.
type Evidenced struct {
	analysis.Alert // as it was raised
	File           string
}

// maxKept is how many alerts Evidenced tells of.
const maxKept = 256

// Evidenced are the newest alerts with evidence that this recorder wrote and that
// was not removed since, oldest first. It may be called at any time from
// anywhere.
func (r *Recorder) Evidenced() []Evidenced {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.kept)
}

// keep takes note of evidence that was written. The caller holds the lock.
func (r *Recorder) keep(file string, alerts []raised) {
	for i := range alerts {
		r.kept = append(r.kept, Evidenced{alerts[i].Alert, file})
	}
	r.kept = slices.Delete(r.kept, 0, max(0, len(r.kept)-maxKept))
}

// unkeep takes note of evidence that was removed.
func (r *Recorder) unkeep(file string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = slices.DeleteFunc(r.kept, func(k Evidenced) bool { return k.File == file })
}
