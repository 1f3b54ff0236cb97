package score

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/simulate"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

// Case is a labelled capture to be replayed.
type Case struct {
	Name string // of the file, or of the scenario
	// Work is about how long it takes, against the others: those that take
	// longest go first.
	Work int64
	play func(ctx context.Context, h *heard) (*truth.Truth, error)
}

// Simulated is a scenario, scored while it is simulated under a seed.
func Simulated(s *simulate.Scenario, seed uint64) Case {
	return Case{
		Name: s.Name, Work: int64(s.Duration),
		play: func(ctx context.Context, h *heard) (*truth.Truth, error) { return simulated(ctx, s, seed, h) },
	}
}

func simulated(ctx context.Context, s *simulate.Scenario, seed uint64, h *heard) (*truth.Truth, error) {
	text, err := s.Config(seed)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	from, to := io.Pipe()
	type outcome struct {
		truth *truth.Truth
		err   error
	}
	ran := make(chan outcome, 1)
	go func() {
		buffered := bufio.NewWriterSize(to, 1<<16)
		t, err := s.Run(ctx, seed, buffered)
		err = errors.Join(err, buffered.Flush())
		to.CloseWithError(err)
		ran <- outcome{t, err}
	}()
	err = replay(ctx, "-", from, text, h)
	cancel()
	from.CloseWithError(err) // a simulation that goes on writes to nobody
	out := <-ran
	if err != nil {
		return nil, err
	}
	return out.truth, out.err
}

// recorded is a capture file and its truth.
func recorded(capture, labels string) (Case, error) {
	info, err := os.Stat(capture)
	if err != nil {
		return Case{}, err
	}
	if _, err := os.Stat(labels); err != nil {
		return Case{}, err
	}
	return Case{Name: filepath.Base(capture), Work: info.Size(), play: func(ctx context.Context, h *heard) (*truth.Truth, error) {
		t, err := readTruth(labels)
		if err != nil {
			return nil, err
		}
		return t, replay(ctx, capture, nil, t.Config, h)
	}}, nil
}

func readTruth(name string) (*truth.Truth, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := truth.Read(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// replay runs the analysis over a capture, with the operator's configuration.
func replay(ctx context.Context, capture string, stdin io.Reader, settings string, h *heard) error {
	c := config.Default(agent.Alerts())
	if settings != "" {
		var err error
		if c, err = config.Parse("config of the truth", []byte(settings), agent.Alerts()); err != nil {
			return err
		}
	}
	_, err := agent.Replay(ctx, agent.ReplayOptions{
		Captures: []string{capture}, Stdin: stdin, Config: c, OnFinding: h.finding, OnObservation: h.observation,
	})
	return err
}

// Result is what a case came to. Of the truth about it only the episodes are
// kept: the errors of clocks take room.
type Result struct {
	Capture    string // a file, or a scenario
	Seed       uint64
	Streams    time.Duration        // for how long Sync was heard, of each network and domain
	judgements map[string]Judgement // by detector
}

func (c *Case) run(ctx context.Context) (*Result, error) {
	h := newHeard()
	t, err := c.play(ctx, h)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	r := &Result{Capture: c.Name, Seed: t.Seed, Streams: h.streamTime(), judgements: map[string]Judgement{}}
	for _, d := range Detectors {
		r.judgements[d] = Judge(t, h.alarms(d))
	}
	return r, nil
}
