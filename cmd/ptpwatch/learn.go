package main

import (
	"cmp"
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

// learnLive is how long learn listens when nobody says.
const learnLive = 10 * time.Minute

func newLearn() *cobra.Command {
	var span time.Duration
	cmd := &cobra.Command{
		Use:   "learn {-i IFACE | CAPTURE...}",
		Short: "Print the domains that are heard, to paste into the configuration",
		Long: `Listen to network interfaces for a while, or read capture files as replay does,
and print the domains: block of a configuration that lists each grandmaster
heard, with what it claimed in comments. Strike out what should not be there: a
clock that is listed is one that may be grandmaster.

Listening ends after ten minutes, or what --for says, or with Ctrl-C, and what
was heard by then is printed. It needs what run needs.`,
		Example: `  ptpwatch learn -i eth0 --for 1h >> ptpwatch.yaml
  ptpwatch learn trace.pcapng >> ptpwatch.yaml`,
		Args:              interfaceOrCaptures,
		ValidArgsFunction: captureFiles,
		RunE: running(func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("for") && span <= 0 {
				return refused(fmt.Errorf("learn: --for %v: accepted: a duration above 0, as 90s or 10m", span))
			}
			view, err := learn(cmd, args, span)
			if view == nil {
				return err
			}
			if len(view.Domains) == 0 {
				return errors.Join(err, errors.New("learn: no PTP domain was heard"))
			}
			return errors.Join(err, writeDomains(cmd.OutOrStdout(), view))
		}),
	}
	configFlag(cmd)
	interfaceFlag(cmd)
	cmd.Flags().DurationVar(&span, "for", 0, "how `LONG` to listen (default 10m), or how much of the captures to read (default all)")
	return cmd
}

// interfaceOrCaptures wants either.
func interfaceOrCaptures(cmd *cobra.Command, args []string) error {
	switch live := cmd.Flags().Changed("interface"); {
	case live && len(args) > 0:
		return fmt.Errorf("-i and the capture %q exclude each other", args[0])
	case !live && len(args) == 0:
		return errors.New("no CAPTURE given, and no -i IFACE")
	}
	return nil
}

// learn returns what is heard, also where an error cut it short; nil when
// there is nothing to tell.
func learn(cmd *cobra.Command, captures []string, span time.Duration) (*analysis.View, error) {
	c, log, err := settings(cmd)
	if err != nil {
		return nil, err
	}
	shown := newProgress(cmd.ErrOrStderr())
	if len(captures) > 0 {
		result, err := analyse(cmd.Context(), cmd, shown, agent.ReplayOptions{Captures: captures, Config: c, For: span})
		if result == nil {
			return nil, err
		}
		return result.View, err
	}
	defer shown.clear()
	span, start := cmp.Or(span, learnLive), time.Now()
	return agent.Learn(cmd.Context(), agent.LearnOptions{Config: c, Log: log, For: span, Progress: func(messages uint64) {
		shown.draw(fmt.Sprintf("%v of %v, %d messages; Ctrl-C ends it", time.Since(start).Round(time.Second), span, messages))
	}})
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
