package conformance

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// played is a scenario's capture and its truth.
func played(t *testing.T, text string, seed uint64) ([]packet.Observation, *truth.Truth) {
	t.Helper()
	s, err := simulate.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var file bytes.Buffer
	tr, err := s.Run(t.Context(), seed, &file)
	if err != nil {
		t.Fatal(err)
	}
	return observations(t, "-", &file), tr
}

// observations reads a capture.
func observations(t *testing.T, name string, stdin io.Reader) (all []packet.Observation) {
	t.Helper()
	in, err := capture.OpenFiles([]string{name}, stdin, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for {
		var o packet.Observation
		if err := in.Next(&o); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		o.Message.TLVs = bytes.Clone(o.Message.TLVs)
		all = append(all, o)
	}
}

// tracked has the analysis look at observations.
func tracked(all []packet.Observation, cfg analysis.Config) *analysis.View {
	t := analysis.New(cfg)
	for i := range all {
		t.Handle(&all[i], func(analysis.Finding) {})
	}
	return t.View()
}

// timingOf is what was measured of a clock's first port at a tap; a port has
// one network there.
func timingOf(v *analysis.View, tap string, id ptp.ClockIdentity) *analysis.TimingView {
	for _, d := range v.Domains {
		for _, p := range d.Ports {
			if p.Port.ClockIdentity != id {
				continue
			}
			if i := slices.IndexFunc(p.Timings, func(t analysis.TimingView) bool { return t.Tap == tap }); i >= 0 {
				return &p.Timings[i]
			}
		}
	}
	return nil
}

// clockNamed is the identity of a clock of a scenario.
func clockNamed(t *testing.T, tr *truth.Truth, name string) ptp.ClockIdentity {
	t.Helper()
	i := slices.IndexFunc(tr.Clocks, func(c truth.Clock) bool { return c.Name == name })
	id, err := ptp.ParseClockIdentity(tr.Clocks[i].Identity)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// way is the truth about the way between a clock and a tap.
func way(t *testing.T, tr *truth.Truth, tap, clock string) truth.Path {
	t.Helper()
	for _, p := range tr.Paths {
		if p.Interface == tap && p.Clock == clock {
			return p
		}
	}
	t.Fatalf("no path between %s and %s", clock, tap)
	return truth.Path{}
}
