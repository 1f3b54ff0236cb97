package export

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
)

// listen follows the page of a server; the scanner reads its lines.
func listen(t *testing.T, client *http.Client, url string) (*http.Response, *bufio.Scanner) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	return resp, lines
}

// nextEvent is the next event's name and data.
func nextEvent(lines *bufio.Scanner) (name, data string, err error) {
	for lines.Scan() {
		switch text := lines.Text(); {
		case text == "" && name != "":
			return name, data, nil
		case strings.HasPrefix(text, "event: "):
			name = text[len("event: "):]
		case strings.HasPrefix(text, "data:"):
			data += strings.TrimPrefix(text[len("data:"):], " ") + "\n"
		}
	}
	if lines.Err() != nil {
		return "", "", lines.Err()
	}
	return "", "", io.EOF
}

// A listener is told every section once, then those that change, and that it is
// still so when none does.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLive(&Store{}, nil, newTestServer(nil).log)
		s := calm()
		l.store.Publish(s)
		ctx, cancel := context.WithCancel(t.Context())
		w := &recorder{ResponseRecorder: httptest.NewRecorder()}
		var wg sync.WaitGroup
		wg.Go(func() { l.events(w, httptest.NewRequest("GET", "/events", nil).WithContext(ctx)) })
		said := func(d time.Duration) (names []string) {
			time.Sleep(d)
			synctest.Wait()
			for line := range strings.Lines(w.take()) {
				if name, ok := strings.CutPrefix(line, "event: "); ok {
					names = append(names, strings.TrimSpace(name))
				}
			}
			return names
		}
		if diff := cmp.Diff(sections, said(0)); diff != "" {
			t.Errorf("at first: -want +got\n%s", diff)
		}
		if diff := cmp.Diff([]string{"beat", "beat"}, said(2*time.Second+time.Millisecond)); diff != "" {
			t.Errorf("nothing new: -want +got\n%s", diff)
		}
		s = calm()
		s.View.Alerts = fixtureAlerts()
		l.store.Publish(s)
		if diff := cmp.Diff([]string{"status", "alerts"}, said(renderEvery)); diff != "" {
			t.Errorf("an alert: -want +got\n%s", diff)
		}
		if got := said(stalledAfter + time.Second); !strings.Contains(strings.Join(got, " "), "status") {
			t.Errorf("nothing is published any more: %q", got)
		}
		cancel()
		wg.Wait()
	})
}

// recorder stands for a connection.
type recorder struct {
	*httptest.ResponseRecorder
	mu sync.Mutex
}

func (*recorder) SetWriteDeadline(time.Time) error { return nil }

func (r *recorder) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ResponseRecorder.Write(b)
}

// take is what was written since it was last called.
func (r *recorder) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.Body.Reset()
	return r.Body.String()
}

// The page tells of an alert within a moment of its publication, over HTTP/1.1
// and, with TLS, HTTP/2.
func TestEventsReachTheListener(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(protocol, func(t *testing.T) {
			s, client, scheme := newTestServer(calm()), http.DefaultClient, "http://"
			if protocol == "HTTP/2.0" {
				file, pool := webConfig(t)
				s.opts.WebConfigFile = file
				client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
				t.Cleanup(client.CloseIdleConnections)
				scheme = "https://prometheus:correct%20horse@"
			}
			resp, lines := listen(t, client, scheme+serve(t, s)+"/events")
			if resp.StatusCode != 200 || resp.Proto != protocol || resp.Header.Get("Content-Type") != "text/event-stream" {
				t.Fatalf("%s %d %v", resp.Proto, resp.StatusCode, resp.Header)
			}
			s.opts.Store.Publish(fixture())
			for {
				name, data, err := nextEvent(lines)
				if err != nil {
					t.Fatal(err)
				}
				if name == "alerts" && strings.Contains(data, "PTPUnknownGrandmaster") {
					return
				}
			}
		})
	}
}

// A stream outlives the time that a request may take, which is for the request.
func TestEventsOutliveTheRequest(t *testing.T) {
	s := newTestServer(calm())
	s.http.ReadTimeout, s.http.ReadHeaderTimeout, s.http.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	_, lines := listen(t, http.DefaultClient, "http://"+serve(t, s)+"/events")
	for range len(sections) + 2 { // the last two a second and more after the first
		if _, _, err := nextEvent(lines); err != nil {
			t.Fatal(err)
		}
	}
}

// Listeners are so many and no more; one that leaves makes room.
func TestListenersAreBounded(t *testing.T) {
	s := newTestServer(calm())
	url := "http://" + serve(t, s) + "/events"
	var all []*http.Response
	for range maxListeners {
		resp, _ := listen(t, http.DefaultClient, url)
		if resp.StatusCode != 200 {
			t.Fatal(resp.Status)
		}
		all = append(all, resp)
	}
	if resp, _ := listen(t, http.DefaultClient, url); resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: %s", resp.Status)
	}
	if resp, _ := get(t, http.DefaultClient, strings.TrimSuffix(url, "events")+"metrics", ""); resp.StatusCode != 200 {
		t.Errorf("scrape beside them: %s", resp.Status)
	}
	all[0].Body.Close()
	for limit := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if resp, _ := listen(t, http.DefaultClient, url); resp.StatusCode == 200 {
			return
		}
		if time.Now().After(limit) {
			t.Fatal("the place of one that left is not free")
		}
	}
}

// A listener that does not read is cut off, and holds nobody up meanwhile.
func TestSlowListenerIsDropped(t *testing.T) {
	s := newTestServer(flood(1, 300))
	s.live.timeout = time.Second
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	s.listener = smallBuffers{s.listener.(*net.TCPListener)}
	addr := serve(t, s)
	askWithoutReading(t, addr, "/events")
	_, lines := listen(t, http.DefaultClient, "http://"+addr+"/events")
	for limit := time.Now().Add(time.Minute); ; {
		if _, _, err := nextEvent(lines); err != nil {
			t.Fatalf("the one that reads: %v", err)
		}
		if len(s.live.slots) == 1 {
			return
		}
		if time.Now().After(limit) {
			t.Fatal("still served after 60 times the limit")
		}
	}
}

// An agent that stops ends its streams at once: it is not kept by who listens.
func TestStopEndsTheListeners(t *testing.T) {
	s := newTestServer(calm())
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	_, lines := listen(t, http.DefaultClient, "http://"+s.Addr().String()+"/events")
	if _, _, err := nextEvent(lines); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	for {
		if _, _, err := nextEvent(lines); err != nil {
			if err != io.EOF { // cut off in the middle is not ended
				t.Errorf("the stream: %v", err)
			}
			return
		}
	}
}

// The page is made for all who look at it, no more often than need be.
func TestPageIsMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLive(&Store{}, nil, newTestServer(nil).log)
		l.store.Publish(calm())
		shows := func() bool {
			r, err := l.current()
			if err != nil {
				t.Fatal(err)
			}
			return strings.Contains(string(r.whole), "PTPUnknownGrandmaster")
		}
		shows()
		l.store.Publish(&Snapshot{View: &analysis.View{Alerts: fixtureAlerts()}})
		time.Sleep(renderEvery - 1)
		if shows() {
			t.Error("made anew within its age")
		}
		time.Sleep(time.Nanosecond)
		if !shows() {
			t.Error("news is not there after its age")
		}
	})
}
