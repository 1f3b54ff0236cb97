package export

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// serve runs a Server on a free port of loopback until the test ends, and
// returns its address.
func serve(t *testing.T, s *Server) string {
	t.Helper()
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run, asked to stop: %v", err)
		}
	})
	return s.Addr().String()
}

func newTestServer(s *Snapshot) *Server {
	opts := Options{Listen: "127.0.0.1:0", Store: new(Store), Logger: slog.New(slog.DiscardHandler)}
	opts.Store.Publish(s)
	return NewServer(opts)
}

// get fetches a page; accept may be "".
func get(t *testing.T, client *http.Client, url, accept string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestServerPages(t *testing.T) {
	s := newTestServer(fixture())
	var notReady error = errors.New("eth0 has not captured a frame yet")
	s.opts.Ready = func() error { return notReady }
	base := "http://" + serve(t, s)
	for _, tc := range []struct {
		path     string
		notReady error
		status   int
		contains string
	}{
		{"/metrics", nil, 200, "\nptpwatch_grandmaster_best{"},
		{"/metrics", nil, 200, "\ngo_goroutines "},
		{"/metrics", nil, 200, "\nprocess_start_time_seconds "},
		{"/-/healthy", notReady, 200, "ptpwatch is healthy."},
		{"/-/ready", notReady, 503, "ptpwatch is not ready: eth0 has not captured a frame yet"},
		{"/-/ready", nil, 200, "ptpwatch is ready."},
		{"/", nil, 200, "version 1.2.3"},
		{"/nothing", nil, 404, ""},
	} {
		notReady = tc.notReady
		resp, body := get(t, http.DefaultClient, base+tc.path, "")
		if resp.StatusCode != tc.status || !strings.Contains(body, tc.contains) {
			t.Errorf("GET %s: status %d, want %d with %q\n%s", tc.path, resp.StatusCode, tc.status, tc.contains, body)
		}
	}
	resp, err := http.Post(base+"/metrics", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /metrics: status %d", resp.StatusCode)
	}
}

func TestServerFollowsTheStore(t *testing.T) {
	s := newTestServer(&Snapshot{})
	base := "http://" + serve(t, s)
	if _, body := get(t, http.DefaultClient, base+"/metrics", ""); len(samples(body, "grandmaster_best")) != 0 {
		t.Error("grandmasters before anything was published")
	}
	s.opts.Store.Publish(fixture())
	if _, body := get(t, http.DefaultClient, base+"/metrics", ""); len(samples(body, "grandmaster_best")) != 2 {
		t.Error("the published grandmasters are not there")
	}
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := NewServer(Options{Listen: l.Addr().String(), Store: new(Store)})
	err = s.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "listen on "+l.Addr().String()) || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("Run on a port in use: %v", err)
	}
}

func TestRunFreesThePort(t *testing.T) {
	s := newTestServer(fixture())
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", s.Addr().String())
	if err != nil {
		t.Fatalf("after Run: %v", err)
	}
	l.Close()
}

// Run closes what it opened, also when it cannot serve.
func TestRunThatFailsFreesThePort(t *testing.T) {
	s := newTestServer(fixture())
	s.opts.WebConfigFile, _ = webConfig(t)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.opts.WebConfigFile); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err == nil {
		t.Fatal("Run served without its web configuration")
	}
	l, err := net.Listen("tcp", s.Addr().String())
	if err != nil {
		t.Fatalf("after Run: %v", err)
	}
	l.Close()
}

// The limits that the tests below shorten are there, and in sensible order.
func TestServerHasLimits(t *testing.T) {
	h := newTestServer(fixture()).http
	if !(0 < h.ReadHeaderTimeout && h.ReadHeaderTimeout <= h.ReadTimeout && scrapeTimeout < h.WriteTimeout && h.WriteTimeout < h.IdleTimeout) {
		t.Errorf("header %v, read %v, scrape %v, write %v, idle %v", h.ReadHeaderTimeout, h.ReadTimeout, scrapeTimeout, h.WriteTimeout, h.IdleTimeout)
	}
}

// A client that never ends its request is cut off.
func TestSlowRequestTimesOut(t *testing.T) {
	s := newTestServer(fixture())
	s.http.ReadHeaderTimeout = 50 * time.Millisecond
	conn, err := net.Dial("tcp", serve(t, s))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /metrics HTTP/1.1\r\nHost: x\r\n")); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.ReadAll(conn); isTimeout(err) {
		t.Error("the connection is still open after 100 times the limit")
	}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// bigPage serves some 400 KB, much more than the socket buffers take, and
// tells of each connection that is done with a request.
func bigPage(t *testing.T, writeTimeout time.Duration) (addr string, done func(net.Addr) bool) {
	t.Helper()
	s := newTestServer(flood(1, 200))
	s.http.WriteTimeout = writeTimeout
	var finished sync.Map
	s.http.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateIdle || state == http.StateClosed {
			finished.Store(c.RemoteAddr().String(), true)
		}
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	s.listener = smallBuffers{s.listener.(*net.TCPListener)}
	return serve(t, s), func(client net.Addr) bool {
		_, ok := finished.Load(client.String())
		return ok
	}
}

