package score

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/simulate"
)

// soaked is what so long a time under one profile came to.
type soaked struct {
	Profile  string         `json:"profile"`
	Days     float64        `json:"days"`
	Messages uint64         `json:"messages"`
	Listed   map[string]int `json:"alerts_listed"`  // raised by severity and name, the grandmaster listed
	Learned  map[string]int `json:"alerts_learned"` // the same without any configuration
}

// tooSlow are the profiles that demand faster Syncs than one a second: it is
// told once, to whoever has configured the profile.
var tooSlow = []string{"g8275.1", "st2059-2"}

// TestSoak lets nothing happen for long, under every profile, and nothing may be
// told. It is two days by default; SOAK_DAYS makes it longer, SOAK_SEED another,
// SOAK_RESULT is where the result goes.
func TestSoak(t *testing.T) {
	hours := 48
	if text := os.Getenv("SOAK_DAYS"); text != "" {
		days, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("SOAK_DAYS: %v", err)
		}
		hours = 24 * days
	}
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("SOAK_SEED"), "1"), 10, 64)
	if err != nil {
		t.Fatalf("SOAK_SEED: %v", err)
	}
	file, err := os.ReadFile("testdata/soak.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(file), "duration: 720h", fmt.Sprintf("duration: %dh", hours), 1)
	all, err := simulate.Variants("soak.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	outcome := make([]soaked, len(all))
	t.Run("profile", func(t *testing.T) {
		for i, s := range all {
			_, name, _ := strings.Cut(s.Name, "/")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				outcome[i] = soak(t, name, s, seed)
			})
		}
	})
	if path := os.Getenv("SOAK_RESULT"); path != "" {
		result, err := json.Marshal(outcome)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, result, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// soak plays a scenario to two replays: one with its configuration, and one
// without any.
func soak(t *testing.T, profile string, s *simulate.Scenario, seed uint64) soaked {
	out := soaked{Profile: profile, Days: s.Duration.Hours() / 24, Listed: map[string]int{}, Learned: map[string]int{}}
	settings, err := s.Config(seed)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := config.Parse("config", []byte(settings), agent.Alerts())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, toFirst := io.Pipe()
	second, toSecond := io.Pipe()
	played := make(chan error, 1)
	go func() {
		buffered := bufio.NewWriterSize(io.MultiWriter(toFirst, toSecond), 1<<16)
		_, err := s.Run(ctx, seed, buffered)
		err = errors.Join(err, buffered.Flush())
		toFirst.CloseWithError(err)
		toSecond.CloseWithError(err)
		played <- err
	}()
	type replayed struct {
		result *agent.Result
		err    error
	}
	learned := make(chan replayed, 1)
	replay := func(from io.Reader, c *config.Config, raised map[string]int) (*agent.Result, error) {
		return agent.Replay(ctx, agent.ReplayOptions{Captures: []string{"-"}, Stdin: from, Config: c, OnFinding: func(f analysis.Finding) {
			if f.Event == analysis.AlertRaised {
				raised[string(f.Alert.Severity)+" "+f.Alert.Name+" "+f.Alert.Reason]++
			}
		}})
	}
	go func() {
		r, err := replay(second, config.Default(agent.Alerts()), out.Learned)
		second.CloseWithError(err)
		learned <- replayed{r, err}
	}()
	one, err := replay(first, listed, out.Listed)
	first.CloseWithError(err)
	two := <-learned
	if err := errors.Join(err, two.err, <-played); err != nil {
		t.Fatal(err)
	}
	out.Messages = one.Captures[0].PTP
	for _, c := range []struct {
		name, slow string
		raised     map[string]int
		result     *agent.Result
	}{
		{"listed", "warning PTPMessageIntervalAnomaly interval_profile", out.Listed, one},
		{"learned", "info PTPMessageIntervalAnomaly interval_profile", out.Learned, two.result},
	} {
		want := map[string]int{}
		if slices.Contains(tooSlow, profile) {
			want[c.slow] = 1
		}
		if diff := gocmp.Diff(want, c.raised); diff != "" {
			t.Errorf("%s: alerts (-want +got):\n%s", c.name, diff)
		}
		d := c.result.View.Domains
		if len(d) != 1 || d[0].Profile != profile || len(d[0].Grandmasters) != 1 || d[0].Grandmasters[0].BestSeconds < s.Duration.Seconds()-60 {
			t.Errorf("%s: %+v, want %s with one grandmaster, best all the time", c.name, d, profile)
		}
	}
	return out
}
