package agent

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/config"
)

// systemd is the other end of sd_notify(3).
type systemd struct {
	t    *testing.T
	conn *net.UnixConn
}

func newSystemd(t *testing.T, watchdog time.Duration) *systemd {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_PID", "")
	t.Setenv("WATCHDOG_USEC", "")
	if watchdog > 0 {
		t.Setenv("WATCHDOG_USEC", strconv.FormatInt(watchdog.Microseconds(), 10))
	}
	return &systemd{t, conn}
}

// told is the next notification; "" when there is none within a time.
func (s *systemd) told(within time.Duration) string {
	s.t.Helper()
	b := make([]byte, 4096)
	_ = s.conn.SetReadDeadline(time.Now().Add(within))
	n, err := s.conn.Read(b)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		s.t.Fatal(err)
	}
	return string(b[:n])
}

func (s *systemd) expect(want string) {
	s.t.Helper()
	if got := s.told(5 * time.Second); got != want {
		s.t.Errorf("told systemd %q, want %q", got, want)
	}
}

// TestSystemdIsTold: of the beginning, a reload and the end.
func TestSystemdIsTold(t *testing.T) {
	s := newSystemd(t, 0)
	t.Run("agent", func(t *testing.T) {
		_, source, reload := startWatcher(t, func() (*config.Config, error) { return nil, errors.New("bad") })
		s.expect("READY=1")
		reload <- syscall.SIGHUP
		source.out <- event{at: time.Now()}
		reloading := s.told(5 * time.Second)
		if !strings.HasPrefix(reloading, "RELOADING=1\nMONOTONIC_USEC=") {
			t.Errorf("told systemd %q of a reload", reloading)
		}
		s.expect("READY=1")
	})
	s.expect("STOPPING=1")
}

// TestWatchdogIsFedByThePipeline: only what has come from capture through the
// analysis is a sign of life.
func TestWatchdogIsFedByThePipeline(t *testing.T) {
	s := newSystemd(t, 3*time.Microsecond)
	_, source, _ := startWatcher(t, nil)
	s.expect("READY=1")
	if got := s.told(300 * time.Millisecond); got != "" {
		t.Errorf("told systemd %q while capture is stuck", got)
	}
	source.out <- event{at: time.Now()}
	s.expect("WATCHDOG=1")
	m := announce(gm1, 128, 0)
	source.out <- event{&m, time.Now()}
	if got := s.told(300 * time.Millisecond); got != "" {
		t.Errorf("told systemd %q though capture says no more that it has turned", got)
	}
	source.out <- event{at: time.Now()}
	s.expect("WATCHDOG=1")
}

// TestWatchdogIsNotFlooded: a third of what systemd waits is often enough.
func TestWatchdogIsNotFlooded(t *testing.T) {
	s := newSystemd(t, time.Hour) // however busy the machine is
	_, source, _ := startWatcher(t, nil)
	s.expect("READY=1")
	for range 20 {
		source.out <- event{at: time.Now()}
	}
	s.expect("WATCHDOG=1")
	if got := s.told(200 * time.Millisecond); got != "" {
		t.Errorf("told systemd %q", got)
	}
}
