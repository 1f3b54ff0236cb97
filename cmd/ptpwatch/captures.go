package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/agent"
)

// analyse runs the analysis over captures for a command: standard input is
// read until a signal comes, progress is shown where somebody looks. As
// agent.Replay does it may return both a result and an error.
func analyse(ctx context.Context, cmd *cobra.Command, shown *progress, o agent.ReplayOptions) (*agent.Result, error) {
	o.Stdin = newInterruptible(ctx, cmd.InOrStdin())
	o.Progress = shown.show
	result, err := agent.Replay(ctx, o)
	shown.clear()
	if err != nil && ctx.Err() != nil {
		return result, errInterrupted
	}
	return result, err
}

// captureFiles completes the names of capture files.
func captureFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"pcap", "pcapng", "cap", "gz", "zst"}, cobra.ShellCompDirectiveFilterFileExt
}
