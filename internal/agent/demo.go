package agent

import (
	"bytes"
	"context"
	_ "embed" // the recording
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/capture"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

// recording is two grandmasters and a client, real ptp4l clocks: the second
// grandmaster takes over and leaves again. lab/record.sh demo made it.
//
//go:embed demo/demo.pcapng.gz
var recording []byte

// DemoOptions say how to show the recording.
type DemoOptions struct {
	Config  *config.Config
	Log     *slog.Logger
	OnReady func(addr string) // called once metrics are served; may be nil
}

// pause is the silence between the recording's end and its next beginning.
const pause = time.Second

// Demo plays the recording through the whole pipeline, in real time and in a
// loop, and serves what comes of it until ctx ends.
func Demo(ctx context.Context, o DemoOptions) error {
	messages, err := load(recording)
	if err != nil {
		return fmt.Errorf("read the demo's recording: %w", err)
	}
	p := &player{stats: packet.CaptureStats{
		Interface: messages[0].Interface, Stamps: make(map[packet.StampSource]uint64),
	}}
	p.engine = &engine{
		tracker: analysis.New(settings(o.Config)), store: &export.Store{}, log: newThrottle(o.Log), stats: p.counts,
	}
	return serve(ctx, p.engine, o.Config, o.Log, nil, o.OnReady, func(ctx context.Context) error {
		return p.loop(ctx, messages)
	})
}

// load reads a whole capture into memory.
func load(captured []byte) ([]packet.Observation, error) {
	files, err := capture.OpenFiles([]string{"-"}, bytes.NewReader(captured), capture.Options{})
	if err != nil {
		return nil, err
	}
	defer files.Close()
	var all []packet.Observation
	var o packet.Observation
	for {
		if err := files.Next(&o); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		o.Message.TLVs = slices.Clone(o.Message.TLVs)
		all = append(all, o)
	}
}

// player stands in for a network card.
type player struct {
	*engine
	stats packet.CaptureStats // of what was played so far
}

func (p *player) counts() []packet.CaptureStats {
	s := p.stats
	s.Stamps = maps.Clone(s.Stamps)
	return []packet.CaptureStats{s}
}

func (p *player) play(o *packet.Observation) {
	s := &p.stats
	s.Frames++
	s.PTP++
	s.Bytes += uint64(o.Length)
	s.Stamps[o.StampSource]++
	if s.First.IsZero() {
		s.First = o.At
	}
	s.Last = o.At
	p.handle(o)
}

// loop plays the messages again and again as if they came in now.
func (p *player) loop(ctx context.Context, messages []packet.Observation) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for start := time.Now(); ; start = start.Add(length(messages) + pause) {
		shift := start.Sub(messages[0].At)
		for i := range messages {
			o := later(&messages[i], shift)
			if !p.wait(ctx, o.At, ticker) {
				return nil
			}
			p.play(&o)
		}
	}
}

func length(messages []packet.Observation) time.Duration {
	return messages[len(messages)-1].At.Sub(messages[0].At)
}

// wait ticks until at; false when ctx ends first.
func (e *engine) wait(ctx context.Context, at time.Time, ticker *time.Ticker) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case now := <-ticker.C:
			if now.Before(at) {
				e.tick(now)
			}
		case <-timer.C:
			return true
		}
	}
}

// later moves a message in time: when it was seen, and when the clocks in it
// say it was sent, so that delays and offsets are what they were.
func later(o *packet.Observation, by time.Duration) packet.Observation {
	moved := *o
	moved.At, moved.Stamp = o.At.Add(by), o.Stamp.Add(by)
	if !o.Message.Timestamp.Empty() {
		moved.Message.Timestamp = shifted(o.Message.Timestamp, by)
	}
	return moved
}

func shifted(t ptp.Timestamp, by time.Duration) ptp.Timestamp {
	ns, ok := ptp.Nanoseconds(t)
	if !ok {
		return t
	}
	return ptp.NewTimestamp(ns + int64(by))
}
