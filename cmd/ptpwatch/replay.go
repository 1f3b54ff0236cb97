package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
	"github.com/ptpwatch/ptpwatch/internal/export"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const replayLong = `Read capture files (pcap and pcapng, also compressed with gzip or zstd; - is
stdin) in the order of their packets' times, judge them as a live agent would,
and print a report: what was captured, each domain with its grandmasters and
ports, and the alerts.

With --format jsonl events are printed as they come, one JSON object a line:
grandmaster_changed, incident_opened, raised, resolved and others.

Replay reads no clock: same captures and configuration, same output. The time it
goes by is that of the packets.

With --save-state what judging the next messages takes is written at the end,
and --state starts from it, so that a capture cut in two gives the alerts of the
whole. With the JSON file of an evidence for --state, and its pcapng file, what the
agent found is found again: settings, baseline and state are those in the file,
unless --config gives other settings.

What comes before a fault in a capture is judged and reported; the fault is named
and the exit status is 1, or 3 when --fail-on has its reason too.`

// severities lists those of alerts, the mildest first.
var severities = []analysis.Severity{analysis.Info, analysis.Warning, analysis.Critical}

func newReplay() *cobra.Command {
	format := newChoice("text", "text", "json", "jsonl")
	failOn := newChoice("", "info", "warning", "critical")
	var state, saveState string
	cmd := &cobra.Command{
		Use:   "replay CAPTURE...",
		Short: "Analyse capture files and print a report",
		Long:  replayLong,
		Example: `  ptpwatch replay trace.pcapng
  tcpdump -i eth0 -w - 'ether proto 0x88f7 or udp port 319 or udp port 320' | ptpwatch replay --format jsonl -
  ptpwatch replay --state 00000001-20260101T000020Z-PTPRogueGrandmaster.json 00000001-20260101T000020Z-PTPRogueGrandmaster.pcapng
  ptpwatch replay --config ptpwatch.yaml --fail-on critical --format json monday.pcapng.zst > report.json`,
		Args:              atLeastOne("CAPTURE"),
		ValidArgsFunction: captureFiles,
		RunE: running(func(cmd *cobra.Command, args []string) error {
			c, _, err := settings(cmd)
			if err != nil {
				return err
			}
			from, err := readState(state)
			if err != nil {
				return refused(err)
			}
			if from.evidence != nil && configFile(cmd) != "" {
				from.evidence = agent.Rejudge(from.evidence, c)
			}
			r := replay{out: cmd.OutOrStdout(), format: format.value, failOn: failOn.value, alarms: make(map[alarm]bool)}
			result, err := r.run(cmd, c, from, args)
			if result != nil && saveState != "" && cmd.Context().Err() == nil {
				err = errors.Join(err, writeState(saveState, result.State))
			}
			return r.verdict(err)
		}),
	}
	configFlag(cmd)
	f := cmd.Flags()
	f.Var(format, "format", "what to print: a report, or the events")
	f.Var(failOn, "fail-on", "exit with status 3 when an alert of this severity or worse was raised")
	f.StringVar(&state, "state", "", "`FILE` to start from: written by --save-state, or the JSON file of an evidence")
	f.StringVar(&saveState, "save-state", "", "`FILE` to write the state at the end to")
	_ = cmd.MarkFlagFilename("state", "json")
	_ = cmd.MarkFlagFilename("save-state", "json")
	return cmd
}

// replay is one run of the command.
type replay struct {
	out    io.Writer
	format string
	failOn string // a severity; "" is never

	alarms map[alarm]bool // alerts at or above failOn
}

// alarm tells alerts apart: one that has become graver is raised again.
type alarm struct {
	name        string
	scope       analysis.Scope
	grandmaster ptp.ClockIdentity
	port        ptp.PortIdentity
	raised      int64 // in nanoseconds since the Unix epoch
}

// run prints what was asked for. A result comes with an error when a capture
// is faulty.
func (r *replay) run(cmd *cobra.Command, c *config.Config, from beginning, captures []string) (*agent.Result, error) {
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	shown := newProgress(cmd.ErrOrStderr())
	if r.format == "jsonl" && isTerminal(r.out) {
		shown = &progress{} // it would be drawn among the events
	}
	events := export.NewEventWriter(r.out)
	var writeErr error
	result, err := analyse(ctx, cmd, shown, agent.ReplayOptions{
		Captures: captures,
		Config:   c,
		State:    from.state,
		Evidence: from.evidence,
		OnFinding: func(f analysis.Finding) {
			r.count(f)
			if r.format == "jsonl" && writeErr == nil {
				if writeErr = events.Write(&f); writeErr != nil {
					cancel()
				}
			}
		},
	})
	if writeErr != nil {
		return nil, fmt.Errorf("print events: %w", writeErr)
	}
	if result == nil || r.format == "jsonl" {
		return result, err
	}
	snapshot := &export.Snapshot{View: result.View, Captures: result.Captures}
	return result, errors.Join(err, export.WriteReport(r.out, export.Format(r.format), snapshot))
}

// count counts a finding that --fail-on is about.
func (r *replay) count(f analysis.Finding) {
	if r.failOn == "" || f.Event != analysis.AlertRaised {
		return
	}
	if slices.Index(severities, f.Alert.Severity) >= slices.Index(severities, analysis.Severity(r.failOn)) {
		a := f.Alert
		r.alarms[alarm{a.Name, a.Scope, a.Grandmaster, a.Port, a.Raised.UnixNano()}] = true
	}
}

// verdict is what the command ends with, beside what may have gone wrong.
func (r *replay) verdict(err error) error {
	if len(r.alarms) == 0 {
		return err
	}
	return &exit{errors.Join(err, fmt.Errorf("alerts of severity %s or worse: %d", r.failOn, len(r.alarms))), statusAlerted}
}
