package export

import (
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
