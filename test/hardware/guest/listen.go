//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
	"github.com/ptpwatch/ptpwatch/test/hardware"
)

// A listener counts what the live source hands on from both NICs.
type listener struct {
	live *capture.Live
	ran  chan error
	seen map[hardware.Seen]int
	read chan error
}

func listen(hwtstamp capture.HWTstamp) (*listener, error) {
	live, err := capture.OpenLive(capture.LiveOptions{
		Interfaces: []capture.LiveInterface{
			{Name: hardware.ClientNIC, StampOptions: capture.StampOptions{HWTstamp: hwtstamp}},
			{Name: hardware.GrandmasterNIC},
		},
		OnChange: func(_, now capture.InterfaceState) { fmt.Printf("listener: %+v\n", now) },
	})
	if err != nil {
		return nil, err
	}
	l := &listener{live: live, ran: make(chan error, 1), read: make(chan error, 1), seen: map[hardware.Seen]int{}}
	go func() { l.ran <- live.Run(context.Background()) }()
	go func() { l.read <- l.count() }()
	return l, nil
}

func (l *listener) count() error {
	for {
		var o packet.Observation
		message, err := l.live.Next(&o)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case message && (o.Message.Type == ptp.Sync || o.Message.Type == ptp.DelayReq):
			s := hardware.Seen{NIC: o.Interface, Message: o.Message.Type.String(), Egress: o.Egress, Source: o.StampSource.String()}
			l.seen[s]++
			if o.StampSource != packet.StampHardware {
				fmt.Printf("listener: %+v seq %d\n", s, o.Message.SequenceID)
			}
		}
	}
}

func (l *listener) stop() ([]hardware.Seen, error) {
	err := errors.Join(l.live.Close(), <-l.ran, <-l.read)
	fmt.Printf("listener: %+v\n", l.live.Stats())
	var seen []hardware.Seen
	for s, n := range l.seen {
		s.Count = n
		seen = append(seen, s)
	}
	return seen, err
}
