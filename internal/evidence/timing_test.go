package evidence

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/simulate"
)

// play lets a scenario come in, as NICs stamp it.
func (r *rig) play(s *simulate.Scenario, seed uint64) {
	r.t.Helper()
	from, to := io.Pipe()
	go func() {
		buffered := bufio.NewWriterSize(to, 1<<16)
		_, err := s.Run(r.t.Context(), seed, buffered)
		to.CloseWithError(errors.Join(err, buffered.Flush()))
	}()
	reader, err := capture.NewReader(s.Name, from)
	if err != nil {
		r.t.Fatal(err)
	}
	defer reader.Close()
	begun := false
	for {
		var rec capture.Record
		if err := reader.Next(&rec); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			r.t.Fatal(err)
		}
		at := time.Unix(0, rec.Time).UTC()
		if !begun {
			r.at = at
			r.begin()
			begun = true
		}
		for next := r.at.Truncate(time.Second).Add(time.Second); !next.After(at); next = next.Add(time.Second) {
			r.at = next
			r.tick()
		}
		r.at = at
		r.hearFrame(rec.Interface.Name, rec.Data, func(o *packet.Observation) {
			o.Stamp, o.Hardware, o.StampSource, o.StampClock = at, at, packet.StampHardware, "ptp0"
		})
	}
}

// TestReplayRaisesTheSameOfTiming: so does what the evidence holds of alerts about
// delays, corrections and time, which took longer to tell than it goes back: by
// what had been learned, and gathered, by then. What waited for its other half is
// not in it, so that figures and times may differ a little.
func TestReplayRaisesTheSameOfTiming(t *testing.T) {
	for _, c := range []struct{ scenario, alert string }{
		{"sync-delay/5us", analysis.AlertPathAsymmetry},
		{"gm-step/+100us", analysis.AlertTimeStep},
		{"jury-step/first", analysis.AlertGrandmasterOutvoted},
		{"correction-tamper/sync-1us", analysis.AlertCorrectionFieldAnomaly},
		{"selective-delay/third-of-syncs-2us", analysis.AlertSelectiveDelay},
		{"two-taps-delay/sync-200ns", analysis.AlertPathAsymmetry},
		{"sync-delay-ramp/500ns-at-10ns-per-s", analysis.AlertPathAsymmetry},
		{"two-taps-residence", analysis.AlertCorrectionFieldAnomaly},
		{"selective-delay-client/10us", analysis.AlertSelectiveDelay},
		{"gnss-spoof/20ns-per-s", analysis.AlertTraceabilityClaimInconsistent},
		{"reroute", analysis.AlertPathDelayShift},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			t.Parallel()
			s, err := simulate.Load(c.scenario)
			if err != nil {
				t.Fatal(err)
			}
			r := newRig(t)
			r.settings.Analysis.Alerts = map[string]analysis.AlertConfig{c.alert: {Severity: analysis.Critical}}
			r.play(s, 7)
			r.recorder.Finish(r.at)
			r.write()
			var raised []string
			for _, d := range r.documents() {
				var own, got []string
				for i := range d.Alerts {
					a := d.alert(t, i)
					own = append(own, what(&a))
				}
				alerts, _ := r.replay(d)
				for i := range alerts {
					got = append(got, what(&alerts[i]))
				}
				if diff := cmp.Diff(own, got); diff != "" {
					t.Errorf("%s: -raised then +raised by the replay\n%s", d.Frames.File, diff)
				}
				raised = append(raised, own...)
			}
			if !slices.ContainsFunc(raised, func(s string) bool { return strings.HasPrefix(s, c.alert+" ") }) {
				t.Errorf("raised %q, want %s", raised, c.alert)
			}
		})
	}
}

// what an alert is, without its figures.
func what(a *analysis.Alert) string {
	return a.Name + " " + a.Reason + " " + a.Direction + " " + a.Interface + " " + a.Port.String() + " " + a.Grandmaster.String() + " " + string(a.Certainty)
}
