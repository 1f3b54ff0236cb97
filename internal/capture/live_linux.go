package capture

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// Live captures the messages of several interfaces as one source, in order of
// time.
//
// One goroutine is in Run, which never waits for the other, in Next: between
// them is a bounded queue, and what does not fit is dropped and counted.
type Live struct {
	delay    time.Duration
	keep     bool // frames, beside messages
	onChange func(before, after InterfaceState)
	onSet    func(Setting)
	poll     *poller
	links    *linkMonitor
	kernel   *kernelNICs
	nics     nicSettings // kernel, but for tests
	phcs     phcReader   // kernelPHCs, likewise
	started  atomic.Bool
	closed   atomic.Bool

	queue chan *batch
	free  chan *batch // on their way back

	// What belongs to the goroutine in Next.
	names *namer
	lent  *batch
	next  int

	mu        sync.Mutex // for all below, but not while waiting
	listeners []*listener
	clock     *steadyClock
	decoder   *Decoder
	clocks    map[int32]string // by the index of the interface that stamped
	frame     liveFrame
	merge     merge
	out       *batch
	pool      []*caught
	dirty     bool  // an interface changed
	checked   int64 // when the interfaces were last looked at
	beaten    int64 // when the last beat was sent
	pause     time.Duration
	faults    []error // of closing, for Close to tell
}

// caught is a message on its way from Run to Next.
type caught struct {
	slot
	from  *listener
	frame []byte // its octets, where they are kept
}

// batch carries messages; none is a beat.
type batch struct {
	at       int64 // of a beat
	messages []*caught
}

const (
	batchMessages = 64
	// queueBatches bounds how far Next may lag behind: 32768 messages, about
	// 20 MB, and their frames where they are kept.
	queueBatches = 512
)

// OpenLive opens every interface. Frames gather from here on; Run takes them.
func OpenLive(o LiveOptions) (*Live, error) {
	l := &Live{
		delay: cmp.Or(o.Delay, DefaultDelay), keep: o.KeepFrames, onChange: o.OnChange, onSet: o.OnSet, names: newNamer(o.Naming),
		queue: make(chan *batch, queueBatches), free: make(chan *batch, queueBatches+3),
		clock: newSteadyClock(), decoder: NewDecoder(), clocks: make(map[int32]string), dirty: true, phcs: kernelPHCs,
	}
	l.pause = l.delay
	err := l.open(o.Interfaces)
	if err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func (l *Live) open(interfaces []LiveInterface) (err error) {
	if l.poll, err = newPoller(); err != nil {
		return err
	}
	if l.links, err = newLinkMonitor(); err != nil {
		return err
	}
	if err = l.poll.watch(l.links.fd); err != nil {
		return err
	}
	if l.kernel, err = newKernelNICs(); err != nil {
		return err
	}
	l.nics = l.kernel
	// The kernel begins to stamp frames a moment after the first socket asks
	// for it, and stops with the last one. This one stays.
	if err = enableStamps(l.kernel.fd); err != nil {
		return err
	}
	time.Sleep(stampsBegin)
	return l.Reconfigure(interfaces)
}

const stampsBegin = 5 * time.Millisecond

// Reconfigure listens to these interfaces from now on. Those it listens to
// already, it goes on with, and nothing of them is lost. Where one cannot be
// opened all stays as it was.
func (l *Live) Reconfigure(interfaces []LiveInterface) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list, opened []*listener
	var errs []error
	for i, options := range interfaces {
		if slices.ContainsFunc(interfaces[:i], func(o LiveInterface) bool { return o.Name == options.Name }) {
			errs = append(errs, fmt.Errorf("listen on %s: named twice", options.Name))
			continue
		}
		if n := l.listening(options); n != nil {
			list = append(list, n)
			continue
		}
		n, err := newListener(options, l.nics, l.onSet)
		if err == nil {
			list, opened = append(list, n), append(opened, n)
			err = l.poll.watch(n.socket.fd)
		}
		errs = append(errs, err)
		if errors.Is(err, fs.ErrPermission) {
			break // the next would say the same
		}
	}
	if err := errors.Join(errs...); err != nil {
		for _, n := range opened {
			_ = n.close()
		}
		return err
	}
	for _, n := range l.listeners {
		if !slices.Contains(list, n) {
			l.faults = append(l.faults, n.close())
		}
	}
	now := l.clock.now()
	for _, n := range opened {
		n.empty = now
	}
	for i, n := range list {
		n.choose(interfaces[i].StampOptions)
	}
	l.listeners, l.dirty = list, true
	return nil
}

