package export

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

func TestLandingGolden(t *testing.T) {
	page := httptest.NewRecorder()
	newTestServer(fixture()).landing(page, nil)
	golden(t, "testdata/landing.html", page.Body.Bytes())
	if csp := page.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
		t.Errorf("Content-Security-Policy %q", csp)
	}
}

func TestLandingOfAFloodIsShort(t *testing.T) {
	page := httptest.NewRecorder()
	newTestServer(flood(500, 10_000)).landing(page, nil)
	if n := page.Body.Len(); n > 100_000 {
		t.Errorf("%d octets", n)
	}
	for _, want := range []string{clockA.String(), "437 more domains are tracked"} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestLandingEscapes(t *testing.T) {
	s := fixture()
	s.View.Domains[0].Scope.Network = "<script>alert(1)</script>\x1b"
	page := httptest.NewRecorder()
	newTestServer(s).landing(page, nil)
	if body := page.Body.String(); strings.Contains(body, "<script>") || strings.Contains(body, "\x1b") {
		t.Error(body)
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		best    bool
		verdict analysis.Verdict
		want    string
	}{
		{true, analysis.Acceptable, "best, acceptable"},
		{true, analysis.Unacceptable, "best, NOT acceptable"},
		{false, analysis.Acceptable, "standby, acceptable"},
		{false, analysis.Unacceptable, "standby, NOT acceptable"},
		{true, analysis.Undecided, "best"},
		{false, analysis.Undecided, "standby"},
	} {
		if got := verdict(&analysis.GrandmasterView{Best: c.best, Verdict: c.verdict}); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
