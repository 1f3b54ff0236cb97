package export

import (
	"bytes"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// maxReports are written to clients at once; slow readers cannot hold more
	// of them in memory.
	maxReports = 4
	// reportAge is how long a report is good for: however often it is asked for,
	// it is not made more often than that.
	reportAge = time.Second
)

// reporter serves the report of the newest snapshot as JSON. It never waits
// for the engine, nor the engine for it.
type reporter struct {
	store *Store
	log   *slog.Logger
	slots chan struct{}

	mu   sync.Mutex // for all below
	made time.Time  // zero: never
	page []byte
}

func newReporter(store *Store, log *slog.Logger) *reporter {
	return &reporter{store: store, log: log, slots: make(chan struct{}, maxReports)}
}

func (r *reporter) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, strconv.Itoa(maxReports)+" reports are being read already: try again", http.StatusServiceUnavailable)
		return
	}
	page, err := r.current()
	if err != nil {
		r.log.Error("report", "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(page)))
	h.Set("Cache-Control", "no-store")
	w.Write(page)
}

// current is the report, made anew if the last one is old.
func (r *reporter) current() ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.made.IsZero() && time.Since(r.made) < reportAge {
		return r.page, nil
	}
	var page bytes.Buffer
	if err := writeJSON(&page, newLiveReport(r.store.Load()), "  "); err != nil {
		return nil, err
	}
	r.made, r.page = time.Now(), page.Bytes()
	return r.page, nil
}
