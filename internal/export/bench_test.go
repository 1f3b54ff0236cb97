package export

import (
	"bytes"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// A scrape with all tables full: what a flood can make a scrape cost.
func BenchmarkCollectFullTables(b *testing.B) {
	var store Store
	store.Publish(flood(64, 10_000))
	registry := prometheus.NewRegistry()
	registry.MustRegister(NewCollector(&store))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := registry.Gather(); err != nil {
			b.Fatal(err)
		}
	}
}

// A report of an agent with all tables full, once a second at most.
func BenchmarkReportFullTables(b *testing.B) {
	s := flood(64, 10_000)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		var w bytes.Buffer
		if err := writeJSON(&w, newLiveReport(s), "  "); err != nil {
			b.Fatal(err)
		}
		n = w.Len()
	}
	b.ReportMetric(float64(n), "octets")
}
