package capture

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// linkMonitor becomes readable when an interface of this network namespace
// comes, goes or changes (rtnetlink(7)). What it says is not read: a message
// can be lost, and the state of things cannot.
type linkMonitor struct {
	file *os.File
	conn syscall.RawConn
}

func newLinkMonitor() (*linkMonitor, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("bind netlink socket: %w", err)
	}
	m := &linkMonitor{file: os.NewFile(uintptr(fd), "netlink socket")}
	if m.conn, err = m.file.SyscallConn(); err != nil {
		m.file.Close()
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	return m, nil
}

// drain throws away what there is to read.
func (m *linkMonitor) drain() {
	var b [8192]byte
	_ = m.conn.Control(func(fd uintptr) {
		for {
			_, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_DONTWAIT)
			if err != nil && !errors.Is(err, unix.ENOBUFS) && !errors.Is(err, unix.EINTR) {
				return
			}
		}
	})
}

func (m *linkMonitor) close() error { return m.file.Close() }
