//go:build linux

package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// InPath is a device between grandmasters and clients: it forwards every frame
// from one interface to the other, delays event messages and changes the
// timestamps inside others.
type InPath struct {
	Upstream string // the interface on the side of the grandmasters
	Effect

	restore []func() error
	relays  []*relay
	stop    context.CancelFunc
	running sync.WaitGroup

	mu    sync.Mutex
	start time.Time // of the attack; zero before and after
	first key       // of the first frame touched
	err   error
}

// Effect is what an InPath does to messages.
type Effect struct {
	// Sync and DelayReq say which event messages it delays, by Delay.
	Sync, DelayReq bool
	Delay          time.Duration
	// Shift is added to preciseOriginTimestamp and receiveTimestamp, and to the
	// originTimestamp of a one-step Sync: the grandmaster seems to step.
	Shift time.Duration
	// Ramp is how long Delay and Shift take to grow to their size.
	Ramp time.Duration
}

// longestDelay bounds how many frames can be held.
const longestDelay = 10 * time.Second

// residence is what every message takes through the device, attacked or not:
// longer than forwarding takes, so that an attack adds what it was told to and
// nothing else.
const residence = 500 * time.Microsecond

// key tells a message from others.
type key struct {
	messageType ptp.MessageType
	source      ptp.PortIdentity
	sequence    uint16
}

func keyOf(o *packet.Observation) key {
	return key{o.Message.Type, o.Message.SourcePortIdentity, o.Message.SequenceID}
}

func (d *InPath) describe(e *truth.Episode) {
	e.Type, e.Direction = "in-path", d.direction()
	e.Tolerated = []string{"PTPPathDelayShift", "PTPTimeStep", "PTPSelectiveDelay"}
	e.Size = fmt.Sprintf("delay %v, shift %v, ramp %v", d.Delay, d.Shift, d.Ramp)
	switch {
	case d.Shift != 0 && d.Ramp > 0:
		e.Alerts = append(e.Alerts, "PTPGrandmasterDrift")
	case d.Shift != 0:
		e.Alerts = append(e.Alerts, "PTPTimeStep")
	}
	switch e.Direction {
	case "forward", "reverse":
		e.Alerts = append(e.Alerts, "PTPPathAsymmetry")
	case "both":
		e.Alerts = append(e.Alerts, "PTPPathDelayShift")
		if d.Shift == 0 {
			e.Severity = "warning"
		}
	}
}

func (d *InPath) direction() string {
	switch {
	case d.Delay == 0 || !d.Sync && !d.DelayReq:
		return ""
	case !d.DelayReq:
		return "forward"
	case !d.Sync:
		return "reverse"
	}
	return "both"
}

func (d *InPath) interfaces() []string { return []string{d.Upstream} }

func (d *InPath) check() error {
	switch {
	case d.Delay < 0 || d.Delay > longestDelay:
		return fmt.Errorf("in-path delay of %v: 0 to %v are accepted", d.Delay, longestDelay)
	case d.Delay > 0 && !d.Sync && !d.DelayReq:
		return errors.New("in-path delay: say of what: Sync, Delay_Req or both")
	case d.Delay == 0 && d.Shift == 0:
		return errors.New("in-path: neither a delay nor a shift is given")
	case d.Ramp < 0:
		return fmt.Errorf("in-path ramp of %v: negative", d.Ramp)
	}
	return nil
}

func (d *InPath) open(p Plan) error {
	if err := d.check(); err != nil {
		return err
	}
	return d.enter(p.Namespace, p.Interface)
}

// Serve puts the device in its place until stop is called. It only forwards,
// until Turn is.
func (d *InPath) Serve(namespace, downstream string) (stop func() error, err error) {
	if err := d.enter(namespace, downstream); err != nil {
		return nil, err
	}
	return func() error { return d.close(nil) }, nil
}

// Turn begins to do something, or something else, to messages that come from
// now on.
func (d *InPath) Turn(to Effect) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Effect, d.start = to, time.Now()
}

