package agent

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// TestActs on several domains, of which one is listed and one is chosen.
func TestActs(t *testing.T) {
	r := newRig(t)
	r.config.Domains = []config.Domain{{DomainNumber: 1, Profile: "auto", Baseline: "listed", Grandmasters: []config.Grandmaster{{Identity: gm1.ClockIdentity}}}}
	r.start()
	for domain := range uint8(3) {
		for range 3 {
			r.seq++
			m := announce(gm1, 128, r.seq)
			m.DomainNumber = domain
			r.source.out <- event{&m, r.at}
			r.at = r.at.Add(time.Second / 8)
		}
	}
	r.seconds(1)
	number := func(n uint8) *uint8 { return &n }
	for _, c := range []struct {
		name    string
		request BaselineRequest
		want    string // domains that changed, and the error
	}{
		{"one", BaselineRequest{Act: AcceptBaselines, Reason: "r", Domain: number(2)}, "2 "},
		{"all that learn", BaselineRequest{Act: AcceptBaselines, Reason: "r"}, "0 2 "},
		{"of another network", BaselineRequest{Act: AcceptBaselines, Reason: "r", Network: new("eth9")}, "nothing of it is heard"},
		{"of another sdoId", BaselineRequest{Act: ResetBaselines, Reason: "r", SdoID: new(ptp.SdoID(0x100))}, "nothing of it is heard"},
		{"the listed one", BaselineRequest{Act: ResetBaselines, Reason: "r", Domain: number(1)}, "baseline: listed"},
		{"reset", BaselineRequest{Act: ResetBaselines, Reason: "r", Network: new("eth0"), Domain: number(0)}, "0 "},
		{"no reason", BaselineRequest{Act: ResetBaselines, Reason: " \t"}, "a reason is required"},
		{"no such act", BaselineRequest{Act: "drop"}, `act "drop": accepted: list, accept, reset`},
	} {
		got := r.ask(c.request)
		var text strings.Builder
		for _, change := range got.Changes {
			text.WriteString(string('0'+rune(change.Domain)) + " ")
		}
		if text.WriteString(got.Error); !strings.Contains(text.String(), c.want) || (got.Error == "") != strings.HasSuffix(c.want, " ") {
			t.Errorf("%s: %q, want %q", c.name, text.String(), c.want)
		}
	}
	var states []string
	for _, b := range r.ask(BaselineRequest{Act: ListBaselines}).Baselines {
		states = append(states, b.State)
	}
	if diff := cmp.Diff([]string{"learning", "listed", "pinned"}, states); diff != "" {
		t.Errorf("states (-want +got)\n%s", diff)
	}
}

// TestSocket: who may ask, and what becomes of those who do not ask properly.
func TestSocket(t *testing.T) {
	r := newRig(t)
	r.start()
	info, err := os.Stat(r.config.ControlSocket)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket %v, %v", info, err)
	}
	for request, want := range map[string]string{
		"":                                   "read the request: EOF",
		"half":                               "read the request: EOF",
		"nonsense\n":                         "read the request: invalid character",
		`{"act":"list","force":1}` + "\n":    `unknown field \"force\"`,
		`{"act":"list","domain":256}` + "\n": "cannot unmarshal number 256",
		strings.Repeat("x", maxRequest+1):    "read the request: EOF",
	} {
		conn, err := net.Dial("unix", r.config.ControlSocket)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, request)
		_ = conn.(*net.UnixConn).CloseWrite()
		line, _ := bufio.NewReader(conn).ReadString('\n')
		if conn.Close(); !strings.Contains(line, want) {
			t.Errorf("%.40q: answer %q, want %q", request, line, want)
		}
	}
	if got := r.ask(BaselineRequest{Act: ListBaselines}); got.Error != "" {
		t.Errorf("after that: %s", got.Error)
	}

	if _, err := listenControl(r.config.ControlSocket, r.memory, r.options.Log); err == nil || !strings.Contains(err.Error(), "another agent answers on it") {
		t.Errorf("a second one: %v", err)
	}
	r.stop()
	if _, err := os.Stat(r.config.ControlSocket); !os.IsNotExist(err) {
		t.Errorf("the socket is left behind: %v", err)
	}
	_, err = AskBaseline(t.Context(), r.config.ControlSocket, BaselineRequest{Act: ListBaselines})
	if err == nil || !strings.Contains(err.Error(), "no agent listens on "+r.config.ControlSocket) {
		t.Errorf("nobody is there: %v", err)
	}
}

// TestSocketOfAKilledAgent is taken over.
func TestSocketOfAKilledAgent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.sock")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	if _, err := AskBaseline(t.Context(), path, BaselineRequest{}); err == nil || !strings.Contains(err.Error(), "no agent listens") {
		t.Errorf("before: %v", err)
	}
	c, err := listenControl(path, &memory{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.listener.Close()
	for name, want := range map[string]string{
		filepath.Join(t.TempDir(), "no", "such", "folder"):   "no such file or directory",
		filepath.Join(t.TempDir(), strings.Repeat("x", 120)): "invalid argument",
	} {
		if _, err := listenControl(name, &memory{}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

// TestAgentEndsWhileAsked: who waits is told.
func TestAgentEndsWhileAsked(t *testing.T) {
	r := newRig(t)
	r.start()
	answered := make(chan error, 1)
	go func() {
		_, err := AskBaseline(context.Background(), r.config.ControlSocket, BaselineRequest{Act: AcceptBaselines, Reason: "r"})
		answered <- err
	}()
	time.Sleep(20 * time.Millisecond) // most likely it waits for a beat by now; there is none
	r.stop()
	<-answered // with an answer or without
}
