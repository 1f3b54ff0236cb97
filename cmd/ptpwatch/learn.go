package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/packet"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

func newLearn() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "learn CAPTURE...",
		Short: "Print the domains that captures show, to paste into the configuration",
		Long: `Read capture files as replay does, and print the domains: block of a
configuration that lists each grandmaster heard, with what it claimed in
comments. Strike out what should not be there: a clock that is listed is one
that may be grandmaster.`,
		Example:           "  ptpwatch learn trace.pcapng >> ptpwatch.yaml",
		Args:              atLeastOne("CAPTURE"),
		ValidArgsFunction: captureFiles,
		RunE: running(func(cmd *cobra.Command, args []string) error {
			c, _, err := settings(cmd)
			if err != nil {
				return err
			}
			result, err := analyse(cmd.Context(), cmd, newProgress(cmd.ErrOrStderr()), agent.ReplayOptions{Captures: args, Config: c})
			if result == nil {
				return err
			}
			if len(result.View.Domains) == 0 {
				return errors.Join(err, errors.New("learn: no PTP domain was heard"))
			}
			return errors.Join(err, writeDomains(cmd.OutOrStdout(), result.View))
		}),
	}
	configFlag(cmd)
	return cmd
}

// writeDomains writes the domains: block for all that a view shows.
func writeDomains(w io.Writer, v *analysis.View) error {
	var b strings.Builder
	b.WriteString("# Each clock listed may be grandmaster: strike out what should not be.\ndomains:\n")
	for i := range v.Domains {
		d := &v.Domains[i]
		fmt.Fprintf(&b, "  # network %q, %d messages\n", d.Scope.Network, messages(d))
		fmt.Fprintf(&b, "  - domain: %d\n    sdo_id: %s\n", d.Scope.DomainNumber, d.Scope.SdoID)
		if inSeveralNetworks(v, d.Scope) {
			fmt.Fprintf(&b, "    network: %q\n", d.Scope.Network)
		}
		if d.Profile != "" && d.Profile != "auto" {
			fmt.Fprintf(&b, "    profile: %s\n", d.Profile)
		}
		if len(d.Grandmasters) == 0 {
			b.WriteString("    # no Announce was heard\n")
			continue
		}
		b.WriteString("    grandmasters:\n")
		for i := range d.Grandmasters {
			writeGrandmaster(&b, d, &d.Grandmasters[i])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeGrandmaster(b *strings.Builder, d *analysis.DomainView, g *analysis.GrandmasterView) {
	q := g.Dataset.GrandmasterClockQuality
	fmt.Fprintf(b, "      # class %d, accuracy %#02x, priorities %d and %d, %v; first seen %s, best for %s\n",
		q.ClockClass, uint8(q.ClockAccuracy), g.Dataset.GrandmasterPriority1, g.Dataset.GrandmasterPriority2,
		g.Dataset.TimeSource, g.FirstSeen.UTC().Format(time.RFC3339),
		time.Duration(g.BestSeconds*float64(time.Second)).Round(time.Second))
	fmt.Fprintf(b, "      - identity: %s\n", g.Identity)
	p := sender(d, g.Identity)
	if p == nil {
		b.WriteString("        # heard through other clocks only\n")
		return
	}
	if p.MAC != (packet.MAC{}) {
		fmt.Fprintf(b, "        mac: %s\n", p.MAC)
	}
	if p.Address.IsValid() {
		fmt.Fprintf(b, "        ip: %s\n", p.Address.WithZone(""))
	}
}

// sender is the first port of a grandmaster that announces it; nil when it was
// heard through boundary clocks only.
func sender(d *analysis.DomainView, id ptp.ClockIdentity) *analysis.PortView {
	for i := range d.Ports {
		if p := &d.Ports[i]; p.Port.ClockIdentity == id && p.Grandmaster == id {
			return p
		}
	}
	return nil
}

// inSeveralNetworks says whether an entry must name its network, for there is
// another with the same domain.
func inSeveralNetworks(v *analysis.View, s analysis.Scope) bool {
	n := 0
	for _, d := range v.Domains {
		if d.Scope.DomainNumber == s.DomainNumber && d.Scope.SdoID == s.SdoID {
			n++
		}
	}
	return n > 1
}

func messages(d *analysis.DomainView) uint64 {
	var n uint64
	for _, m := range d.Messages {
		n += m.Count
	}
	return n
}
