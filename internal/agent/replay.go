package agent

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/evidence"
	"github.com/ptpwatch/ptpwatch/internal/packet"
)

// ReplayOptions say what to replay and whom to tell.
type ReplayOptions struct {
	Captures []string
	Stdin    io.Reader // for the capture named "-"
	Config   *config.Config
	State    *analysis.State // to go on from; nil is from nothing
	// Evidence is what an agent judged by: with it Config and State do not count,
	// and the replay goes on to the end of the evidence. It may be nil.
	Evidence *evidence.Document
	For      time.Duration // of capture time, from the first message on; 0 is all

	OnFinding func(analysis.Finding)  // may be nil
	Progress  func(done, total int64) // octets, every so often; may be nil
	// OnObservation is shown each frame before it is analysed, and must not keep
	// it; may be nil.
	OnObservation func(*packet.Observation)
	// OnView is shown the analysis after each Every of capture time; may be nil.
	OnView func(at time.Time, v *analysis.View)
	Every  time.Duration
}

// Result is what a replay came to.
type Result struct {
	View     *analysis.View
	Captures []packet.CaptureStats
	State    *analysis.State
}

// Replay runs the analysis over capture files. A capture that is faulty gives
// both a Result, of all before the fault, and an error.
func Replay(ctx context.Context, o ReplayOptions) (*Result, error) {
	tracker, names, err := o.tracker()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := newBatcher(ctx)
	files, err := capture.OpenFiles(o.Captures, o.Stdin, capture.Options{Naming: names, BeforeRead: batches.flush})
	if err != nil {
		return nil, err
	}
	defer files.Close()
	var reader sync.WaitGroup
	reader.Go(func() { batches.run(files.Next) })
	emit := o.OnFinding
	if emit == nil {
		emit = func(analysis.Finding) {}
	}
	lost := newLosses(tracker, emit)
	last, err := analyse(batches, tracker, lost, files.Progress, o)
	cancel()
	reader.Wait()
	stats := files.Stats()
	if !last.IsZero() {
		lost.end(stats, last)
	}
	if o.Evidence != nil && err == nil {
		tracker.HandleTick(o.Evidence.Frames.Until, emit)
	}
	return &Result{View: tracker.View(), Captures: stats, State: tracker.State()}, err
}

// tracker is the analysis that the replay begins with.
func (o *ReplayOptions) tracker() (*analysis.Tracker, capture.Naming, error) {
	if e := o.Evidence; e != nil {
		t, err := analysis.Resume(e.Settings, e.State)
		return t, e.Naming, err
	}
	cfg := settings(o.Config)
	cfg.ForgetAfter = forgetInReplay
	if o.State == nil {
		return analysis.New(cfg), naming(o.Config), nil
	}
	t, err := analysis.Resume(cfg, o.State)
	return t, naming(o.Config), err
}

// analyse hands every message to the tracker. last is the time of the last one,
// and zero when there is more than was asked for.
func analyse(from *batcher, tracker *analysis.Tracker, lost *losses, progress func() (done, total int64), o ReplayOptions) (last time.Time, err error) {
	var first, view time.Time
	for b := range from.full {
		for i := range b.observations {
			at := b.observations[i].At
			if first.IsZero() {
				first, view = at, at.Add(o.Every)
			}
			for ; o.OnView != nil && view.Before(at); view = view.Add(o.Every) {
				tracker.HandleTick(view, lost.emit)
				o.OnView(view, tracker.View())
			}
			if o.For > 0 && at.Sub(first) >= o.For {
				return time.Time{}, nil
			}
			last = at
			if o.OnObservation != nil {
				o.OnObservation(&b.observations[i])
			}
			lost.count(&b.observations[i])
			tracker.Handle(&b.observations[i], lost.emit)
		}
		if o.Progress != nil {
			o.Progress(progress())
		}
		if b.err == io.EOF {
			return last, nil
		} else if b.err != nil {
			return last, b.err
		}
		from.free <- b
	}
	return last, from.ctx.Err()
}
