package evidence

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/journal"
)

// Record is what the journal holds of an evidence.
type Record struct {
	Event  Event         `json:"event"`
	Seq    uint64        `json:"seq"`
	File   string        `json:"file"`             // the JSON file
	SHA256 *journal.Hash `json:"sha256,omitempty"` // of it, unless it was removed
	Alerts []string      `json:"alerts,omitempty"` // by name, when it was kept
}

// Event is what became of an evidence.
type Event string

// The events.
const (
	Kept    Event = "kept"
	Found   Event = "found"   // the newest there was when the agent began
	Removed Event = "removed" // for the sake of size or age; recorded just before
)

const (
	retryAfter = time.Second
	checkAfter = time.Minute
)

// writer is what Run needs.
type writer struct {
	*Recorder
	store   *store // nil while the folder cannot be written to
	pending *job
	faulty  bool
	found   bool   // the journal was told what there was
	removed uint64 // the last that it was told is removed
	// next and prev are those of the store before, should its folder be gone.
	next uint64
	prev journal.Hash
}

// Run writes evidence until ctx ends and all of it is written, or cannot be.
// While the disk refuses it tries again every second.
func (r *Recorder) Run(ctx context.Context) error {
	w := writer{Recorder: r}
	defer w.close()
	w.work(true) // shows early whether there will be evidence
	retry, check := time.NewTicker(retryAfter), time.NewTicker(checkAfter)
	defer retry.Stop()
	defer check.Stop()
	for {
		queue := r.queue
		if w.pending != nil {
			queue = nil
		}
		select {
		case w.pending = <-queue:
			w.work(false)
		case <-retry.C:
			if w.faulty {
				w.work(true)
			}
		case <-check.C:
			w.work(true)
		case <-ctx.Done():
			w.finish()
			return nil
		}
	}
}

// finish writes what there is, and counts what it cannot.
func (w *writer) finish() {
	for {
		if w.pending == nil {
			select {
			case w.pending = <-w.queue:
			default:
				return
			}
		}
		w.work(false)
		if j := w.pending; j != nil {
			w.abandon(j, errors.New("the agent ends"))
		}
	}
}

// work does what there is to do, and takes note of how it went. check looks
// whether more could be done.
func (w *writer) work(check bool) {
	err := w.try(check)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.store != nil {
		w.stats.Bytes = w.store.size()
	}
	if err != nil {
		w.stats.Errors++
		w.stats.Fault = err.Error()
		if !w.faulty {
			w.log.Error("evidence cannot be written, it is tried every second", "error", err)
		}
		w.faulty = true
		return
	}
	if w.faulty {
		w.log.Info("evidence is written again")
	}
	w.faulty, w.stats.Fault = false, ""
}

func (w *writer) try(check bool) (err error) {
	if w.store == nil {
		err = w.open()
	} else if check {
		err = w.store.probe()
	}
	if err == nil && w.pending != nil {
		err = w.write(w.pending)
	}
	if err == nil {
		err = w.prune(0)
	}
	if err != nil {
		w.close()
	}
	return err
}

func (w *writer) open() error {
	s, err := openStore(w.options)
	if err != nil {
		return err
	}
	if w.store = s; s.next < w.next {
		s.next, s.prev = w.next, w.prev
	}
	if e := s.newest(); e != nil && !w.found {
		hash := s.prev
		w.journal.Record(time.Now(), journal.Evidence, Record{Event: Found, Seq: e.seq, File: e.name + documentSuffix, SHA256: &hash})
	}
	w.found = true
	return nil
}

// close lets go of the folder.
func (w *writer) close() {
	if s := w.store; s != nil {
		w.next, w.prev = s.next, s.prev
		s.close()
		w.store = nil
	}
}

// write writes a job. One that cannot be written whatever the disk says is given
// up.
func (w *writer) write(j *job) error {
	e, err := w.store.write(j, w.journal.Head(), w.prune)
	if err != nil {
		if _, disk := errors.AsType[syscall.Errno](err); disk {
			return err
		}
		w.abandon(j, err)
		return nil
	}
	hash := w.store.prev
	record := Record{Event: Kept, Seq: e.seq, File: e.name + documentSuffix, SHA256: &hash}
	for i := range j.alerts {
		record.Alerts = append(record.Alerts, j.alerts[i].Name)
	}
	w.journal.Record(time.Now(), journal.Evidence, record)
	w.log.Info("evidence kept", "file", w.store.path(e.name, documentSuffix), "alerts", len(j.alerts), "octets", e.size)
	w.release(j)
	w.pending = nil
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Written++
	w.keep(e.name+frameSuffix, j.alerts)
	return nil
}

// abandon gives a job up.
func (w *writer) abandon(j *job, err error) {
	w.log.Error("an alert has no evidence", "alert", j.alerts[0].Name, "error", err)
	w.release(j)
	w.pending = nil
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Lost++
}

// prune removes what is too much once there is so much more, or too old.
func (w *writer) prune(more int64) error {
	for now := time.Now(); w.store.excessive(more, now); {
		if e := &w.store.entries[0]; e.seq > w.removed {
			w.removed = e.seq
			w.journal.Record(now, journal.Evidence, Record{Event: Removed, Seq: e.seq, File: e.name + documentSuffix})
		}
		w.unkeep(w.store.entries[0].name + frameSuffix)
		if err := w.store.remove(); err != nil {
			return err
		}
	}
	return nil
}
