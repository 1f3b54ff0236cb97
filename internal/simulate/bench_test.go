package simulate

import (
	"io"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/simulate/event"
)

// BenchmarkDay is a part of the day of G.8275.1 with 20 clients.
func BenchmarkDay(b *testing.B) {
	const part = 30 * time.Minute
	s, err := Load("healthy-g8275.1/day")
	if err != nil {
		b.Fatal(err)
	}
	f := *s.file
	f.Duration = period(event.Of(part))
	s = &Scenario{Name: s.Name, file: &f, values: s.values}
	var frames uint64
	b.ReportAllocs()
	for b.Loop() {
		t, err := s.Run(b.Context(), 1, io.Discard)
		if err != nil {
			b.Fatal(err)
		}
		frames += t.Frames
	}
	b.ReportMetric(float64(frames)/b.Elapsed().Seconds(), "messages/s")
}
