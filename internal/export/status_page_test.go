package export

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// fetch asks a server that does not run.
func fetch(s *Server, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.http.Handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestStatusPageGolden(t *testing.T) {
	s := fixture()
	s.Evidence = &Evidence{Files: map[EvidenceKey]string{KeyOfEvidence(&s.View.Alerts[1]): "unknown.pcapng"}}
	golden(t, "testdata/status.html", fetch(newTestServer(s), "/").Body.Bytes())
}

// Who has no script sees who is the grandmaster, what is thought of him and
// what is wrong.
func TestPageSaysAllWithoutScript(t *testing.T) {
	body := fetch(newTestServer(fixture()), "/").Body.String()
	for _, want := range []string{
		"WARNING: PTPUnknownGrandmaster", clockA.String(), "gm-a", "best, acceptable", clockB.String(), "standby, NOT acceptable",
		"neither listed nor pinned", "Expected", "As at <time>2026-10-09 12:05:00 UTC</time>", "511.0 ns", "3 drops",
		`<noscript><meta http-equiv="refresh"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
}

var (
	inline  = regexp.MustCompile(`(?i)<style|<script(?:[^>]*>[^<])|\son\w+=|\sstyle=|javascript:`)
	foreign = regexp.MustCompile(`(?i)(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//`)
	asset   = regexp.MustCompile(`(?:src|href)="(static/[^"]+)"`)
)

// A browser is allowed what the server serves, and nothing else is asked of it.
func TestPageKeepsItsPolicy(t *testing.T) {
	s := newTestServer(everything())
	page := fetch(s, "/")
	if got := page.Header().Get("Content-Security-Policy"); got != policy || strings.Contains(got, "unsafe") {
		t.Errorf("Content-Security-Policy %q", got)
	}
	if found := inline.FindString(page.Body.String()); found != "" {
		t.Errorf("in the page: %q", found)
	}
	assets := asset.FindAllStringSubmatch(page.Body.String(), -1)
	if len(assets) != 3 {
		t.Errorf("assets %q", assets)
	}
	for _, a := range assets {
		w := fetch(s, "/"+a[1])
		if w.Code != 200 || w.Body.Len() == 0 || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, %v", a[1], w.Code, w.Header())
		}
		if text := w.Body.String(); foreign.MatchString(text) || strings.Contains(text, "innerHTML") {
			t.Errorf("%s reaches for others: %q", a[1], foreign.FindString(text))
		}
	}
	if found := foreign.FindString(page.Body.String()); found != "" {
		t.Errorf("in the page: %q", found)
	}
}

// What strangers call themselves is never markup, nor turns the text around.
func TestPageEscapes(t *testing.T) {
	const evil = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[2J\u202e\r\ndata: x\n\nevent: status"
	s := fixture()
	d := &s.View.Domains[0]
	d.Scope.Network, d.Profile, d.ProfileWhy, d.BestReason, d.BestHinges = evil, evil, evil, evil, evil
	d.Grandmasters[0].Name, d.Grandmasters[1].Name, d.Ports[0].Interface = evil, evil, evil
	a := &s.View.Alerts[1]
	a.Scope.Network, a.Interface, a.Reason, a.Expected, a.Observed, a.Summary, a.Frame.File = evil, evil, evil, evil, evil, evil, evil
	a.References = []string{evil}
	s.Evidence = &Evidence{Files: map[EvidenceKey]string{KeyOfEvidence(a): evil}}
	s.Interfaces[0].Name, s.Captures[0].File, s.Captures[0].Fault, s.Build.Version = evil, evil, evil, evil
	server := newTestServer(s)
	body := fetch(server, "/").Body.String()
	for _, bad := range []string{"<script>", "<img", "\x1b", "\u202e", "\r"} {
		if strings.Contains(body, bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
	if n := strings.Count(body, "&lt;script&gt;"); n < 15 {
		t.Errorf("names are shown %d times only", n)
	}
	parts, err := server.live.current()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(changes(make([][]byte, len(sections)), parts.sections))) {
		if line != "\n" && !strings.HasPrefix(line, "data: ") && !isEvent(line) {
			t.Errorf("a name became a line of the stream: %q", line)
		}
	}
}

func isEvent(line string) bool {
	for _, name := range sections {
		if line == "event: "+name+"\n" {
			return true
		}
	}
	return false
}

// However much is invented, the page has its size, tells what it leaves out, and
// the real grandmaster is on it.
func TestPageOfAFloodIsShort(t *testing.T) {
	for _, domains := range []int{1, 64, 500} {
		body := fetch(newTestServer(flood(domains, 10_000)), "/").Body.String()
		if n := len(body); n > 1_000_000 {
			t.Errorf("%d domains: %d octets", domains, n)
		}
		for _, want := range []string{clockA.String(), "Not shown: ", "900 more alerts are not shown"} {
			if !strings.Contains(body, want) {
				t.Errorf("%d domains: no %q", domains, want)
			}
		}
	}
}

func TestJudge(t *testing.T) {
	d := &DomainReport{BestReason: "priority1", NextGrandmaster: new("next"), NextReason: "priority2", BaselineState: string(analysis.StatePinned)}
	for _, tt := range []struct {
		g    GrandmasterReport
		want string
	}{
		{GrandmasterReport{Best: true, Acceptable: new(true)}, "best, acceptable"},
		{GrandmasterReport{Best: true, Acceptable: new(false)}, "best, NOT acceptable"},
		{GrandmasterReport{Acceptable: new(true)}, "standby, acceptable"},
		{GrandmasterReport{Acceptable: new(false)}, "standby, NOT acceptable"},
		{GrandmasterReport{Best: true}, "best, not judged"},
	} {
		if got, why := judge(d, &tt.g); got != tt.want || len(why) == 0 {
			t.Errorf("%+v: %q, %q", tt.g, got, why)
		}
	}
	d.BaselineState = string(analysis.StateLearning)
	if got, _ := judge(d, &GrandmasterReport{}); got != "standby, not judged yet" {
		t.Errorf("while learning: %q", got)
	}
}

// An old page says so, whatever else it says.
func TestPageOfAStalledAgent(t *testing.T) {
	s := newTestServer(calm())
	s.opts.Store.newest.Store(&published{calm(), time.Now().Add(-time.Minute)})
	if body := fetch(s, "/").Body.String(); !strings.Contains(body, "OLD: the agent stands still") {
		t.Error(body)
	}
}
