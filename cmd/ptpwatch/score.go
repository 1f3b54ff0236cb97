package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ptpwatch/ptpwatch/internal/score"
)

const scoreLong = `Replay labelled captures and hold the alerts against the truth: recall, latency,
how wrong clients already were at the alarm, whether the right clock was named,
and what was cried for nothing. Simple detectors are given the same input, to
compare with.

DIR has captures, each with its truth beside it: X.pcapng or X.pcap, also with
.gz or .zst, and X.json, as simulate --out and --truth and the lab's tools write
them. Each is replayed with the configuration that its truth says.

With --corpus the scenarios that ship are simulated and scored as they go, and
nothing is written to disk. The same input gives the same scoreboard.`

func newScore() *cobra.Command {
	format := newChoice(string(score.Text), string(score.Text), string(score.JSON), string(score.Markdown))
	seeds := seedRange{1, 1}
	var corpus bool
	var jsonFile string
	var scenarios, family []string
	cmd := &cobra.Command{
		Use:   "score DIR",
		Short: "Score the alerts against labelled captures",
		Long:  scoreLong,
		Example: `  ptpwatch score captures/
  ptpwatch score --corpus --format markdown > scoreboard.md
  ptpwatch score --corpus --scenario sync-delay --seeds 1..10
  ptpwatch score --corpus --family PTPRogueGrandmaster,announce-spoof`,
		Args: cobra.MaximumNArgs(1),
		RunE: running(func(cmd *cobra.Command, args []string) error {
			var cases []score.Case
			var faulty, err error
			switch {
			case corpus == (len(args) == 1):
				return refused(errors.New("give a DIR of captures, or --corpus"))
			case corpus:
				cases, err = score.Corpus(scenarios, seeds.from, seeds.to)
			case len(scenarios) > 0 || cmd.Flags().Changed("seeds"):
				return refused(errors.New("--scenario and --seeds go with --corpus"))
			default:
				cases, faulty, err = captures(args[0])
			}
			if err != nil {
				return refused(err)
			}
			board, err := scoreboard(cmd, cases, family)
			if board == nil {
				return errors.Join(err, faulty)
			}
			return errors.Join(board.Write(cmd.OutOrStdout(), score.Format(format.value)), saveBoard(board, jsonFile), err, faulty)
		}),
	}
	f := cmd.Flags()
	f.Var(format, "format", "how to print the scoreboard")
	f.BoolVar(&corpus, "corpus", false, "score the scenarios that ship, simulated on the way")
	f.Var(&seeds, "seeds", "seeds to simulate under: `A..B`, or one")
	f.StringSliceVar(&scenarios, "scenario", nil, "only scenarios of this `NAME`; all variants, or one: sync-delay/5us")
	f.StringVar(&jsonFile, "json", "", "`FILE` to write the scoreboard to as well, as JSON")
	f.StringSliceVar(&family, "family", nil, "only episodes of this type, or that belong to this alert (`NAME`)")
	return cmd
}

// captures are those of a directory. What is wrong with some is no reason not
// to score the others.
func captures(dir string) (cases []score.Case, faulty, err error) {
	cases, faulty = score.Directory(dir)
	if len(cases) == 0 {
		return nil, nil, errors.Join(faulty, fmt.Errorf("%s: no capture with a truth beside it", dir))
	}
	return cases, faulty, nil
}

// scoreboard is the board of all cases, with an error when some could not be
// scored; nil if nothing can be told.
func scoreboard(cmd *cobra.Command, cases []score.Case, family []string) (*score.Board, error) {
	shown := newProgress(cmd.ErrOrStderr())
	step := func(done, of int) { shown.draw(fmt.Sprintf("%d of %d", done, of)) }
	step(0, len(cases))
	results, faulty := score.Run(cmd.Context(), cases, runtime.GOMAXPROCS(0), step)
	shown.clear()
	if cmd.Context().Err() != nil {
		return nil, errInterrupted
	}
	if len(results) == 0 {
		return nil, faulty
	}
	restricted, err := score.NewFamily(family, results)
	if err != nil {
		return nil, errors.Join(refused(err), faulty)
	}
	return score.NewBoard(results, restricted), faulty
}

func saveBoard(b *score.Board, file string) (err error) {
	if file == "" {
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return b.Write(f, score.JSON)
}

// seedRange is a flag: a number, or two with ".." in between.
type seedRange struct{ from, to uint64 }

// mostSeeds is more than there is time for.
const mostSeeds = 1000

func (s *seedRange) String() string {
	if s.from == s.to {
		return strconv.FormatUint(s.from, 10)
	}
	return fmt.Sprintf("%d..%d", s.from, s.to)
}

// Type is what help would show as the flag's value.
func (s *seedRange) Type() string { return "A..B" }

func (s *seedRange) Set(text string) error {
	first, last, isRange := strings.Cut(text, "..")
	if !isRange {
		last = first
	}
	from, err1 := strconv.ParseUint(first, 10, 64)
	to, err2 := strconv.ParseUint(last, 10, 64)
	if err1 != nil || err2 != nil || to < from || to-from >= mostSeeds {
		return fmt.Errorf("accepted: a number, or two such as 1..10 of at most %d", mostSeeds)
	}
	s.from, s.to = from, to
	return nil
}
