package agent

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// source is what the agent listens with: capture.Live, but for tests.
type source interface {
	Run(context.Context) error
	Next(*packet.Observation) (message bool, err error)
	Frame() []byte // of the message that Next returned last; nil unless they are kept
	Reconfigure([]capture.LiveInterface) error
	SetNaming(capture.Naming)
	Stats() []packet.CaptureStats
	States() []capture.InterfaceState
	ReadClocks() []packet.ClockReading
}

// errCaptureEnded is what nobody should see: capture ends when it is told to.
var errCaptureEnded = errors.New("capture ended by itself")

// pump captures in a goroutine of its own and hands on what comes, in this
// one, until ctx ends: messages to handle, and to beat, every second at least,
// up to when there are no more.
func pump(ctx context.Context, from source, handle func(*packet.Observation), beat func(at time.Time)) error {
	capturing, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var runErr error
	wg.Go(func() { runErr = from.Run(capturing) })
	var o packet.Observation
	var err error
	for {
		var message bool
		if message, err = from.Next(&o); err != nil {
			break
		}
		if message {
			handle(&o)
		} else {
			beat(o.At)
		}
	}
	cancel()
	wg.Wait()
	if err == io.EOF {
		err = nil
	}
	if err = errors.Join(runErr, err); err == nil && ctx.Err() == nil {
		return errCaptureEnded
	}
	return err
}
