package analysis

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// moved lists the alerts about delays, times and corrections, in words.
func (b *bench) moved() (lines []string) {
	for _, a := range b.View().Alerts {
		switch a.Name {
		case AlertPathAsymmetry, AlertPathDelayShift, AlertTimeStep, AlertCorrectionFieldAnomaly:
			line := fmt.Sprintf("%s %s %s", a.Name, a.Reason, a.Direction)
			if !a.Resolved.IsZero() {
				line += " ended"
			}
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// A path that moves by what its messages are corrected by, the other way, has not
// moved: that is told of the corrections, as soon, and of nothing else. One that
// moves while they do something else is told of as ever.
func TestMiscorrected(t *testing.T) {
	told := func(syncs, requests float64) func(*line, *leg) {
		return func(_ *line, m *leg) {
			if m.client < 0 {
				m.told += syncs
			} else {
				m.told += requests
			}
		}
	}
	const forward, reverse = "PTPCorrectionFieldAnomaly incoherent forward", "PTPCorrectionFieldAnomaly incoherent reverse"
	for _, c := range []struct {
		name   string
		cfg    Config
		meddle func(*line, *leg)
		want   []string
	}{
		{"Syncs by 100 ns too much", Config{}, told(100, 0), []string{forward}},
		{"Syncs by 1 us too little", Config{}, told(-1000, 0), []string{forward}},
		{"requests by 1 us too much", Config{}, told(0, 1000), []string{reverse}},
		{"both, as if the way were shorter", Config{}, told(1000, 1000), []string{forward, reverse}},
		{"one more and the other less, as if a clock stepped", Config{}, told(1000, -1000), []string{forward, reverse}},
		{"Syncs are held up", Config{}, func(_ *line, m *leg) {
			if m.client < 0 {
				m.waited += 1000
			}
		}, []string{"PTPPathAsymmetry step forward"}},
		{"Syncs are held up, and corrected by a part of it", Config{}, func(_ *line, m *leg) {
			if m.client < 0 {
				m.waited, m.told = m.waited+2000, m.told+1000
			}
		}, []string{"PTPPathAsymmetry step forward"}},
		{"Syncs are held up, and requests corrected as much", Config{}, func(_ *line, m *leg) {
			if m.client < 0 {
				m.waited += 1000
			} else {
				m.told += 1000
			}
		}, []string{"PTPTimeStep step"}},
		{"a longer way, through another transparent clock", Config{}, func(_ *line, m *leg) {
			m.waited, m.told = m.waited+3000, m.told+2500
		}, []string{"PTPPathDelayShift step"}},
		{
			"nobody wants to know of corrections", Config{Alerts: map[string]AlertConfig{AlertCorrectionFieldAnomaly: {Disabled: true}}},
			told(1000, 0), []string{"PTPPathAsymmetry step forward"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, c.cfg)
			l := line{Rand: rand.New(rand.NewPCG(5, 8)), clients: 2, load: 0.3, tells: true}
			l.run(b, learnEighths+8*60)
			l.meddle = c.meddle
			l.run(b, 8*6)
			if diff := cmp.Diff(c.want, b.moved()); diff != "" {
				t.Errorf("after 6 s (-want +got):\n%s", diff)
			}
			l.run(b, 8*60)
			l.meddle = nil
			l.run(b, 8*60)
			for _, a := range b.moved() {
				if base := strings.TrimSuffix(a, " ended"); !strings.Contains(strings.Join(c.want, "\n"), base) {
					t.Errorf("later: %s", a)
				}
			}
		})
	}
}

// What was said of a path before it was clear that its messages are corrected
// falsely ends when that is told.
func TestTakenBack(t *testing.T) {
	b := newBench(t, Config{})
	l := line{Rand: rand.New(rand.NewPCG(5, 8)), clients: 2, load: 0.3, tells: true}
	l.run(b, 8*92) // the path is learned, what is usual of corrections is not
	l.meddle = func(_ *line, m *leg) {
		if m.client < 0 {
			m.told += 1000
		}
	}
	l.run(b, 8*3)
	if diff := cmp.Diff([]string{"PTPPathAsymmetry step forward"}, b.moved()); diff != "" {
		t.Fatalf("after 3 s (-want +got):\n%s", diff)
	}
	l.run(b, 8*34)
	if diff := cmp.Diff([]string{"PTPPathAsymmetry step forward ended", "PTPCorrectionFieldAnomaly incoherent forward"}, b.moved()); diff != "" {
		t.Errorf("after 37 s (-want +got):\n%s", diff)
	}
}
