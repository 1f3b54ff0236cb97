package agent

import (
	"log/slog"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/capture"
)

// linkLog logs what becomes of interfaces. A link may flap all day long.
type linkLog struct {
	mu  sync.Mutex
	log *throttle
}

func newLinkLog(log *slog.Logger) *linkLog { return &linkLog{log: newThrottle(log)} }

func (l *linkLog) record(level slog.Level, message, about string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log.record(time.Now(), level, message, about, append([]any{"interface", about}, args...)...)
}

// set is for capture's OnSet: the NIC serves other programs, too, and whoever
// wonders what happened to it finds it here.
func (l *linkLog) set(s capture.Setting) {
	message := "time stamping of the NIC switched on"
	if s.Restored {
		message = "time stamping of the NIC put back as it was found"
	}
	l.record(slog.LevelInfo, message, s.Interface, "rx_filter", s.After.RxFilter, "rx_filter_before", s.Before.RxFilter, "tx_type", s.After.TxType)
}

// changed is for capture's OnChange.
func (l *linkLog) changed(before, after capture.InterfaceState) {
	record := func(level slog.Level, message string, args ...any) {
		l.record(level, message, after.Interface, args...)
	}
	stamps := []any{"hardware_timestamps", after.Hardware, "clock", orSystem(after.Clock), "reason", after.Reason}
	if after.Advice != "" {
		stamps = append(stamps, "advice", after.Advice)
	}
	switch {
	case before.Link == after.Link && before.Fault == after.Fault:
		if before.Hardware != after.Hardware || before.Clock != after.Clock || before.Reason != after.Reason {
			record(slog.LevelWarn, "time stamping changed", stamps...)
		}
	case after.Fault != "":
		record(slog.LevelError, "interface cannot be heard", "link", after.Link, "error", after.Fault)
	case after.Link != capture.LinkUp:
		record(slog.LevelWarn, "interface cannot be heard", "link", after.Link)
	default:
		record(slog.LevelInfo, "listening", stamps...)
	}
	if after.Warning != "" && before.Warning != after.Warning {
		record(slog.LevelWarn, "time stamping is not as configured", "reason", after.Warning)
	}
}

func orSystem(clock string) string {
	if clock == "" {
		return "system"
	}
	return clock
}
