package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/agent"
	"github.com/ptpwatch/ptpwatch/internal/audit"
)

const reportLong = `Report what an agent has on record of a period: for how long each domain was
watched, and what is missing; errors and bounds; what was shown of the limit of
the rule that each domain is held to, as domains[].compliance says; alerts, best
masters, operators' acts; and the hashes of what it was made from.

What a passive tap shows is how far a grandmaster's time was, as it arrived at
the tap, from a reference. It does not show how far the clocks of hosts were from
UTC. What was not watched or not measured is not shown, and never compliant.

A period begins and ends at a quarter of an hour: a date is its midnight UTC, so
that March is --from 2026-03-01 --to 2026-04-01. The journal is found by
--journal, else where the configuration has its state_dir. The same journal and
period give the same report, octet for octet. The agent may be running.

text is for a terminal, html a page that needs no other file, csv one table for a
spreadsheet: --table says which. Durations and errors in csv are in seconds.

A period of which nothing is on record is reported as such, with exit status 0.
If the chain of the journal does not hold, the report says so and the exit status
is 1.`

func newReport() *cobra.Command {
	var from, to, journal, out string
	format := newChoice("text", "text", "csv", "html")
	table := newChoice("quarters", audit.Tables()...)
	cmd := &cobra.Command{
		Use:   "report --from TIME --to TIME",
		Short: "Report what was watched, measured and shown in a period",
		Long:  reportLong,
		Example: `  ptpwatch report --from 2026-03-01 --to 2026-04-01 --state-dir /var/lib/ptpwatch
  ptpwatch report --from 2026-03-02T08:00:00Z --to 2026-03-02T16:30:00Z --config /etc/ptpwatch/ptpwatch.yaml
  ptpwatch report --from 2026-03-02 --to 2026-03-03 --journal evidence/journal --format html --out 2026-03-02.html
  ptpwatch report --from 2026-03-01 --to 2026-04-01 --format csv --table verdicts`,
		Args: cobra.NoArgs,
		RunE: running(func(cmd *cobra.Command, _ []string) error {
			begin, end, err := period(from, to)
			if err != nil {
				return refused(err)
			}
			if cmd.Flags().Changed("table") && format.value != "csv" {
				return refused(fmt.Errorf("--table %s: only --format csv has tables", table.value))
			}
			dir, err := journalOf(cmd, journal)
			if err != nil {
				return err
			}
			r, err := audit.Read(dir, begin, end)
			if err != nil {
				return fmt.Errorf("report: %w", err)
			}
			r.Program = "ptpwatch " + agent.Build().Version
			if err := writeReport(cmd.OutOrStdout(), out, func(w io.Writer) error { return formatReport(w, r, format.value, table.value) }); err != nil {
				return fmt.Errorf("report: %w", err)
			}
			return brokenJournal(r)
		}),
	}
	cmd.Flags().StringVar(&from, "from", "", "begin of the period: `TIME` as of RFC 3339, or a date")
	cmd.Flags().StringVar(&to, "to", "", "end of the period: `TIME` as of RFC 3339, or a date")
	cmd.Flags().StringVar(&journal, "journal", "", "`FOLDER` of the journal, or the state_dir that it is in")
	cmd.Flags().StringVar(&out, "out", "", "`FILE` to write, whole or not at all (default stdout)")
	cmd.Flags().Var(format, "format", "what to write")
	cmd.Flags().Var(table, "table", "which table csv is")
	configFlag(cmd)
	cmd.Flags().String("state-dir", "", "`FOLDER` in which the agent keeps what it must not forget")
	for _, name := range []string{"journal", "state-dir"} {
		_ = cmd.MarkFlagDirname(name)
	}
	return cmd
}

// period reads both ends of one.
func period(from, to string) (begin, end time.Time, err error) {
	if begin, err = parseTime("--from", from); err != nil {
		return begin, end, err
	}
	if end, err = parseTime("--to", to); err != nil {
		return begin, end, err
	}
	if !begin.Before(end) {
		return begin, end, fmt.Errorf("--to %s: not after --from %s", to, from)
	}
	return begin, end, nil
}

// parseTime reads a time at which a quarter of an hour begins.
func parseTime(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, fmt.Errorf("%s is required: 2026-03-02T08:00:00Z, or 2026-03-02", flag)
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		at, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		return at, fmt.Errorf("%s %q: a time is written 2026-03-02T08:00:00Z or 2026-03-02T09:00:00+01:00, a date 2026-03-02", flag, text)
	}
	at = at.UTC()
	if before := at.Truncate(audit.QuarterLength); !before.Equal(at) {
		return at, fmt.Errorf("%s %s: records are of quarters of an hour: take %s or %s", flag, text,
			before.Format(time.RFC3339), before.Add(audit.QuarterLength).Format(time.RFC3339))
	}
	return at, nil
}

// journalOf finds the folder of the journal.
func journalOf(cmd *cobra.Command, given string) (string, error) {
	if given == "" {
		c, _, err := settings(cmd)
		if err != nil {
			return "", err
		}
		if given = c.StateDir; given == "" {
			return "", refused(errors.New("no journal: name it with --journal, or a state_dir with --state-dir or --config"))
		}
	}
	if sub := subfolder(given, "journal"); sub != "" {
		return sub, nil
	}
	info, err := os.Stat(given)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s: a folder is expected: a journal, or a state_dir", given)
	}
	return given, err
}

func formatReport(w io.Writer, r *audit.Report, format, table string) error {
	switch format {
	case "csv":
		return audit.WriteCSV(w, r, table)
	case "html":
		return audit.WriteHTML(w, r)
	}
	return audit.WriteText(w, r)
}

// writeReport writes to a file, which is there whole or not at all, or to
// stdout.
func writeReport(stdout io.Writer, file string, write func(io.Writer) error) (err error) {
	if file == "" {
		return write(stdout)
	}
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

// brokenJournal fails where what was reported proves nothing.
func brokenJournal(r *audit.Report) error {
	if r.Journal.Whole() {
		return nil
	}
	return fmt.Errorf("the journal is not as it was written: %s", strings.Join(append(r.Journal.Breaks, r.Journal.Faults...)[:1], ""))
}
