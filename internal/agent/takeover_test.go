package agent

import (
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// A replay that is told nothing of the network names the frame of the rogue's
// first Announce: with it the rogue wins, if not yet for the receivers.
func TestReplayNamesTheTakeover(t *testing.T) {
	for _, tt := range []struct {
		capture string
		rogue   ptp.ClockIdentity
		profile string
	}{
		{"demo/demo.pcapng.gz", 0x025054fffe000002, "default"},
		{"../../testdata/captures/takeover.pcapng", 0x025054fffe000003, "g8275.1"},
	} {
		t.Run(filepath.Base(tt.capture), func(t *testing.T) {
			want := firstAnnounce(t, tt.capture, tt.rogue)
			result, err := Replay(t.Context(), ReplayOptions{Captures: []string{tt.capture}, Config: config.Default(Alerts())})
			if err != nil {
				t.Fatal(err)
			}
			if got := result.View.Domains[0].Profile; got != tt.profile {
				t.Errorf("profile %s, want %s", got, tt.profile)
			}
			told := slices.DeleteFunc(slices.Clone(result.View.Alerts), func(a analysis.Alert) bool { return a.Severity != analysis.Critical || a.Suppressed })
			critical := slices.DeleteFunc(slices.Clone(result.View.Alerts), func(a analysis.Alert) bool { return a.Name != analysis.AlertRogueGrandmaster })
			if len(told) != 1 || len(critical) != 1 {
				t.Fatalf("%d critical alerts that people are told of, %d of them about rogues, want one: %+v", len(told), len(critical), result.View.Alerts)
			}
			a := critical[0]
			if a.Name != analysis.AlertRogueGrandmaster || a.Grandmaster != tt.rogue || a.Frame != want.Frame || !a.Raised.Equal(want.At) || a.Reason != "takeover" {
				t.Errorf("%s %s of %s by frame %+v at %s, want the takeover by %s with frame %+v at %s",
					a.Name, a.Reason, a.Grandmaster, a.Frame, a.Raised, tt.rogue, want.Frame, want.At)
			}
		})
	}
}

// firstAnnounce is the first Announce that a clock's own port sends.
func firstAnnounce(t *testing.T, name string, clock ptp.ClockIdentity) (o packet.Observation) {
	t.Helper()
	files, err := capture.OpenFiles([]string{name}, nil, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	for {
		switch err := files.Next(&o); {
		case errors.Is(err, io.EOF):
			t.Fatalf("%s has no Announce of %s", name, clock)
		case err != nil:
			t.Fatal(err)
		case o.Message.Type == ptp.AnnounceMessage && o.Message.SourcePortIdentity.ClockIdentity == clock:
			return o
		}
	}
}
