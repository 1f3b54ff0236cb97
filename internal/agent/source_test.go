package agent

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// fakeSource is capture as a test wants it: what is put in comes out.
type fakeSource struct {
	out  chan event
	fail chan error    // what Run ends with
	done chan struct{} // Run has ended

	mu         sync.Mutex
	interfaces []capture.LiveInterface
	frames     uint64 // handed on
	frame      []byte
	refuse     error  // of Reconfigure
	down       string // an interface
	readings   []packet.ClockReading
}

// event is a message, or a beat.
type event struct {
	message *ptp.Message
	at      time.Time
}

func newFakeSource() *fakeSource {
	return &fakeSource{out: make(chan event), fail: make(chan error, 1), done: make(chan struct{})}
}

func (s *fakeSource) Run(ctx context.Context) (err error) {
	select {
	case <-ctx.Done():
	case err = <-s.fail:
	}
	close(s.done)
	return err
}

func (s *fakeSource) Next(o *packet.Observation) (bool, error) {
	var e event
	select {
	case e = <-s.out:
	case <-s.done:
		return false, io.EOF
	}
	*o = packet.Observation{At: e.at}
	if e.message == nil {
		return false, nil
	}
	o.Message, o.Interface, o.Tap, o.Network, o.Transport = *e.message, "eth0", "eth0", "eth0", packet.IEEE8023
	o.Stamp, o.Software, o.StampSource = e.at, e.at, packet.StampSoftware
	s.frames++
	o.Frame.Number = s.frames
	o.Message.VersionPTP = 2
	o.DestinationMAC, o.SourceMAC = packet.MAC{0x01, 0x1b, 0x19, 0, 0, 0}, packet.MAC{2, 0, 0, 0, 0, byte(o.Message.SourcePortIdentity.ClockIdentity)}
	s.frame = append(append(append(s.frame[:0], o.DestinationMAC[:]...), o.SourceMAC[:]...), 0x88, 0xf7)
	s.frame = ptp.AppendMessage(s.frame, &o.Message)
	o.Length = len(s.frame)
	return true, nil
}

func (s *fakeSource) Frame() []byte { return s.frame }

// beat returns when the agent has done all that it does at a beat: it takes the
// second when it is through with the first.
func (s *fakeSource) beat(at time.Time) {
	s.out <- event{at: at}
	s.out <- event{at: at}
}

func (s *fakeSource) Reconfigure(interfaces []capture.LiveInterface) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse == nil {
		s.interfaces = interfaces
	}
	return s.refuse
}

func (s *fakeSource) SetNaming(capture.Naming) {}

func (s *fakeSource) Stats() []packet.CaptureStats {
	return []packet.CaptureStats{{Interface: "eth0"}}
}

func (s *fakeSource) States() []capture.InterfaceState {
	s.mu.Lock()
	defer s.mu.Unlock()
	var states []capture.InterfaceState
	for _, n := range s.interfaces {
		link := capture.LinkUp
		if n.Name == s.down {
			link = capture.LinkDown
		}
		states = append(states, capture.InterfaceState{Interface: n.Name, Link: link})
	}
	return states
}

func (s *fakeSource) ReadClocks() []packet.ClockReading {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.readings)
}

// clocks are read from now on.
func (s *fakeSource) clocks(r ...packet.ClockReading) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readings = r
}

// startWatcher runs an agent on a fake source until the test ends. load is
// what a reload gets.
func startWatcher(t *testing.T, load func() (*config.Config, error)) (*watcher, *fakeSource, chan<- os.Signal) {
	t.Helper()
	c := loopback()
	c.Interfaces = []config.Interface{{Name: "eth0"}}
	w, s, reload, _ := startWith(t, c, load)
	return w, s, reload
}

// startWith runs one with a configuration, until stop is called or the test
// ends.
func startWith(t *testing.T, c *config.Config, load func() (*config.Config, error)) (w *watcher, s *fakeSource, reload chan<- os.Signal, stop func()) {
	t.Helper()
	s, signals := newFakeSource(), make(chan os.Signal, 1)
	_ = s.Reconfigure(interfaces(c))
	log := slog.New(slog.DiscardHandler)
	m, err := openMemory(c, log, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	w = newWatcher(s, m, RunOptions{Config: c, Log: log, Reload: signals, Load: load, OnReady: func(a string) { ready <- a }})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(stop)
	<-ready
	return w, s, signals, stop
}

// TestPump: it ends when it is told to, and says so when capture ends before
// that.
func TestPump(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		end  func(s *fakeSource, cancel func())
		want error
	}{
		{"told to", func(_ *fakeSource, cancel func()) { cancel() }, nil},
		{"capture fails", func(s *fakeSource, _ func()) { s.fail <- broken }, broken},
		{"capture ends", func(s *fakeSource, _ func()) { s.fail <- nil }, errCaptureEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s := newFakeSource()
				messages, beats := 0, 0
				time.AfterFunc(time.Minute, func() { c.end(s, cancel) })
				go func() {
					s.out <- event{message: &ptp.Message{}}
					s.out <- event{}
					s.out <- event{message: &ptp.Message{}}
				}()
				err := pump(ctx, s, func(*packet.Observation) { messages++ }, func(time.Time) { beats++ })
				if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
					t.Errorf("error %v, want %v", err, c.want)
				}
				if messages != 2 || beats != 1 {
					t.Errorf("%d messages and %d beats, want 2 and 1", messages, beats)
				}
			})
		})
	}
}
