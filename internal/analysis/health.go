package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Health is how the capture of one interface fares.
type Health struct {
	Interface string
	Up        bool // it is enabled and has a carrier
	Gone      bool // there is no interface of that name, for now
	// Fault is why an interface that is up cannot be heard, NoStamps why the
	// stamps that the operator asked for are not to be had; "" otherwise.
	Fault    string
	NoStamps string
	// Frames read, and Drops of frames that nobody read, since the start. With
	// Undated the drops may have been at any time.
	Frames, Drops uint64
	Undated       bool
}

// Trouble is what else keeps the monitor from vouching for what it says.
type Trouble struct {
	Reason             string // of PTPWatchDegraded
	Expected, Observed string
}

// More than lossRaises of the frames of lossWindow lost is too much; it is over
// when no more than lossEnds are.
const (
	lossWindow = 10 * time.Second
	lossRaises = 1e-3
	lossEnds   = 1e-4
)

// health is what is known of one interface.
type health struct {
	heard   Health
	counts  []frameCount // of the last lossWindow, and the last one before it
	lossy   bool
	blind   bool
	changed instant // since when it is blind, or is no longer
}

// frameCount is how many frames an interface had by a certain time.
type frameCount struct {
	at           instant
	frames, lost uint64
}

// maxInterfaces bounds what a capture file may describe.
const maxInterfaces = 4096

// HandleHealth tells how an interface fares at a time. It is to be told about
// once a second; what was not told yet of the time before counts too.
func (t *Tracker) HandleHealth(h Health, at time.Time, emit func(Finding)) {
	w := t.health[h.Interface]
	if w == nil {
		if len(t.health) >= maxInterfaces {
			return
		}
		w = &health{changed: longAgo, counts: []frameCount{{at: t.now}}}
		t.health[h.Interface] = w
	}
	deaf := h.Gone || !h.Up || h.Fault != ""
	if deaf && !w.blind {
		w.blind, w.changed = true, t.now // at the latest: no deadline until now may count
	}
	t.advance(at, emit)
	share := w.count(h, t.now)
	switch blind := deaf || share > 0.5; {
	case blind && !w.blind:
		w.blind, w.changed = true, t.now
	case !blind && w.blind:
		w.blind, w.changed = false, t.now
	}
	w.heard = h
	for _, d := range w.degradations(share) {
		t.tellDegraded(d)
	}
}

// Blind says whether whatever happens on an interface is not seen.
func (t *Tracker) Blind(iface string) bool {
	w := t.health[iface]
	return w != nil && w.blind
}

// ForgetInterface tells that an interface is no longer listened to, and should
// not be.
func (t *Tracker) ForgetInterface(name string, at time.Time, emit func(Finding)) {
	t.advance(at, emit)
	delete(t.health, name)
	t.alerts.endAll(t.now, func(a *activeAlert) bool { return a.Name == AlertWatchDegraded && name != "" && a.Interface == name })
}

// HandleTroubles tells all that troubles the monitor at a time, beside its
// interfaces. What is no longer among it is over.
func (t *Tracker) HandleTroubles(troubles []Trouble, at time.Time, emit func(Finding)) {
	t.advance(at, emit)
	for _, a := range t.alerts.active {
		if a.Name == AlertWatchDegraded && a.Interface == "" &&
			!slices.ContainsFunc(troubles, func(o Trouble) bool { return o.Reason == a.Reason }) {
			t.alerts.release(a.key(), t.now)
		}
	}
	for _, o := range troubles {
		t.tellDegraded(degradation{holds: true, reason: o.Reason, expected: o.Expected, observed: o.Observed})
	}
}

// listening is when a wait for somebody on an interface begins: when it was
// last heard, or when the interface could be heard again. While it is blind no
// silence means anything.
func (t *Tracker) listening(iface string, last instant) (from instant, blind bool) {
	if w := t.health[iface]; w != nil {
		return max(last, w.changed), w.blind
	}
	return last, false
}

// count takes in how many frames there were, and says what share of the latest
// was lost.
func (w *health) count(h Health, at instant) (share float64) {
	now := frameCount{at, h.Frames, h.Drops}
	last := w.counts[len(w.counts)-1]
	if now.frames < last.frames || now.lost < last.lost {
		w.counts = w.counts[:0] // somebody began to count anew
	}
	w.counts = append(w.counts, now)
	for len(w.counts) > 2 && at.sub(w.counts[1].at) >= lossWindow {
		w.counts = slices.Delete(w.counts, 0, 1)
	}
	from := w.counts[0]
	if h.Undated {
		from = frameCount{}
	}
	lost := now.lost - from.lost
	share = float64(lost) / float64(max(1, lost+now.frames-from.frames))
	w.lossy = share > lossRaises || w.lossy && share > lossEnds
	return share
}

// degradation is a way in which the monitor cannot vouch for what it says.
type degradation struct {
	holds                       bool
	iface, reason               string
	summary, expected, observed string
}

// degradations are all that an interface can have.
func (w *health) degradations(share float64) []degradation {
	h := &w.heard
	up := h.Interface + " enabled, with a carrier"
	return []degradation{
		{
			h.Gone, h.Interface, "interface_gone", "An interface is gone: nothing that happens there is seen.",
			up, "there is no interface " + h.Interface,
		}, {
			!h.Gone && !h.Up, h.Interface, "interface_down", "An interface is down: nothing that happens there is seen.",
			up, h.Interface + ": " + cmp.Or(h.Fault, "disabled, or without a carrier"),
		}, {
			!h.Gone && h.Up && h.Fault != "", h.Interface, "capture_fault", "An interface cannot be captured: nothing that happens there is seen.",
			"frames of " + h.Interface, h.Interface + ": " + h.Fault,
		}, {
			w.lossy, h.Interface, "drops", "Frames are lost before they can be judged: what is missing may have been there.",
			fmt.Sprintf("at most %g %% of frames lost", 100*lossRaises),
			fmt.Sprintf("%s: %.3g %% lost, %d since the start", h.Interface, 100*share, h.Drops),
		}, {
			h.NoStamps != "", h.Interface, "no_timestamps", "The time stamps that the configuration asks for are not to be had.",
			"stamps as configured", h.Interface + ": " + h.NoStamps,
		},
	}
}

// tellDegraded raises or ends PTPWatchDegraded.
func (t *Tracker) tellDegraded(d degradation) {
	a := Alert{
		Name: AlertWatchDegraded, Raised: t.timeOf(t.now), Interface: d.iface, Reason: d.reason,
		Summary: d.summary, Expected: d.expected, Observed: d.observed,
	}
	if !d.holds {
		t.alerts.release(a.key(), t.now)
		return
	}
	t.alerts.raise(a)
}