// listening is the listener that can go on under the options; nil for none.
func (l *Live) listening(o LiveInterface) *listener {
	for _, n := range l.listeners {
		if n.options.Name == o.Name && n.options.Promiscuous == o.Promiscuous {
			return n
		}
	}
	return nil
}

// Next fills o with the next message, and says true. It says false at least
// every second, and o is nothing but a time then: that all messages up to
// o.At were handed on. What o.Message.TLVs and o.V1 point to holds until the
// next call. After Run has ended, and all is handed on, the error is io.EOF.
func (l *Live) Next(o *packet.Observation) (message bool, err error) {
	for l.lent == nil || l.next == len(l.lent.messages) {
		if l.lent != nil {
			l.free <- l.lent // there is room for all there are
		}
		var open bool
		if l.lent, open = <-l.queue; !open {
			l.lent = nil
			return false, io.EOF
		}
		l.next = 0
		if len(l.lent.messages) == 0 {
			*o = packet.Observation{At: unixTime(l.lent.at)}
			return false, nil
		}
	}
	*o = l.lent.messages[l.next].observation
	l.next++
	p := l.names.place(o.Interface, 0, o.VLANs)
	o.Interface, o.Tap, o.Network = p.iface, p.tap, p.network
	return true, nil
}

// Frame is the frame of the message that Next returned last, as it was on the
// wire from the Ethernet header on, VLAN tags and all; nil unless
// LiveOptions.KeepFrames. It holds until the next call of Next.
func (l *Live) Frame() []byte { return l.lent.messages[l.next-1].frame }

// SetNaming changes networks and taps. It is for the goroutine in Next.
func (l *Live) SetNaming(n Naming) { l.names = newNamer(n) }

// Stats is what was read so far, an interface each, as they were listed. It
// may be called at any time from anywhere.
func (l *Live) Stats() []packet.CaptureStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	stats := make([]packet.CaptureStats, len(l.listeners))
	for i, n := range l.listeners {
		stats[i] = n.stats()
	}
	return stats
}

// States is how the interfaces are, as they were listed. It may be called at
// any time from anywhere.
func (l *Live) States() []InterfaceState {
	l.mu.Lock()
	defer l.mu.Unlock()
	states := make([]InterfaceState, len(l.listeners))
	for i, n := range l.listeners {
		states[i] = n.state
	}
	return states
}

// stop makes Run return.
func (l *Live) stop() {
	l.closed.Store(true)
	_ = l.poll.close()
}

// Close ends Run and stops listening. A NIC whose stamping was switched on is
// put back as it was found, unless somebody else changed it since; the error is
// of those that could not be, here or when they were no longer listened to.
func (l *Live) Close() error {
	if l.poll != nil {
		l.stop()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, closeAll(l.listeners)...)
	if l.links != nil {
		_ = l.links.close()
	}
	if l.kernel != nil {
		_ = l.kernel.close()
	}
	err := errors.Join(l.faults...)
	l.kernel, l.links, l.faults = nil, nil, nil
	return err
}

// closeAll closes side by side: the kernel lets a closing packet socket wait
// until no processor can still be at it.
func closeAll(listeners []*listener) []error {
	errs := make([]error, len(listeners))
	var wg sync.WaitGroup
	for i, n := range listeners {
		wg.Go(func() { errs[i] = n.close() })
	}
	wg.Wait()
	return errs
}
