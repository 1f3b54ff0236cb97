package evidence

import "time"

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
