package agent

import (
	"context"
	"log/slog"
	"time"
)

// throttle logs what packets can cause: of each message and topic the first few
// a minute. How many it left out it tells with the first one of the next minute.
type throttle struct {
	log     *slog.Logger
	minutes map[topic]*minute
}

// topic is what has a minute of its own, so that a flood of one alert does not
// hide another.
type topic struct{ message, about string }

// minute is what was logged of one topic.
type minute struct {
	began            time.Time
	told, suppressed int
}

const toldPerMinute = 20

func newThrottle(log *slog.Logger) *throttle {
	return &throttle{log: log, minutes: make(map[topic]*minute)}
}

// record logs a message of the given time about something, "" for nothing in
// particular. There are as many topics as there are constants in the code and
// interfaces in the configuration.
func (t *throttle) record(at time.Time, level slog.Level, message, about string, args ...any) {
	if !t.log.Enabled(context.Background(), level) {
		return
	}
	m := t.minutes[topic{message, about}]
	if m == nil {
		m = &minute{began: at}
		t.minutes[topic{message, about}] = m
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
