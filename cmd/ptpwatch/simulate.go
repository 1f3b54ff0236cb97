package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/simulate"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

func newSimulate() *cobra.Command {
	var out, truthFile string
	var seed uint64
	var list bool
	cmd := &cobra.Command{
		Use:   "simulate SCENARIO --out F.pcapng",
		Short: "Make labelled traffic: benign or hostile PTP, and the truth about it",
		Long: `Play a scenario through a model of clocks and links and write what a tap would
have captured, as nanosecond pcapng, and with --truth what really happened: the
attacks, when and by whom, and every clock's true error.

SCENARIO is the name of one that ships (--list shows them) or a file ending in
.yaml. The same scenario and seed give the same bytes.`,
		Example: `  ptpwatch simulate --list
  ptpwatch simulate rogue-grandmaster --out rogue.pcapng --truth rogue.json
  ptpwatch simulate mine.yaml --seed 7 --out - | ptpwatch replay -`,
		Args: cobra.MaximumNArgs(1),
		RunE: running(func(cmd *cobra.Command, args []string) error {
			switch {
			case list:
				return listScenarios(cmd.OutOrStdout())
			case len(args) == 0:
				return refused(errors.New("no SCENARIO given: --list shows those that ship"))
			case out == "":
				return refused(errors.New("no --out given: the file to write the capture to, or - for stdout"))
			}
			s, err := scenario(args[0])
			if err != nil {
				return refused(err)
			}
			return simulateTo(cmd.Context(), s, seed, out, truthFile, cmd.OutOrStdout())
		}),
	}
	cmd.Flags().StringVar(&out, "out", "", "`FILE` for the capture (pcapng), or - for stdout")
	cmd.Flags().StringVar(&truthFile, "truth", "", "`FILE` for the truth (JSON)")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "`NUMBER` that all chance comes from")
	cmd.Flags().BoolVar(&list, "list", false, "list the scenarios that ship")
	return cmd
}

func scenario(name string) (*simulate.Scenario, error) {
	if ext := filepath.Ext(name); ext != ".yaml" && ext != ".yml" {
		return simulate.Load(name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return simulate.Parse(name, data)
}

func simulateTo(ctx context.Context, s *simulate.Scenario, seed uint64, out, truthFile string, stdout io.Writer) (err error) {
	to := stdout
	if out != "-" {
		f, err := os.Create(out)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		to = f
	}
	buffered := bufio.NewWriterSize(to, 1<<16)
	what, err := s.Run(ctx, seed, buffered)
	if err = errors.Join(err, buffered.Flush()); err != nil || truthFile == "" {
		return err
	}
	return writeTruth(truthFile, what)
}

func writeTruth(file string, what *truth.Truth) error {
	text, err := json.MarshalIndent(what, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

func listScenarios(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range simulate.List() {
		first, _, _ := strings.Cut(s.Description, "\n")
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Duration, first)
	}
	return table.Flush()
}
