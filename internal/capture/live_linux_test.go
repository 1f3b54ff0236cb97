package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/internal/labtest"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func interfaces(names ...string) []LiveInterface {
	var list []LiveInterface
	for _, name := range names {
		list = append(list, LiveInterface{Name: name})
	}
	return list
}

// TestLiveObservation: what an observation of a live frame holds, on both ends
// of a cable.
func TestLiveObservation(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	r := start(t, LiveOptions{
		Interfaces: interfaces("left", "right"),
		Naming:     Naming{Taps: map[string]string{"left": "breakout", "right": "breakout"}, Networks: []NamedNetwork{{Name: "plant", Interfaces: []string{"right"}}}},
	})
	before := time.Now()
	newSender(t, "left").send(
		eth(0x8100, tag(100, 0x0800, ip4(0, nil, udp4(319, 319, message(ptp.Sync, 7, pathTrace...))))),
		eth(0x88F7, []byte{0x0B}),
	)
	got := r.receive(4)
	type seen struct {
		Interface, Tap, Network string
		Egress                  bool
		Frame                   uint64
		VLANs                   packet.VLANs
		Malformed               ptp.Malformation
		SequenceID              uint16
		TLVs                    []byte
	}
	var list []seen
	for _, o := range got {
		list = append(list, seen{o.Interface, o.Tap, o.Network, o.Egress, o.Frame.Number, o.VLANs, o.Malformed, o.Message.SequenceID, o.Message.TLVs})
		if o.At.Before(before) || o.At.After(time.Now()) || o.StampSource != packet.StampSoftware || o.StampClock != "" ||
			!o.Stamp.Equal(o.Software) || !o.Hardware.IsZero() || o.Software.Sub(o.At).Abs() > time.Second {
			t.Errorf("at %v, stamp %v of %v %q, software %v, hardware %v", o.At, o.Stamp, o.StampSource, o.StampClock, o.Software, o.Hardware)
		}
	}
	tagged := packet.VLANs{IDs: [2]uint16{100}, Count: 1}
	slices.SortStableFunc(list, func(a, b seen) int { return strings.Compare(a.Interface, b.Interface) })
	want := []seen{
		{"left", "breakout", "left.100", true, 1, tagged, "", 7, pathTrace},
		{"left", "breakout", "left", true, 2, packet.VLANs{}, ptp.BadVersion, 0, nil},
		{"right", "breakout", "plant.100", false, 1, tagged, "", 7, pathTrace},
		{"right", "breakout", "plant", false, 2, packet.VLANs{}, ptp.BadVersion, 0, nil},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for i, s := range r.Stats() {
		want := packet.CaptureStats{
			Interface: []string{"left", "right"}[i], Frames: 2, Bytes: s.Bytes, PTP: 1, Malformed: map[ptp.Malformation]uint64{ptp.BadVersion: 1},
			Stamps: map[packet.StampSource]uint64{packet.StampSoftware: 2}, First: s.First, Last: s.Last, Up: true,
			EgressEvents: uint64(1 - i),
		}
		if diff := cmp.Diff(want, s); diff != "" || s.Bytes < 120 || s.Last.Before(s.First) || s.First.Before(before) {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// TestLiveOrder: over three cables and six interfaces, every request comes out
// before the response to it, and times never step back.
func TestLiveOrder(t *testing.T) {
	labtest.Enter(t)
	waitForStamps(t)
	names := cables(t, 3)
	// Many looks, and frames coming all the while.
	r := start(t, LiveOptions{Interfaces: interfaces(names...), Delay: 100 * time.Microsecond})
	// A request goes over one cable, the response comes back over the next.
	const exchanges = 5000
	var senders []*sender
	for _, name := range names {
		senders = append(senders, newSender(t, name))
	}
	for i := range exchanges {
		senders[i%6].send(eth(0x88F7, message(ptp.DelayReq, uint16(i))))
		senders[(i+3)%6].send(eth(0x88F7, message(ptp.DelayResp, uint16(i))))
	}
	var got []packet.Observation
	for len(got) < 4*exchanges { // each is seen going out and coming in
		got = append(got, r.receive(1)...)
	}
	asked := make(map[uint16]int)
	wrong := uint64(0)
	for i, o := range got {
		if i > 0 && o.At.Before(got[i-1].At) {
			wrong++
		}
		switch o.Message.Type {
		case ptp.DelayReq:
			asked[o.Message.SequenceID]++
		case ptp.DelayResp:
			if asked[o.Message.SequenceID] == 0 {
				wrong++
			}
		}
	}
	late := uint64(0)
	for _, s := range r.Stats() {
		late += s.OutOfOrder
		if s.Drops != 0 {
			t.Errorf("%s: %d dropped", s.Interface, s.Drops)
		}
	}
	// A hypervisor may stop a processor between stamp and socket for longer
	// than we wait. Such a message is counted.
	if wrong > 2*late || late > 100 {
		t.Errorf("%d of %d messages out of order, and %d said to be", wrong, len(got), late)
	}
}

// TestLiveBeats: on a quiet link Next wakes again and again, and what it says is
// true: nothing older comes after a beat.
func TestLiveBeats(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	r := start(t, LiveOptions{Interfaces: interfaces("left", "right")})
	r.wait("three beats", func() bool { return len(r.beats) >= 3 })
	newSender(t, "left").send(eth(0x88F7, message(ptp.Sync, 1)))
	o := r.receive(1)[0]
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, at := range r.beats[:3] {
		if at.After(o.At) {
			t.Errorf("beat %d says all up to %v was handed on, and then came a message of %v", i, at, o.At)
		}
		if i > 0 && at.Before(r.beats[i-1]) {
			t.Errorf("beat %d is %v before the last", i, r.beats[i-1].Sub(at))
		}
	}
}

// TestLiveDown: an interface that goes down, and its other end, are told and
// heard again when they are up.
func TestLiveDown(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	r := start(t, LiveOptions{Interfaces: interfaces("right")})
	r.link("right", LinkUp)
	hears := func(sequence uint16) {
		t.Helper()
		s := newSender(t, "left")
		waitForCarrier(t, "left")
		s.send(eth(0x88F7, message(ptp.Sync, sequence)))
		if o := r.receive(1)[0]; o.Message.SequenceID != sequence {
			t.Errorf("got %d, want %d", o.Message.SequenceID, sequence)
		}
	}
	hears(1)
	for i, end := range []string{"right", "left"} {
		labtest.IP(t, "link set "+end+" down")
		r.link("right", LinkDown)
		if s := r.Stats()[0]; s.Up {
			t.Error("down, and its statistics say up")
		}
		labtest.IP(t, "link set "+end+" up")
		r.link("right", LinkUp)
		hears(uint16(2 + i))
	}
	if s := r.Stats()[0]; s.PTP != 3 || s.Fault != "" {
		t.Errorf("%+v", s)
	}
}

// TestLiveGone: an interface that vanishes, because it or its peer is deleted,
// is told, and one that comes back under its name is heard, whatever its index.
func TestLiveGone(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	r := start(t, LiveOptions{Interfaces: interfaces("right")})
	r.link("right", LinkUp)
	for i, deleted := range []string{"right", "left"} {
		labtest.IP(t, "link del "+deleted)
		r.link("right", LinkGone)
		cable(t, "left", "right")
		r.link("right", LinkUp)
		waitForCarrier(t, "left")
		newSender(t, "left").send(eth(0x88F7, message(ptp.Sync, uint16(i))))
		if o := r.receive(1)[0]; o.Message.SequenceID != uint16(i) || o.Interface != "right" {
			t.Errorf("got %d on %s", o.Message.SequenceID, o.Interface)
		}
	}
	// One that has the index of the one before.
	index := r.listeners[0].socket.bound()
	labtest.IP(t, "link del right")
	labtest.IP(t, fmt.Sprintf("link add right index %d type veth peer name left", index))
	labtest.IP(t, "link set left up")
	labtest.IP(t, "link set right up")
	waitForCarrier(t, "left")
	s := newSender(t, "left")
	eventually(t, "right to be heard again", func() bool { // nothing tells that it was gone in between
		s.send(eth(0x88F7, message(ptp.Sync, 9)))
		return len(r.peek()) > 0
	})
	if again := r.listeners[0].socket.bound(); again != index {
		t.Errorf("it came back with index %d, want %d", again, index)
	}
	// The groups are joined anew.
	mcast, err := os.ReadFile("/proc/thread-self/net/dev_mcast")
	if err != nil || strings.Count(string(mcast), " right ") < len(groups) {
		t.Errorf("groups after it came back (%v):\n%s", err, mcast)
	}
}

// TestLiveRenamed: a renamed interface is still the same wire.
func TestLiveRenamed(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	r := start(t, LiveOptions{Interfaces: interfaces("right")})
	r.link("right", LinkUp)
	labtest.IP(t, "link set right down")
	labtest.IP(t, "link set right name other")
	labtest.IP(t, "link set other up")
	r.link("right", LinkUp)
	waitForCarrier(t, "left")
	newSender(t, "left").send(eth(0x88F7, message(ptp.Sync, 1)))
	if o := r.receive(1)[0]; o.Interface != "right" {
		t.Errorf("heard on %q, want it under its configured name", o.Interface)
	}
}

// TestLiveQueueFull: a consumer that stands still costs messages, each of them
// counted, and stops nothing.
func TestLiveQueueFull(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	l, err := OpenLive(LiveOptions{Interfaces: interfaces("right"), Delay: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	const room = queueBatches * batchMessages
	sender := newSender(t, "left")
	frame := eth(0x88F7, message(ptp.Sync, 1))
	sent := uint64(0)
	read := func() uint64 { return l.Stats()[0].PTP }
	for sent < room+1000 {
		for range 500 {
			sender.send(frame)
		}
		sent += 500
		eventually(t, "frames read", func() bool { return read() == sent })
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	var o packet.Observation
	got := uint64(0)
	for {
		message, err := l.Next(&o)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if message {
			got++
		}
	}
	s := l.Stats()[0]
	if s.Drops == 0 || got+s.Drops != sent || got > room {
		t.Errorf("sent %d, got %d, %d dropped, of a queue for %d", sent, got, s.Drops, room)
	}
}

// TestLiveStops: Run ends when it is told to, wherever it is: nothing else would
// wake it for an hour. And nothing is left.
func TestLiveStops(t *testing.T) {
	labtest.Enter(t)
	names := cables(t, 4)
	s := newSender(t, names[0])
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	for what, end := range map[string]func(context.CancelFunc, *Live){
		"context": func(cancel context.CancelFunc, _ *Live) { cancel() },
		"Close":   func(_ context.CancelFunc, l *Live) { l.Close() },
	} {
		for _, sends := range []bool{false, true} { // so that it lets more gather when it ends
			t.Logf("by %s", what)
			stopLive(t, names, s, sends, end)
		}
	}
	eventually(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= goroutines })
	if now := openFiles(t); now != files {
		t.Errorf("%d files open, before %d", now, files)
	}
}

// stopLive starts a Live, ends it and says how long ending and closing took.
func stopLive(t testing.TB, names []string, s *sender, sends bool, end func(context.CancelFunc, *Live)) time.Duration {
	t.Helper()
	l, err := OpenLive(LiveOptions{Interfaces: interfaces(names...)})
	if err != nil {
		t.Fatal(err)
	}
	l.beaten = l.clock.now() + int64(time.Hour) // no beat until then
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended, drained := make(chan error, 1), make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	go func() {
		var o packet.Observation
		var err error
		for err == nil {
			_, err = l.Next(&o)
		}
		drained <- err
	}()
	time.Sleep(20 * time.Millisecond) // it waits by now; if not, it must end all the same
	if sends {
		s.send(eth(0x88F7, message(ptp.Sync, 1)))
	}
	begin := time.Now()
	end(cancel, l)
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Run: %v", err)
		}
	case <-time.After(waitLimit):
		t.Fatal("Run goes on")
	}
	if err := <-drained; err != io.EOF {
		t.Errorf("Next: %v, want io.EOF", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	took := time.Since(begin)
	if err := l.Run(ctx); err == nil {
		t.Error("Run again: no error")
	}
	return took
}

// BenchmarkLiveStops is how long an agent with eight interfaces takes to end
// and close its sockets.
func BenchmarkLiveStops(b *testing.B) {
	labtest.Enter(b)
	names := cables(b, 4)
	s := newSender(b, names[0])
	var sum, longest time.Duration
	for i := range b.N {
		took := stopLive(b, names, s, i%2 == 0, func(cancel context.CancelFunc, _ *Live) { cancel() })
		sum, longest = sum+took, max(longest, took)
	}
	b.ReportMetric(1000*sum.Seconds()/float64(b.N), "ms/stop")
	b.ReportMetric(1000*longest.Seconds(), "ms-longest")
}

func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestLiveReconfigure: what is not changed goes on as it was.
func TestLiveReconfigure(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	cable(t, "west", "east")
	r := start(t, LiveOptions{Interfaces: interfaces("right")})
	s := newSender(t, "left")
	s.send(eth(0x88F7, message(ptp.Sync, 1)))
	r.receive(1)
	kept := r.listeners[0].socket

	err := r.Reconfigure(interfaces("right", "absent", "east", "east"))
	if !errors.Is(err, unix.ENODEV) || !strings.Contains(err.Error(), "listen on east: named twice") {
		t.Errorf("got %v, want both faults", err)
	}
	if n := len(r.Stats()); n != 1 {
		t.Errorf("refused, and it listens to %d interfaces", n)
	}
	if err := r.Reconfigure(interfaces("east", "right")); err != nil {
		t.Fatal(err)
	}
	r.link("east", LinkUp)
	s.send(eth(0x88F7, message(ptp.Sync, 2)))
	s.attach("west")
	s.send(eth(0x88F7, message(ptp.Sync, 3)))
	got := r.receive(2)
	if got[0].Interface != "right" || got[1].Interface != "east" {
		t.Errorf("heard on %s and %s", got[0].Interface, got[1].Interface)
	}
	stats := r.Stats()
	if stats[0].Interface != "east" || stats[0].PTP != 1 || stats[1].PTP != 2 || r.listeners[1].socket != kept {
		t.Errorf("%+v", stats)
	}
	// Another way of listening needs another socket.
	if err := r.Reconfigure([]LiveInterface{{Name: "east", Promiscuous: true}}); err != nil {
		t.Fatal(err)
	}
	s.send(eth(0x88F7, message(ptp.Sync, 4)))
	if o := r.receive(1)[0]; o.Interface != "east" || o.Message.SequenceID != 4 || len(r.Stats()) != 1 {
		t.Errorf("heard %d on %s", o.Message.SequenceID, o.Interface)
	}
}

func TestOpenLiveRefuses(t *testing.T) {
	labtest.Enter(t)
	files := openFiles(t)
	_, err := OpenLive(LiveOptions{Interfaces: interfaces("lo", "absent", "missing")})
	if err == nil || !strings.Contains(err.Error(), "absent") || !strings.Contains(err.Error(), "missing") {
		t.Errorf("got %v, want both named", err)
	}
	if now := openFiles(t); now != files {
		t.Errorf("%d files open, before %d", now, files)
	}
}

// TestLiveKeepsFrames as they were on the wire, with the tag that the kernel
// took out of them, and only where somebody wants them.
func TestLiveKeepsFrames(t *testing.T) {
	labtest.Enter(t)
	cable(t, "left", "right")
	sent := [][]byte{
		eth(0x88F7, message(ptp.Sync, 1)),
		eth(0x8100, tag(100, 0x88F7, message(ptp.AnnounceMessage, 2))),
		eth(0x88F7, message(ptp.AnnounceMessage, 3, pathTrace...)),
	}
	for _, keep := range []bool{true, false} {
		l, err := OpenLive(LiveOptions{Interfaces: interfaces("right"), KeepFrames: keep})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- l.Run(t.Context()) }()
		newSender(t, "left").send(sent...)
		for i, want := range sent {
			if !keep {
				want = nil
			}
			var o packet.Observation
			for is := false; !is; {
				if is, err = l.Next(&o); err != nil {
					t.Fatal(err)
				}
			}
			if got := l.Frame(); !bytes.Equal(got, want) {
				t.Errorf("kept %t, frame %d: % x, want % x", keep, i, got, want)
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
