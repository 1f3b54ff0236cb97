package agent

import (
	"context"
	"log/slog"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// readClocksEvery is how often hardware clocks are compared with the system's.
const readClocksEvery = time.Second

// clockReader reads the hardware clocks that stamp in a goroutine of its own: a
// driver may take its time.
type clockReader struct {
	read   func() []packet.ClockReading
	log    *slog.Logger
	faults map[string]string // of the clocks that could not be read last time
	out    chan []packet.ClockReading
}

func newClockReader(read func() []packet.ClockReading, log *slog.Logger) *clockReader {
	return &clockReader{read: read, log: log, faults: make(map[string]string), out: make(chan []packet.ClockReading, 4)}
}

// run reads until ctx ends. It does not wait for whom the readings are for.
func (c *clockReader) run(ctx context.Context) {
	ticker := time.NewTicker(readClocksEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		readings := c.read()
		for i := range readings {
			c.tell(&readings[i])
		}
		select {
		case c.out <- readings:
		default:
		}
	}
}

// tell logs when a clock can no longer be read, and when it can again.
func (c *clockReader) tell(r *packet.ClockReading) {
	before, failed := c.faults[r.Clock]
	switch {
	case r.Fault == "" && failed:
		delete(c.faults, r.Clock)
		c.log.Info("hardware clock can be read again", "clock", r.Clock)
	case r.Fault != "" && (!failed || r.Fault != before):
		c.faults[r.Clock] = r.Fault
		c.log.Warn("hardware clock cannot be compared with others", "clock", r.Clock, "error", r.Fault)
	}
}

// next are the readings that have come; none where there are none.
func (c *clockReader) next() []packet.ClockReading {
	select {
	case readings := <-c.out:
		return readings
	default:
		return nil
	}
}
