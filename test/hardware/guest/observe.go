//go:build linux

package main

import (
	"github.com/ptpwatch/ptpwatch/test/hardware"
	"time"
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
	w1, err := watch("eth0")
	if err != nil {
		return err
	}
	w2, err := watch("eth1")
	if err != nil {
		return err
	}
	time.Sleep(time.Second)
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
	step.Seen = append(w1.stop(), w2.stop()...)
	s, _ := setting("x", "eth0")
	step.Settings = append(step.Settings, s)
	return err
}
