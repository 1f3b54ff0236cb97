package evidence

import (
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/journal"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// Options say what is kept of an alert, where, and how much of it.
type Options struct {
	Dir           string
	Before, After time.Duration // of an alert
	Memory        int64         // octets that the ring may take
	MaxBytes      int64         // that all evidence may take
	MaxAge        time.Duration
	Agent         string // "ptpwatch 1.0"
}

// Settings are what is judged by beside the messages and what was made of those
// before them.
type Settings struct {
	Analysis analysis.Config
	Naming   capture.Naming
}

// Basis is where the analysis is.
type Basis struct {
	State     *analysis.State
	Baselines []analysis.Baseline
}

// Log is where the evidence is on record. Both may be nil: there is none.
type Log struct {
	Record func(at time.Time, kind journal.Kind, data any) // must not wait
	Head   func() journal.Head                             // what is on record for certain
}

// Recorder keeps evidence. Run and Stats may be called from anywhere; all else
// belongs to the goroutine that owns the analysis, and does not wait for the
// disk.
type Recorder struct {
	options Options
	log     *slog.Logger
	journal Log
	basis   func() Basis

	settings    *Settings
	ring        ring
	checkpoints []checkpoint // oldest first, one at least of what is in the ring
	window      *window      // nil while no alert wants what is heard
	newest      time.Time    // when the last frame was put

	queue chan *job
	mu    sync.Mutex
	stats Stats
	kept  []Evidenced // oldest first
	held  int64       // octets that jobs keep from being used again
}

// checkpoint is where the analysis was before a certain frame.
type checkpoint struct {
	Basis
	at     time.Time
	frame  uint64
	filled int64 // octets of the ring by then
	size   int64 // of the State in memory, about
}

// window is evidence while it is gathered.
type window struct {
	from          checkpoint
	opened        time.Time
	until, latest time.Time // when it ends, and when it does at the latest
	alerts        []raised
	more          uint64
}

// raised is an alert of a window.
type raised struct {
	analysis.Alert
	event json.RawMessage
}

// job is evidence on its way to the disk. Nobody changes any of it.
type job struct {
	*window
	settings *Settings
	frames   [][]byte
	size     int64 // of the frames, and of the State about
	names    []string
	end      time.Time
	cut      string
}

const (
	// maxAlerts is how many alerts one evidence names.
	maxAlerts = 256
	// maxJobs is how many wait for the disk; their frames take no more than
	// twice the ring's.
	maxJobs = 64
	// checkEvery is how far checkpoints are apart: this part of Before, or of
	// the ring.
	checkEvery = 4
	// largeState is that of some thousand clocks. Where there are so many,
	// checkpoints are Before apart, so that no more than two are kept.
	largeState = 4 << 20
)

// New returns a Recorder that records from Restart on. basis says where the
// analysis is: it is called now and then, before a frame is judged.
func New(o Options, basis func() Basis, j Log, log *slog.Logger) *Recorder {
	if j.Record == nil {
		j.Record = func(time.Time, journal.Kind, any) {}
	}
	if j.Head == nil {
		j.Head = func() journal.Head { return journal.Head{} }
	}
	return &Recorder{
		options: o, log: log, journal: j, basis: basis, settings: &Settings{},
		ring: ring{limit: o.Memory}, queue: make(chan *job, maxJobs),
	}
}

// Observe takes a frame that is about to be judged.
func (r *Recorder) Observe(o *packet.Observation, data []byte) {
	if r.window != nil && o.At.After(r.window.until) {
		r.close(r.window.until, "")
	}
	for !r.ring.fits(len(data)) && len(r.ring.chunks) > 0 {
		r.makeRoom()
	}
	if r.due(o.At) {
		r.check(o.At)
	}
	r.ring.put(o, data)
	r.newest = o.At
}

// makeRoom gives up the oldest of the ring.
func (r *Recorder) makeRoom() {
	if r.window != nil && r.window.from.frame < r.ring.second() {
		r.close(r.newest, "no more fitted in evidence.memory")
	}
	r.ring.drop()
	r.checkpoints = slices.DeleteFunc(r.checkpoints, func(c checkpoint) bool { return c.frame < r.ring.first() })
}

// due says whether it is time for a checkpoint.
func (r *Recorder) due(at time.Time) bool {
	if len(r.checkpoints) == 0 {
		return true
	}
	last := &r.checkpoints[len(r.checkpoints)-1]
	part := r.ring.limit / checkEvery
	if last.size > largeState {
		part = r.ring.limit / 2
	}
	return at.Sub(last.at).Abs() >= r.step() || r.ring.filled-last.filled >= part
}

// step is how far checkpoints are apart, unless there is very much to hear.
func (r *Recorder) step() time.Duration {
	if last := len(r.checkpoints) - 1; last >= 0 && r.checkpoints[last].size > largeState {
		return max(r.options.Before, time.Second)
	}
	return max(r.options.Before/checkEvery, time.Second)
}

// checkpoint is where the analysis is now.
func (r *Recorder) checkpoint(at time.Time) checkpoint {
	c := checkpoint{Basis: r.basis(), at: at, frame: r.ring.next, filled: r.ring.filled}
	if c.State != nil {
		for i := range c.State.Domains {
			d := &c.State.Domains[i]
			c.size += stateEntry * int64(len(d.Grandmasters)+len(d.Announcers))
			for k := range d.Timings {
				c.size += int64(len(d.Timings[k].Detail))
			}
		}
	}
	return c
}

// stateEntry is what a clock or a port takes in a State, about.
const stateEntry = 1 << 10

// check takes a checkpoint, and forgets what is older than any alert to come
// wants.
func (r *Recorder) check(at time.Time) {
	r.checkpoints = append(r.checkpoints, r.checkpoint(at))
	for len(r.checkpoints) > 1 && !r.checkpoints[1].at.After(at.Add(-r.options.Before)) {
		r.checkpoints = slices.Delete(r.checkpoints, 0, 1)
	}
	needed := r.checkpoints[0].frame
	if r.window != nil {
		needed = min(needed, r.window.from.frame)
	}
	r.ring.dropBefore(needed)
}

// Restart is called at the start, and when the analysis is no longer what the
// messages alone have made of it: the configuration changed, or an operator
// acted. What was heard before explains nothing of what comes.
func (r *Recorder) Restart(at time.Time, s Settings) {
	if r.window != nil {
		r.close(at, "the configuration changed, or a baseline")
	}
	r.settings = &s
	r.checkpoints = []checkpoint{r.checkpoint(at)}
	r.ring.dropBefore(r.ring.next)
}

// Raised takes an alert that was raised at a time. A critical one is evidenced,
// unless it is about the monitor itself, which no frame has brought about. event
// is what there is to tell of it, in JSON.
func (r *Recorder) Raised(at time.Time, a *analysis.Alert, event any) {
	if a.Severity != analysis.Critical || a.Scope == (analysis.Scope{}) {
		return
	}
	text, err := json.Marshal(event)
	if err != nil {
		r.log.Error("an alert has no evidence", "alert", a.Name, "error", err)
		return
	}
	if r.window == nil && !r.open(at) {
		return
	}
	w := r.window
	if len(w.alerts) == maxAlerts {
		w.more++
		return
	}
	w.alerts = append(w.alerts, raised{*a, text})
	if until := at.Add(r.options.After); until.After(w.until) {
		w.until = until
		if until.After(w.latest) {
			w.until = w.latest
		}
	}
}

// open begins to gather evidence. It goes on for at least as long as evidence
// reaches back, so that no frame is in more than two: what the evidence of a
// later alert begins with is the end of this one at most.
func (r *Recorder) open(at time.Time) bool {
	if len(r.checkpoints) == 0 { // Restart was never called
		return false
	}
	from := r.checkpoints[0]
	for _, c := range r.checkpoints[1:] {
		if c.at.After(at.Add(-r.options.Before)) {
			break
		}
		from = c
	}
	until := at.Add(max(r.options.Before+r.step(), r.options.After))
	r.window = &window{from: from, opened: at, until: until, latest: until.Add(r.options.After)}
	return true
}

// Tick tells that everything up to a time was observed and judged.
func (r *Recorder) Tick(at time.Time) {
	if r.window != nil && !at.Before(r.window.until) {
		r.close(r.window.until, "")
	}
	if len(r.checkpoints) > 0 && r.due(at) {
		r.check(at)
	}
}

// Finish hands over what was gathered so far: no more will come.
func (r *Recorder) Finish(at time.Time) {
	if r.window != nil {
		r.close(at, "the agent ended")
	}
}

// close hands the evidence that was gathered to whoever writes it.
func (r *Recorder) close(end time.Time, cut string) {
	w := r.window
	r.window = nil
	if cut == "" && w.from.at.After(w.opened.Add(-r.options.Before)) {
		cut = "nothing older was in memory"
	}
	j := &job{window: w, settings: r.settings, frames: r.ring.share(w.from.frame), names: r.ring.names.list, end: end, cut: cut}
	j.size = w.from.size
	for _, piece := range j.frames {
		j.size += int64(len(piece))
	}
	if !r.enqueue(j) {
		r.log.Error("an alert has no evidence: too much of it waits for the disk", "alert", w.alerts[0].Name)
	}
}

func (r *Recorder) enqueue(j *job) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held+j.size <= 2*r.options.Memory || r.held == 0 {
		select {
		case r.queue <- j:
			r.held += j.size
			return true
		default:
		}
	}
	r.stats.Lost++
	return false
}

// release lets go of a job that is done with.
func (r *Recorder) release(j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held -= j.size
}
