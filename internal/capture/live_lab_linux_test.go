package capture

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/labtest"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// cable is labtest's, ready to send on.
func cable(t testing.TB, left, right string) {
	t.Helper()
	labtest.Cable(t, left, right)
	waitForCarrier(t, left)
	waitForCarrier(t, right)
}

// cables lays n cables and names all their ends.
func cables(t testing.TB, n int) (names []string) {
	t.Helper()
	for i := range n {
		left, right := fmt.Sprintf("left%d", i), fmt.Sprintf("right%d", i)
		cable(t, left, right)
		names = append(names, left, right)
	}
	return names
}

// waitForCarrier waits until frames can be sent: a link that is up drops them
// until the kernel has noticed its carrier.
func waitForCarrier(t testing.TB, name string) {
	t.Helper()
	k, err := newKernelNICs()
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	eventually(t, name+" to come up", func() bool { return k.linkState(name) == LinkUp })
	if _, err := k.read(name); err != nil { // waits for the lock under which it was noticed
		t.Fatal(err)
	}
}

// waitLimit is for what never happens. A busy machine takes its time.
const waitLimit = 30 * time.Second

// eventually waits until something is true.
func eventually(t testing.TB, what string, true func() bool) {
	t.Helper()
	for begin := time.Now(); !true(); time.Sleep(time.Millisecond) {
		if time.Since(begin) > waitLimit {
			t.Fatalf("waited %v for %s", waitLimit, what)
		}
	}
}

// sender sends frames as they are.
type sender struct {
	t  testing.TB
	fd int
}

func newSender(t testing.TB, name string) *sender {
	t.Helper()
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	s := &sender{t, fd}
	s.attach(name)
	return s
}

func (s *sender) attach(name string) {
	s.t.Helper()
	index, err := interfaceIndex(s.fd, name)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := unix.Bind(s.fd, &unix.SockaddrLinklayer{Ifindex: index}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sender) send(frames ...[]byte) {
	s.t.Helper()
	for _, f := range frames {
		if _, err := unix.Write(s.fd, f); err != nil {
			s.t.Fatalf("send: %v", err)
		}
	}
}

// waitForStamps waits until the kernel stamps frames, and keeps it doing so.
func waitForStamps(t testing.TB) {
	t.Helper()
	s, err := OpenSocket("lo", SocketOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	sender, frame := newSender(t, "lo"), eth(0x88F7, message(ptp.Sync, 1))
	eventually(t, "stamps", func() bool {
		sender.send(frame)
		n, err := s.receive()
		if err != nil {
			t.Fatal(err)
		}
		var f liveFrame
		for i := range n {
			s.read(i, &f)
		}
		return n > 0 && !f.unstamped
	})
}

// running is a Live at work: its messages, and what became of its interfaces.
type running struct {
	*Live
	t    testing.TB
	done chan struct{}

	mu       sync.Mutex
	messages []packet.Observation
	beats    []time.Time
	changes  []InterfaceState
	news     chan struct{}
}

// start runs a Live until the test ends.
func start(t testing.TB, o LiveOptions) *running {
	t.Helper()
	r := &running{t: t, done: make(chan struct{}), news: make(chan struct{}, 1)}
	o.OnChange = func(_, after InterfaceState) {
		r.note(func() { r.changes = append(r.changes, after) })
	}
	l, err := OpenLive(o)
	if err != nil {
		t.Fatal(err)
	}
	r.Live = l
	r.run()
	return r
}

func (r *running) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := r.Live.Run(ctx); err != nil {
			r.t.Errorf("Run: %v", err)
		}
	})
	wg.Go(r.consume)
	r.t.Cleanup(func() {
		cancel()
		wg.Wait()
		if err := r.Close(); err != nil {
			r.t.Errorf("Close: %v", err)
		}
	})
}

func (r *running) consume() {
	defer close(r.done)
	for {
		var o packet.Observation
		message, err := r.Next(&o)
		if err != nil {
			if err != io.EOF {
				r.t.Errorf("Next: %v", err)
			}
			return
		}
		o.Message.TLVs = append([]byte(nil), o.Message.TLVs...)
		r.note(func() {
			if message {
				r.messages = append(r.messages, o)
			} else {
				r.beats = append(r.beats, o.At)
			}
		})
	}
}

func (r *running) note(change func()) {
	r.mu.Lock()
	change()
	r.mu.Unlock()
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// wait waits for something to become true of the messages and changes.
func (r *running) wait(what string, true func() bool) {
	r.t.Helper()
	deadline := time.After(waitLimit)
	for {
		r.mu.Lock()
		ok := true()
		r.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-r.news:
		case <-deadline:
			r.mu.Lock()
			defer r.mu.Unlock()
			r.t.Fatalf("waited %v for %s: %d messages, changes %+v", waitLimit, what, len(r.messages), r.changes)
		}
	}
}

// peek returns the messages there are.
func (r *running) peek() []packet.Observation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.messages
}

// receive waits until there are n messages, and returns them.
func (r *running) receive(n int) []packet.Observation {
	r.t.Helper()
	r.wait("messages", func() bool { return len(r.messages) >= n })
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.messages
	r.messages = nil
	return got
}

// link waits until an interface is in a state.
func (r *running) link(name string, state LinkState) {
	r.t.Helper()
	r.wait(name+" "+string(state), func() bool {
		for i := len(r.changes) - 1; i >= 0; i-- {
			if r.changes[i].Interface == name {
				return r.changes[i].Link == state
			}
		}
		return false
	})
}
