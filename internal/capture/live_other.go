//go:build !linux

package capture

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// Elsewhere than on Linux captures can be replayed and nothing listened to.

var errNotLinux = fmt.Errorf("live capture works on Linux only, and this is %s: %w", runtime.GOOS, errors.ErrUnsupported)

// Live is what OpenLive would open.
type Live struct{}

// OpenLive says that there is no live capture here.
func OpenLive(LiveOptions) (*Live, error) { return nil, errNotLinux }

// Run is for Linux.
func (*Live) Run(context.Context) error { return errNotLinux }

// Next is for Linux.
func (*Live) Next(*packet.Observation) (bool, error) { return false, errNotLinux }

// Frame is for Linux.
func (*Live) Frame() []byte { return nil }

// Reconfigure is for Linux.
func (*Live) Reconfigure([]LiveInterface) error { return errNotLinux }

// SetNaming is for Linux.
func (*Live) SetNaming(Naming) {}

// Stats is for Linux.
func (*Live) Stats() []packet.CaptureStats { return nil }

// States is for Linux.
func (*Live) States() []InterfaceState { return nil }

// ReadClocks is for Linux.
func (*Live) ReadClocks() []packet.ClockReading { return nil }

// Close is for Linux.
func (*Live) Close() error { return nil }

// NICs says that time stamping cannot be looked at here.
func NICs() ([]NIC, error) { return nil, errNotLinux }

// ReadPHC is for Linux.
func ReadPHC(string) (PHCOffset, error) { return PHCOffset{}, errNotLinux }