// Clients that ask for the page and do not read it cost others nothing: here
// are more of them than scrape slots.
func TestSlowReadersBlockNobody(t *testing.T) {
	addr, done := bigPage(t, time.Hour)
	var slow []net.Conn
	for range 2 * maxScrapes {
		conn := askWithoutReading(t, addr, "/metrics")
		status := make([]byte, 12)
		if _, err := io.ReadFull(conn, status); err != nil || string(status) != "HTTP/1.1 200" {
			t.Fatalf("slow reader: %q, %v", status, err)
		}
		slow = append(slow, conn)
	}
	resp, body := get(t, http.DefaultClient, "http://"+addr+"/metrics", "")
	if resp.StatusCode != 200 || len(samples(body, "grandmaster_best")) == 0 {
		t.Errorf("scrape beside slow readers: status %d", resp.StatusCode)
	}
	for _, conn := range slow {
		if done(conn.LocalAddr()) {
			t.Error("a slow reader was served in full before the scrape: nothing is shown")
		}
	}
}

func TestSlowReaderTimesOut(t *testing.T) {
	addr, done := bigPage(t, 200*time.Millisecond)
	conn := askWithoutReading(t, addr, "/metrics")
	for limit := time.Now().Add(20 * time.Second); !done(conn.LocalAddr()); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("still served after 100 times the limit")
		}
	}
}

// smallBuffers keeps the kernel from taking a whole page off our hands.
type smallBuffers struct{ *net.TCPListener }

func (l smallBuffers) Accept() (net.Conn, error) {
	conn, err := l.AcceptTCP()
	if err == nil {
		err = conn.SetWriteBuffer(4096)
	}
	return conn, err
}

// askWithoutReading asks for a page and leaves it to the caller to read.
func askWithoutReading(t *testing.T, addr, path string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return conn
}

// Clients that hold connections cost no more than maxConnections of them.
// Whoever hangs up in the middle of a page must not fill the log: promhttp
// complains once for every family that is left.
func TestClientThatHangsUpIsNotLogged(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want bool
	}{
		{context.Canceled, false},
		{http.ErrHandlerTimeout, false},
		{errors.New("collected metric was collected before"), true},
	} {
		var said strings.Builder
		scrapeLog{slog.New(slog.NewTextHandler(&said, nil))}.Println("error encoding and sending metric family:", tc.err)
		if got := strings.Contains(said.String(), "level=ERROR"); got != tc.want {
			t.Errorf("%v: logged %t, want %t: %s", tc.err, got, tc.want, said.String())
		}
	}
}

// A pipeline that hangs is not healthy, however well the server answers.
func TestHealthIsThePipelines(t *testing.T) {
	s := newTestServer(fixture())
	base := "http://" + serve(t, s)
	s.opts.Store.newest.Store(&published{s.opts.Store.Load(), time.Now().Add(-time.Minute)})
	if resp, body := get(t, http.DefaultClient, base+"/-/healthy", ""); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a minute after the last snapshot: status %d: %s", resp.StatusCode, body)
	}
	s.opts.Store.Publish(s.opts.Store.Load())
	if resp, body := get(t, http.DefaultClient, base+"/-/healthy", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("after the next: status %d: %s", resp.StatusCode, body)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	s := newTestServer(fixture())
	addr := serve(t, s)
	var held []net.Conn
	for range maxConnections {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		held = append(held, conn)
	}
	done := make(chan error, 1)
	go func() {
		resp, err := http.Get("http://" + addr + "/-/healthy")
		if err == nil {
			resp.Body.Close()
		}
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("one connection beyond the limit was served (%v)", err)
	case <-time.After(200 * time.Millisecond):
	}
	held[0].Close()
	if err := <-done; err != nil {
		t.Errorf("after a connection became free: %v", err)
	}
}

// Scrapes and publishing do not wait for each other, nor see half a snapshot.
func TestPublishWhileScraping(t *testing.T) {
	s := newTestServer(fixture())
	base := "http://" + serve(t, s)
	stop := make(chan struct{})
	published := make(chan int)
	go func() {
		for n := 1; ; n++ {
			select {
			case <-stop:
				published <- n
				return
			default:
				s.opts.Store.Publish(fixture())
			}
		}
	}()
	for range 20 {
		if _, body := get(t, http.DefaultClient, base+"/metrics", ""); len(samples(body, "grandmaster_best")) != 2 {
			t.Fatalf("half a snapshot:\n%s", body)
		}
		if _, body := get(t, http.DefaultClient, base+"/api/v1/report", ""); !strings.Contains(body, clockB.String()) || !json.Valid([]byte(body)) {
			t.Fatalf("half a snapshot:\n%s", body)
		}
	}
	close(stop)
	if n := <-published; n < 20 {
		t.Errorf("only %d snapshots were published beside 20 scrapes", n)
	}
}
