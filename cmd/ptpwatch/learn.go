package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
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
heard, standbys too, with what it claimed in comments. Strike out what should not
be there, and call the others what you call them: a clock that is listed is one
that may be grandmaster, and with baseline: listed no other is.

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
	b.WriteString("# Each clock listed may be grandmaster: strike out what should not be.\n")
	if first := firstSeen(v); !first.IsZero() {
		fmt.Fprintf(&b, "# Heard in %v, from %s to %s.\n", v.At.Sub(first).Round(time.Second), moment(first), moment(v.At))
	}
	b.WriteString("domains:\n")
	called := nicknames{}
	for i := range v.Domains {
		writeDomain(&b, v, &v.Domains[i], called)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeDomain(b *strings.Builder, v *analysis.View, d *analysis.DomainView, called nicknames) {
	fmt.Fprintf(b, "  # network %q, %d messages\n", d.Scope.Network, messages(d))
	fmt.Fprintf(b, "  - domain: %d\n    sdo_id: %s\n", d.Scope.DomainNumber, d.Scope.SdoID)
	if inSeveralNetworks(v, d.Scope) {
		fmt.Fprintf(b, "    network: %q\n", d.Scope.Network)
	}
	if d.Profile != "" && d.Profile != "auto" {
		fmt.Fprintf(b, "    profile: %s\n", d.Profile)
	}
	if len(d.Grandmasters) == 0 {
		b.WriteString("    # no Announce was heard: whoever announces first is learned\n    baseline: pin\n")
		return
	}
	b.WriteString("    baseline: listed\n    grandmasters:\n")
	for i := range d.Grandmasters {
		g := &d.Grandmasters[i]
		writeGrandmaster(b, d, g, called)
		for _, a := range v.Alerts {
			if a.Name == analysis.AlertRogueGrandmaster && a.Scope == d.Scope && a.Grandmaster == g.Identity {
				fmt.Fprintf(b, "        # %s was raised about it (%s): is it yours?\n", a.Name, a.Reason)
				break
			}
		}
	}
}

func writeGrandmaster(b *strings.Builder, d *analysis.DomainView, g *analysis.GrandmasterView, called nicknames) {
	q := g.Dataset.GrandmasterClockQuality
	led := "never best"
	if g.BestSeconds > 0 {
		led = fmt.Sprintf("best for %v", time.Duration(g.BestSeconds*float64(time.Second)).Round(time.Second))
	}
	fmt.Fprintf(b, "      # class %d, accuracy %#02x, priorities %d and %d, %v; first seen %s, %s\n",
		q.ClockClass, uint8(q.ClockAccuracy), g.Dataset.GrandmasterPriority1, g.Dataset.GrandmasterPriority2,
		g.Dataset.TimeSource, moment(g.FirstSeen), led)
	fmt.Fprintf(b, "      - identity: %s\n        name: %s\n", g.Identity, called.of(g))
	ports := senders(d, g.Identity)
	if len(ports) == 0 {
		b.WriteString("        # heard through other clocks only\n")
		return
	}
	macs, ips := map[packet.MAC]bool{}, map[netip.Addr]bool{}
	for _, p := range ports {
		macs[p.MAC], ips[p.Address.WithZone("")] = true, true
	}
	switch p := ports[0]; {
	case len(macs) > 1:
		b.WriteString("        # sends from several MAC addresses\n")
	case p.MAC != packet.MAC{}:
		fmt.Fprintf(b, "        mac: %s\n", p.MAC)
	}
	switch p := ports[0]; {
	case len(ips) > 1:
		b.WriteString("        # sends from several IP addresses\n")
	case p.Address.IsValid():
		fmt.Fprintf(b, "        ip: %s\n", p.Address.WithZone(""))
	}
}

// nicknames gives each grandmaster one, the same in all domains.
type nicknames map[ptp.ClockIdentity]string

func (n nicknames) of(g *analysis.GrandmasterView) string {
	if n[g.Identity] == "" {
		n[g.Identity] = fmt.Sprintf("gm-%d", len(n)+1)
		if g.Name != "" {
			n[g.Identity] = strconv.Quote(g.Name)
		}
	}
	return n[g.Identity]
}

// firstSeen is when the first message was heard that a view tells of.
func firstSeen(v *analysis.View) (first time.Time) {
	for _, d := range v.Domains {
		for _, p := range d.Ports {
			if first.IsZero() || p.FirstSeen.Before(first) {
				first = p.FirstSeen
			}
		}
	}
	return first
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// senders are the ports of a grandmaster that announce it themselves; none when
// it was heard through boundary clocks only.
func senders(d *analysis.DomainView, id ptp.ClockIdentity) (list []*analysis.PortView) {
	for i := range d.Ports {
		if p := &d.Ports[i]; p.Port.ClockIdentity == id && p.Grandmaster == id {
			list = append(list, p)
		}
	}
	return list
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
