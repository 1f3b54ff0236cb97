package export

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// maxListeners follow the page at once. They take a quarter of the
	// connections, so that scrapes are never without.
	maxListeners = maxConnections / 4
	// renderEvery bounds what the page costs, however many look at it and
	// however much happens: it is made anew no more often than that.
	renderEvery = 250 * time.Millisecond
	// beatEvery is how often a listener hears something, if only that nothing
	// changed: so he knows that he is still connected.
	beatEvery = time.Second
	// listenTimeout is how long a listener may take to take what he is sent.
	listenTimeout = 10 * time.Second
)

// live serves the status page and its changes. It never waits for the engine,
// nor the engine for it.
type live struct {
	store   *Store
	ready   func() error
	log     *slog.Logger
	history history
	slots   chan struct{}
	ended   chan struct{} // closed when the listeners must go
	timeout time.Duration

	mu    sync.Mutex // for all below
	made  time.Time
	parts rendering
}

// rendering is the page: as a whole, and its sections in the order of sections.
type rendering struct {
	whole    []byte
	sections [][]byte
}

func newLive(store *Store, ready func() error, log *slog.Logger) *live {
	return &live{
		store: store, ready: ready, log: log, slots: make(chan struct{}, maxListeners),
		ended: make(chan struct{}), timeout: listenTimeout,
	}
}

// run keeps the history until ctx is done, and then sends the listeners away.
func (l *live) run(ctx context.Context) {
	defer close(l.ended)
	ticker := time.NewTicker(historyEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			l.history.sample(l.store.Load().view())
		}
	}
}

// status judges what is there now.
func (l *live) status() (*Snapshot, Status) {
	s, published := l.store.load()
	var ready error
	if l.ready != nil {
		ready = l.ready()
	}
	return s, newStatus(s, published, time.Now(), ready)
}

// current is the page, made anew if the last one is old.
func (l *live) current() (rendering, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.made.IsZero() && time.Since(l.made) < renderEvery {
		return l.parts, nil
	}
	s, status := l.status()
	page := newStatusPage(s, status, &l.history)
	var r rendering
	for _, name := range sections {
		part, err := render(name, page)
		if err != nil {
			return rendering{}, err
		}
		r.sections = append(r.sections, part)
	}
	whole, err := render("status.html", page)
	if err != nil {
		return rendering{}, err
	}
	r.whole = whole
	l.made, l.parts = time.Now(), r
	return r, nil
}

// page serves the page as a whole.
func (l *live) page(w http.ResponseWriter, _ *http.Request) {
	r, err := l.current()
	if err != nil {
		fail(w, l.log, "status page", err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.Write(r.whole)
}

// events follows the page: server-sent events named after the sections that
// changed, with their HTML, and "beat" where none did.
func (l *live) events(w http.ResponseWriter, r *http.Request) {
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	default:
		w.Header().Set("Retry-After", "5")
		http.Error(w, strconv.Itoa(maxListeners)+" follow the page already: try again", http.StatusServiceUnavailable)
		return
	}
	control := http.NewResponseController(w)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would keep it all for itself
	ticker := time.NewTicker(renderEvery)
	defer ticker.Stop()
	sent, at := make([][]byte, len(sections)), time.Time{}
	for {
		now, err := l.current()
		if err != nil {
			l.log.Error("status page", "err", err)
			return
		}
		news := changes(sent, now.sections)
		if news == nil && time.Since(at) >= beatEvery {
			news = []byte("event: beat\ndata:\n\n")
		}
		if news != nil {
			if control.SetWriteDeadline(time.Now().Add(l.timeout)) != nil {
				return
			}
			if _, err := w.Write(news); err != nil || control.Flush() != nil {
				return // he left, or does not read
			}
			copy(sent, now.sections)
			at = time.Now()
		}
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			return
		case <-l.ended:
			return
		}
	}
}

// changes are the events that bring a listener from what he was sent to what
// there is; nil for none.
func changes(sent, now [][]byte) []byte {
	var b bytes.Buffer
	for i, part := range now {
		if bytes.Equal(sent[i], part) {
			continue
		}
		fmt.Fprintf(&b, "event: %s\n", sections[i])
		for line := range bytes.SplitSeq(part, []byte("\n")) {
			fmt.Fprintf(&b, "data: %s\n", line)
		}
		b.WriteString("\n")
	}
	return b.Bytes()
}

// fail tells the client that it is our fault, and the log what it is.
func fail(w http.ResponseWriter, log *slog.Logger, what string, err error) {
	log.Error(what, "err", err)
	http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}
