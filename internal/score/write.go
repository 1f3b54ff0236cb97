package score

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Format is how a board is printed.
type Format string

// The formats.
const (
	Text     Format = "text"
	JSON     Format = "json"
	Markdown Format = "markdown"
)

// Write prints the board.
func (b *Board) Write(w io.Writer, f Format) error {
	var err error
	switch f {
	case JSON:
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		err = e.Encode(b)
	case Markdown:
		err = b.tables(w, writeMarkdown)
	default:
		err = b.tables(w, writeText)
	}
	if err != nil {
		return fmt.Errorf("print scoreboard: %w", err)
	}
	return nil
}

func (b *Board) tables(w io.Writer, write func(io.Writer, *table) error) error {
	if _, err := fmt.Fprintln(w, b.introduction()); err != nil {
		return err
	}
	for _, t := range []*table{b.totals(), b.rates(), b.against(), b.kinds(), b.types(), b.missedTable(), b.falseTable()} {
		if err := write(w, t); err != nil {
			return err
		}
	}
	return nil
}

func (b *Board) introduction() string {
	of := "all episodes"
	if b.Family != nil {
		of = "episodes of " + strings.Join(b.Family, ", ")
	}
	return fmt.Sprintf(`Captures: %d, %s. Stream-days: %.2f, of which %.2f in captures without any episode.

Scored: %s. To be answered: %d, of which %d by an alert that this build knows. To be met with silence: %d.

Alerts that this build knows: %s.`,
		b.Captures, seedList(b.Seeds), b.StreamDays, b.Healthy,
		of, b.Detectors[0].Episodes, b.Answerable, b.Silent, strings.Join(b.KnownAlerts, ", "))
}

// table is printed as text or as Markdown.
type table struct {
	title string
	head  []string
	rows  [][]string
	empty string // what to say when there are no rows
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func writeText(w io.Writer, t *table) error {
	fmt.Fprintf(w, "\n%s\n\n", t.title)
	if len(t.rows) == 0 {
		_, err := fmt.Fprintln(w, t.empty)
		return err
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, cells := range append([][]string{t.head}, t.rows...) {
		fmt.Fprintln(tab, strings.Join(cells, "\t"))
	}
	return tab.Flush()
}

func writeMarkdown(w io.Writer, t *table) error {
	if len(t.rows) == 0 {
		_, err := fmt.Fprintf(w, "\n## %s\n\n%s\n", t.title, t.empty)
		return err
	}
	var s strings.Builder
	fmt.Fprintf(&s, "\n## %s\n\n", t.title)
	rule := strings.Split(strings.Repeat("--- ", len(t.head)), " ")[:len(t.head)]
	for _, cells := range append([][]string{t.head, rule}, t.rows...) {
		s.WriteString("| " + strings.ReplaceAll(strings.Join(cells, "\t"), "|", `\|`) + " |\n")
	}
	_, err := io.WriteString(w, strings.ReplaceAll(s.String(), "\t", " | "))
	return err
}

// seconds prints a time to three digits in the unit that suits it, "-" for none.
func seconds(s *float64) string {
	if s == nil {
		return "-"
	}
	v, unit := *s*1e9, "ns"
	for _, larger := range []string{"us", "ms", "s"} {
		if math.Abs(v) < 1000 {
			break
		}
		v, unit = v/1000, larger
	}
	return three(v) + " " + unit
}

// three prints three digits, or all before the point.
func three(v float64) string {
	if math.Abs(v) >= 1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func percent(share *float64) string {
	if share == nil {
		return "-"
	}
	return three(*share*100) + " %"
}

func number(v *float64) string {
	if v == nil {
		return "-"
	}
	return three(*v)
}

func share(n, of int) string { return fmt.Sprintf("%d/%d", n, of) }

// seedList prints seeds, those that follow each other as a range.
func seedList(seeds []uint64) string {
	var parts []string
	for i := 0; i < len(seeds); {
		k := i
		for k+1 < len(seeds) && seeds[k+1] == seeds[k]+1 {
			k++
		}
		part := strconv.FormatUint(seeds[i], 10)
		if k > i {
			part += ".." + strconv.FormatUint(seeds[k], 10)
		}
		parts = append(parts, part)
		i = k + 1
	}
	if len(seeds) == 1 {
		return "seed " + parts[0]
	}
	return "seeds " + strings.Join(parts, ", ")
}

func clockTime(t time.Time) string { return t.Format("2006-01-02 15:04:05.000000000") }
