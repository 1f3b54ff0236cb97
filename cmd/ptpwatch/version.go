package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/agent"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of ptpwatch, of Go and the platform",
		Example: "  ptpwatch version",
		Args:    cobra.NoArgs,
		RunE: running(func(cmd *cobra.Command, _ []string) error {
			b := agent.Build()
			line := "ptpwatch " + b.Version
			if b.Revision != "" {
				line += " (revision " + b.Revision + ")"
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\n%s %s/%s\n", line, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		}),
	}
}
