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
		best, listed, acceptable bool
		want                     string
	}{
		{true, true, true, "best, acceptable"},
		{true, true, false, "best, NOT acceptable"},
		{false, true, true, "standby, acceptable"},
		{false, true, false, "standby, NOT acceptable"},
		{true, false, false, "best"},
		{false, false, false, "standby"},
	} {
		if got := verdict(&analysis.GrandmasterView{Best: c.best, Listed: c.listed, Acceptable: c.acceptable}); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
