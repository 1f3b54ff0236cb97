package agent

import (
	"context"
	"log/slog"
	"time"
)

// throttle logs what packets can cause: of each message the first few a minute.
// How many it left out it tells with the first one of the next minute.
type throttle struct {
	log     *slog.Logger
	minutes map[string]*minute
}

// minute is what was logged of one message.
type minute struct {
	began            time.Time
	told, suppressed int
}

const toldPerMinute = 20

func newThrottle(log *slog.Logger) *throttle {
	return &throttle{log: log, minutes: make(map[string]*minute)}
}

// record logs a message of the given time. There are as many messages as there
// are constants in the code.
func (t *throttle) record(at time.Time, level slog.Level, message string, args ...any) {
	if !t.log.Enabled(context.Background(), level) {
		return
	}
	m := t.minutes[message]
	if m == nil {
		m = &minute{began: at}
		t.minutes[message] = m
	}
	if at.Sub(m.began).Abs() >= time.Minute {
		if m.suppressed > 0 {
			args = append(args, "suppressed", m.suppressed)
		}
		*m = minute{began: at}
	}
	if m.told >= toldPerMinute {
		m.suppressed++
		return
	}
	m.told++
	t.log.Log(context.Background(), level, message, args...)
}