func (d *InPath) enter(namespace, downstream string) error {
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	for _, way := range [][2]string{{d.Upstream, downstream}, {downstream, d.Upstream}} {
		back, err := unbridge(namespace, way[0])
		if err != nil {
			return errors.Join(err, d.close(nil))
		}
		d.restore = append(d.restore, back)
		r := &relay{device: d}
		d.relays = append(d.relays, r)
		if r.from, err = OpenPort(namespace, way[0]); err == nil {
			r.to, err = OpenPort(namespace, way[1])
		}
		if err != nil {
			return errors.Join(err, d.close(nil))
		}
	}
	for _, r := range d.relays {
		d.running.Go(func() { d.note(priority(func() error { return r.run(ctx) })) })
	}
	return nil
}

func (d *InPath) close(*truth.Episode) error {
	d.stop()
	d.running.Wait()
	for _, r := range d.relays {
		r.close()
	}
	for _, back := range d.restore {
		d.note(back())
	}
	return d.err
}

func (d *InPath) note(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = errors.Join(d.err, err)
}

func (d *InPath) attack(ctx context.Context) error {
	d.set(time.Now())
	<-ctx.Done()
	d.set(time.Time{})
	return nil
}

func (d *InPath) set(start time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.start = start
}

func (d *InPath) hostile(o *packet.Observation) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.first != key{} && d.first == keyOf(o)
}

// treat changes a message in place and says how much longer to hold it.
func (d *InPath) treat(message []byte, at time.Time) (hold time.Duration) {
	var m ptp.Message
	if ptp.Decode(message, &m) != nil {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.start.IsZero() || at.Before(d.start) {
		return 0
	}
	part := 1.0
	if d.Ramp > 0 {
		part = min(1, float64(at.Sub(d.start))/float64(d.Ramp))
	}
	touched := d.shift(message, &m, time.Duration(part*float64(d.Shift)))
	if m.Type == ptp.Sync && d.Sync || m.Type == ptp.DelayReq && d.DelayReq {
		hold = time.Duration(part * float64(d.Delay))
	}
	if (touched || hold > 0) && d.first == (key{}) {
		d.first = key{m.Type, m.SourcePortIdentity, m.SequenceID}
	}
	return hold
}

// shift moves the timestamp of a message whose timestamp is the grandmaster's.
func (d *InPath) shift(message []byte, m *ptp.Message, by time.Duration) bool {
	carries := m.Type == ptp.FollowUp || m.Type == ptp.DelayResp || m.Type == ptp.Sync && !m.Flags.Has(ptp.FlagTwoStep)
	ns, ok := ptp.Nanoseconds(m.Timestamp)
	if by == 0 || !carries || !ok || ns+int64(by) < 0 {
		return false
	}
	moved := ptp.NewTimestamp(ns + int64(by))
	copy(message[34:], moved.Seconds[:])
	binary.BigEndian.PutUint32(message[40:], moved.Nanoseconds)
	return true
}

// relay forwards one way.
type relay struct {
	device   *InPath
	from, to *Port
	held     []heldFrame // by due
}

type heldFrame struct {
	due  time.Time
	data []byte
}

// spin is how long before a frame is due the relay stops sleeping: a kernel
// wakes nobody on time.
const spin = residence / 2

func (r *relay) run(ctx context.Context) error {
	for ctx.Err() == nil {
		wait := 50 * time.Millisecond
		if len(r.held) > 0 {
			wait = min(wait, time.Until(r.held[0].due)-spin)
		}
		frame, at, err := r.from.Receive(wait)
		if err != nil {
			return err
		}
		if frame != nil {
			if err := r.take(frame, at); err != nil {
				return err
			}
		}
		for len(r.held) > 0 && !time.Now().Before(r.held[0].due) {
			if err := r.to.Send(r.held[0].data); err != nil {
				return err
			}
			r.held = r.held[1:]
		}
	}
	return nil
}

func (r *relay) take(frame []byte, at time.Time) error {
	l, ok := locate(frame)
	if !ok {
		_ = r.to.Send(frame) // what is too long, and no PTP, is lost as in a bridge
		return nil
	}
	due := at.Add(residence + r.device.treat(l.message, at))
	l.fixChecksum()
	i, _ := slices.BinarySearchFunc(r.held, due, func(h heldFrame, due time.Time) int {
		if h.due.After(due) {
			return 1
		}
		return -1
	})
	r.held = slices.Insert(r.held, i, heldFrame{due, slices.Clone(frame)})
	return nil
}

func (r *relay) close() {
	for _, p := range []*Port{r.from, r.to} {
		if p != nil {
			p.Close()
		}
	}
}
