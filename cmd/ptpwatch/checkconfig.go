package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/config"
)

func newCheckConfig() *cobra.Command {
	var reference bool
	cmd := &cobra.Command{
		Use:   "check-config FILE",
		Short: "Check a configuration file and print what it amounts to",
		Long: `Read a configuration file as strictly as every other command does. Sound, it is
printed whole, with defaults and environment, and behind each value where it
came from; what is probably a slip is warned of. Unsound, every mistake is named
with file, line, key, value and what is accepted, and the exit status is 2.

With --reference, print a file with every key, its default and its meaning.`,
		Example: `  ptpwatch check-config /etc/ptpwatch/ptpwatch.yaml
  ptpwatch check-config --reference > ptpwatch.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if reference {
				return cobra.NoArgs(cmd, args)
			}
			return exactlyOne("FILE")(cmd, args)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: running(func(cmd *cobra.Command, args []string) error {
			if reference {
				_, err := fmt.Fprint(cmd.OutOrStdout(), config.Reference)
				return err
			}
			c, err := load(cmd, args[0])
			if err != nil {
				return err
			}
			for _, w := range c.Warnings {
				fmt.Fprintf(cmd.ErrOrStderr(), "warning: %v\n", w)
			}
			return c.Write(cmd.OutOrStdout())
		}),
	}
	cmd.Flags().BoolVar(&reference, "reference", false, "print a commented file with every key")
	return cmd
}
