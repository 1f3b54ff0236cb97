package agent

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// LearnOptions say what to learn from.
type LearnOptions struct {
	Config *config.Config
	Log    *slog.Logger
	For    time.Duration

	// Progress is told twice a second how many messages were heard; may be nil.
	Progress func(messages uint64)
}

// Learn listens to the configured interfaces for a while, or until ctx ends,
// and returns what it heard.
func Learn(ctx context.Context, o LearnOptions) (*analysis.View, error) {
	live, err := listen(o.Config, o.Log, false)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.For)
	defer cancel()
	cfg := settings(o.Config)
	cfg.ForgetAfter = forgetInReplay
	tracker := analysis.New(cfg)
	ignore := func(analysis.Finding) {}
	var heard uint64
	err = pump(ctx, live,
		func(m *packet.Observation) {
			heard++
			tracker.Handle(m, ignore)
		},
		func(at time.Time) {
			tracker.HandleTick(at, ignore)
			if o.Progress != nil {
				o.Progress(heard)
			}
		})
	return tracker.View(), errors.Join(err, live.Close())
}
