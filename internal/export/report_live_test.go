package export

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// The agent's report is the very object that replay prints.
func TestServedReport(t *testing.T) {
	s := newTestServer(fixture())
	base := "http://" + serve(t, s)
	resp, body := get(t, http.DefaultClient, base+"/api/v1/report", "")
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/json" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, header %v", resp.StatusCode, resp.Header)
	}
	if diff := cmp.Diff(string(writeReport(t, JSON, fixture())), body); diff != "" {
		t.Errorf("(-replay +agent)\n%s", diff)
	}
	resp, err := http.Post(base+"/api/v1/report", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", resp.StatusCode)
	}
}

// A live interface is a capture under its own name, and the source of each
// port's stamps is told.
func TestReportOfLiveInterfaces(t *testing.T) {
	s := fixture()
	s.Captures = []packet.CaptureStats{
		{Interface: "eth0", Frames: 7, Bytes: 700, PTP: 6, First: start, Last: at(time.Second), Up: true, HardwareStamp: true},
		{Interface: "eth1"},
	}
	r := newLiveReport(s)
	want := []CaptureReport{
		{
			File: "eth0", Interface: "eth0", Frames: 7, Bytes: 700, PTPMessages: 6, First: Time{start}, Last: Time{at(time.Second)},
			Malformed: map[string]uint64{}, Skipped: map[string]uint64{},
		},
		{File: "eth1", Interface: "eth1", Malformed: map[string]uint64{}, Skipped: map[string]uint64{}},
	}
	if diff := cmp.Diff(want, r.Captures); diff != "" {
		t.Errorf("captures: -want +got\n%s", diff)
	}
	var sources []string
	for _, p := range r.Domains[0].Ports {
		sources = append(sources, p.TimestampSource)
	}
	if diff := cmp.Diff([]string{"", "", "hardware"}, sources); diff != "" { // the third alone was measured
		t.Errorf("timestamp_source: -want +got\n%s", diff)
	}
}

// What strangers invent makes the report no larger than its room, pushes out
// nobody who matters, and is counted.
func TestLiveReportIsBounded(t *testing.T) {
	const n = 10_000
	for _, domains := range []int{1, 64, 500} {
		s := flood(domains, n)
		held := s.View.Alerts[:0:0]
		for i := range maxReportAlerts {
			held = append(held, analysis.Alert{Name: "PTPRogueGrandmaster", Severity: analysis.Critical, Raised: at(time.Duration(i)), Scope: fixtureScope})
			if i >= 1024 {
				held[i].Resolved = at(time.Hour)
			}
		}
		s.View.Alerts = append(held, s.View.Alerts...)
		before := len(s.View.Domains)
		r := newLiveReport(s)
		if len(s.View.Domains) != before || len(s.View.Domains[0].Ports) != n/domains {
			t.Fatal("the snapshot was changed")
		}
		var got OmittedReport
		grandmasters, ports, real, open := 0, 0, false, 0
		for _, d := range r.Domains {
			grandmasters, ports = grandmasters+len(d.Grandmasters), ports+len(d.Ports)
			if d.Network == "real" {
				real = slices.ContainsFunc(d.Grandmasters, func(g GrandmasterReport) bool { return g.Identity == clockA.String() }) &&
					slices.ContainsFunc(d.Ports, func(p PortReport) bool { return p.Port == port(clockA, 1).String() })
			}
		}
		for _, a := range r.Alerts {
			if a.Resolved.IsZero() {
				open++
			}
		}
		if !real {
			t.Errorf("%d domains of strangers pushed out the real one", domains)
		}
		if len(r.Domains) > maxDomains || grandmasters > inReport.grandmasters || ports > inReport.ports || len(r.Alerts) > maxReportAlerts {
			t.Errorf("%d domains, %d grandmasters, %d ports, %d alerts", len(r.Domains), grandmasters, ports, len(r.Alerts))
		}
		if open != 1024+1000 {
			t.Errorf("%d alerts that hold, want all %d", open, 1024+1000)
		}
		strangers := n / domains * domains
		all := OmittedReport{Domains: domains + 1, Grandmasters: strangers + 2, Ports: strangers + 3, Alerts: maxReportAlerts + 1000}
		got = OmittedReport{
			Domains: r.Omitted.Domains + len(r.Domains), Grandmasters: r.Omitted.Grandmasters + grandmasters,
			Ports: r.Omitted.Ports + ports, Alerts: r.Omitted.Alerts + len(r.Alerts),
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("reported and omitted: -want +got\n%s", diff)
		}
	}
}

// However often it is asked for, a report is made once a second.
func TestReportIsMadeOncePerSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &Store{}
		r := newReporter(store, slog.New(slog.DiscardHandler))
		ask := func() (domains int) {
			w := httptest.NewRecorder()
			r.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/report", nil))
			var report Report
			if err := json.Unmarshal(w.Body.Bytes(), &report); err != nil {
				t.Fatal(err)
			}
			return len(report.Domains)
		}
		if n := ask(); n != 0 {
			t.Errorf("%d domains before anything was published", n)
		}
		store.Publish(fixture())
		time.Sleep(reportAge - 1)
		if n := ask(); n != 0 {
			t.Error("made anew within its age")
		}
		time.Sleep(time.Nanosecond)
		if n := ask(); n != 1 {
			t.Error("news is not there after its age")
		}
	})
}

// Readers who take their time hold as many reports as there are slots, and
// nobody's scrape.
func TestSlowReadersOfTheReport(t *testing.T) {
	addr, _ := bigPage(t, time.Hour)
	for range maxReports {
		conn := askWithoutReading(t, addr, "/api/v1/report")
		status := make([]byte, 12)
		if _, err := conn.Read(status); err != nil || string(status) != "HTTP/1.1 200" {
			t.Fatalf("slow reader: %q, %v", status, err)
		}
	}
	resp, _ := get(t, http.DefaultClient, "http://"+addr+"/api/v1/report", "")
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: status %d, want 503", resp.StatusCode)
	}
	if resp, _ := get(t, http.DefaultClient, "http://"+addr+"/metrics", ""); resp.StatusCode != 200 {
		t.Errorf("scrape beside them: status %d", resp.StatusCode)
	}
}
