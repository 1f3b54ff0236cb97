package capture

import (
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// source is a pipe that the poller watches.
type source struct {
	t           *testing.T
	read, write int
}

func newSources(t *testing.T, p *poller, n int) []source {
	t.Helper()
	list := make([]source, n)
	for i := range list {
		var ends [2]int
		if err := unix.Pipe2(ends[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(ends[0]); unix.Close(ends[1]) })
		if err := p.watch(ends[0]); err != nil {
			t.Fatal(err)
		}
		list[i] = source{t, ends[0], ends[1]}
	}
	return list
}

func (s source) put() {
	s.t.Helper()
	if _, err := unix.Write(s.write, []byte{0}); err != nil {
		s.t.Fatal(err)
	}
}

func openPoller(t *testing.T) *poller {
	t.Helper()
	p, err := newPoller()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.close() })
	return p
}

// wakes says whether something would wake who waits for the poller.
func wakes(t *testing.T, p *poller) bool {
	t.Helper()
	var n int
	err := p.conn.Control(func(fd uintptr) {
		n, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n > 0
}

// TestPollerWakesOnce: what gathers after a wake-up causes no other, from the
// source that woke nor from one that came later; the next wait sees it all.
func TestPollerWakesOnce(t *testing.T) {
	p := openPoller(t)
	s := newSources(t, p, 20) // more than are told at once
	s[0].put()
	if some, err := p.until(time.Time{}); !some || err != nil {
		t.Fatalf("got %v, %v", some, err)
	}
	s[0].put()
	if wakes(t, p) {
		t.Error("the source that woke wakes again")
	}
	s[1].put()
	p.disarm()
	s[1].put()
	if wakes(t, p) {
		t.Error("another source wakes after disarm")
	}
	for _, one := range s {
		one.put()
	}
	for range 3 { // none was read: every wait ends at once
		if some, err := p.until(time.Time{}); !some || err != nil {
			t.Fatalf("unread, and got %v, %v", some, err)
		}
		p.disarm()
		p.disarm()
	}
	var b [8]byte
	for _, one := range s {
		for {
			if _, err := unix.Read(one.read, b[:]); err != nil {
				break
			}
		}
	}
	if some, err := p.until(time.Now().Add(time.Millisecond)); some || err != nil {
		t.Errorf("all read, and got %v, %v", some, err)
	}
	s[19].put()
	if some, err := p.until(time.Time{}); !some || err != nil {
		t.Errorf("after a wait in vain: %v, %v", some, err)
	}
}

// TestPollerCloseWakes: who waits for ever is woken by close alone.
func TestPollerCloseWakes(t *testing.T) {
	p := openPoller(t)
	woken := make(chan error)
	go func() {
		_, err := p.until(time.Time{})
		woken <- err
	}()
	time.Sleep(10 * time.Millisecond) // it waits by now; if not, it must see it all the same
	p.close()
	if err := <-woken; !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if _, err := p.until(time.Now().Add(time.Hour)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}
