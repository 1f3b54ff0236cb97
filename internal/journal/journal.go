package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Journal takes records from many goroutines and writes them in one, Run.
// Nobody who records waits for the disk, unless to know that it is done.
type Journal struct {
	options Options
	log     *slog.Logger
	open    func(path string) (file, error)
	queue   chan *order

	mu     sync.Mutex
	stats  Stats
	untold uint64 // lost and not recorded yet as such
}

// order is an entry on its way, and who waits for it.
type order struct {
	entry
	done chan<- error // nil where nobody waits
}

// Stats is how the journal fares.
type Stats struct {
	Records uint64 // on the disk, since the start
	Lost    uint64 // there was no room for, while the disk could not be written to
	Errors  uint64 // attempts to write that failed
	Torn    uint64 // octets cut off at the start, which a crash had left
	Bytes   int64  // that the journal takes
	Head    Head   // of what is on the disk; zero while it was not opened, or is empty
	Fault   string // why nothing can be written now; "" when it can
}

const (
	queueLength = 4096
	retryAfter  = time.Second
	pruneEvery  = time.Hour
)

// New returns a journal that nothing has been done about yet. log is told when
// it can no longer be written to, and when it can again.
func New(o Options, log *slog.Logger) *Journal {
	return &Journal{options: o, log: log, open: openSegment, queue: make(chan *order, queueLength)}
}

// Stats may be called at any time from anywhere.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.stats
}

// Post has something recorded. It never waits: what there is no room for is
// lost and counted, and the journal says so in its place.
func (j *Journal) Post(at time.Time, kind Kind, data any) {
	if err := j.enqueue(at, kind, data, nil); err != nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.stats.Lost++
		j.untold++
	}
}

// Commit has something recorded and waits until it is on the disk. An error
// says that it is not, though it still may be later.
func (j *Journal) Commit(ctx context.Context, at time.Time, kind Kind, data any) error {
	done := make(chan error, 1)
	if err := j.enqueue(at, kind, data, done); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("journal: %w", context.Cause(ctx))
	}
}

func (j *Journal) enqueue(at time.Time, kind Kind, data any, done chan<- error) error {
	text, err := json.Marshal(data)
	if err == nil {
		_, err = at.UTC().MarshalJSON() // no year beyond 9999 may hold up the rest
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	select {
	case j.queue <- &order{entry{at, kind, text}, done}:
		return nil
	default:
		return errors.New("journal: too many records wait for the disk")
	}
}

// Run writes what is recorded until ctx ends and all of it is written, or
// cannot be. While the disk refuses it tries again every second.
func (j *Journal) Run(ctx context.Context) error {
	w := writer{Journal: j}
	defer w.close()
	w.flush() // opens the journal, and shows early that it can be
	retry, hourly := time.NewTicker(retryAfter), time.NewTicker(pruneEvery)
	defer retry.Stop()
	defer hourly.Stop()
	for {
		queue := j.queue
		if w.faulty {
			queue = nil // until the next retry
		}
		select {
		case o := <-queue:
			w.pending = append(w.pending, o)
		case <-retry.C:
			if !w.faulty {
				continue
			}
		case <-hourly.C:
			w.prune()
			continue
		case <-ctx.Done():
			w.flush()
			w.abandon()
			return nil
		}
		w.flush()
	}
}

// writer is what Run needs.
type writer struct {
	*Journal
	file    *log
	pending []*order
	faulty  bool
}

// flush writes all that waits, in one go.
func (w *writer) flush() {
	w.gather()
	err := w.write()
	for _, o := range w.pending {
		if o.done != nil {
			o.done <- err
			o.done = nil
		}
	}
	w.settle(err)
}

// gather takes in what waits, as long as there is room.
func (w *writer) gather() {
	for len(w.pending) < cap(w.queue) {
		select {
		case o := <-w.queue:
			w.pending = append(w.pending, o)
		default:
			return
		}
	}
}

// write puts on the disk what is pending, and ahead of it what there is to tell
// of the journal itself.
func (w *writer) write() error {
	now := time.Now()
	if w.file == nil {
		file, mended, err := openLog(w.options, w.open)
		if err != nil {
			return err
		}
		w.file = file
		if mended.Torn > 0 || mended.Damaged > 0 {
			w.note(Recovered, now, mended)
			w.mu.Lock()
			w.stats.Torn += uint64(mended.Torn)
			w.mu.Unlock()
		}
	}
	w.mu.Lock()
	lost := w.untold
	w.untold = 0
	w.mu.Unlock()
	if lost > 0 {
		w.note(Lost, now, map[string]uint64{"records": lost})
	}
	if len(w.pending) == 0 {
		return nil
	}
	entries := make([]entry, len(w.pending))
	for i, o := range w.pending {
		entries[i] = o.entry
	}
	return w.file.append(now, entries)
}

// note puts a record of the journal's own before those that wait.
func (w *writer) note(kind Kind, at time.Time, data any) {
	text, _ := json.Marshal(data) // plain numbers and text
	w.pending = append([]*order{{entry: entry{at, kind, text}}}, w.pending...)
}

// settle takes note of how an attempt went.
func (w *writer) settle(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.stats.Errors++
		w.stats.Fault = err.Error()
		if !w.faulty {
			w.log.Error("the journal cannot be written, it is tried every second", "error", err)
		}
		w.faulty = true
		return
	}
	if w.faulty {
		w.log.Info("the journal is written again", "records", len(w.pending), "lost", w.stats.Lost)
	}
	w.faulty, w.stats.Fault = false, ""
	w.stats.Records += uint64(len(w.pending))
	w.stats.Bytes, w.stats.Head = w.file.size(), Head{w.file.seq, w.file.hash}
	clear(w.pending)
	w.pending = w.pending[:0]
}

func (w *writer) prune() {
	if w.file == nil {
		return
	}
	if err := w.file.prune(time.Now()); err != nil {
		w.settle(err)
	}
}

// abandon counts what could not be written by the end.
func (w *writer) abandon() {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := uint64(len(w.pending) + len(w.queue))
	if w.stats.Lost += left; left > 0 {
		w.log.Error("the journal ends without its last records", "records", left, "error", w.stats.Fault)
	}
}

func (w *writer) close() {
	if w.file != nil {
		_ = w.file.close()
	}
}
