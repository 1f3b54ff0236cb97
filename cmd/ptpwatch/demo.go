package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/agent"
)

func newDemo() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play recorded PTP through the agent and serve its status page and metrics",
		Long: `Play a capture of real clocks (two grandmasters, a client, a takeover) through
the agent in real time, again and again, and serve what it makes of them until
it is interrupted. No network interface and no privilege is needed.`,
		Example: `  ptpwatch demo
  ptpwatch demo --listen 127.0.0.1:9999`,
		Args: cobra.NoArgs,
		RunE: running(func(cmd *cobra.Command, _ []string) error {
			c, log, err := settings(cmd)
			if err != nil {
				return err
			}
			return agent.Demo(cmd.Context(), agent.DemoOptions{
				Config: c,
				Log:    log,
				OnReady: func(addr string) {
					fmt.Fprintf(cmd.OutOrStdout(), "Status page on %[1]s, metrics on %[1]s/metrics, until you press Ctrl-C.\n", localURL(addr))
				},
			})
		}),
	}
	configFlag(cmd)
	listenFlags(cmd)
	return cmd
}

// listenFlags gives a command that serves --listen and --web-config-file.
func listenFlags(cmd *cobra.Command) {
	cmd.Flags().String("listen", "", "`ADDRESS` to serve on (default :9588)")
	cmd.Flags().String("web-config-file", "", "`FILE` for TLS and authentication, in the exporter-toolkit's format")
	_ = cmd.MarkFlagFilename("web-config-file", "yaml", "yml")
}
