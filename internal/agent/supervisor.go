package agent

import (
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// supervisor tells systemd how the agent is (sd_notify(3)). Without systemd it
// does nothing.
type supervisor struct {
	log      *slog.Logger
	every    time.Duration // between signs of life; 0: nobody waits for them
	lastSign time.Time
}

func newSupervisor(log *slog.Logger) *supervisor {
	s := &supervisor{log: log}
	limit, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("watchdog", "error", err)
	}
	s.every = limit / 3
	return s
}

func (s *supervisor) ready()    { s.notify(daemon.SdNotifyReady) }
func (s *supervisor) stopping() { s.notify(daemon.SdNotifyStopping) }

// reloading lasts until ready. Units of Type=notify-reload want the time of it.
func (s *supervisor) reloading() {
	s.notify(daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec())
}

// beat is called by the pipeline each time it has come around.
func (s *supervisor) beat() {
	if now := time.Now(); s.every > 0 && now.Sub(s.lastSign) >= s.every {
		s.lastSign = now
		s.notify(daemon.SdNotifyWatchdog)
	}
}

func (s *supervisor) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn("sd_notify", "error", err)
	}
}
