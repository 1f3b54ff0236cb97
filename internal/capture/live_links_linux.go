package capture

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// linkMonitor becomes readable when an interface of this network namespace
// comes, goes or changes (rtnetlink(7)). What it says is not read: a message
// can be lost, and the state of things cannot.
type linkMonitor struct{ fd int }

func newLinkMonitor() (*linkMonitor, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("bind netlink socket: %w", err)
	}
	return &linkMonitor{fd}, nil
}

// changed throws away what there is to read, and says whether there was
// anything.
func (m *linkMonitor) changed() bool {
	var b [64]byte // the rest of a message is thrown away with it
	for changed := false; ; changed = true {
		_, err := unix.Read(m.fd, b[:])
		if err != nil && !errors.Is(err, unix.ENOBUFS) && !errors.Is(err, unix.EINTR) {
			return changed
		}
	}
}

func (m *linkMonitor) close() error { return unix.Close(m.fd) }
