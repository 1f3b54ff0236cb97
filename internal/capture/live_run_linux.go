package capture

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"time"
)

const (
	// beatEvery is how often Next is given something to do at least.
	beatEvery = 500 * time.Millisecond
	// checkEvery is how often interfaces are looked at though nothing was heard
	// of a change: what other programs set NICs to is not announced.
	checkEvery = time.Second
	// roundBatches is what is read of one interface before the others' turn.
	roundBatches = 8
	// restingFill is how full a receive buffer may get while frames gather, in
	// percent: bursts need the rest.
	restingFill = 12
	// leastPause keeps a pause that was cut to nothing able to grow again.
	leastPause = 100 * time.Microsecond
)

// Run captures until ctx ends or Close is called, and returns nil then. It can
// be called once.
func (l *Live) Run(ctx context.Context) error {
	if l.started.Swap(true) {
		return errors.New("capture: Run was called before")
	}
	defer context.AfterFunc(ctx, l.stop)()
	defer close(l.queue)
	wake := time.Now()
	for next := wait; !l.closed.Load(); {
		if next == wait {
			some, err := l.poll.until(wake)
			if err != nil {
				break
			}
			if some {
				next = gather
			}
		}
		if next == gather {
			time.Sleep(l.pause)
			l.poll.disarm()
		}
		var changes []change
		next, wake, changes = l.round()
		for _, c := range changes {
			l.onChange(c.before, c.after)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.release(endOfTime)
	return nil
}

// change is for OnChange.
type change struct{ before, after InterfaceState }

// step is what Run does between two rounds.
type step uint8

const (
	wait   step = iota // for frames
	gather             // let more come: where there were some there will be
	goOn               // there is more to read
)

// round reads what is there and hands on what no older message can come before
// any more. It says what to do next, and when to stop waiting though nothing
// comes.
func (l *Live) round() (next step, wake time.Time, changes []change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed.Load() {
		return wait, time.Time{}, nil
	}
	start := l.clock.now()
	frames, fill := l.drain(start)
	l.pause = min(max(l.pause, leastPause)*restingFill/time.Duration(max(fill, 1)), l.delay)
	if l.links.changed() || l.dirty || start-l.checked >= int64(checkEvery) {
		changes = l.check(start)
	}
	mark, all := l.mark(start)
	if all {
		l.release(endOfTime)
	} else {
		l.release(mark)
	}
	if start-l.beaten >= int64(beatEvery) {
		l.beaten = start
		l.beat(max(mark, l.merge.newest))
	}
	if frames > 0 {
		next = gather
	}
	for _, n := range l.listeners {
		if n.undrained {
			next = goOn
		}
	}
	rest := time.Duration(l.beaten + int64(beatEvery) - start)
	if len(l.merge.held) > 0 {
		rest = min(rest, l.delay)
	}
	return next, time.Now().Add(rest), changes
}

// drain reads the interfaces, and says how many frames they had, and how full
// the fullest buffer was, in percent.
func (l *Live) drain(start int64) (frames, fill int) {
	for _, n := range l.listeners {
		count := l.read(n, start)
		frames += count
		fill = max(fill, count*100/n.socket.capacity)
	}
	return frames, fill
}

// read reads an interface until there is no more, or it is the others' turn,
// and says how many frames it was.
func (l *Live) read(n *listener, start int64) (frames int) {
	n.undrained = true
	for range roundBatches {
		count, err := n.socket.receive()
		now := l.clock.now()
		for i := range count {
			n.socket.read(i, &l.frame)
			l.take(n, now)
		}
		frames += count
		if err != nil {
			l.dirty = true // the interface is down or gone
		}
		if count < batchFrames {
			n.empty, n.undrained = start, false
			break
		}
	}
	return frames
}

// take decodes the frame in hand and holds it for the merge if it is PTP.
func (l *Live) take(n *listener, now int64) {
	f := &l.frame
	at := l.clock.at(f.software, n.empty, now)
	if f.unstamped { // it came before those that are read with it
		at = max(n.empty, n.last)
	}
	n.count(f, at)
	c := l.spare()
	if !l.decoder.Decode(Frame{LinkEthernet, f.data, f.length}, &c.observation) {
		l.pool = append(l.pool, c)
		return
	}
	c.at, c.from = at, n
	c.keep()
	if l.keep {
		c.frame = append(c.frame[:0], f.data...)
	}
	n.describe(&c.observation, f, at, l.clockOf(n, f.stampedBy))
	l.merge.push(c)
}

// clockOf names the clock that stamped a frame: of the interface's NIC, unless
// the kernel names another, as it does for what came through a bond or a
// bridge.
func (l *Live) clockOf(n *listener, stampedBy int32) string {
	if stampedBy == 0 || int(stampedBy) == n.socket.index {
		return n.clock
	}
	clock, known := l.clocks[stampedBy]
	if !known {
		name := cmp.Or(l.kernel.nameOf(int(stampedBy)), "#"+strconv.Itoa(int(stampedBy)))
		nic, _ := l.nics.read(name)
		clock = cmp.Or(nic.Clock, name)
		l.clocks[stampedBy] = clock
	}
	return clock
}

// check looks at every interface.
func (l *Live) check(now int64) (changes []change) {
	l.dirty, l.checked = false, now
	clear(l.clocks)
	for _, n := range l.listeners {
		n.check(l.kernel)
		if n.state != n.told && l.onChange != nil {
			changes = append(changes, change{n.told, n.state})
		}
		n.told = n.state
	}
	return changes
}

// mark is the time up to which all messages were read, and whether all that
// were read can be handed on: of one interface they come in order.
func (l *Live) mark(start int64) (mark int64, all bool) {
	mark, all = start, len(l.listeners) < 2
	if !all {
		mark -= int64(settleTime)
	}
	for _, n := range l.listeners {
		if n.undrained {
			mark = min(mark, n.last)
		}
	}
	return mark, all
}

// release hands on the messages up to a time.
func (l *Live) release(until int64) {
	for c := range l.merge.pop(until) {
		if l.out == nil {
			l.out = l.spareBatch()
		}
		l.out.messages = append(l.out.messages, c)
		if len(l.out.messages) == batchMessages {
			l.sendOut()
		}
	}
	if l.out != nil && len(l.out.messages) > 0 {
		l.sendOut()
	}
}

// beat tells Next that all messages up to a time were handed on.
func (l *Live) beat(at int64) {
	b := l.spareBatch()
	b.at = at
	if !l.send(b) {
		l.free <- b
	}
}

func (l *Live) sendOut() {
	if !l.send(l.out) {
		for _, c := range l.out.messages {
			c.from.lost++
		}
		l.reuse(l.out)
		return
	}
	l.out = nil
}

// send never waits: Next may be far behind.
func (l *Live) send(b *batch) bool {
	select {
	case l.queue <- b:
		return true
	default:
		return false
	}
}

// spareBatch is one that Next has done with, or else a new one.
func (l *Live) spareBatch() *batch {
	select {
	case b := <-l.free:
		l.reuse(b)
		return b
	default:
		return &batch{messages: make([]*caught, 0, batchMessages)}
	}
}

// reuse empties a batch.
func (l *Live) reuse(b *batch) {
	l.pool = append(l.pool, b.messages...)
	b.messages = b.messages[:0]
}

// spare is a message to fill.
func (l *Live) spare() *caught {
	last := len(l.pool) - 1
	if last < 0 {
		return &caught{}
	}
	c := l.pool[last]
	l.pool = l.pool[:last]
	if cap(c.tlvs) > keptTLVs {
		c.tlvs = nil
	}
	if cap(c.frame) > keptTLVs {
		c.frame = nil
	}
	return c
}
