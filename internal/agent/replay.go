package agent

import (
	"context"
	"io"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// ReplayOptions say what to replay and whom to tell.
type ReplayOptions struct {
	Captures []string
	Stdin    io.Reader // for the capture named "-"
	Config   *config.Config
	State    *analysis.State // to go on from; nil is from nothing

	OnFinding func(analysis.Finding)  // may be nil
	Progress  func(done, total int64) // octets, every so often; may be nil
}

// Result is what a replay came to.
type Result struct {
	View     *analysis.View
	Captures []packet.CaptureStats
	State    *analysis.State
}

// lookUp is how many messages go by between looks at the context and reports
// of progress.
const lookUp = 1 << 14

// Replay runs the analysis over capture files. A capture that is faulty gives
// both a Result, of all before the fault, and an error.
func Replay(ctx context.Context, o ReplayOptions) (*Result, error) {
	cfg := settings(o.Config)
	cfg.ForgetAfter = forgetInReplay
	tracker := analysis.New(cfg)
	if o.State != nil {
		var err error
		if tracker, err = analysis.Resume(cfg, o.State); err != nil {
			return nil, err
		}
	}
	files, err := capture.OpenFiles(o.Captures, o.Stdin, capture.Options{Naming: naming(o.Config)})
	if err != nil {
		return nil, err
	}
	defer files.Close()
	err = feed(ctx, files, tracker, o)
	return &Result{View: tracker.View(), Captures: files.Stats(), State: tracker.State()}, err
}

// feed hands every message of the files to the tracker.
func feed(ctx context.Context, files *capture.Files, tracker *analysis.Tracker, o ReplayOptions) error {
	emit := o.OnFinding
	if emit == nil {
		emit = func(analysis.Finding) {}
	}
	var obs packet.Observation
	for n := 1; ; n++ {
		if err := files.Next(&obs); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		tracker.Handle(&obs, emit)
		if n%lookUp != 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if o.Progress != nil {
			o.Progress(files.Progress())
		}
	}
}
