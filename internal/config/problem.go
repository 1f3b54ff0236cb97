package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	origin
	key  string // "domains[0].grandmasters[1].identity"; "" when it is the whole file
	text string // what is wrong and what is accepted
}

func (p Problem) Error() string {
	if p.key == "" {
		return fmt.Sprintf("%v: %s", p.origin, p.text)
	}
	return fmt.Sprintf("%v: %s: %s", p.origin, p.key, p.text)
}

// Problems is the error of a configuration that is refused: all that is wrong
// with it, in the order of its lines.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.line, b.line))
	})
}

// unknown says that name is none of the known ones, and which of them was
// probably meant.
func unknown(what, name string, known []string) string {
	if near, ok := Nearest(name, known); ok {
		return fmt.Sprintf("unknown %s %q: did you mean %q?", what, name, near)
	}
	return fmt.Sprintf("unknown %s %q: accepted here: %s", what, name, strings.Join(known, ", "))
}

// Nearest is the known name that a slip of the keyboard turns into name; false
// when none is near.
func Nearest(name string, known []string) (string, bool) {
	best, least := "", len(name)/4+2
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best, best != ""
}

// distance counts the letters to insert, drop or replace to turn a into b
// (Levenshtein's distance).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
