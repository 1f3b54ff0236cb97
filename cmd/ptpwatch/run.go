package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

const runLong = `Listen to network interfaces, judge what comes, and serve it on :9588 until
SIGTERM or Ctrl-C: metrics at /metrics, and at /api/v1/report the report that
replay --format json would print.

The interfaces are those of the configuration, or those named with -i in place of
them; what the configuration says of one holds either way. It only listens, and
leaves the NIC's settings alone unless an interface has hwtstamp: enable. An
interface that goes down, or away and comes back, is waited for.

SIGHUP reads the configuration again: what was learned, counted and raised stays,
and interfaces that stay are listened to without a gap. One that is refused
changes nothing; the log and ptpwatch_config_last_reload_successful say so.
listen, web_config_file, log, state_dir, control_socket, journal and evidence are
read at the start only.

With a state folder (state_dir, --state-dir, or systemd's StateDirectory=) it keeps
there what it learned, which alerts hold and a journal. An agent that starts within
ten minutes of the last one's end goes on where that was; what was learned, it keeps
for good. "ptpwatch baseline" shows and changes it. Of each critical alert the frames
of the seconds before and after are kept there, too, with what it was judged by.

Capturing needs the capability CAP_NET_RAW, hwtstamp: enable needs CAP_NET_ADMIN
too. Under systemd (Type=notify) it says when it is ready and feeds the watchdog
as long as capture and analysis turn.`

func newRun() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Listen to network interfaces and serve metrics",
		Long:  runLong,
		Example: `  ptpwatch run -i eth0
  ptpwatch run --config /etc/ptpwatch/ptpwatch.yaml
  ptpwatch run -i eth0 --state-dir /var/lib/ptpwatch
  ptpwatch run --config ptpwatch.yaml -i eth0 -i eth1 --listen 127.0.0.1:9588`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("%q: an interface is named with -i", args[0])
			}
			return nil
		},
		RunE: running(func(cmd *cobra.Command, _ []string) error {
			reload := make(chan os.Signal, 1)
			signal.Notify(reload, syscall.SIGHUP)
			defer signal.Stop(reload)
			c, log, err := settings(cmd)
			if err != nil {
				return err
			}
			return noInterfaceRefused(agent.Run(cmd.Context(), agent.RunOptions{
				Config: c,
				Log:    log,
				Reload: reload,
				Load:   func() (*config.Config, error) { return load(cmd, configFile(cmd)) },
				OnReady: func(addr string) {
					fmt.Fprintf(cmd.OutOrStdout(), "Status page on %[1]s, metrics on %[1]s/metrics, until you press Ctrl-C.\n", localURL(addr))
				},
			}))
		}),
	}
	configFlag(cmd)
	interfaceFlag(cmd)
	listenFlags(cmd)
	stateFlags(cmd)
	return cmd
}

// interfaceFlag gives a command -i.
func interfaceFlag(cmd *cobra.Command) {
	cmd.Flags().StringArrayP("interface", "i", nil, "`IFACE` to listen to, in place of the configuration's list; may be repeated")
	_ = cmd.RegisterFlagCompletionFunc("interface", completeInterfaces)
}

// noInterfaceRefused makes an agent without an interface a matter of arguments.
func noInterfaceRefused(err error) error {
	if errors.Is(err, agent.ErrNoInterface) {
		return refused(err)
	}
	return err
}
