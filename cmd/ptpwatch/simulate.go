package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/simulate"
	"github.com/ptpwatch/ptpwatch/internal/simulate/truth"
)

const simulateLong = `Play a scenario through a model of clocks and links and write what a tap would
have captured, as nanosecond pcapng, and with --truth what really happened: the
attacks, when and by whom, and every clock's true error.

SCENARIO is the name of one that ships, or a file of yours that ends in .yaml.
Many come in variants, mostly sizes: sync-delay/500ns or mine.yaml/large, and
without a variant the first. The same scenario and seed give the same bytes;
another seed gives other addresses, delays, noise and times.`

// simulation is what simulate is asked for.
type simulation struct {
	out, truth string
	seed       uint64
	list, show bool
}

func newSimulate() *cobra.Command {
	var s simulation
	cmd := &cobra.Command{
		Use:   "simulate SCENARIO --out F.pcapng",
		Short: "Make labelled traffic: benign or hostile PTP, and the truth about it",
		Long:  simulateLong,
		Example: `  ptpwatch simulate --list
  ptpwatch simulate --list delay
  ptpwatch simulate sync-delay/5us --out delay.pcapng --truth delay.json
  ptpwatch simulate rogue-boundary --seed 7 --out - | ptpwatch replay -
  ptpwatch simulate --show sync-delay > mine.yaml
  ptpwatch simulate mine.yaml --out mine.pcapng`,
		Args:              atMostOne("SCENARIO"),
		ValidArgsFunction: scenarioNames,
		RunE:              running(s.run),
	}
	cmd.Flags().StringVar(&s.out, "out", "", "`FILE` for the capture (pcapng), or - for stdout")
	cmd.Flags().StringVar(&s.truth, "truth", "", "`FILE` for the truth (JSON), or - for stdout")
	cmd.Flags().Uint64Var(&s.seed, "seed", 1, "`NUMBER` that all chance comes from")
	cmd.Flags().BoolVar(&s.list, "list", false, "list the scenarios that ship, or those with SCENARIO in their name")
	cmd.Flags().BoolVar(&s.show, "show", false, "print the file of a scenario that ships, to begin your own with")
	return cmd
}

// atMostOne wants no argument or one, called name in the usage line.
func atMostOne(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return exactlyOne(name)(cmd, args)
	}
}

// scenarioNames completes the names of scenarios that ship, else of files.
func scenarioNames(*cobra.Command, []string, string) (names []string, _ cobra.ShellCompDirective) {
	for _, s := range simulate.List() {
		names = append(names, s.Name)
	}
	return names, cobra.ShellCompDirectiveDefault
}

func (s *simulation) run(cmd *cobra.Command, args []string) error {
	name := strings.Join(args, "")
	stdout := cmd.OutOrStdout()
	switch {
	case s.list:
		return listScenarios(stdout, name)
	case name == "":
		return refused(errors.New("no SCENARIO given: --list shows those that ship"))
	case s.show:
		return showScenario(stdout, name)
	case s.out == "":
		return refused(errors.New("no --out given: the file to write the capture to, or - for stdout"))
	case s.out == "-" && s.truth == "-":
		return refused(errors.New("--out and --truth cannot both be stdout"))
	case s.out == "-" && isTerminal(stdout):
		return refused(errors.New("--out -: a capture is not for a terminal: redirect it, or pipe it into ptpwatch replay -"))
	}
	scenario, err := scenarioNamed(name)
	if err != nil {
		return refused(err)
	}
	return s.write(cmd, scenario)
}

// scenarioNamed is a scenario that ships, or of a file: "mine.yaml", or
// "mine.yaml/large" for a variant.
func scenarioNamed(name string) (*simulate.Scenario, error) {
	file, variant := name, ""
	if dir, last := filepath.Split(name); isScenarioFile(filepath.Clean(dir)) {
		file, variant = filepath.Clean(dir), last
	}
	if !isScenarioFile(file) {
		return simulate.Load(name)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	all, err := simulate.Variants(file, data)
	if problems, ok := errors.AsType[simulate.Problems](err); ok && len(problems) > 1 {
		return nil, fmt.Errorf("scenario refused\n%w", err)
	} else if err != nil {
		return nil, err
	}
	var have []string
	for _, s := range all {
		_, v, _ := strings.Cut(s.Name, "/")
		if variant == "" || v == variant {
			return s, nil
		}
		have = append(have, v)
	}
	return nil, fmt.Errorf("%s: no variant is called %q: there are %s", file, variant, strings.Join(have, ", "))
}

func isScenarioFile(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml"
}

// write plays a scenario into its files, which are opened before: a run can be
// long.
func (s *simulation) write(cmd *cobra.Command, scenario *simulate.Scenario) (err error) {
	capture, err := create(s.out, cmd.OutOrStdout())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, capture.Close()) }()
	record, err := create(s.truth, cmd.OutOrStdout())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	shown := newProgress(cmd.ErrOrStderr())
	if s.out == "-" {
		shown = &progress{} // whoever reads the capture shows how far he is
	}
	what, err := s.play(cmd.Context(), scenario, capture, shown)
	if err != nil || s.truth == "" {
		return err
	}
	return what.Write(record)
}

func (s *simulation) play(ctx context.Context, scenario *simulate.Scenario, capture io.Writer, shown *progress) (*truth.Truth, error) {
	buffered := bufio.NewWriterSize(capture, 1<<16)
	what, err := scenario.RunShown(ctx, s.seed, buffered, func(played time.Duration) {
		if time.Since(shown.shown) >= every {
			shown.draw(fmt.Sprintf("%3d %% of %s", 100*played/scenario.Duration, lasting(scenario.Duration)))
		}
	})
	shown.clear()
	if ctx.Err() != nil {
		return nil, errors.Join(errInterrupted, buffered.Flush())
	} else if err != nil {
		return nil, err
	}
	return what, buffered.Flush()
}

// create opens a file to write: stdout for "-", nothing for "".
func create(name string, stdout io.Writer) (io.WriteCloser, error) {
	switch name {
	case "":
		return unclosed{io.Discard}, nil
	case "-":
		return unclosed{stdout}, nil
	}
	return os.Create(name)
}

// unclosed is a writer that Close leaves open.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

func showScenario(w io.Writer, name string) error {
	text, err := simulate.Source(name)
	if err != nil {
		return refused(err)
	}
	_, err = w.Write(text)
	return err
}

// listScenarios lists what ships, or what of it has a word in its name.
func listScenarios(w io.Writer, word string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	last, found := "", false
	for _, s := range simulate.List() {
		if !strings.Contains(s.Name, word) {
			continue
		}
		found = true
		base, _, _ := strings.Cut(s.Name, "/")
		fmt.Fprintf(table, "%s\t%s\t%s", s.Name, lasting(s.Duration), s.Kind())
		if base != last {
			fmt.Fprintf(table, "\t%s", s.Description)
		}
		fmt.Fprintln(table)
		last = base
	}
	if !found {
		return refused(fmt.Errorf("no scenario has %q in its name", word))
	}
	return table.Flush()
}

// lasting is a duration without the units that are zero: 15m, not 15m0s.
func lasting(d time.Duration) string {
	text := d.String()
	if rest, whole := strings.CutSuffix(text, "m0s"); whole {
		text = rest + "m"
	}
	if rest, whole := strings.CutSuffix(text, "h0m"); whole {
		text = rest + "h"
	}
	return text
}
