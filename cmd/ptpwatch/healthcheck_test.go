package main

import (
	"bytes"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// agentLike answers as an agent with basic authentication does.
func agentLike(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	switch {
	case r.URL.Path != "/-/healthy":
		http.NotFound(w, r)
	case user != "probe" || password != " secret ":
		w.WriteHeader(http.StatusUnauthorized)
	default:
		w.Write([]byte("ptpwatch is healthy.\n"))
	}
}

func TestHealthcheck(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(agentLike))
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.HandlerFunc(agentLike))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell of the bad probes
	secure.StartTLS()
	defer secure.Close()
	other := httptest.NewServer(http.RedirectHandler(plain.URL+"/-/healthy", http.StatusFound))
	defer other.Close()
	sick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "capture is dead", http.StatusServiceUnavailable)
	}))
	defer sick.Close()
	released := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-released }))
	defer slow.Close()
	defer close(released)
	gone := httptest.NewServer(nil)
	gone.Close()

	password := write(t, "password", " secret \r\n")
	authority := write(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})))
	for _, c := range []struct {
		name   string
		probe  probe
		status int
		want   string // in what is printed, or in the error
	}{
		{"basic authentication", probe{url: plain.URL, user: "probe", passwordFile: password}, 0, "ptpwatch is healthy.\n"},
		{"a path before", probe{url: plain.URL + "/ptp/", user: "probe", passwordFile: password}, 1, "/ptp/-/healthy: 404 Not Found"},
		{"no credentials", probe{url: plain.URL}, 1, "401 Unauthorized: give --user and --password-file"},
		{"wrong password", probe{url: plain.URL, user: "probe", passwordFile: authority}, 1, "401 Unauthorized"},
		{"no password file", probe{url: plain.URL, user: "probe", passwordFile: "none"}, 2, "password: open none: no such file"},
		{"TLS", probe{url: secure.URL, ca: authority, user: "probe", passwordFile: password}, 0, "ptpwatch is healthy.\n"},
		{"TLS, any certificate", probe{url: secure.URL, insecure: true, user: "probe", passwordFile: password}, 0, "ptpwatch is healthy.\n"},
		{"TLS, authority not known", probe{url: secure.URL, user: "probe", passwordFile: password}, 1, "certificate signed by unknown authority"},
		{"authorities that are none", probe{url: secure.URL, ca: password}, 2, "holds no PEM certificate"},
		{"no authorities file", probe{url: secure.URL, ca: "none"}, 2, "authorities: open none: no such file"},
		{"HTTP to a TLS port", probe{url: strings.Replace(secure.URL, "https", "http", 1)}, 1, "400 Bad Request: Client sent an HTTP request to an HTTPS server."},
		{"redirection", probe{url: other.URL}, 1, "the agent redirects nobody"},
		{"unhealthy", probe{url: sick.URL}, 1, "503 Service Unavailable: capture is dead"},
		{"no answer", probe{url: slow.URL, timeout: 50 * time.Millisecond}, 1, "deadline exceeded"},
		{"nobody there", probe{url: gone.URL}, 1, "connection refused"},
		{"no URL", probe{url: "localhost:9588"}, 2, `--url "localhost:9588": accepted: http://HOST:PORT or https://HOST:PORT`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.probe.timeout == 0 {
				c.probe.timeout = 10 * time.Second
			}
			var out bytes.Buffer
			err := ended(c.probe.run(t.Context(), &out))
			said := out.String()
			if err != nil {
				said = err.Error()
			}
			if status(err) != c.status || !strings.Contains(said, c.want) {
				t.Errorf("status %d, %q; want %d, %q", status(err), said, c.status, c.want)
			}
		})
	}
}

// ended gives err the status it has when a command returns it.
func ended(err error) error {
	return running(func(*cobra.Command, []string) error { return err })(nil, nil)
}

func TestLocalURL(t *testing.T) {
	for address, want := range map[string]string{
		":9588":           "http://127.0.0.1:9588",
		"0.0.0.0:9588":    "http://127.0.0.1:9588",
		"[::]:9588":       "http://[::1]:9588",
		"127.0.0.1:9588":  "http://127.0.0.1:9588",
		"[fe80::1]:9588":  "http://[fe80::1]:9588",
		"ptp.example:443": "http://ptp.example:443",
	} {
		if got := localURL(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}
