package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/config"
)

const rootLong = `ptpwatch watches PTP (IEEE 1588) passively: it decodes what is captured, keeps
track of clocks, ports and exchanges, models which grandmaster is best, and
reports what is not as it should be.

Data goes to stdout, logs to stderr. Long work shows its progress on a terminal
and none in a pipe.

Exit status: 0 done; 1 failed while running; 2 bad arguments or configuration;
3 an alert at or above --fail-on was raised.`

// newRoot returns the command line, whole.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:               "ptpwatch",
		Short:             "Watch PTP clocks passively",
		Long:              rootLong,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.PersistentFlags().Var(newChoice("", "debug", "info", "warn", "error"), "log-level", "least severe message to log (default info)")
	root.PersistentFlags().Var(newChoice("", "text", "json"), "log-format", "how to log (default text)")
	root.AddCommand(
		newRun(), newReplay(), newSimulate(), newScore(), newDecode(), newLearn(), newBaseline(), newInterfaces(), newReport(), newVerifyEvidence(), newDemo(),
		newExplain(), newCheckConfig(), newHealthcheck(), newCompletion(), newMan(), newVersion(),
	)
	for _, c := range everyCommand(root) {
		completeChoices(c)
	}
	return root
}

// everyCommand lists a command and all below it.
func everyCommand(c *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		list = append(list, everyCommand(sub)...)
	}
	return list
}

// execute runs the command that args name and returns the exit status.
func execute(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	complain(root.ErrOrStderr(), cmd, err)
	return status(err)
}

// complain says on stderr why a command ended.
func complain(w io.Writer, cmd *cobra.Command, err error) {
	if err == nil {
		return
	}
	if problems, ok := errors.AsType[config.Problems](err); ok && len(problems) > 1 {
		fmt.Fprintf(w, "ptpwatch: configuration refused\n%v\n", problems)
		return
	}
	fmt.Fprintf(w, "ptpwatch: %v\n", err)
	if !isExit(err) {
		fmt.Fprintf(w, "Try '%s --help'.\n", cmd.CommandPath())
	}
}
