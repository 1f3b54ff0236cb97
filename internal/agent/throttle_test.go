package agent

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestThrottle(t *testing.T) {
	var out bytes.Buffer
	log := newThrottle(slog.New(slog.NewTextHandler(&out, nil)))
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for range 100_000 {
		at = at.Add(time.Millisecond)
		log.record(at, slog.LevelWarn, "flood")
		log.record(at, slog.LevelDebug, "below the level")
	}
	log.record(at, slog.LevelWarn, "another")
	// 100 s of it: 20 lines in the first minute, 20 in the second.
	if got := strings.Count(out.String(), "msg=flood"); got != 2*toldPerMinute {
		t.Errorf("%d lines, want %d", got, 2*toldPerMinute)
	}
	if !strings.Contains(out.String(), "suppressed=59980\n") {
		t.Errorf("no line tells that 59,980 were left out:\n%s", out.String())
	}
	if strings.Count(out.String(), "msg=another") != 1 || strings.Contains(out.String(), "below") {
		t.Errorf("a flood of one message silenced another, or the level was not kept:\n%s", out.String())
	}
}
