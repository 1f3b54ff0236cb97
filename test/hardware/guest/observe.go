//go:build linux

package main

import (
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/test/hardware"
)

// observe runs beside a grandmaster and its client. The grandmaster is the
// last to come and the first to go, so that what the client counts is what
// there was to see.
func observe(step *hardware.Step) (err error) {
	client, err := startClient()
	if err != nil {
		return err
	}
	defer client.stop()
	time.Sleep(time.Second)
	l, err := listen(capture.HWTstampObserve)
	if err != nil {
		return err
	}
	grandmaster, err := startGrandmaster()
	if err != nil {
		return err
	}
	if err := measured(); err != nil {
		return err
	}
	if err := grandmaster.stop(); err != nil {
		return err
	}
	time.Sleep(100 * time.Millisecond)
	step.Clock, err = clientCounters()
	if err != nil {
		return err
	}
	step.Seen, err = l.stop()
	s, _ := setting("x", "eth0")
	step.Settings = append(step.Settings, s)
	return err
}
