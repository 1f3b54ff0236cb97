package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/capture"
)

func newInterfaces() *cobra.Command {
	format := newChoice("text", "text", "json")
	cmd := &cobra.Command{
		Use:   "interfaces",
		Short: "Show how each network interface can stamp, what run would use, and why",
		Long: `Show each interface that run can listen to, Ethernet's and the loopback: its
driver and link, its PTP hardware clock and how that compares with the system's,
what its NIC can stamp and is set to, which stamps run would use and why, and
what to change for better ones. Nothing is changed, and no privilege is needed,
but to read /dev/ptp0.

With --config what the configuration says of an interface counts; without one,
every key has its default.`,
		Example: `  ptpwatch interfaces
  ptpwatch interfaces --config ptpwatch.yaml
  ptpwatch interfaces --format json | jq -r '.[] | select(.use.timestamps == "hardware") | .name'`,
		Args: cobra.NoArgs,
		RunE: running(func(cmd *cobra.Command, _ []string) error {
			c, _, err := settings(cmd)
			if err != nil {
				return err
			}
			nics, err := agent.NICs(c)
			if err != nil {
				return err
			}
			if format.value == "json" {
				return writeNICsJSON(cmd.OutOrStdout(), nics)
			}
			return writeNICs(cmd.OutOrStdout(), nics)
		}),
	}
	configFlag(cmd)
	cmd.Flags().Var(format, "format", "what to print: lines to read, or one JSON array")
	return cmd
}

func writeNICs(w io.Writer, nics []agent.NIC) error {
	if len(nics) == 0 {
		_, err := fmt.Fprintln(w, "There is no interface to listen to.")
		return err
	}
	for i := range nics {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := writeNIC(w, &nics[i]); err != nil {
			return err
		}
	}
	return nil
}

func writeNIC(w io.Writer, n *agent.NIC) error {
	if n.Absent {
		_, err := fmt.Fprintf(w, "%s: the configuration lists it, and there is no Ethernet interface of that name\n", n.Name)
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, n.Name)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(table, "  %s\t%s\n", name, text)
		}
	}
	line("driver", cmp.Or(n.Driver, "unknown"))
	line("link", linkText(n))
	line("clock", clockText(n))
	line("modes", orNone(n.Modes.Names()))
	line("rx filters", orNone(texts(n.RxFilters)))
	line("tx types", orNone(texts(n.TxTypes)))
	line("set to", settingText(n))
	line("run uses", useText(&n.Choice))
	line("because", n.Choice.Reason)
	line("warning", n.Choice.Warning)
	line("to change", n.Choice.Advice)
	return table.Flush()
}

func orNone(list []string) string {
	return cmp.Or(strings.Join(list, ", "), "none")
}

func texts[T fmt.Stringer](list []T) []string {
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = v.String()
	}
	return names
}

// linkText says what to do about a link that keeps run from hearing anything.
func linkText(n *agent.NIC) string {
	switch {
	case n.Link != capture.LinkDown:
		return string(n.Link)
	case n.Disabled:
		return "down: nothing is heard until `ip link set " + n.Name + " up`"
	}
	return "down: nothing is heard until it has a carrier; see to the cable and its other end"
}

func clockText(n *agent.NIC) string {
	switch {
	case n.Clock == "":
		return "none"
	case n.PHC == nil:
		return fmt.Sprintf("%s, which cannot be read: %v", n.Clock, n.PHCError)
	}
	relation := "ahead of"
	if n.PHC.Offset < 0 {
		relation = "behind"
	}
	text := fmt.Sprintf("%s, %v %s the system's", n.Clock, n.PHC.Offset.Abs(), relation)
	if n.PHC.Delay > 0 {
		text += fmt.Sprintf(", to within %v", bound(n.PHC))
	}
	return text
}

// bound is how wrong a comparison of clocks may be.
func bound(p *capture.PHCOffset) time.Duration { return p.Delay / 2 }

// settingText is "" where there is nothing to set.
func settingText(n *agent.NIC) string {
	switch {
	case n.ConfigError == "":
		return fmt.Sprintf("rx_filter %v, tx_type %v", n.Config.RxFilter, n.Config.TxType)
	case n.Modes&(capture.TransmitHardware|capture.ReceiveHardware) == 0:
		return ""
	}
	return "unknown: " + n.ConfigError
}

func useText(c *capture.Choice) string {
	switch {
	case len(c.Request) > 0:
		return fmt.Sprintf("hardware stamps by %s, once it has set rx_filter %s", c.Clock, strings.Join(texts(c.Request), ", or else "))
	case c.Clock != "" && c.Covers != "":
		return fmt.Sprintf("hardware stamps by %s, for %s", c.Clock, c.Covers)
	case c.Clock != "":
		return fmt.Sprintf("hardware stamps by %s where frames have them", c.Clock)
	}
	return "software stamps"
}

// nicJSON is an interface as --format json prints it.
type nicJSON struct {
	capture.NIC
	Configured bool       `json:"configured"`
	Absent     bool       `json:"absent,omitempty"`
	PHC        *phcJSON   `json:"phc,omitempty"`
	PHCError   string     `json:"phc_error,omitempty"`
	Use        choiceJSON `json:"use"`
}

// phcJSON is a hardware clock minus the system's.
type phcJSON struct {
	Offset float64 `json:"offset_seconds"`
	Bound  float64 `json:"error_bound_seconds"`
}

type choiceJSON struct {
	Timestamps string `json:"timestamps"` // hardware, software or unknown
	capture.Choice
}

func writeNICsJSON(w io.Writer, nics []agent.NIC) error {
	list := make([]nicJSON, len(nics))
	for i, n := range nics {
		list[i] = nicJSON{NIC: n.NIC, Configured: n.Configured, Absent: n.Absent, Use: choiceJSON{n.Choice.Source.String(), n.Choice}}
		if n.PHC != nil {
			list[i].PHC = &phcJSON{n.PHC.Offset.Seconds(), bound(n.PHC).Seconds()}
		}
		if n.PHCError != nil {
			list[i].PHCError = n.PHCError.Error()
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

// completeInterfaces completes names of interfaces.
func completeInterfaces(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	all, _ := net.Interfaces()
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
