//go:build linux

package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ptpwatch/ptpwatch/test/hardware"
)

type key struct {
	nic     string
	message byte
	egress  bool
}

type witness struct {
	nic  string
	fd   int
	seen map[key]*hardware.Seen
	quit chan struct{}
	over chan struct{}
}

var names = map[byte]string{0: "sync", 1: "delay_req"}

func watch(nic string) (*witness, error) {
	ifi, err := net.InterfaceByName(nic)
	if err != nil {
		return nil, err
	}
	const ptp = 0xF788 // htons
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err != nil {
		return nil, err
	}
	fl := unix.SOF_TIMESTAMPING_RX_HARDWARE | unix.SOF_TIMESTAMPING_RAW_HARDWARE | unix.SOF_TIMESTAMPING_RX_SOFTWARE | unix.SOF_TIMESTAMPING_SOFTWARE
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW, fl); err != nil {
		return nil, err
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: 0x0300, Ifindex: ifi.Index}); err != nil {
		return nil, err
	}
	unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 1000})
	w := &witness{nic: nic, fd: fd, seen: map[key]*hardware.Seen{}, quit: make(chan struct{}), over: make(chan struct{})}
	go w.run()
	return w, nil
}

func (w *witness) run() {
	defer close(w.over)
	buf, oob := make([]byte, 2048), make([]byte, 512)
	for {
		select {
		case <-w.quit:
			return
		default:
		}
		time.Sleep(2 * time.Millisecond)
		for {
			n, on, _, from, err := unix.Recvmsg(w.fd, buf, oob, unix.MSG_DONTWAIT)
			if err != nil {
				break
			}
			if n < 15 || buf[12] != 0x88 || buf[13] != 0xf7 {
				continue
			}
			k := key{w.nic, buf[14] & 15, from.(*unix.SockaddrLinklayer).Pkttype == unix.PACKET_OUTGOING}
			if names[k.message] == "" {
				continue
			}
			s := w.seen[k]
			if s == nil {
				s = &hardware.Seen{NIC: w.nic, Message: names[k.message], Egress: k.egress}
				w.seen[k] = s
			}
			hw := false
			cms, _ := unix.ParseSocketControlMessage(oob[:on])
			for _, m := range cms {
				if m.Header.Type == unix.SO_TIMESTAMPING_NEW {
					hw = binary.NativeEndian.Uint64(m.Data[32:]) != 0
				}
			}
			if hw {
				s.Hardware++
			} else {
				s.Software++
				fmt.Println("witness: soft", *s, binary.BigEndian.Uint16(buf[14+30:]))
			}
		}
	}
}

func (w *witness) stop() (all []hardware.Seen) {
	close(w.quit)
	<-w.over
	for _, s := range w.seen {
		all = append(all, *s)
	}
	return all
}
