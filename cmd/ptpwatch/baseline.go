package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/ptp"
)

const baselineLong = `Ask a running agent what it has learned, or change it. A baseline is what a domain
was found to be like when it was first heard: the grandmasters that may lead, and
from where they are announced. It stays until somebody changes it here.

accept makes what is heard now the baseline, beside what already was; after a file
with baselines was damaged, nothing is trusted until this is done. reset forgets
the baseline, and learns anew. Both take the reason, and put it in the journal with
the user's name and what changed.

Without --network, --domain and --sdo-id, accept and reset are about all that is
heard and learned. The agent is asked on the socket that its configuration names,
by its own user or root: give this command the same --config, or --state-dir, or
--socket.`

// asked is what the three subcommands have in common.
type asked struct {
	network, domain, sdoID string
	reason                 string
	format                 *choice
}

func newBaseline() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "List, accept or reset what a running agent has learned",
		Long:  baselineLong,
		Example: `  ptpwatch baseline list --config /etc/ptpwatch/ptpwatch.yaml
  ptpwatch baseline accept --reason "CHG-4711: gm-south replaced" --network eth0 --domain 24
  ptpwatch baseline reset --reason "moved to another fabric"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("what to do? list, accept or reset")
			}
			return fmt.Errorf("%q: accepted: list, accept, reset", args[0])
		},
		RunE: func(*cobra.Command, []string) error { return nil }, // Args refuses all
	}
	cmd.AddCommand(newBaselineList(), newBaselineAccept(), newBaselineReset())
	return cmd
}

func newBaselineList() *cobra.Command {
	return baselineAct(agent.ListBaselines, &cobra.Command{
		Short: "List what was learned",
		Long: `List each domain that is heard, or that a baseline is kept of: whether it is being
learned, pinned since when, or as the configuration lists it, and the grandmasters
that are pinned. With --format json the ports that announce them, too.`,
		Example: `  ptpwatch baseline list --config /etc/ptpwatch/ptpwatch.yaml
  ptpwatch baseline list --state-dir /var/lib/ptpwatch --format json`,
	})
}

func newBaselineAccept() *cobra.Command {
	return baselineAct(agent.AcceptBaselines, &cobra.Command{
		Short: "Make what is heard now the baseline",
		Long: `Pin what is heard now, beside what already was. Look at it first: a rogue that is
best at this moment is accepted as well.`,
		Example: `  ptpwatch baseline accept --config ptpwatch.yaml --reason "CHG-4711: gm-south replaced" --network eth0 --domain 24`,
	})
}

func newBaselineReset() *cobra.Command {
	return baselineAct(agent.ResetBaselines, &cobra.Command{
		Short:   "Forget the baseline and learn anew",
		Long:    `Forget what is pinned, and learn for as long as the configuration's learn_for says.`,
		Example: `  ptpwatch baseline reset --config ptpwatch.yaml --reason "moved to another fabric"`,
	})
}

// baselineAct makes cmd ask the agent for an act.
func baselineAct(act string, cmd *cobra.Command) *cobra.Command {
	a := asked{format: newChoice("text", "text", "json")}
	cmd.Use, cmd.Args = act, cobra.NoArgs
	cmd.RunE = running(func(cmd *cobra.Command, _ []string) error {
		request, err := a.request(act)
		if err != nil {
			return refused(err)
		}
		c, _, err := settings(cmd)
		if err != nil {
			return err
		}
		if c.ControlSocket == "" {
			return refused(fmt.Errorf("baseline %s: the agent's socket is not known: give the --config it has, its --state-dir or its --socket", act))
		}
		return a.ask(cmd, c.ControlSocket, request)
	})
	configFlag(cmd)
	stateFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&a.network, "network", "", "only this `NETWORK`")
	f.StringVar(&a.domain, "domain", "", "only this domain `NUMBER`")
	f.StringVar(&a.sdoID, "sdo-id", "", "only this sdoId, as `0x000`")
	f.Var(a.format, "format", "what to print")
	if act != agent.ListBaselines {
		f.StringVar(&a.reason, "reason", "", "`WHY`, for the journal; required")
	}
	return cmd
}

// request is what the flags ask for.
func (a *asked) request(act string) (agent.BaselineRequest, error) {
	r := agent.BaselineRequest{Act: act, Reason: strings.TrimSpace(a.reason)}
	if act != agent.ListBaselines && r.Reason == "" {
		return r, fmt.Errorf("baseline %s: --reason is required: it goes into the journal", act)
	}
	if a.network != "" {
		r.Network = &a.network
	}
	if a.domain != "" {
		n, err := strconv.ParseUint(a.domain, 10, 8)
		if err != nil {
			return r, fmt.Errorf("baseline %s: --domain %q: accepted: 0 to 255", act, a.domain)
		}
		r.Domain = new(uint8(n))
	}
	if a.sdoID != "" {
		digits, hexadecimal := strings.CutPrefix(a.sdoID, "0x")
		n, err := strconv.ParseUint(digits, 16, 12)
		if err != nil || !hexadecimal {
			return r, fmt.Errorf("baseline %s: --sdo-id %q: accepted: 0x000 to 0xfff", act, a.sdoID)
		}
		r.SdoID = new(ptp.SdoID(n))
	}
	return r, nil
}

// ask asks the agent and prints its answer.
func (a *asked) ask(cmd *cobra.Command, socket string, r agent.BaselineRequest) error {
	answer, err := agent.AskBaseline(cmd.Context(), socket, r)
	if err != nil {
		return fmt.Errorf("baseline %s: %w", r.Act, err)
	}
	out := cmd.OutOrStdout()
	switch {
	case a.format.value == "json" && r.Act == agent.ListBaselines:
		err = writeIndented(out, answer.Baselines)
	case a.format.value == "json":
		err = writeIndented(out, answer.Changes)
	case r.Act == agent.ListBaselines:
		err = writeBaselines(out, answer.Baselines)
	default:
		err = writeChanges(out, answer.Changes)
	}
	if answer.Error != "" {
		err = errors.Join(fmt.Errorf("baseline %s: %s", r.Act, answer.Error), err)
	}
	return err
}

func writeIndented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func writeBaselines(w io.Writer, list []agent.BaselineReport) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NETWORK\tDOMAIN\tSDOID\tSTATE\tSINCE\tPROFILE\tGRANDMASTERS")
	for _, b := range list {
		since, state := "-", b.State
		if b.Pinned != nil {
			since = b.Pinned.Format(time.RFC3339)
		}
		if !b.Heard {
			state += ", not heard"
		}
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", b.Network, b.Domain, b.SdoID, state, since, b.Profile, names(b.Grandmasters))
	}
	return t.Flush()
}

func writeChanges(w io.Writer, list []agent.BaselineChange) error {
	for _, c := range list {
		if _, err := fmt.Fprintf(w, "network %s, domain %d, sdo_id %s: %s, was %s\n", c.Network, c.Domain, c.SdoID, names(c.After), names(c.Before)); err != nil {
			return err
		}
	}
	return nil
}

func names(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, " ")
}
