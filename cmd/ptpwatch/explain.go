package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/docs/alerts"
	"github.com/ptpwatch/ptpwatch/internal/analysis"
	"github.com/ptpwatch/ptpwatch/internal/config"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [ALERT]",
		Short: "Print the runbook of an alert, or list all alerts",
		Long: `Print what an alert means and what harm it does, how to look with pmc or tshark,
what to do about it, what raises it falsely, and what can be set. Capitals and
the leading PTP do not matter.

Without ALERT, list all alerts with their severity, a line each.`,
		Example: `  ptpwatch explain
  ptpwatch explain PTPRogueGrandmaster
  ptpwatch explain announcetimeout | less`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return alertNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: running(func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listAlerts(cmd.OutOrStdout())
			}
			name, err := findAlert(args[0])
			if err != nil {
				return refused(err)
			}
			page, _ := alerts.Runbook(name)
			_, err = io.WriteString(cmd.OutOrStdout(), plain(page))
			return err
		}),
	}
}

func alertNames() []string {
	names := make([]string, len(analysis.Definitions))
	for i, d := range analysis.Definitions {
		names[i] = d.Name
	}
	return names
}

func listAlerts(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, d := range analysis.Definitions {
		fmt.Fprintf(table, "%s\t%s\t%s\n", d.Name, d.Severities[0], d.Summary)
	}
	return table.Flush()
}

// findAlert is the alert that name means.
func findAlert(name string) (string, error) {
	var holding []string
	for _, known := range alertNames() {
		if strings.EqualFold(name, known) || strings.EqualFold("PTP"+name, known) {
			return known, nil
		}
		if name != "" && strings.Contains(strings.ToLower(known), strings.ToLower(name)) {
			holding = append(holding, known)
		}
	}
	near, ok := config.Nearest(name, alertNames())
	switch {
	case len(holding) > 0:
		return "", fmt.Errorf("explain: no alert %q: did you mean %s?", name, strings.Join(holding, " or "))
	case ok:
		return "", fmt.Errorf("explain: no alert %q: did you mean %s?", name, near)
	}
	return "", fmt.Errorf("explain: no alert %q: without a name explain lists all", name)
}

// plain is a runbook without the marks of Markdown.
func plain(page string) string {
	var b strings.Builder
	code := false
	for line := range strings.Lines(page) {
		title, heading := strings.CutPrefix(line, "## ")
		switch {
		case strings.HasPrefix(line, "```"):
			code = !code
		case code:
			b.WriteString("    " + line)
		case heading:
			b.WriteString(strings.ToUpper(title))
		default:
			b.WriteString(strings.ReplaceAll(strings.TrimPrefix(line, "# "), "`", ""))
		}
	}
	return b.String()
}
