package dashboards

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

// The panels about network adapters that stamp have data when a real Prometheus
// scrapes what an agent served beside ptp4l in the hardware guest
// (testdata/hardware.prom), having begun at 0 as every agent does.
func TestStamping(t *testing.T) {
	t.Parallel()
	page := read(t, "testdata/hardware.prom")
	begun := regexp.MustCompile(`(?m)^(\w+_total\{.*\}) .*$`).ReplaceAllString(page, "$1 0")
	var scrapes atomic.Int32
	agent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if scrapes.Add(1) == 1 {
			_, _ = io.WriteString(w, begun)
			return
		}
		_, _ = io.WriteString(w, page)
	}))
	t.Cleanup(agent.Close)
	p := startPrometheus(t, t.TempDir(), fmt.Sprintf(`
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: ptpwatch
    static_configs: [{targets: ['%s'], labels: {cluster: east, site: here}}]
`, strings.TrimPrefix(agent.URL, "http://")))
	panels := 0
	for _, d := range all() {
		for _, panel := range d.Panels {
			for _, q := range panel.Targets {
				if q.in&stamping != 0 {
					p.fills(d, panel, q, stamping)
					panels++
				}
			}
		}
	}
	if panels == 0 {
		t.Error("no panel is about them")
	}
}
