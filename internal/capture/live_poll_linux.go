package capture

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// poller waits for several descriptors at once, without a goroutine for each:
// an epoll instance is itself something that Go's poller can wait for.
//
// It is woken once for a wait. A descriptor in Go's own poller would wake a
// thread for each frame, though nobody waits for the frames that gather.
type poller struct {
	file   *os.File
	conn   syscall.RawConn
	events [16]unix.EpollEvent
	fired  int // of events: what is not watched until it is armed again
	await  func(uintptr) bool
	arm    func(uintptr)
	look   func(uintptr)
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // os.NewFile goes by it
		unix.Close(fd)
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p := &poller{file: os.NewFile(uintptr(fd), "epoll")}
	if p.conn, err = p.file.SyscallConn(); err != nil {
		p.file.Close()
		return nil, fmt.Errorf("epoll: %w", err)
	}
	p.await, p.arm = p.harvest, p.rearm
	p.look = func(epoll uintptr) { p.harvest(epoll) }
	return p, nil
}

// once is for something to read, and to be told of it no second time.
const once = unix.EPOLLIN | unix.EPOLLONESHOT

// watch adds a descriptor. It leaves when it is closed.
func (p *poller) watch(fd int) error {
	var err error
	closed := p.conn.Control(func(epoll uintptr) {
		err = unix.EpollCtl(int(epoll), unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: once, Fd: int32(fd)})
	})
	if err := errors.Join(closed, err); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// until waits until there is something to read or the time has come, the zero
// time never does; it says whether there is. The error is os.ErrClosed after
// close.
func (p *poller) until(t time.Time) (bool, error) {
	if p.file.SetReadDeadline(t) != nil || p.conn.Control(p.arm) != nil {
		return false, os.ErrClosed
	}
	if err := p.conn.Read(p.await); errors.Is(err, os.ErrDeadlineExceeded) {
		return false, nil
	} else if err != nil {
		return false, os.ErrClosed
	}
	return true, nil
}

// disarm is for what became ready since until returned: it wakes nobody, either.
func (p *poller) disarm() { _ = p.conn.Control(p.look) }

func (p *poller) rearm(epoll uintptr) {
	for _, e := range p.events[:p.fired] {
		e.Events = once
		_ = unix.EpollCtl(int(epoll), unix.EPOLL_CTL_MOD, int(e.Fd), &e) // it may be closed by now
	}
	p.fired = 0
}

func (p *poller) harvest(epoll uintptr) bool {
	if n, err := unix.EpollWait(int(epoll), p.events[p.fired:], 0); err == nil { // else interrupted, or no room
		p.fired += n
	}
	return p.fired > 0
}

func (p *poller) close() error { return p.file.Close() }
