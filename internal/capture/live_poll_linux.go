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
type poller struct {
	file   *os.File
	conn   syscall.RawConn
	events [64]unix.EpollEvent
	n      int
	wait   func(uintptr) bool // waits
	look   func(uintptr) bool // looks
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
	p.wait = func(fd uintptr) bool { return p.harvest(fd) > 0 }
	p.look = func(fd uintptr) bool { p.harvest(fd); return true }
	return p, nil
}

func (p *poller) harvest(fd uintptr) int {
	n, err := unix.EpollWait(int(fd), p.events[:], 0)
	if err != nil { // interrupted
		n = 0
	}
	p.n = n
	return n
}

// watch adds what conn is of; ready will tell its id.
func (p *poller) watch(conn syscall.RawConn, id int32) error {
	return p.control(conn, unix.EPOLL_CTL_ADD, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: id})
}

func (p *poller) control(conn syscall.RawConn, operation int, event *unix.EpollEvent) error {
	var err error
	outer := p.conn.Control(func(epoll uintptr) {
		inner := conn.Control(func(fd uintptr) { err = unix.EpollCtl(int(epoll), operation, int(fd), event) })
		err = errors.Join(inner, err)
	})
	return errors.Join(outer, err)
}

// until waits until something is ready or the time has come. The error is
// os.ErrClosed after close.
func (p *poller) until(t time.Time) error {
	if err := p.file.SetReadDeadline(t); err != nil {
		return os.ErrClosed
	}
	if err := p.conn.Read(p.wait); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return os.ErrClosed
	}
	return nil
}

// ready gives the id of each that is ready.
func (p *poller) ready(yield func(int32) bool) {
	if p.conn.Control(func(fd uintptr) { p.look(fd) }) != nil {
		return
	}
	for i := range p.n {
		if !yield(p.events[i].Fd) {
			return
		}
	}
}

func (p *poller) close() error { return p.file.Close() }
