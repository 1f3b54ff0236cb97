package agent

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// A replay that is watched shows the analysis at every beat of capture time,
// before any later message and after all earlier ones, and finds the same.
func TestReplayShowsItsViews(t *testing.T) {
	const every = 7 * time.Second
	var first, last time.Time
	var rogues []int // alerts about them, by view
	watched := ReplayOptions{
		Captures: []string{"demo/demo.pcapng.gz"}, Config: config.Default(Alerts()), Every: every,
		OnObservation: func(o *packet.Observation) {
			if first.IsZero() {
				first = o.At
			}
			last = o.At
		},
	}
	watched.OnView = func(at time.Time, v *analysis.View) {
		n := time.Duration(len(rogues) + 1)
		if want := first.Add(n * every); !at.Equal(want) || last.After(at) {
			t.Errorf("view %d at %s, want %s; a message of %s was handled", n, at, want, last)
		}
		rogues = append(rogues, 0)
		for _, a := range v.Alerts {
			if a.Name == analysis.AlertRogueGrandmaster {
				rogues[n-1]++
			}
		}
	}
	got, err := Replay(t.Context(), watched)
	if err != nil {
		t.Fatal(err)
	}
	if want := int(last.Sub(first) / every); len(rogues) != want || rogues[0] != 0 || rogues[want-1] != 1 {
		t.Errorf("alerts about rogues by view: %v, want %d views, none at first and one at last", rogues, want)
	}
	want, err := Replay(t.Context(), ReplayOptions{Captures: watched.Captures, Config: watched.Config})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(raised(want), raised(got)); diff != "" {
		t.Errorf("alerts (-unwatched +watched):\n%s", diff)
	}
}

// raised are the alerts of a replay and when they were raised.
func raised(r *Result) (all []string) {
	for _, a := range r.View.Alerts {
		all = append(all, a.Name+" "+a.Raised.String())
	}
	return all
}
